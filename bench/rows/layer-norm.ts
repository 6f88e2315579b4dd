/** Layer normalisation of the rows of a matrix, with gain and bias. */
import { functionRow, random } from "../computation.js";
import { uniform } from "../data.js";
import type { Row } from "../row.js";

const [n, width, epsilon] = [2048, 512, 1e-5] as const;

export const rows: readonly Row[] = [
  functionRow({
    name: "layer-norm",
    title: `layer norm of the rows of ${n}×${width}`,
    args: [
      random(1, [n, width]),
      { data: () => uniform(2, width, 0.5, 1.5), shape: [width], weight: true },
      { ...random(3, [width]), weight: true },
    ],
    fluxion: ({ add, mean, mul, rsqrt, square, sub }, x, gain, bias) => {
      const centred = sub(x!, mean(x!, { axis: -1, keepdims: true }));
      const variance = mean(square(centred), { axis: -1, keepdims: true });
      return add(mul(mul(centred, rsqrt(add(variance, epsilon))), gain!), bias!);
    },
    tfjs: (_, x, gain, bias) => {
      const centred = x!.sub(x!.mean(-1, true));
      const variance = centred.square().mean(-1, true);
      return centred.mul(variance.add(epsilon).rsqrt()).mul(gain!).add(bias!);
    },
    jaxjs: ({ numpy: np }, x, gain, bias) => {
      const centred = x!.ref.sub(np.mean(x!, -1, { keepdims: true }));
      const variance = np.mean(np.square(centred.ref), -1, { keepdims: true });
      return centred
        .div(np.sqrt(variance.add(epsilon)))
        .mul(gain!)
        .add(bias!);
    },
    ort: (graph, x, gain, bias) =>
      graph.node("LayerNormalization", [x!, gain!, bias!], { axis: -1, epsilon: { float: epsilon } }),
    torch: "layer-norm",
  }),
];
