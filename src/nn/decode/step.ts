/** What decoders share: the step of a model that they drive, and what they ask of it. */
import { type Aval, type Shape, showAval } from "../../ir/aval.js";
import { type DType, isFloat } from "../../ir/dtype.js";
import { expected, FluxionError } from "../../ir/errors.js";
import { expectStructure, pathsOf } from "../../ir/tree.js";
import { full } from "../../ops/fill.js";
import { cast } from "../../ops/conversion.js";
import { isTensor, type Tensor } from "../../ops/tensor.js";
import { exprsOf, type FlatExprs, treeOf } from "../../ops/transformations/bind.js";
import { evalShape } from "../../ops/transformations/shape.js";

/**
 * One step of a model that writes a sequence: from the last tokens, int32 `[batch]`, and a state, a tree of tensors
 * `[batch, …]`, to the logits of the next tokens, `[batch, vocabulary]`, and the next state. What all steps only read
 * (an encoded input, say) is better left out of the state: the function may use it from outside.
 */
export type DecodeStep<S> = (tokens: Tensor, state: S) => readonly [logits: Tensor, state: S];

/** Options of every decoder. */
export interface DecodeOptions {
  /** The token before the first: one for all, or integers `[batch]`. */
  readonly start: number | Tensor;
  /** The token that ends a sequence. */
  readonly end: number;
  /** Tokens of the longest sequence, the end token included. */
  readonly maxLength: number;
}

export const decodeNames = ["start", "end", "maxLength"] as const;

/** What a decoder knows before it runs. */
export interface Decoding {
  readonly batch: number;
  readonly vocabulary: number;
  /** Of the logits. */
  readonly dtype: DType;
  /** int32 `[batch]` */
  readonly start: Tensor;
  readonly state: FlatExprs;
}

export const checkCount = (operation: string, name: string, n: number): number => {
  if (Number.isInteger(n) && n >= 1) return n;
  throw expected(operation, `${name} of at least 1`, String(n));
};

/** The start tokens; their number, or that of the rows of the state, is the batch. */
const startOf = (operation: string, start: number | Tensor, state: FlatExprs): Tensor => {
  if (isTensor(start)) {
    if (start.ndim !== 1 || isFloat(start.dtype) || start.dtype === "bool")
      throw expected(operation, "integer start tokens [batch]", showAval(start));
    return cast(start, "int32");
  }
  if (!Number.isInteger(start)) throw expected(operation, "an integer start token", String(start));
  const first = state.exprs[0];
  if (first === undefined)
    throw new FluxionError(operation, "expected start tokens [batch], or a state with tensors, got neither");
  if (first.ndim === 0)
    throw expected(operation, "a state of tensors [batch, …]", `${showAval(first)}${at(state, 0)}`);
  return full([first.shape[0]!], start, { dtype: "int32" });
};

const at = (state: FlatExprs, i: number): string => ` at ${pathsOf(state.structure, "state")[i]}`;

/** The step's answer, checked: a pair of logits and a state that keeps its types. */
const answerOf = (operation: string, answer: unknown, state: FlatExprs): readonly [Tensor, FlatExprs] => {
  if (!Array.isArray(answer) || answer.length !== 2)
    throw new FluxionError(operation, "expected a step that returns [logits, state]");
  const [logits, next] = answer as [unknown, unknown];
  const after = exprsOf(operation, next, "state");
  expectStructure(operation, state.structure, after.structure, "state");
  after.exprs.forEach((e, i) => {
    const want = showAval(state.exprs[i]!);
    if (showAval(e) !== want)
      throw expected(
        operation,
        `a step that keeps ${want}${at(state, i)}`,
        `${showAval(e)} (cast or reshape it)`,
      );
  });
  return [logits as Tensor, after];
};

/** Checks options, state and step; the step is traced once for that, on shapes alone. */
export const decoding = <S>(
  operation: string,
  step: DecodeStep<S>,
  state: S,
  { start, end, maxLength }: DecodeOptions,
): Decoding => {
  checkCount(operation, "maxLength", maxLength);
  const flat = exprsOf(operation, state, "state");
  const tokens = startOf(operation, start, flat);
  const batch = (tokens.shape as Shape)[0]!;
  flat.exprs.forEach((e, i) => {
    if (e.shape[0] !== batch)
      throw expected(operation, `a state of tensors [${batch}, …]`, `${showAval(e)}${at(flat, i)}`);
  });
  const logits: Aval = evalShape<[Tensor, S], Tensor>(
    (t: Tensor, s: S) => answerOf(operation, step(t, s), flat)[0],
    tokens,
    treeOf(flat) as S,
  );
  const [rows, vocabulary] = logits.shape;
  if (logits.shape.length !== 2 || rows !== batch || !isFloat(logits.dtype))
    throw expected(operation, `float logits [${batch}, vocabulary]`, showAval(logits));
  if (!Number.isInteger(end) || end < 0 || end >= vocabulary!)
    throw expected(operation, `an end token from 0 to ${vocabulary! - 1}`, String(end));
  return { batch, vocabulary: vocabulary!, dtype: logits.dtype, start: tokens, state: flat };
};
