/** Options objects: a misspelt option is an error, not silence. */
import { expected } from "../ir/errors.js";
import { describe } from "./tensor.js";

const isObject = (x: unknown): x is object => typeof x === "object" && x !== null && !Array.isArray(x);

/** Throws when an options argument is no object or names an option that the operation does not have. */
export const checkOptions = (operation: string, options: unknown, names: readonly string[]): void => {
  if (options === undefined) return;
  if (!isObject(options) || Object.getPrototypeOf(options) !== Object.prototype)
    throw expected(operation, `options { ${names.join(", ")} }`, describe(options));
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw expected(operation, `options { ${names.join(", ")} }`, name);
};
