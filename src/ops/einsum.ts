/**
 * Einstein's summation: contractions written as labels. A specification is parsed into labels for every operand,
 * which `contract.ts` turns into as few nodes as it can: "ij,jk->ik" is one `dot`.
 */
import { range, showAval, sizeOf } from "../ir/aval.js";
import type { DType } from "../ir/dtype.js";
import { expected, FluxionError } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { reshape } from "../ir/primitives/views.js";
import {
  arrange,
  contract,
  type Label,
  type Labelled,
  labelled,
  sumOut,
  withoutRepeats,
} from "./contract.js";
import type { ContractOptions } from "./matmul.js";
import { checkOptions } from "./options.js";
import { asDType, commonDType } from "./promotion.js";
import { asTensor, checkDType, describe, isTensorLike, type Tensor, type TensorLike } from "./tensor.js";

interface Spec {
  readonly inputs: readonly string[];
  /** null where the specification leaves the result to the rules. */
  readonly output: string | null;
}

const term = /^[A-Za-z]*(?:\.\.\.)?[A-Za-z]*$/;

const parse = (text: string): Spec => {
  const wrong = (): Error =>
    expected(
      "einsum",
      'letters and at most one "..." for each operand, as in "...ij,jk->...ik"',
      JSON.stringify(text),
    );
  if (typeof text !== "string") throw expected("einsum", "a specification as a string first", describe(text));
  const [left, right, ...more] = text.replace(/\s/g, "").split("->");
  const inputs = left!.split(",");
  if (more.length > 0 || ![...inputs, right ?? ""].every((t) => term.test(t))) throw wrong();
  return { inputs, output: right ?? null };
};

/** The axes of "...", named from the last one, so that they broadcast. */
const hidden = (n: number): Label[] => range(n).map((i) => `...${n - 1 - i}`);

const labelsOf = (text: string, ellipsis: number): Label[] =>
  text.split("...").flatMap((part, i) => [...(i === 0 ? [] : hidden(ellipsis)), ...(part.match(/./g) ?? [])]);

/** Labels of one operand; throws where they are not as many as its axes. */
const operandLabels = (text: string, x: Expr, i: number): Label[] => {
  const named = text.replace("...", "").length;
  const rest = x.ndim - named;
  if (rest < 0 || (rest > 0 && !text.includes("...")))
    throw expected(
      "einsum",
      `operand ${i} "${text}" to have ${text.includes("...") ? "at least " : ""}${named} axes`,
      showAval(x.aval),
    );
  return labelsOf(text, rest);
};

/** Size of every label; sizes of 1 stretch to the others. */
const sizesOf = (operands: readonly Labelled[]): Map<Label, number> => {
  const sizes = new Map<Label, number>();
  operands.forEach(({ x, labels }, i) =>
    labels.forEach((label, axis) => {
      const [n, before] = [x.shape[axis]!, sizes.get(label) ?? 1];
      if (n !== 1 && before !== 1 && n !== before)
        throw new FluxionError(
          "einsum",
          `expected one size for ${label.startsWith("...") ? 'the axes of "..."' : `label "${label}"`}, got ${before} and ${n} (operand ${i}, ${showAval(x.aval)})`,
        );
      sizes.set(label, n === 1 ? before : n);
    }),
  );
  return sizes;
};

const outputLabels = (spec: Spec, inputs: readonly Label[][]): Label[] => {
  const all = inputs.flat();
  const ellipsis = Math.max(0, ...inputs.map((ls) => ls.filter((l) => l.startsWith("...")).length));
  if (spec.output === null) {
    const once = [...new Set(all)].filter(
      (l) => !l.startsWith("...") && all.filter((m) => m === l).length === 1,
    );
    return [...hidden(ellipsis), ...once.sort()];
  }
  const labels = labelsOf(spec.output, ellipsis);
  for (const l of labels) {
    if (!all.includes(l))
      throw expected("einsum", `label "${l}" of the result in an operand`, `"${spec.inputs.join(",")}"`);
    if (labels.indexOf(l) !== labels.lastIndexOf(l))
      throw expected("einsum", "each label of the result once", `"${spec.output}"`);
  }
  return labels;
};

/** Axes of size 1 that others stretch are left out: the others have them. */
const withoutStretched = ({ x, labels }: Labelled, sizes: ReadonlyMap<Label, number>): Labelled => {
  const kept = range(x.ndim).filter((i) => x.shape[i] !== 1 || sizes.get(labels[i]!) === 1);
  return labelled(
    reshape(
      x,
      kept.map((i) => x.shape[i]!),
    ),
    kept.map((i) => labels[i]!),
  );
};

const sizeOfLabels = (labels: readonly Label[], sizes: ReadonlyMap<Label, number>): number =>
  sizeOf(labels.map((l) => sizes.get(l)!));

/** What the product of two operands must keep: the labels that others or the result still need. */
const neededOf = (a: Labelled, b: Labelled, others: readonly Labelled[], out: readonly Label[]): Label[] => {
  const later = new Set([...out, ...others.flatMap((o) => o.labels)]);
  const shared = a.labels.filter((l) => b.labels.includes(l) && later.has(l));
  const alone = (p: Labelled): Label[] => p.labels.filter((l) => later.has(l) && !shared.includes(l));
  return [...shared, ...alone(a), ...alone(b)];
};

/** The pair whose product makes the operands shrink most; operands that share no label come last. */
const nextPair = (
  operands: readonly Labelled[],
  out: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): [number, number] => {
  let best: [number, number] = [0, 1];
  let bestCost = [Infinity, Infinity, Infinity];
  operands.forEach((a, i) =>
    operands.slice(i + 1).forEach((b, k) => {
      const others = operands.filter((_, n) => n !== i && n !== i + 1 + k);
      const result = sizeOfLabels(neededOf(a, b, others, out), sizes);
      const shares = a.labels.some((l) => b.labels.includes(l));
      const flops = sizeOfLabels([...new Set([...a.labels, ...b.labels])], sizes);
      const cost = [shares ? 0 : 1, result - a.x.size - b.x.size, flops];
      const n = cost.findIndex((c, m) => c !== bestCost[m]);
      if (n >= 0 && cost[n]! < bestCost[n]!) [best, bestCost] = [[i, i + 1 + k], cost];
    }),
  );
  return best;
};

/** Pairs until one operand is left, which has the labels of the result in order. */
const reduce = (
  operands: readonly Labelled[],
  out: readonly Label[],
  sizes: ReadonlyMap<Label, number>,
): Expr => {
  if (operands.length === 1) return arrange(sumOut(operands[0]!, new Set(out)), out);
  if (operands.length === 2) return contract(operands[0]!, operands[1]!, out).x;
  const [i, k] = nextPair(operands, out, sizes);
  const others = operands.filter((_, n) => n !== i && n !== k);
  const [a, b] = [operands[i]!, operands[k]!];
  return reduce([...others, contract(a, b, neededOf(a, b, others, out), false)], out, sizes);
};

const operandsOf = (args: readonly unknown[], count: number, options: ContractOptions): Expr[] => {
  if (args.length !== count)
    throw expected("einsum", `${count} operands, as in the specification`, String(args.length));
  const common = commonDType("einsum", args);
  const dtype: DType = options.dtype === undefined ? common : checkDType("einsum", options.dtype);
  return args.map((x) => asDType("einsum", x as TensorLike, dtype));
};

const isOptions = (x: unknown): x is ContractOptions =>
  typeof x === "object" && x !== null && !isTensorLike(x);

/**
 * Einstein's summation: equal labels meet, labels that the result lacks are summed.
 *
 * Repeated labels within an operand take its diagonal, `...` stands for axes that broadcast, and without `->` the
 * result has the labels that occur once, in alphabetical order. More than two operands are contracted pairwise, the
 * pair that shrinks most first. The dtype is the operands' common one unless the options say otherwise; bool asks
 * whether any product is true.
 *
 * Throws when the labels do not fit the operands, and names the label.
 *
 * @example
 * ```ts
 * const a = tensor([[1, 2], [3, 4]]);
 * const b = tensor([[5, 6], [7, 8]]);
 * einsum("ij,jk->ik", a, b).toArray() // [[19, 22], [43, 50]]
 * einsum("ii", a).item() // 5
 * einsum("...ij->...ji", a).toArray() // [[1, 3], [2, 4]]
 * einsum("ij,jk,k->i", a, b, tensor([1, 0])).toArray() // [19, 43]
 * ```
 */
export function einsum(spec: string, ...operands: readonly TensorLike[]): Tensor;
export function einsum(
  spec: string,
  ...operandsAndOptions: readonly [...TensorLike[], ContractOptions]
): Tensor;
export function einsum(text: string, ...args: readonly unknown[]): Tensor {
  const last = args[args.length - 1];
  const [given, options] = isOptions(last) ? [args.slice(0, -1), last] : [args, {}];
  checkOptions("einsum", options, ["dtype"]);
  const spec = parse(text);
  const exprs = operandsOf(given, spec.inputs.length, options);
  const inputs = exprs.map((x, i) => operandLabels(spec.inputs[i]!, x, i));
  const out = outputLabels(spec, inputs);
  const named = exprs.map((x, i) => labelled(x, inputs[i]!));
  const sizes = sizesOf(named);
  const ready = named.map((o) => withoutRepeats(withoutStretched(o, sizes)));
  return asTensor(reduce(ready, out, sizes));
}
