/** Bodies with everything that a kernel treats in its own way, forwards and in reverse, through the transformations. */
import { describe, test } from "vitest";
import * as fx from "../../src/index.js";
import { type Aval, aval } from "../../src/ir/aval.js";
import { type DType, isFloat } from "../../src/ir/dtype.js";
import { asTensor, type Tensor, type TensorLike, toExpr } from "../../src/ops/tensor.js";
import { call } from "../../src/transforms/evaluate.js";
import { expectClose } from "../arrays.js";
import { backends } from "../backends.js";
import { valuesOf } from "../programs.js";
import { random } from "../random.js";
import { type Case, chains, through } from "./cases.js";
import { type Body, loopPair, type Shapes } from "./random-loop.js";

type Step = (
  carry: readonly Tensor[],
  rows: readonly Tensor[],
  outer: readonly Tensor[],
) => readonly [carry: readonly TensorLike[], ys: readonly TensorLike[]];

interface Example {
  readonly shapes: Shapes;
  readonly step: Step;
  readonly length?: number;
}

const real = (...shape: number[]): Aval => aval(shape, "float64");
const of = (dtype: DType, ...shape: number[]): Aval => aval(shape, dtype);

const example = (
  outer: readonly Aval[],
  carry: readonly Aval[],
  rows: readonly Aval[],
  step: Step,
  length = 3,
): Example => ({
  shapes: { outer, carry, rows },
  step,
  length,
});

const bodyOf =
  (step: Step): Body =>
  (carry, rows, outer) => {
    const [next, ys] = step(carry.map(asTensor), rows.map(asTensor), outer.map(asTensor));
    return [next.map((e) => toExpr("test", e)), ys.map((e) => toExpr("test", e))];
  };

const half = (x: TensorLike): Tensor => fx.mul(x, 0.5);

/** An LSTM's step, gates i f g o. */
const lstm: Step = ([h, c], [x], [w, u, b]) => {
  const z = fx.add(fx.add(fx.matmul(x!, w!), fx.matmul(h!, u!)), b!);
  const [i, f, g, o] = fx.split(z, 4, { axis: -1 }) as [Tensor, Tensor, Tensor, Tensor];
  const next = fx.add(fx.mul(fx.sigmoid(f), c!), fx.mul(fx.sigmoid(i), fx.tanh(g)));
  const out = fx.mul(fx.sigmoid(o), fx.tanh(next));
  return [[out, next], [out]];
};

const examples: Readonly<Record<string, Example>> = {
  "two carries that change places": example([], [real(2), real(2)], [], ([a, b]) => [[b!, a!], [a!]]),
  "three carries that go round": example([], [real(2), real(2), real(2)], [real(2)], ([a, b, c], [x]) => [
    [b!, c!, fx.add(a!, x!)],
    [b!],
  ]),
  "a Fibonacci sequence": example(
    [],
    [of("int32"), of("int32")],
    [],
    ([a, b]) => [[b!, fx.add(a!, b!)], [a!]],
    10,
  ),
  "a value that is carry and y at once": example([], [real(3)], [real(3)], ([c], [x]) => {
    const s = fx.sin(fx.add(c!, x!));
    return [[s], [s, s]];
  }),
  "an x that is next carry and y": example([], [real(2), real(2)], [real(2)], (_, [x]) => [[x!, x!], [x!]]),
  "ys that are constants": example([real(2)], [real()], [], ([c], _, [w]) => [
    [fx.cos(c!)],
    [fx.tensor([1, 2], { dtype: "float64" }), 3, w!],
  ]),
  "a carry that does not change": example([], [real(2), real()], [real(2)], ([a, b], [x]) => [
    [a!, fx.add(b!, fx.dot(a!, x!))],
    [],
  ]),
  "a carry that becomes a constant": example([], [real(2), real()], [], ([a, b]) => [
    [fx.ones([2], { dtype: "float64" }), fx.add(b!, fx.sum(fx.sin(a!)))],
    [a!],
  ]),
  "a carry that nobody reads": example([], [real(), real()], [real()], ([a, b], [x]) => [
    [fx.sin(fx.mul(a!, x!)), fx.add(b!, x!)],
    [],
  ]),
  "integer and bool carries": example(
    [real(2)],
    [of("int32"), of("bool", 2), real(2)],
    [real(2)],
    ([n, seen, c], [x], [w]) => [
      [
        fx.add(n!, 1),
        fx.logicalOr(seen!, fx.greater(x!, 0)),
        fx.where(seen!, fx.mul(c!, w!), fx.add(c!, fx.mul(x!, n!))),
      ],
      [n!, seen!],
    ],
  ),
  "no carry": example([real(3)], [], [real(3)], (_c, [x], [w]) => [[], [fx.sin(fx.mul(x!, w!))]]),
  "no rows": example([real(2)], [real(2)], [], ([c], _x, [w]) => [[fx.sin(fx.mul(c!, w!))], [c!]]),
  scalars: example(
    [real()],
    [real()],
    [real()],
    ([c], [x], [w]) => [[fx.tanh(fx.add(fx.mul(c!, w!), x!))], [fx.square(c!)]],
    5,
  ),
  "empty arrays": example([real(0)], [real(0), real()], [real(0, 2)], ([c, d], [x], [w]) => [
    [fx.mul(c!, w!), fx.add(d!, fx.sum(x!))],
    [x!],
  ]),
  "a captured value used in several ways": example(
    [real(2, 2), real()],
    [real(2)],
    [real(2)],
    ([c], [x], [w, s]) => [
      [fx.tanh(fx.add(fx.matmul(w!, c!), fx.mul(x!, fx.add(fx.exp(s!), fx.sum(w!)))))],
      [fx.matmul(fx.transpose(w!), fx.matmul(w!, x!))],
    ],
  ),
  "sort and gather": example([real(4)], [real(4)], [], ([c], _x, [w]) => {
    const order = fx.argsort(c!);
    return [[half(fx.take(fx.add(fx.sort(fx.mul(c!, w!)), w!), order))], [fx.sort(c!)]];
  }),
  "gather and scatter at carried places": example(
    [real(5)],
    [real(5), of("int32")],
    [real()],
    ([c, i], [x], [w]) => {
      const at = fx.mod(i!, 5);
      const read = fx.take(c!, at);
      return [[half(fx.addAt(c!, [at], fx.mul(x!, fx.add(read, fx.take(w!, at))))), fx.add(i!, 2)], [read]];
    },
    4,
  ),
  "a buffer written row by row": example([real(4)], [real(3, 4), of("int32")], [], ([rows, i], _x, [w]) => [
    [
      fx.dynamicUpdateSlice(rows!, fx.reshape(fx.sin(fx.add(w!, fx.sum(rows!))), [1, 4]), [i!, 0]),
      fx.add(i!, 1),
    ],
    [fx.dynamicSlice(rows!, [0, i!], [3, 2])],
  ]),
  convolution: example([real(2, 2, 3)], [real(1, 2, 6)], [real(1, 2, 6)], ([c], [x], [w]) => [
    [fx.tanh(fx.add(fx.conv(c!, w!, { padding: "SAME" }), x!))],
    [fx.conv(x!, w!, { stride: 2 })],
  ]),
  "pooling and running sums": example([], [real(1, 2, 6)], [], ([c]) => [
    [fx.tanh(fx.sub(c!, half(fx.cumsum(c!, { axis: -1 }))))],
    [fx.maxPool(c!, 2), fx.logsumexp(c!, { axis: -1 })],
  ]),
  "a contraction in tiles": example([real(16, 16)], [real(17, 16)], [real(17, 16)], ([c], [x], [w]) => [
    [fx.tanh(fx.add(half(half(fx.matmul(c!, w!))), x!))],
    [fx.sum(fx.matmul(fx.transpose(c!), x!))],
  ]),
  "random bits from a carried key": example([], [of("uint32", 2), real(3)], [], ([key, c]) => {
    const [own, next] = fx.random.split(key!) as unknown as [Tensor, Tensor];
    const noise = fx.random.normal(own, [3], { dtype: "float64" });
    return [[next, fx.mul(fx.tanh(c!), noise)], [fx.random.bits(own, [2])]];
  }),
  "softmax attention over carried rows": example([real(3, 3)], [real(4, 3)], [real(3)], ([c], [x], [w]) => {
    const scores = fx.softmax(fx.matmul(c!, fx.matmul(w!, x!)));
    return [[fx.add(half(c!), fx.matmul(fx.reshape(scores, [4, 1]), fx.reshape(x!, [1, 3])))], [scores]];
  }),
  "an LSTM": example([real(2, 12), real(3, 12), real(12)], [real(2, 3), real(2, 3)], [real(2, 2)], lstm, 4),
  "a loop in a loop in a loop": example([real(2)], [real(2)], [real(2, 2, 2)], ([c], [xs], [w]) =>
    fx.scan(
      (d, rows) => {
        const [last, out] = fx.scan(
          (e: Tensor, x: Tensor) => [fx.sin(fx.add(fx.mul(e, w!), fx.mul(x, c!))), fx.mul(e, d[0]!)],
          d[0]!,
          rows,
        );
        return [[last], [fx.sum(out, { axis: 0 })]];
      },
      [c!],
      xs!,
    ),
  ),
  "a choice": example(
    [of("int32"), real(2)],
    [real(2)],
    [real(2)],
    ([c], [x], [k, w]) => [
      [
        fx.cond(
          fx.greater(fx.sum(c!), 0),
          (a: Tensor, b: Tensor) => fx.sub(a, fx.mul(b, w!)),
          (a: Tensor, b: Tensor) => fx.sin(fx.add(a, b)),
          c!,
          x!,
        ),
      ],
      [fx.switchCase(k!, [(a: Tensor) => a, (a: Tensor) => fx.square(a), (a: Tensor) => fx.mul(a, w!)], x!)],
    ],
    4,
  ),
  "a checkpoint and a custom rule": example([real(2)], [real(2)], [real(2)], ([c], [x], [w]) => [
    [fx.checkpoint((a: Tensor, b: Tensor) => fx.sin(fx.mul(fx.exp(fx.tanh(a)), fx.add(b, w!))))(c!, x!)],
    [fx.tanh(fx.logaddexp(c!, x!))],
  ]),
};

describe.each(Object.entries(examples))("%s", (_, { shapes, step, length = 3 }) => {
  for (const reverse of [false, true])
    test(reverse ? "in reverse" : "forwards", () => {
      const pair = loopPair(bodyOf(step), shapes, { length, reverse });
      const args = valuesOf(random(7), pair.params);
      const on = pair.params.flatMap((a, i) => (isFloat(a.dtype) ? [i] : []));
      for (const names of chains) {
        if (on.length === 0 && names.some((n) => n !== "vmap")) continue;
        const [loop, plain] = [pair.loop, pair.plain].map((program) =>
          through(names, { program, args, on }),
        ) as [Case, Case];
        const want = call(plain.program, plain.args);
        expectClose(`interpreted ${names.join()}`, call(loop.program, loop.args), want, 1e-9);
        for (const { name, run } of backends)
          expectClose(`${name} ${names.join()}`, run(loop.program, loop.args), want, 1e-9);
      }
    });
});
