/** Functions of arrays, written once for each library; `functionRow` makes rows of them for processors. */
import type { Tensor } from "fluxion";
import { permuted, uniform } from "./data.js";
import type { Target } from "./measurement.js";
import type { Graph, Value } from "./onnx/model.js";
import { type FluxionLibrary, type JaxLibrary, type Row, runOf, type TfLibrary } from "./row.js";
import type { JaxArray } from "./models/steps.js";

export type TfTensor = ReturnType<TfLibrary["zeros"]>;
export type TfTensor4D = ReturnType<TfLibrary["tensor4d"]>;

export interface Argument {
  readonly data: () => Float32Array<ArrayBuffer>;
  readonly shape: readonly number[];
  /** The order of its axes in tfjs, where that is another one. */
  readonly order?: readonly number[];
  /** Inference knows it beforehand: in a model it is a constant. */
  readonly weight?: boolean;
}

type OneOrMore<A> = A | readonly A[];

export interface Computation {
  readonly name: string;
  readonly title: string;
  readonly flops?: number;
  readonly targets?: readonly Target[];
  readonly tolerance?: number;
  readonly args: readonly Argument[];
  readonly fluxion: (fx: FluxionLibrary, ...args: Tensor[]) => OneOrMore<Tensor>;
  readonly jaxjs?: (jax: JaxLibrary, ...args: JaxArray[]) => OneOrMore<JaxArray>;
  readonly tfjs?: (tf: TfLibrary, ...args: TfTensor[]) => OneOrMore<TfTensor>;
  /** From tfjs' order of axes to that of the others. */
  readonly arrange?: (y: Float32Array, result: number) => Float32Array;
  readonly ort?: (graph: Graph, ...args: Value[]) => Value;
  /** The name of a program of models/pytorch.py. */
  readonly torch?: string;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Numbers between -size and size. */
export const random = (seed: number, shape: readonly number[], size = 1): Argument => ({
  data: () => uniform(seed, sizeOf(shape), -size, size),
  shape,
});

export const tfTensor = (tf: TfLibrary, { data, shape, order }: Argument): TfTensor =>
  order === undefined
    ? tf.tensor(data(), [...shape])
    : tf.tensor(
        permuted(data(), shape, order),
        order.map((axis) => shape[axis]!),
      );

const listOf = <A>(x: OneOrMore<A>): readonly A[] => (Array.isArray(x) ? (x as readonly A[]) : [x as A]);

type Peers = Row["peers"];

const jaxPeer = (args: readonly Argument[], f: NonNullable<Computation["jaxjs"]>): Peers => ({
  jaxjs: (jax) => {
    const xs = args.map(({ data, shape }) => jax.numpy.array(data()).reshape([...shape]));
    const compiled = jax.jit((...as: JaxArray[]) => f(jax, ...as) as JaxArray);
    return runOf({
      call: () => jax.blockUntilReady(compiled(...xs.map((x) => x.ref))) as Promise<OneOrMore<JaxArray>>,
      read: (y) => listOf(y).map((a) => a.ref.dataSync()),
      free: (y) => listOf(y).forEach((a) => a.dispose()),
    });
  },
});

const tfPeer = (
  args: readonly Argument[],
  f: NonNullable<Computation["tfjs"]>,
  arrange: NonNullable<Computation["arrange"]> = (y) => y,
): Peers => ({
  tfjs: (tf) => {
    const xs = args.map((a) => tfTensor(tf, a));
    return runOf({
      call: () => tf.tidy(() => f(tf, ...xs) as TfTensor) as OneOrMore<TfTensor>,
      read: (y) => listOf(y).map((a, i) => arrange(a.dataSync() as Float32Array, i)),
      free: (y) => listOf(y).forEach((a) => a.dispose()),
    });
  },
});

const ortPeer = (args: readonly Argument[], f: NonNullable<Computation["ort"]>): Peers => ({
  ort: (ort) => {
    const given = args.filter((a) => a.weight !== true).map(({ data, shape }) => ({ data: data(), shape }));
    const build = (graph: Graph, ...inputs: Value[]): Value => {
      const rest = inputs.values();
      const values = args.map(({ weight, data, shape }) =>
        weight === true ? graph.constant(data(), shape) : rest.next().value!,
      );
      return f(graph, ...values);
    };
    return ort.call(build, ...given);
  },
});

const torchPeer = (args: readonly Argument[], program: string): Peers => ({
  torch: (process) => process.call(program, ...args.map(({ data, shape }) => ({ data: data(), shape }))),
});

export const functionRow = (computation: Computation): Row => {
  const { name, title, flops, targets, tolerance, args, fluxion, jaxjs, tfjs, arrange, ort, torch } =
    computation;
  return {
    ...{ name, title },
    ...(flops !== undefined && { flops }),
    ...(targets !== undefined && { targets }),
    ...(tolerance !== undefined && { tolerance }),
    fluxion: (fx) => {
      const xs = args.map(({ data, shape }) => fx.tensor(data(), { shape }));
      const f = fx.jit((...as: Tensor[]) => listOf(fluxion(fx, ...as)));
      return runOf({ call: () => f(...xs), read: (ys) => ys.map((y) => y.dataSync()) });
    },
    peers: {
      ...(jaxjs && jaxPeer(args, jaxjs)),
      ...(tfjs && tfPeer(args, tfjs, arrange)),
      ...(ort && ortPeer(args, ort)),
      ...(torch !== undefined && torchPeer(args, torch)),
    },
  };
};
