import { describe, expect, test } from "vitest";
import { type Expr, literal, param } from "../../src/ir/expr.js";
import { printProgram } from "../../src/ir/print.js";
import { add, cast, mul, select, gt } from "../../src/ir/primitives/arithmetic.js";
import { dot } from "../../src/ir/primitives/dot.js";
import { full, fullLike, sum } from "../../src/ir/primitives/layout.js";
import { exp, sin } from "../../src/ir/primitives/transcendental.js";
import { pad } from "../../src/ir/primitives/views.js";
import { traceProgram } from "../../src/ir/program.js";
import { checkpointed } from "../../src/transforms/checkpoint.js";
import { vjpFold } from "../../src/transforms/transpose.js";
import { values } from "./values.js";

const vector = { shape: [3], dtype: "float32" } as const;
const show = (
  f: (...xs: Expr[]) => Expr | readonly Expr[],
  ...avals: Parameters<typeof traceProgram>[0][number][]
) => printProgram(traceProgram(avals, (ps) => [f(...ps)].flat() as Expr[]));

describe("printProgram", () => {
  test("typed definitions in the order of computing", () => {
    expect(show((x) => sum(sin(x), [0]), vector)).toMatchInlineSnapshot(`
      "{ a:float32[3] -> c:float32[]
        b:float32[3] = sin a
        c:float32[] = sum{axes=[0]} b }"
    `);
  });

  test("a value used twice is defined once; results may repeat", () => {
    expect(
      show((x) => {
        const y = exp(x);
        return [mul(y, y), y, y];
      }, vector),
    ).toMatchInlineSnapshot(`
      "{ a:float32[3] -> c:float32[3], b:float32[3], b:float32[3]
        b:float32[3] = exp a
        c:float32[3] = mul b b }"
    `);
  });

  test("literals stand where they are used, -0 and NaN included", () => {
    expect(show((x) => [add(x, fullLike(x, -0)), full([], "float64", NaN), literal("int32", 7), x], vector))
      .toMatchInlineSnapshot(`
      "{ a:float32[3] -> c:float32[3], NaN:float64[], 7:int32[], a:float32[3]
        b:float32[3] = broadcast{shape=[3] axes=[]} -0:float32
        c:float32[3] = add a b }"
    `);
  });

  test("attributes: lists, numbers, dtypes", () => {
    const matrix = { shape: [2, 3], dtype: "float32" } as const;
    expect(
      show(
        (x, y) => [
          dot(x, y, { lhsBatch: [], rhsBatch: [], lhsContract: [1], rhsContract: [1] }),
          cast(pad(x, { low: [1, 0], high: [0, 2] }), "int32"),
        ],
        matrix,
        matrix,
      ),
    ).toMatchInlineSnapshot(`
      "{ a:float32[2,3], b:float32[2,3] -> c:float32[2,2], e:int32[3,5]
        c:float32[2,2] = dot{lhsBatch=[] rhsBatch=[] lhsContract=[1] rhsContract=[1]} a b
        d:float32[3,5] = pad{low=[1,0] high=[0,2] interior=[0,0] value=0} a
        e:int32[3,5] = cast{dtype=int32} d }"
    `);
  });

  test("constants with storage and params of other programs are defined by what they are", () => {
    const outer = param(vector);
    expect(show((x) => add(add(x, values([1, 2, 3], [3], "float32")), outer), vector)).toMatchInlineSnapshot(`
      "{ a:float32[3] -> e:float32[3]
        b:float32[3] = const
        c:float32[3] = add a b
        d:float32[3] = free
        e:float32[3] = add c d }"
    `);
  });

  test("sub-programs are nested, captures in front; results that nobody reads are _", () => {
    expect(
      show(
        (x, y) => {
          const [a, b] = checkpointed(([p]) => [sin(p!), mul(p!, y!), exp(p!)], [x!]);
          return add(a!, b!);
        },
        vector,
        vector,
      ),
    ).toMatchInlineSnapshot(`
      "{ a:float32[3], b:float32[3] -> e:float32[3]
        c:float32[3] d:float32[3] _ = checkpoint{program={ a:float32[3], b:float32[3] -> c:float32[3], d:float32[3], e:float32[3]
              c:float32[3] = sin b
              d:float32[3] = mul b a
              e:float32[3] = exp b }} b a
        e:float32[3] = add c d }"
    `);
  });

  test("the gradient of a small network", () => {
    const program = traceProgram([vector, { shape: [3], dtype: "float32" }], ([w, x]) => {
      const h = mul(w!, x!);
      const loss = sum(select(gt(h, fullLike(h, 0)), h, fullLike(h, 0)), [0]);
      const { primals, pull } = vjpFold([loss], [w!]);
      return [...primals, pull([literal("float32", 1)])[0]!];
    });
    expect(printProgram(program)).toMatchInlineSnapshot(`
      "{ a:float32[3], b:float32[3] -> h:float32[], l:float32[3]
        c:float32[3] = mul a b
        d:float32[3] = broadcast{shape=[3] axes=[]} 0:float32
        e:bool[3] = gt c d
        f:float32[3] = broadcast{shape=[3] axes=[]} 0:float32
        g:float32[3] = select e c f
        h:float32[] = sum{axes=[0]} g
        i:float32[3] = broadcast{shape=[3] axes=[]} 1:float32
        j:float32[3] = mul i b
        k:float32[3] = broadcast{shape=[3] axes=[]} 0:float32
        l:float32[3] = select e j k }"
    `);
  });

  test("names go on after z", () => {
    const program = traceProgram([vector], ([x]) => {
      let y = x!;
      for (let i = 0; i < 27; i++) y = sin(y);
      return [y];
    });
    expect(printProgram(program).split("\n").slice(-3).join("\n")).toMatchInlineSnapshot(`
      "  z:float32[3] = sin y
        aa:float32[3] = sin z
        ab:float32[3] = sin aa }"
    `);
  });
});
