/** How each library calls, waits for and reads what is on a device. */
import type { Tensor } from "fluxion";
import { inTurn, type JaxArray, type Step } from "../models/steps.js";
import type { FluxionLibrary, JaxLibrary, Run, TfLibrary } from "../row.js";
import { deviceRun } from "./device.js";

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
  arrange: (y: Float32Array, result: number) => Float32Array = (y) => y,
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
    read: async (y) => [arrange((await y.data()) as Float32Array, 0)],
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
