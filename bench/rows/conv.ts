/** Convolutions of batches of images: forward, one gradient or both, other windows, strides, channels and groups. */
import type { Tensor } from "fluxion";
import {
  type Argument,
  type Computation,
  functionRow,
  random,
  type TfTensor,
  type TfTensor4D,
} from "../computation.js";
import { permuted, weights } from "../data.js";
import { atLeastGflops, atLeastGflopsOfRow, fasterThan } from "../measurement.js";
import type { JaxArray } from "../models/steps.js";
import type { FluxionLibrary, JaxLibrary, Row, TfLibrary } from "../row.js";

/** Images are square, and padded by half a window on every side. */
interface Sizes {
  readonly images: number;
  readonly channels: number;
  readonly side: number;
  readonly out: number;
  readonly window: number;
  readonly stride?: number;
  /** Each channel has a window of its own. */
  readonly depthwise?: boolean;
}

const base: Sizes = { images: 32, channels: 16, side: 32, out: 32, window: 3 };

const sideAfter = ({ side, stride = 1 }: Sizes): number => side / stride;
/** What a window sees: every channel, or its own. */
const depthOf = ({ channels, depthwise = false }: Sizes): number => (depthwise ? 1 : channels);
const flopsOf = (s: Sizes): number => 2 * s.images * s.out * sideAfter(s) ** 2 * depthOf(s) * s.window ** 2;
const titleOf = ({ images, channels, side, out, window, stride = 1, depthwise = false }: Sizes): string =>
  `${images}×${channels}×${side}², ${window}×${window}${depthwise ? " for each channel" : `→${out}`}` +
  (stride === 1 ? "" : `, stride ${stride}`);

/** tfjs has channels last: in images, and in windows height, width, in, out. */
const [channelsLast, windowFirst] = [
  [0, 2, 3, 1],
  [2, 3, 1, 0],
] as const;
const imagesOf = (seed: number, images: number, channels: number, side: number): Argument => ({
  ...random(seed, [images, channels, side, side]),
  order: channelsLast,
});
const inputOf = (s: Sizes): Argument => imagesOf(1, s.images, s.channels, s.side);
const windowOf = (s: Sizes): Argument => {
  const fanIn = depthOf(s) * s.window ** 2;
  return {
    data: () => weights(2, s.out * fanIn, fanIn),
    shape: [s.out, depthOf(s), s.window, s.window],
    // tfjs' depthwise windows have the channels in the place of what they see.
    order: s.depthwise === true ? [2, 3, 0, 1] : windowFirst,
    weight: true,
  };
};
/** What the result is multiplied with, where its gradient is wanted. */
const weightsOfResult = (s: Sizes): Argument => imagesOf(3, s.images, s.out, sideAfter(s));

const asImages =
  (images: number, channels: number, side: number) =>
  (y: Float32Array): Float32Array =>
    permuted(y, [images, side, side, channels], [0, 3, 1, 2]);

const fluxionConv = (fx: FluxionLibrary, s: Sizes, x: Tensor, w: Tensor): Tensor =>
  fx.conv(x, w, {
    padding: s.window >> 1,
    stride: s.stride ?? 1,
    groups: s.depthwise === true ? s.channels : 1,
  });

const jaxConv = ({ lax }: JaxLibrary, s: Sizes, x: JaxArray, w: JaxArray): JaxArray => {
  const { window, stride = 1, channels, depthwise = false } = s;
  const padding: [number, number] = [window >> 1, window >> 1];
  return lax.convGeneralDilated(x, w, [stride, stride], [padding, padding], {
    featureGroupCount: depthwise ? channels : 1,
  });
};

const tfConv = (tf: TfLibrary, s: Sizes, x: TfTensor, w: TfTensor): TfTensor => {
  const f = s.depthwise === true ? tf.depthwiseConv2d : tf.conv2d;
  return f(x as TfTensor4D, w as TfTensor4D, s.stride ?? 1, s.window >> 1);
};

const forward = (kind: string, s: Sizes, targets: Computation["targets"] = []): Computation => ({
  name: `conv-${kind}`,
  title: `convolution ${titleOf(s)}`,
  flops: flopsOf(s),
  targets,
  args: [inputOf(s), windowOf(s)],
  fluxion: (fx, x, w) => fluxionConv(fx, s, x!, w!),
  jaxjs: (jax, x, w) => jaxConv(jax, s, x!, w!),
  tfjs: (tf, x, w) => tfConv(tf, s, x!, w!),
  arrange: asImages(s.images, s.out, sideAfter(s)),
  ort: (graph, x, w) =>
    graph.node("Conv", [x!, w!], {
      pads: new Array<number>(4).fill(s.window >> 1),
      strides: [s.stride ?? 1, s.stride ?? 1],
      group: s.depthwise === true ? s.channels : 1,
    }),
  torch: s.stride === 2 ? "conv-stride-2" : "conv",
});

/** The gradient of the sum of the result times c, by the input. */
const inputGradient = (
  kind: string,
  title: string,
  s: Sizes,
  more: Pick<Computation, "targets" | "tfjs">,
): Computation => ({
  name: `conv-${kind}input-gradient`,
  title,
  flops: flopsOf(s),
  args: [inputOf(s), windowOf(s), weightsOfResult(s)],
  fluxion: (fx, x, w, c) => fx.grad((p: Tensor) => fx.sum(fx.mul(fluxionConv(fx, s, p, w!), c!)))(x!),
  jaxjs: (jax, x, w, c) => jax.grad((p: JaxArray) => jax.numpy.sum(jaxConv(jax, s, p, w!).mul(c!)))(x!),
  arrange: asImages(s.images, s.channels, s.side),
  torch: "conv-input-gradient",
  ...more,
});

/** The same by the window. tfjs has it on its plain backend only, where `conv-gradient` says so. */
const kernelGradient = (
  kind: string,
  title: string,
  s: Sizes,
  targets: Computation["targets"] = [],
): Computation => ({
  name: `conv-${kind}kernel-gradient`,
  title,
  flops: flopsOf(s),
  targets,
  args: [inputOf(s), windowOf(s), weightsOfResult(s)],
  fluxion: (fx, x, w, c) => fx.grad((q: Tensor) => fx.sum(fx.mul(fluxionConv(fx, s, x!, q), c!)))(w!),
  jaxjs: (jax, x, w, c) => jax.grad((q: JaxArray) => jax.numpy.sum(jaxConv(jax, s, x!, q).mul(c!)))(w!),
  torch: "conv-kernel-gradient",
});

const gradient: Computation = {
  name: "conv-gradient",
  title: "gradient of the sum of its squares, by input and window",
  flops: 3 * flopsOf(base),
  targets: [fasterThan("js", 5, "jax-js"), atLeastGflops("wasm", 33)],
  args: [inputOf(base), windowOf(base)],
  fluxion: (fx, x, w) =>
    fx.grad((p: Tensor, q: Tensor) => fx.sum(fx.square(fluxionConv(fx, base, p, q))), { argnums: [0, 1] })(
      x!,
      w!,
    ),
  jaxjs: (jax, x, w) => {
    const { square, sum } = jax.numpy;
    const loss = (p: JaxArray, q: JaxArray): JaxArray => sum(square(jaxConv(jax, base, p, q)));
    return jax.grad(loss, { argnums: [0, 1] })(x!, w!);
  },
  tfjs: (tf, x, w) => tf.grads((p, q) => tfConv(tf, base, p!, q!).square().sum())([x!, w!]),
  arrange: (y, i) =>
    i === 0
      ? asImages(base.images, base.channels, base.side)(y)
      : permuted(y, [base.window, base.window, base.channels, base.out], [3, 2, 0, 1]),
  torch: "conv-gradient",
};

const nearForward = [atLeastGflopsOfRow("wasm", 0.75, "conv-forward")];
const depthwise: Sizes = { ...base, channels: 64, out: 64, depthwise: true };

export const rows: readonly Row[] = [
  functionRow(forward("forward", base)),
  functionRow(
    inputGradient("", "its gradient by the input, of the result's times given numbers", base, {
      targets: nearForward,
      tfjs: (tf, x, w, c) =>
        tf.conv2dTranspose(
          ...([c, w] as [TfTensor4D, TfTensor4D]),
          ...([x!.shape, 1, "same"] as [[number, number, number, number], 1, "same"]),
        ),
    }),
  ),
  functionRow(kernelGradient("", "the same by the window", base, nearForward)),
  functionRow(gradient),
  functionRow(forward("stride-2", { ...base, stride: 2 }, nearForward)),
  functionRow(forward("64-channels", { ...base, images: 8, channels: 64, out: 64 }, nearForward)),
  functionRow(
    forward("128-channels", { ...base, images: 8, channels: 128, side: 16, out: 128 }, nearForward),
  ),
  functionRow(forward("depthwise", depthwise, nearForward)),
  functionRow(
    inputGradient(
      "depthwise-",
      "its gradient by the input, of the result's times given numbers",
      depthwise,
      {},
    ),
  ),
  functionRow(kernelGradient("depthwise-", "the same by the windows", depthwise)),
  functionRow(forward("5x5", { ...base, window: 5 }, nearForward)),
];
