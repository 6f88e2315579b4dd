/** Steps of training, one after the other. Their value is the first three losses. */
import type { Tensor } from "fluxion";
import { type JaxLibrary, type Run, runOf, type TfLibrary } from "../row.js";

/** The loss of a step and the state after it. */
export interface Step<L, S> {
  readonly loss: L;
  readonly state: S;
}

/** Each call goes on from the state of the one before. */
export const inTurn = <L, S>(start: S, step: (state: S) => Step<L, S>): (() => L) => {
  let now = start;
  return () => {
    const { loss, state } = step(now);
    now = state;
    return loss;
  };
};

export const fluxionSteps = <S>(start: S, step: (state: S) => Step<Tensor, S>): Run => {
  const call = inTurn(start, step);
  return runOf({ call, read: (l) => [[l.item(), call().item(), call().item()]] });
};

export type JaxArray = ReturnType<JaxLibrary["numpy"]["zeros"]>;

/** A call waits for the state as well. */
export const jaxSteps = <S>(jax: JaxLibrary, start: S, step: (state: S) => Step<JaxArray, S>): Run => {
  const dispatch = inTurn(start, (s: S) => {
    const out = step(s);
    return { loss: out, state: out.state };
  });
  const value = (): number => dispatch().loss.item();
  return runOf({
    call: async () => (await jax.blockUntilReady(dispatch())).loss,
    read: (l) => [[l.ref.item(), value(), value()]],
    free: (l) => l.dispose(),
  });
};

/** `step` changes variables. */
export const tfSteps = (step: () => ReturnType<TfLibrary["scalar"]>): Run => {
  const value = (): number => {
    const l = step();
    const [v] = l.dataSync();
    l.dispose();
    return v!;
  };
  return runOf({
    call: step,
    read: (l) => [[l.dataSync()[0]!, value(), value()]],
    free: (l) => l.dispose(),
  });
};
