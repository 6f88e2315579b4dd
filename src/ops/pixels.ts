/** Channels into space and back: the resolution changes of super-resolution and vision models. NCHW. */
import { showAval } from "../ir/aval.js";
import { expected } from "../ir/errors.js";
import type { Expr } from "../ir/expr.js";
import { permute } from "../ir/primitives/layout.js";
import { reshape } from "../ir/primitives/views.js";
import { type BodiesOf, op, type Op } from "./op.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "./tensor.js";

export interface PixelArgs {
  /** `[N, C·r², H, W]` as `[N, C, H·r, W·r]`, the channels of one output channel being neighbours. */
  pixelShuffle: [factor: number];
  /** `[N, C, H·r, W·r]` as `[N, C·r², H, W]`: the inverse of `pixelShuffle`. */
  pixelUnshuffle: [factor: number];
  /** As `pixelShuffle`, the channels of one place within a block being neighbours. */
  depthToSpace: [factor: number];
  /** The inverse of `depthToSpace`. */
  spaceToDepth: [factor: number];
}

const checked = (operation: string, input: TensorLike, r: number): Expr => {
  const x = toExpr(operation, input);
  if (x.ndim !== 4) throw expected(operation, "images [N, C, H, W]", showAval(x.aval));
  if (!Number.isInteger(r) || r < 1) throw expected(operation, "a factor of at least 1", String(r));
  return x;
};

/** Whether the places of a block or the channels vary slowest among the channels. */
const toSpace =
  (operation: string, blockFirst: boolean) =>
  (input: TensorLike, r: number): Tensor => {
    const x = checked(operation, input, r);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    if (c % (r * r) !== 0) throw expected(operation, `channels divisible by ${r * r}`, showAval(x.aval));
    const out = c / (r * r);
    const split = reshape(x, blockFirst ? [n, r, r, out, h, w] : [n, out, r, r, h, w]);
    return asTensor(
      reshape(permute(split, blockFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]), [n, out, h * r, w * r]),
    );
  };

const toDepth =
  (operation: string, blockFirst: boolean) =>
  (input: TensorLike, r: number): Tensor => {
    const x = checked(operation, input, r);
    const [n, c, h, w] = x.shape as [number, number, number, number];
    if (h % r !== 0 || w % r !== 0)
      throw expected(operation, `height and width divisible by ${r}`, showAval(x.aval));
    const split = reshape(x, [n, c, h / r, r, w / r, r]);
    return asTensor(
      reshape(permute(split, blockFirst ? [0, 3, 5, 1, 2, 4] : [0, 1, 3, 5, 2, 4]), [
        n,
        c * r * r,
        h / r,
        w / r,
      ]),
    );
  };

export const pixelFunctions: BodiesOf<PixelArgs> = {
  pixelShuffle: toSpace("pixelShuffle", false),
  pixelUnshuffle: toDepth("pixelUnshuffle", false),
  depthToSpace: toSpace("depthToSpace", true),
  spaceToDepth: toDepth("spaceToDepth", true),
};

/**
 * `[N, C·r², H, W]` as `[N, C, H·r, W·r]`, as PyTorch's PixelShuffle (W. Shi et al., 2016; ONNX mode CRD).
 *
 * Throws when the channels are not divisible by r².
 *
 * @example
 * ```ts
 * pixelShuffle(reshape(tensor([1, 2, 3, 4]), [1, 4, 1, 1]), 2).toArray() // [[[[1, 2], [3, 4]]]]
 * ```
 */
export const pixelShuffle: Op<PixelArgs["pixelShuffle"]> = op(1, pixelFunctions.pixelShuffle);

/**
 * `[N, C, H·r, W·r]` as `[N, C·r², H, W]`: the inverse of `pixelShuffle`.
 *
 * @example
 * ```ts
 * pixelUnshuffle(tensor([[[[1, 2], [3, 4]]]]), 2).toArray() // [[[[1]], [[2]], [[3]], [[4]]]]
 * ```
 */
export const pixelUnshuffle: Op<PixelArgs["pixelUnshuffle"]> = op(1, pixelFunctions.pixelUnshuffle);

/**
 * `[N, C·r², H, W]` as `[N, C, H·r, W·r]`, the C channels of one place within a block being neighbours, as ONNX's
 * DepthToSpace (mode DCR) and TensorFlow's.
 *
 * @example
 * ```ts
 * depthToSpace(reshape(tensor([1, 2, 3, 4, 5, 6, 7, 8]), [1, 8, 1, 1]), 2).toArray() // [[[[1, 3], [5, 7]], [[2, 4], [6, 8]]]]
 * ```
 */
export const depthToSpace: Op<PixelArgs["depthToSpace"]> = op(1, pixelFunctions.depthToSpace);

/**
 * `[N, C, H·r, W·r]` as `[N, C·r², H, W]`: the inverse of `depthToSpace`.
 *
 * @example
 * ```ts
 * spaceToDepth(tensor([[[[1, 3], [5, 7]], [[2, 4], [6, 8]]]]), 2).shape // [1, 8, 1, 1]
 * ```
 */
export const spaceToDepth: Op<PixelArgs["spaceToDepth"]> = op(1, pixelFunctions.spaceToDepth);
