/** Computations on a device: a call returns when it is told what to do, and a read waits until that is done. */
import type { Tensor } from "fluxion";
import { startClock } from "../clock.js";
import { inTurn, type JaxArray, type Step } from "../models/steps.js";
import type { FluxionLibrary, JaxLibrary, Run, TfLibrary, Values } from "../row.js";

interface Parts<R> {
  readonly call: () => R;
  /** Reads a small part of the result: then the device is done. */
  readonly finish: (result: R) => Promise<unknown>;
  readonly read: (result: R) => Promise<Values>;
  readonly free?: (result: R) => void;
}

/** So many calls go to the device before one waits: it is never idle, and its memory holds the results. */
export const depth = 4;

export const deviceRun = <R>({ call, finish, read, free = (): void => undefined }: Parts<R>): Run => {
  const several = async (n: number): Promise<void> => {
    for (let i = 1; i <= n; i++) {
      const result = call();
      if (i % depth === 0 || i === n) await finish(result);
      free(result);
    }
  };
  return {
    first: async () => {
      const elapsed = startClock();
      const result = call();
      await finish(result);
      const ms = elapsed();
      const values = await read(result);
      free(result);
      return { ms, values };
    },
    step: () => several(1),
    sample: async (n) => {
      const elapsed = startClock();
      await several(n);
      return elapsed() / n;
    },
  };
};

type TfTensor = ReturnType<TfLibrary["zeros"]>;

/** A function returns an array, of which the first element is read. */
export const fluxionCalls = (fx: FluxionLibrary, call: () => Tensor): Run => {
  const first = (y: Tensor): Tensor =>
    fx.slice(
      y,
      y.shape.map(() => 0),
      y.shape.map(() => 1),
    );
  return deviceRun({ call, finish: (y) => first(y).data(), read: async (y) => [await y.data()] });
};

export const jaxCalls = (call: () => JaxArray): Run =>
  deviceRun({
    call,
    finish: (y) => y.ref.slice(...y.shape.map(() => 0)).data(),
    read: async (y) => [await y.ref.data()],
    free: (y) => y.dispose(),
  });

/** `arrange` gives the result the others' order of axes. */
export const tfCalls = (
  tf: TfLibrary,
  call: () => TfTensor,
  arrange: (y: Float32Array) => Float32Array = (y) => y,
): Run =>
  deviceRun({
    call,
    finish: async (y) => {
      const zeros = y.shape.map(() => 0);
      const one = tf.slice(
        y,
        zeros,
        zeros.map(() => 1),
      );
      await one.data();
      one.dispose();
    },
    read: async (y) => [arrange((await y.data()) as Float32Array)],
    free: (y) => y.dispose(),
  });

/** Steps of training, whose loss is read. Their value is the first three losses. */
const steps = <L>(call: () => L, loss: (l: L) => Promise<number>, free?: (l: L) => void): Run => {
  const next = async (): Promise<number> => {
    const l = call();
    const value = await loss(l);
    free?.(l);
    return value;
  };
  return deviceRun({
    call,
    finish: loss,
    read: async (l) => [[await loss(l), await next(), await next()]],
    ...(free && { free }),
  });
};

export const fluxionSteps = <S>(start: S, step: (state: S) => Step<Tensor, S>): Run =>
  steps(inTurn(start, step), async (l) => (await l.data())[0]!);

export const jaxSteps = <S>(_: JaxLibrary, start: S, step: (state: S) => Step<JaxArray, S>): Run =>
  steps(
    inTurn(start, step),
    async (l) => (await l.ref.data())[0]!,
    (l) => l.dispose(),
  );

export const tfSteps = (step: () => ReturnType<TfLibrary["scalar"]>): Run =>
  steps(
    step,
    async (l) => (await l.data())[0]!,
    (l) => l.dispose(),
  );
