/** The logarithm of Γ and its derivatives of every order. */
export { lgamma, lgamma1p } from "./lgamma.js";
export { digamma } from "./digamma.js";
export { hurwitzZeta, polygamma, trigamma } from "./polygamma.js";
