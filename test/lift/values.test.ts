/* eslint-disable eqeqeq, no-constant-binary-expression -- what people write, sensible or not */
/** What lifted functions compute is what JavaScript computes for each element, in the interpreter and every backend. */
import { describe, expect, test } from "vitest";
import { add, grad, jit, lift, liftable, sum, tensor, type Tensor } from "../../src/index.js";
import { expectSame, type Plain } from "./everywhere.js";

const xs = [-3, -1.5, -0.5, 0, 0.25, 0.5, 1, 2, 2.5, 7];
const ys = [2, -2, 0.5, 3, -1, 0, 1, 4, 0.1, -7];

describe("expressions", () => {
  const pairs: Readonly<Record<string, Plain>> = {
    "+ - * /": (x, y) => x + y * (x - y) - x / (y + 10),
    "%": (x, y) => (x % 2) + (x % (y + 0.3)),
    "**": (x, y) => x ** 2 + x ** 3 + (x * x + 1) ** y,
    "unary - + ! ~": (x, y) => -x + +y + Number(!x) + ~(x * 3),
    "< <= > >=": (x, y) => Number(x < y) + 2 * Number(x <= y) + 4 * Number(x > 1) + 8 * Number(x >= y),
    "== === != !==": (x, y) =>
      Number(x == y) + 2 * Number(x === 1) + 4 * Number(x != 0) + 8 * Number(x !== y),
    "booleans are results": (x, y) => x < y,
    "! of comparisons": (x, y) => !(x < y) && !(y > 1),
    "&& and || of booleans": (x, y) => (x > 0 && y > 0) || x < -1,
    "&& and || of numbers": (x, y) => (x && y) + (y || x) + (0 || x),
    "truthiness, NaN among it": (x) => (Math.sqrt(x) ? 1 : 2) + (x ? 10 : 20),
    "?: nested": (x, y) => (x > 1 ? (y > 0 ? x : y) : x < 0 ? -x : x * y),
    "booleans as numbers": (x, y) => Number(x > 0) * 3 + ((x > y) as unknown as number) * 2,
    sequences: (x, y) => ((x = x + 1), x * y),
    "void, undefined, NaN, Infinity": (x) => (x > 0 ? NaN : void 0 === x ? 1 : -Infinity),
    "minified booleans": (x) => (x > 0 ? !0 : !1),
    constants: (x) => x * Math.PI + Math.E - Math.SQRT1_2 * Number.EPSILON + Number.MAX_SAFE_INTEGER,
  };
  test.each(Object.keys(pairs))("%s", (name) =>
    expectSame(pairs[name]!, [xs, ys].slice(0, pairs[name]!.length)),
  );

  const functions: Readonly<Record<string, Plain>> = {
    rounding: (x) => [
      Math.floor(x),
      Math.ceil(x),
      Math.round(x),
      Math.trunc(x),
      Math.sign(x),
      Math.fround(x),
    ],
    "round at halves and beyond 2^52": (x) => [
      Math.round(x + 0.5),
      Math.round(x * 2 ** 53 + 1),
      Math.round(0.49999999999999994),
    ],
    exponentials: (x) => [
      Math.exp(x),
      Math.expm1(x),
      Math.log(x),
      Math.log1p(x),
      Math.log2(x),
      Math.log10(x),
    ],
    trigonometry: (x) => [Math.sin(x), Math.cos(x), Math.tan(x), Math.asin(x), Math.acos(x), Math.atan(x)],
    hyperbolic: (x) => [
      Math.sinh(x),
      Math.cosh(x),
      Math.tanh(x),
      Math.asinh(x),
      Math.acosh(x),
      Math.atanh(x),
    ],
    "roots and lengths": (x) => [
      Math.sqrt(x),
      Math.cbrt(x),
      Math.hypot(x),
      Math.hypot(x, 2),
      Math.hypot(x, 1, 2),
    ],
    extremes: (x) => [
      Math.max(x, 1),
      Math.min(x, 1, -1),
      Math.max(x),
      Math.max(),
      Math.min(),
      Math.max(x, NaN),
    ],
    "two operands": (x) => [Math.atan2(x, 2), Math.pow(x, 2), Math.pow(x, 0.5), Math.pow(2, x), Math.abs(x)],
    tests: (x) => [
      Number.isNaN(Math.sqrt(x)),
      Number.isFinite(1 / x),
      Number.isInteger(x),
      Number.isSafeInteger(x * 2 ** 60),
      isNaN(x),
      isFinite(x),
    ],
  };
  test.each(Object.keys(functions))("Math: %s", (name) =>
    expectSame(functions[name]!, [xs], { tolerance: 1e-14 }),
  );
});

describe("float32", () => {
  const { fround } = Math;

  test("is what Math.fround makes of every operation, or a fused one", () => {
    const f = (x: number, y: number): number => {
      let s = x * 0.1;
      for (let k = 1; k <= 40; k++) s = s * 0.9 + y / (k + x * x);
      return s > y ? s - y : Math.sqrt(s * s + 1);
    };
    const rounded = (x: number, y: number): number => {
      let s = fround(x * fround(0.1));
      for (let k = 1; k <= 40; k++)
        s = fround(fround(s * fround(0.9)) + fround(y / fround(k + fround(x * x))));
      return s > y ? fround(s - y) : fround(Math.sqrt(fround(fround(s * s) + 1)));
    };
    expectSame(f, [xs, ys], { plain: rounded, dtype: "float32", tolerance: 1e-6 });
  });

  test("one function is one kernel", () => {
    const huber = lift((r: number, d: number) => {
      if (r < -d) return d * (-r - 0.5 * d);
      if (r > d) return d * (r - 0.5 * d);
      return 0.5 * r * r;
    });
    const x = tensor([1, 2, 3]);
    expect(jit((r: Tensor) => huber(r, 1)).lower(x).kernels.length).toBe(1);
    const slope = jit(grad((r: Tensor) => sum(huber(r, 1))));
    expect(slope.lower(x).kernels.length).toBe(1);
    expect(slope(tensor([-3, 0.5, 3])).toArray()).toEqual([-1, 0.5, 1]);
  });
});

describe("bit operations have JavaScript's integers", () => {
  const ints = [0, 1, -1, 5, 255, 65536, 2147483647, -2147483648, 123456789, -987654321];
  const shifts = [0, 1, 31, 32, 33, -1, 5, 16, 8, 24];
  const cases: Readonly<Record<string, Plain>> = {
    "& | ^ ~": (x, n) => [x & 255, x | n, x ^ n, ~x, x & n],
    "<< >> >>>": (x, n) => [x << 3, x >> 2, x >>> 1, x << n, x >> n, x >>> n],
    ">>> is unsigned": (x) => [x >>> 0, (x >>> 8) / 2, x >>> 0 > 5, (x >>> 0) % 7],
    "imul, clz32": (x, n) => [Math.imul(x, 0x5bd1e995), Math.imul(x, n), Math.clz32(x)],
    "sums on their way into | 0": (x, n) => [(x + n) | 0, (x - n + 7) | 0, -x | 0, (x + x + x) | 0],
    "products on their way into | 0": (x, n) => [(x * 31 + n) | 0, (x * n) | 0, (x * 16777619) >>> 0],
    conditions: (x, n) => (x & 1 ? x | 1 : n) | 0,
  };
  for (const dtype of ["int32", "float64"] as const)
    test.each(Object.keys(cases))(`%s, of ${dtype}`, (name) =>
      expectSame(cases[name]!, [ints, shifts].slice(0, cases[name]!.length), { dtype }),
    );

  test("of floats: truncated, modulo 2^32, NaN and infinities 0", () => {
    const floats = [1.9, -1.9, 4294967295, 4294967296.5, -2147483649, 1e20, -1e15, NaN, Infinity, -Infinity];
    expectSame((x) => [x | 0, ~x, x >>> 0, x << 1], [floats]);
  });

  test("FNV-1a, whatever the float dtype", () => {
    const fnv = (x: number): number => {
      let h = 2166136261;
      for (let k = 0; k < 4; k++) {
        h ^= (x >>> (8 * k)) & 255;
        h = Math.imul(h, 16777619);
      }
      return h >>> 0;
    };
    expectSame(fnv, [ints], { dtype: "int32" });
  });

  test("a polynomial hash in a counted loop keeps its bits", () => {
    const hash = (x: number): number => {
      let h = 7;
      for (let k = 0; k < 100; k++) h = (h * 31 + x + k) | 0;
      return h;
    };
    expectSame(hash, [ints], { dtype: "int32" });
  });

  test("xorshift in a dynamic loop keeps its bits", () => {
    const steps = (x: number): number => {
      let s = x | 1;
      let n = 0;
      while ((s & 1023) !== 77 && n < 500) {
        s ^= s << 13;
        s ^= s >>> 17;
        s ^= s << 5;
        n++;
      }
      return s;
    };
    expectSame(steps, [ints], { dtype: "int32" });
  });
});

describe("types", () => {
  const dtypeOf = (f: Plain, ...args: Tensor[]): string => (lift(f)(...args) as Tensor).dtype;
  const of = (dtype: "float32" | "float64" | "int32" | "uint8" | "bool"): Tensor => tensor([1, 2], { dtype });

  test("numbers have the float dtype of the operands", () => {
    expect(dtypeOf((x) => x + 1, of("float32"))).toBe("float32");
    expect(dtypeOf((x) => x + 1, of("float64"))).toBe("float64");
    expect(dtypeOf((x, y) => x + y, of("float32"), of("float64"))).toBe("float64");
    expect(dtypeOf((x) => x + 1, of("int32"))).toBe("float32");
    expect(dtypeOf(() => 1)).toBe("float32");
  });

  test("comparisons are bool, bit operations int32 and uint32, integers stay themselves", () => {
    expect(dtypeOf((x) => x > 1, of("float32"))).toBe("bool");
    expect(dtypeOf((x) => x | 1, of("float32"))).toBe("int32");
    expect(dtypeOf((x) => x >>> 1, of("float32"))).toBe("uint32");
    expect(dtypeOf((x) => x, of("int32"))).toBe("int32");
    expect(dtypeOf((x) => x % 2, of("int32"))).toBe("int32");
    expect(dtypeOf((x) => (x > 1 ? x : 0), of("int32"))).toBe("int32");
    expect(dtypeOf((x) => x | 0, of("uint8"))).toBe("int32");
    expect(dtypeOf((x) => !x, of("bool"))).toBe("bool");
  });

  test("large integers keep their bits where JavaScript's numbers would", () => {
    expectSame((x) => [x % 2, x === 16777217, x > 16777216], [[16777216, 16777217, -16777217]], {
      dtype: "int32",
    });
  });

  test("a boolean is never equal to a number, and that is said", () => {
    expect(() => lift((x: number) => ((x > 0) as unknown) === x)(tensor([1]))).toThrow(
      "expected two numbers or two booleans beside ===, got one of each, which are never equal (line 1, column",
    );
  });
});

describe("shapes and structures", () => {
  const [column, row] = [tensor([[1], [2]]), tensor([10, 20, 30])];

  test("operands broadcast, and so do results that use none of them", () => {
    const both = lift((x: number, y: number) => x + y);
    expect(both(column, row).toArray()).toEqual([
      [11, 21, 31],
      [12, 22, 32],
    ]);
    const [a, b] = lift((x: number, _y: number): [number, number] => [x, 5])(column, row);
    expect(a.shape).toEqual([2, 3]);
    expect(b.toArray()).toEqual([
      [5, 5, 5],
      [5, 5, 5],
    ]);
  });

  test("of no elements there are none", () => {
    const steps = lift((x: number) => {
      let n = 0;
      while (x > 1) {
        x /= 2;
        n++;
      }
      return n;
    });
    expect(steps(tensor([])).shape).toEqual([0]);
  });

  test("tuples and records, in and out, nested", () => {
    const f = lift(({ at: [x, y], scale }: { at: [number, number]; scale: number }) => ({
      sum: scale * (x + y),
      both: [x, y] as [number, number],
    }));
    const r = f({ at: [tensor([1, 2]), 10], scale: 2 });
    expect(r.sum.toArray()).toEqual([22, 24]);
    expect(r.both[1].toArray()).toEqual([10, 10]);
  });

  test("defaults of parameters", () => {
    const f = lift((x: number, a: number = 0.5, b: number = a * 2) => x * a + b);
    expect(f(tensor([2])).toArray()).toEqual([2]);
    expect(f(tensor([2]), 1).toArray()).toEqual([4]);
    expect(f(tensor([2]), undefined as unknown as number, 0).toArray()).toEqual([1]);
  });

  test("numbers only: the result is a scalar", () => {
    expect(lift((x: number) => x * x)(3).item()).toBe(9);
  });

  test("wrong arguments", () => {
    const f = lift(([x, y]: [number, number], { z }: { z: number }) => x + y + z);
    const call = f as (...args: unknown[]) => unknown;
    expect(() => call([1, 2])).toThrow("lift: expected 2 arguments, got 1");
    expect(() => call([1, 2, 3], { z: 1 })).toThrow(
      "lift: expected an array of 2 for the pattern, got an array",
    );
    expect(() => call([1, 2], { y: 1 })).toThrow(
      "lift: expected a tensor, number or boolean for the pattern.z, got undefined",
    );
    expect(() => call([1, 2], 3)).toThrow("lift: expected an object with z for the pattern, got 3");
    expect(() => lift((x: number, y: number) => x + y)(tensor([1, 2]), tensor([1, 2, 3]))).toThrow(
      "lift: expected shapes that broadcast together, got [2] and [3]",
    );
  });

  test("any form of function", () => {
    const methods = {
      twice(x: number) {
        return 2 * x;
      },
    };
    expect(lift(methods.twice)(tensor([2])).toArray()).toEqual([4]);
    expect(
      lift(function (x: number) {
        return x + 1;
      })(tensor([2])).toArray(),
    ).toEqual([3]);
    function named(x: number): number {
      return x - 1;
    }
    expect(lift(named)(tensor([2])).toArray()).toEqual([1]);
    expect(lift(named).name).toBe("lift(named)");
  });
});

describe("the environment", () => {
  const table = liftable(tensor([10, 20, 30]));
  const grid = liftable(
    tensor([
      [1, 2, 3],
      [4, 5, 6],
    ]),
  );
  const index = tensor([2, 0, 1], { dtype: "int32" });
  const alpha = 0.25;
  const config = { gain: 3, offsets: [1, 2], flag: true };

  test("constants and structures of them", () => {
    expect(lift((x: number) => alpha * x, { alpha })(tensor([4])).toArray()).toEqual([1]);
    const f = lift((x: number) => (config.flag ? config.gain * x + config.offsets[1]! : 0), { config });
    expect(f(tensor([4])).toArray()).toEqual([14]);
  });

  test("tensors are operands", () => {
    const bias = liftable(tensor([1, 2, 3]));
    const add1 = lift((x: number) => x + bias, { bias });
    expect(add1(tensor([[10], [20]])).toArray()).toEqual([
      [11, 12, 13],
      [21, 22, 23],
    ]);
  });

  test("and tables: an index for every axis, clamped, truncated; length", () => {
    const look = lift((i: number) => table[i]!, { table });
    expect(look(index).toArray()).toEqual([30, 10, 20]);
    expect(look(tensor([1.9, -5, 100])).toArray()).toEqual([20, 10, 30]);
    const total = lift(
      (x: number) => {
        const t = table;
        let s = 0;
        for (let i = 0; i < t.length; i++) s += t[i]! * x;
        return s;
      },
      { table },
    );
    expect(total(tensor([1, 2])).toArray()).toEqual([60, 120]);
    const cell = lift((i: number, j: number) => grid[i]![j]!, { grid });
    expect(cell(tensor([1, 0]), 2).toArray()).toEqual([6, 3]);
    expect(cell(1, 0).item()).toBe(4);
  });

  test("an array of numbers is a table, too", () => {
    const names = [5, 6, 7];
    expect(lift((i: number) => names[i]!, { names })(index).toArray()).toEqual([7, 5, 6]);
  });

  test("an array of numbers with 32 bits keeps them all: CRC-32", () => {
    const crcs = Array.from({ length: 256 }, (_, n) => {
      let c = n;
      for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
      return c >>> 0;
    });
    const crc = (word: number): number => {
      let c = -1;
      for (let k = 0; k < 4; k++) c = (c >>> 8) ^ crcs[(c ^ (word >>> (8 * k))) & 255]!;
      return ~c >>> 0;
    };
    const words = [0, 1, 0x34333231, -559038737, 123456789];
    const got = lift(crc, { crcs })(tensor(words, { dtype: "int32" })) as Tensor;
    expect(got.dtype).toBe("uint32");
    expect(got.toArray()).toEqual(words.map(crc));
    expect(crc(0x34333231)).toBe(0x9be3e0a3); // of "1234"
  });

  test("a known index outside is an error with its place", () => {
    expect(() => lift(() => table[3]!, { table })()).toThrow(
      /expected an index from 0 to 2, got 3 \(line 1, column \d+ of the function\)/,
    );
  });

  test("other functions, lifted or not", () => {
    const square = lift((x: number) => x * x);
    const plain = (x: number): number => x + 1;
    const pair = lift((x: number): [number, number] => (x > 0 ? [x, -x] : [0, 1]));
    const [sq, pr] = [liftable(square), liftable(pair)];
    const f = lift(
      (x: number) => {
        const [a, b] = pr(x);
        return sq(x) + plain(a) * b;
      },
      { sq, plain, pr },
    );
    expect(f(tensor([2, -3])).toArray()).toEqual([4 - 6, 9 + 1]);
    expect((lift(square as unknown as (x: number) => number)(tensor([3])) as Tensor).toArray()).toEqual([9]);
  });

  test("under a bundler's names for imports", () => {
    const __vi_import_0__ = { alpha: 2, twice: (x: number) => 2 * x };
    const f = lift((x: number) => (0, __vi_import_0__.twice)(x) + __vi_import_0__.alpha, {
      alpha: 2,
      twice: (x: number) => 2 * x,
    });
    expect(f(tensor([3])).toArray()).toEqual([8]);
  });

  test("what cannot be given", () => {
    const data = new Float32Array(2);
    expect(() => lift((i: number) => data[i]!, { data })).toThrow("got data, a Float32Array (line 1, column");
    expect(() => lift((i: number) => data[i]!, { data })).toThrow("wrap it: { data: tensor(data) }");
  });

  test("float64 tensors of the environment decide the dtype", () => {
    const t64 = liftable(tensor([1, 2], { dtype: "float64" }));
    const f = lift((x: number) => x * t64, { t64 });
    expect(f(tensor([1, 2])).dtype).toBe("float64");
    expect(add(f(1), 0).toArray()).toEqual([1, 2]);
  });
});
