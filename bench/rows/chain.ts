/** Ten elementwise operations, which a good compiler runs as one loop. */
import { uniform } from "../data.js";
import { atMostTimes, fasterThan } from "../measurement.js";
import type { Graph, Value } from "../onnx/model.js";
import { type FluxionLibrary, type JaxLibrary, type Row, type Run, runOf, type TfLibrary } from "../row.js";

const power = (size: number): string => `1e${Math.log10(size)}`;

const fluxionRun = (
  fx: FluxionLibrary,
  size: number,
  chain: (x: ReturnType<FluxionLibrary["tensor"]>) => unknown,
): Run => {
  const x = fx.tensor(uniform(1, size));
  const f = fx.jit(chain as (a: typeof x) => typeof x);
  return runOf({ call: () => f(x), read: (y) => [y.dataSync()] });
};

type JaxArray = ReturnType<JaxLibrary["numpy"]["zeros"]>;

const jaxRun = (jax: JaxLibrary, size: number, chain: (x: JaxArray) => JaxArray): Run => {
  const x = jax.numpy.array(uniform(1, size));
  const f = jax.jit(chain);
  return runOf({
    call: () => jax.blockUntilReady(f(x.ref)),
    read: (y) => [y.ref.dataSync()],
    free: (y) => y.dispose(),
  });
};

type TfTensor = ReturnType<TfLibrary["tensor1d"]>;

const tfRun = (tf: TfLibrary, size: number, chain: (x: TfTensor) => TfTensor): Run => {
  const x = tf.tensor1d(uniform(1, size));
  return runOf({
    call: () => tf.tidy(() => chain(x)),
    read: (y) => [y.dataSync()],
    free: (y) => y.dispose(),
  });
};

/** Like every library here, it returns a new array. */
const handRun = (size: number, loop: (x: Float32Array, out: Float32Array) => void): Run => {
  const x = uniform(1, size);
  const call = (): Float32Array => {
    const out = new Float32Array(size);
    loop(x, out);
    return out;
  };
  return runOf({ call, read: (y) => [y] });
};

/** Operators with one number, from the value on. */
const onnxChain = (
  graph: Graph,
  x: Value,
  ...steps: readonly (readonly [operator: string, y?: Value | number])[]
) =>
  steps.reduce(
    (at, [operator, y]) =>
      graph.node(operator, y === undefined ? [at] : [at, typeof y === "number" ? graph.constant(y) : y]),
    x,
  );

/** How fast memory is: the row's numbers are moved to an array that is there already. */
const copyRun = (size: number): Run => {
  const x = uniform(1, size);
  const out = new Float32Array(size);
  return runOf({ call: () => out.set(x), read: () => [out] });
};

const arithmetic = (size: number): Row => ({
  name: `chain10-${power(size)}`,
  title: `10 arithmetic operations on ${power(size)} numbers`,
  flops: 10 * size,
  targets:
    size === 1e6
      ? [atMostTimes("js", 1.2, "hand"), atMostTimes("wasm", 1, "jax-js")]
      : [atMostTimes("wasm", 1, "jax-js"), atMostTimes("wasm", 1.18, "copy")],
  fluxion: (fx) =>
    fluxionRun(fx, size, (x) => {
      const { add, mul, sub } = fx;
      const y = mul(sub(mul(add(mul(x, 1.5), 0.25), x), 0.5), 0.9);
      return add(mul(sub(mul(add(y, x), 0.3), 0.1), x), 1);
    }),
  peers: {
    tfjs: (tf) =>
      tfRun(tf, size, (x) => {
        const y = x.mul(1.5).add(0.25).mul(x).sub(0.5).mul(0.9);
        return y.add(x).mul(0.3).sub(0.1).mul(x).add(1) as TfTensor;
      }),
    jaxjs: (jax) =>
      jaxRun(jax, size, (x) => {
        const y = x.ref.mul(1.5).add(0.25).mul(x.ref).sub(0.5).mul(0.9);
        return y.add(x.ref).mul(0.3).sub(0.1).mul(x).add(1);
      }),
    // It takes a new array for each of the ten operations: at 1e7 most of its time is the system's, finding pages.
    ...(size === 1e6 && {
      torch: (process) => process.call("chain", { data: uniform(1, size), shape: [size] }),
    }),
    ort: (ort) =>
      ort.call(
        (graph, x) =>
          onnxChain(
            ...([graph, x!] as const),
            ...([
              ["Mul", 1.5],
              ["Add", 0.25],
              ["Mul", x!],
              ["Sub", 0.5],
              ["Mul", 0.9],
            ] as const),
            ...([
              ["Add", x!],
              ["Mul", 0.3],
              ["Sub", 0.1],
              ["Mul", x!],
              ["Add", 1],
            ] as const),
          ),
        { data: uniform(1, size), shape: [size] },
      ),
    ...(size === 1e7 && { copy: () => copyRun(size) }),
    hand: () =>
      handRun(size, (x, out) => {
        for (let i = 0; i < size; i++) {
          const a = x[i]!;
          out[i] = ((((a * 1.5 + 0.25) * a - 0.5) * 0.9 + a) * 0.3 - 0.1) * a + 1;
        }
      }),
  },
});

const transcendental = (size: number): Row => ({
  name: `chain10t-${power(size)}`,
  title: `10 operations on ${power(size)} numbers, with exp, log, tanh and sin`,
  targets:
    size === 1e6
      ? [
          fasterThan("wasm", 12, "jax-js"),
          fasterThan("wasm", 12, "tfjs-wasm"),
          fasterThan("wasm", 1.3, "torch"),
        ]
      : [],
  fluxion: (fx) =>
    fluxionRun(fx, size, (x) => {
      const { add, exp, log, mul, sin, sub, tanh } = fx;
      const y = mul(log(add(exp(mul(x, 0.5)), 1)), 1.2);
      return add(sin(mul(sub(tanh(y), 0.1), x)), 0.5);
    }),
  peers: {
    tfjs: (tf) =>
      tfRun(tf, size, (x) => {
        const y = x.mul(0.5).exp().add(1).log().mul(1.2);
        return y.tanh().sub(0.1).mul(x).sin().add(0.5) as TfTensor;
      }),
    jaxjs: (jax) =>
      jaxRun(jax, size, (x) => {
        const np = jax.numpy;
        const y = np.log(np.exp(x.ref.mul(0.5)).add(1)).mul(1.2);
        return np.sin(np.tanh(y).sub(0.1).mul(x)).add(0.5);
      }),
    ...(size === 1e6 && {
      torch: (process) => process.call("transcendental", { data: uniform(1, size), shape: [size] }),
    }),
    ort: (ort) =>
      ort.call(
        (graph, x) =>
          onnxChain(
            ...([graph, x!] as const),
            ...([["Mul", 0.5], ["Exp"], ["Add", 1], ["Log"], ["Mul", 1.2]] as const),
            ...([["Tanh"], ["Sub", 0.1], ["Mul", x!], ["Sin"], ["Add", 0.5]] as const),
          ),
        { data: uniform(1, size), shape: [size] },
      ),
    hand: () =>
      handRun(size, (x, out) => {
        for (let i = 0; i < size; i++) {
          const a = x[i]!;
          const y = Math.log(Math.exp(a * 0.5) + 1) * 1.2;
          out[i] = Math.sin((Math.tanh(y) - 0.1) * a) + 0.5;
        }
      }),
  },
});

export const rows: readonly Row[] = [
  arithmetic(1e6),
  arithmetic(1e7),
  transcendental(1e6),
  transcendental(1e7),
];
