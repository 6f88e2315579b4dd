/** Words to vectors to a recurrent layer: the gradient reaches the table, and only the rows that were read. */
import { describe, expect, it } from "vitest";
import { add, grad, jit, mul, random, sin, sum, type Tensor, tensor, valueAndGrad } from "fluxion";
import * as nn from "fluxion/nn";

const model = nn.sequential({
  embedding: nn.embedding(6, 3, {
    tableInit: (key, shape) => random.normal(key, shape, { dtype: "float64" }),
  }),
  recurrent: nn.gru(4, { returnSequences: true }),
});
const tokens = tensor(
  [
    [1, 4, 1, 2, 5],
    [4, 4, 0, 5, 5],
  ],
  { dtype: "int32" },
);
const made = model.init(random.key(0), { shape: [2, 5], dtype: "int32" });
const params = {
  ...made.params,
  recurrent: nn.gruCell(4).init(random.key(1), 3, "float64"),
};
type Params = typeof params;

const loss = (p: Params, lengths?: Tensor): Tensor =>
  sum(sin(mul(model.apply(p, made.state, tokens, lengths === undefined ? {} : { lengths })[0], 2)));

const moved = (p: Params, table: Tensor): Params => ({ ...p, embedding: { table } });

describe("an embedding before a recurrent layer", () => {
  const direction = random.normal(random.key(2), [6, 3], { dtype: "float64" });

  it.each([undefined, tensor([3, 2], { dtype: "int32" })])(
    "has the gradient of central differences, with and without padding",
    (lengths) => {
      const { table } = params.embedding;
      const at = (e: number): number =>
        loss(moved(params, add(table, mul(direction, e))), lengths).item() as number;
      const g = grad((t: Tensor) => loss(moved(params, t), lengths))(table);
      expect(sum(mul(g, direction)).item()).toBeCloseTo((at(1e-5) - at(-1e-5)) / 2e-5, 7);
    },
  );

  it("rows that are not read, or only in padding, have gradient 0", () => {
    const untouched = (lengths?: Tensor): number[] => {
      const g = grad(loss)(params, lengths as Tensor).embedding.table.toArray() as number[][];
      return g.flatMap((row, i) => (row.every((v) => v === 0) ? [i] : []));
    };
    expect(untouched()).toEqual([3]);
    expect(untouched(tensor([3, 2], { dtype: "int32" }))).toEqual([0, 2, 3, 5]);
  });

  it("a word's gradient is the sum over its places", () => {
    const spread = tensor([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { dtype: "int32" }).reshape([2, 5]);
    const own = params.embedding.table.at(tokens.reshape([-1]) as never); // a row for each place
    const each = grad((t: Tensor) => sum(sin(mul(model.apply(moved(params, t), made.state, spread)[0], 2))))(
      own,
    ).toArray() as number[][];
    const total = Array.from({ length: 6 }, () => [0, 0, 0]);
    (tokens.reshape([-1]).toArray() as number[]).forEach((word, place) =>
      each[place]!.forEach((v, k) => (total[word]![k]! += v)),
    );
    const got = grad(loss)(params).embedding.table.toArray() as number[][];
    got.flat().forEach((v, i) => expect(v).toBeCloseTo(total.flat()[i]!, 10));
  });

  it("learns under jit, compiled once", () => {
    const optimizer = nn.adam(0.05);
    const start = optimizer.init(params);
    const step = jit((p: Params, s: typeof start) => {
      const [value, g] = valueAndGrad((q: Params) => loss(q))(p);
      const [updates, next] = optimizer.update(g, s, p);
      return [value, nn.applyUpdates(p, updates), next] as const;
    });
    let [, p, s] = step(params, start);
    for (let i = 0; i < 20; i++) [, p, s] = step(p, s);
    expect(loss(p).item()).toBeLessThan((loss(params).item() as number) - 5);
    expect(step.cacheStats.misses).toBe(1);
    expect(p.embedding.table.at(3).toArray()).toEqual(params.embedding.table.at(3).toArray());
  });
});
