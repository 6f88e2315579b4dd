/** Recurrent layers with the weights of a peer against what the peer computed: values and gradients. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { add, grad, mul, sum, tensor, type Tensor } from "fluxion";
import * as nn from "fluxion/nn";

export interface Stored {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

export interface Case {
  readonly kind: "rnn" | "lstm" | "gru";
  readonly reverse: boolean;
  readonly lengths: readonly number[] | null;
  readonly weights: readonly Stored[];
  readonly x: Stored;
  readonly ys: Stored;
  readonly last: readonly Stored[];
  readonly cotangent: Stored;
  readonly gradients: readonly Stored[];
  readonly xGradient: Stored;
}

/** A library with recurrent layers, whose weights are `W`, by name and in the order of its cases. */
export interface Peer<W> {
  readonly name: string;
  /** In test/golden. */
  readonly file: string;
  readonly order: readonly (keyof W & string)[];
  readonly lstm: (weights: W) => nn.RecurrentParams;
  readonly gru: (weights: W) => nn.GruParams;
  /** How far from a number ours may be. */
  readonly tolerance: (want: number) => number;
}

export const casesOf = <W>({ file }: Peer<W>): readonly Case[] => {
  const text = readFileSync(new URL(`../../golden/${file}`, import.meta.url), "utf8");
  return (JSON.parse(text) as { readonly cases: readonly Case[] }).cases;
};

/** As float64, whatever the peer computed in. */
export const load = ({ data, shape }: Stored): Tensor => tensor(Float64Array.from(data), { shape });

export const weightsOf = <W>({ order }: Peer<W>, c: Case): W => {
  expect(c.weights.length).toBe(order.length);
  return Object.fromEntries(order.map((name, i) => [name, load(c.weights[i]!)])) as W;
};

export const expectClose = <W>({ tolerance }: Peer<W>, got: Tensor, want: Stored): void => {
  expect(got.shape).toEqual(want.shape);
  const data = got.dataSync();
  want.data.forEach((w, i) => expect(Math.abs(data[i]! - w)).toBeLessThan(tolerance(w)));
};

/** Outputs of all steps, and the parts of the last carry. */
export const run = <W>(
  peer: Peer<W>,
  c: Case,
  weights: W,
  x: Tensor,
): { ys: Tensor; last: readonly Tensor[] } => {
  const options = {
    reverse: c.reverse,
    ...(c.lengths === null ? {} : { lengths: tensor([...c.lengths], { dtype: "int32" }) }),
  };
  if (c.kind === "lstm") {
    const { ys, carry } = nn.overTime(nn.lstmCell(4), peer.lstm(weights), x, options);
    return { ys, last: [carry.h, carry.c] };
  }
  const { ys, carry } =
    c.kind === "gru"
      ? nn.overTime(nn.gruCell(4), peer.gru(weights), x, options)
      : nn.overTime(nn.rnnCell(4), peer.lstm(weights), x, options);
  return { ys, last: [carry] };
};

/** The tests of all cases of a peer. */
export const agreesWith = <W>(peer: Peer<W>): void => {
  describe.each(casesOf(peer))("$kind, reverse $reverse, lengths $lengths", (c) => {
    const weights = weightsOf(peer, c);

    it(`gives ${peer.name}'s outputs and last carry`, () => {
      const { ys, last } = run(peer, c, weights, load(c.x));
      expectClose(peer, ys, c.ys);
      expect(last.length).toBe(c.last.length);
      c.last.forEach((want, i) => expectClose(peer, last[i]!, want));
    });

    it(`gives ${peer.name}'s gradients, through the conversion`, () => {
      const loss = (w: W, x: Tensor): Tensor => {
        const { ys, last } = run(peer, c, w, x);
        return last.reduce((total, part) => add(total, sum(part)), sum(mul(ys, load(c.cotangent))));
      };
      const [w, x] = grad(loss, { argnums: [0, 1] })(weights, load(c.x));
      expect(c.gradients.length).toBe(peer.order.length);
      peer.order.forEach((name, i) => expectClose(peer, w[name] as Tensor, c.gradients[i]!));
      expectClose(peer, x, c.xGradient);
    });
  });
};
