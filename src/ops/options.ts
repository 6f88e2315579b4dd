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

/** `f`, whose argument number `at` is an options object with these names and nothing else. */
export const withOptions =
  <A extends readonly unknown[], R>(
    operation: string,
    at: number,
    names: readonly string[],
    f: (...args: A) => R,
  ): ((...args: A) => R) =>
  (...args) => {
    checkOptions(operation, args[at], names);
    return f(...args);
  };
