/** Whether a type is Fluxion's Tensor, or is built from it. Names alone are not enough: others have a Tensor too. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type ts from "typescript";

/** The class and its expression; a declaration bundler may have numbered the name. */
const tensorName = /^(?:Tensor|Expr)(?:\$\d+)?$/;

const packageNames = new Map<string, string>();

/** The name in the nearest package.json that has one, looking upwards from `folder`. */
const packageName = (folder: string): string => {
  const known = packageNames.get(folder);
  if (known !== undefined) return known;
  const manifest = join(folder, "package.json");
  const own = existsSync(manifest)
    ? (JSON.parse(readFileSync(manifest, "utf8")) as { name?: string }).name
    : undefined;
  const parent = dirname(folder);
  const name = own ?? (parent === folder ? "" : packageName(parent));
  packageNames.set(folder, name);
  return name;
};

const isFluxions = (symbol: ts.Symbol | undefined): boolean =>
  symbol !== undefined &&
  tensorName.test(symbol.name) &&
  (symbol.declarations ?? []).some((d) => packageName(dirname(d.getSourceFile().fileName)) === "fluxion");

/**
 * Whether a value of `type` may be a tensor: the type itself, an alias, a member of a union or intersection,
 * the constraint of a type parameter, or a base class or interface is.
 */
export const mentionsTensor = (checker: ts.TypeChecker, type: ts.Type): boolean => {
  if (isFluxions(type.symbol) || isFluxions(type.aliasSymbol)) return true;
  if (type.isUnionOrIntersection()) return type.types.some((part) => mentionsTensor(checker, part));
  const constraint = checker.getBaseConstraintOfType(type);
  if (constraint !== undefined && constraint !== type) return mentionsTensor(checker, constraint);
  const declared = (type as Partial<ts.TypeReference>).target ?? type;
  return (
    declared.isClassOrInterface() &&
    checker.getBaseTypes(declared).some((base) => mentionsTensor(checker, base))
  );
};
