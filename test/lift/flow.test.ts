/* eslint-disable no-useless-assignment, no-constant-condition, no-var -- what people write, sensible or not */
/** Statements: lanes part and meet as if each ran alone. */
import { describe, expect, test } from "vitest";
import { jit, jvp, lift, tensor, type Tensor, trace, vmap } from "../../src/index.js";
import { expectSame, type Plain } from "./everywhere.js";

const xs = [-3, -1.5, -0.5, 0, 0.25, 0.5, 1, 2, 2.5, 7];
const ns = [0, 1, 2, 3, 4, 5, 6, 7, 12, 27];

const cases = (all: Readonly<Record<string, Plain>>, columns: readonly (readonly number[])[]): void => {
  test.each(Object.keys(all))("%s", (name) => expectSame(all[name]!, columns));
};

describe("assignments", () => {
  cases(
    {
      "let, const, var": (x) => {
        let a = x;
        const b = a + 1;
        a = b * 2;
        const c = a - b;
        return c;
      },
      "compound assignments": (x) => {
        let a = x;
        a += 2;
        a *= a;
        a -= 1;
        a /= 3;
        a **= 2;
        a %= 5;
        return a;
      },
      "compound bits": (x) => {
        let a = x;
        a |= 3;
        a &= 6;
        a ^= 5;
        a <<= 2;
        a >>= 1;
        a >>>= 1;
        return a;
      },
      "&&= and ||=": (x) => {
        let [a, b] = [x, x];
        a &&= a + 1;
        b ||= 5;
        return a * b;
      },
      "++ and -- in their order": (x) => {
        const a = x++ + 10 * x++ + 100 * ++x;
        return a + 1000 * x-- - x;
      },
      "effects inside operands": (x) => {
        let a = x;
        return a + (a = 2 * a) + (a += 1) * a;
      },
      "effects behind && and ?:": (x) => {
        let n = 0;
        const a = x > 0 && n++ < 1 && (n += 10) > 0;
        const b = x > 1 ? (n += 100) : (n -= 100);
        return n + b + Number(a);
      },
      "swap and rotate": (x) => {
        let [a, b, c] = [x, 2 * x, 3];
        [a, b] = [b, a];
        [a, b, c] = [c, a, b];
        return a + 10 * b + 100 * c;
      },
      records: (x) => {
        const p = { x, y: x * 2 };
        const { x: u, y } = p;
        return u + p.y * y;
      },
      "blocks shadow": (x) => {
        const a = x;
        {
          const a = 5;
          x += a;
        }
        return a + x;
      },
      "a choice of tuples": (x) => {
        const [a, b] = x > 1 ? [x, 1] : [2, x];
        return a - b;
      },
      "local functions, closures and their effects": (x) => {
        let calls = 0;
        const square = (v: number): number => {
          calls++;
          return v * v;
        };
        function both(u: number, v: number = 2): number {
          if (u < 0) return -square(u);
          return square(u) * v;
        }
        return both(x) + both(x, 3) + calls;
      },
      "destructuring Math": (x) => {
        const { abs, max } = Math;
        return abs(x) + max(x, 1);
      },
    },
    [xs],
  );
});

describe("conditions", () => {
  cases(
    {
      "if, else if, else": (x) => {
        let y = 0;
        if (x < -1) y = 1;
        else if (x < 1) {
          y = x;
          if (x === 0) y += 10;
        } else y = -x;
        return y;
      },
      "early returns": (x) => {
        if (x < 0) return -1;
        const r = Math.sqrt(x);
        if (r > 1) {
          if (r > 1.5) return r;
          return -r;
        }
        return 2 * r;
      },
      "a return inside one branch, assignments in the other": (x) => {
        let y = 1;
        if (x > 1) {
          y = 5;
          if (x > 2) return y + x;
        } else y = 7;
        y += x;
        return y;
      },
      "let without a value": (x) => {
        let y;
        if (x > 0) y = x;
        else y = -x;
        return y + 1;
      },
    },
    [xs],
  );

  test("one truth value for all elements and much to do: only one branch runs", () => {
    const f = (flag: number, x: number): number => {
      let y = x;
      if (flag > 0) {
        for (let i = 0; i < 100; i++) y = Math.sin(y);
      } else {
        for (let i = 0; i < 100; i++) y = Math.cos(y) + i;
      }
      return y;
    };
    const lifted = lift(f);
    const x = tensor([0.1, 0.2, 0.3], { dtype: "float64" });
    const flag = (v: number) => tensor(v, { dtype: "float64" });
    expect(trace(lifted)(flag(1), x).toString()).toContain("cond");
    for (const v of [1, -1])
      (lifted(flag(v), x).toArray() as number[]).forEach((got, i) =>
        expect(got).toBeCloseTo(f(v, [0.1, 0.2, 0.3][i]!), 12),
      );
    // Cheap choices stay in one kernel.
    const cheap = lift((flag: number, x: number) => (flag > 0 ? x : -x));
    expect(trace(cheap)(flag(1), x).toString()).not.toContain("cond");
  });

  test("a number that is known chooses while the program is made", () => {
    const f = lift((x: number, mode: number) => (mode === 1 ? x * 2 : Math.exp(x)));
    expect(trace((x) => f(x, 1))(tensor([1])).toString()).not.toContain("exp");
  });
});

describe("loops", () => {
  cases(
    {
      "a known number of rounds, written out": (n) => {
        let s = 0;
        for (let i = 0; i < 5; i++) s += i * n;
        return s;
      },
      "a known number of rounds, as a scan": (n) => {
        let s = n;
        for (let i = 0; i < 300; i++) s = s * 0.99 + i * 0.001;
        return s;
      },
      "steps that are not 1": (n) => {
        let s = 0;
        for (let i = 100; i >= 1; i /= 2) s += i * n;
        for (let k = 1; k < 1e6; k *= 3) s -= k;
        return s;
      },
      "a variable number of rounds": (n) => {
        let s = 0;
        for (let i = 1; i <= n; i++) s += 1 / i;
        return s;
      },
      "while, counting in the test": (n) => {
        let s = 0;
        let i = 5;
        while (i-- > 0) s += i * n;
        while (n-- > 0) s += 1;
        return s + i + n;
      },
      "do … while": (n) => {
        let k = 0;
        do {
          n = Math.floor(n / 2);
          k++;
        } while (n > 0);
        let j = 0;
        do j++;
        while (j < 7);
        return k + 100 * j;
      },
      "for (;;) and break": (n) => {
        let s = 1;
        for (;;) {
          if (s > n) break;
          s *= 2;
        }
        return s;
      },
      "break out of a counted loop": (n) => {
        let i;
        for (i = 0; i < 200; i++) if (i * i > n) break;
        return i;
      },
      "break out of a short one": (n) => {
        let s = 0;
        for (let i = 0; i < 6; i++) {
          if (i === n) break;
          s += 10 ** i;
        }
        return s;
      },
      continue: (n) => {
        let s = 0;
        for (let i = 0; i < n; i++) {
          if (i % 3 === 1) continue;
          s += i;
        }
        let k = 0;
        while (k < 50) {
          k++;
          if (k % 7 < n) continue;
          s += k;
        }
        return s;
      },
      "return from inside": (n) => {
        for (let i = 2; i * i <= n; i++) if (n % i === 0) return i;
        return n;
      },
      "return from inside a counted loop": (n) => {
        for (let i = 0; i < 100; i++) {
          if (i > n) return i * 2;
          if (i > 20) break;
        }
        return -1;
      },
      "return from inside two loops": (n) => {
        for (let a = 1; a <= 30; a++)
          for (let b = a; b <= 30; b++) {
            if (a * b > 3 * n) break;
            if (a * b === n) return a + 100 * b;
          }
        return 0;
      },
      "loops inside branches": (n) => {
        let s = 0;
        if (n > 3) {
          while (n !== 1) {
            n = n % 2 === 0 ? n / 2 : 3 * n + 1;
            s++;
          }
        } else {
          let k = 0;
          while (k < n) k += 0.5;
          s = -k;
        }
        return s;
      },
      "a lane that would never end stays out": (n) => {
        if (n < 5) return -1;
        let s = 0;
        while (n !== 5) {
          n--;
          s++;
        }
        return s;
      },
      "nested, the inner bound of the outer variable": (n) => {
        let c = 0;
        for (let i = 0; i < n; i++)
          for (let j = 0; j <= i; j++) {
            if (j === 2) continue;
            if (j > 8) break;
            c += j;
          }
        return c;
      },
      "greatest common divisor": (a) => {
        let b = 12;
        while (b) [a, b] = [b, a % b];
        return a;
      },
      "booleans and integers carried": (n) => {
        let found = false;
        let bits = 0;
        for (let i = 0; i < n && !found; i++) {
          bits = (bits << 1) | (i & 1);
          if (bits > 5) found = true;
        }
        return found ? bits : -bits;
      },
      "two counters": (n) => {
        let s = 0;
        for (let i = 0, j = 50; i < j; i++, j -= 2) s += i * j + n;
        return s;
      },
      "tuples carried": (n) => {
        let [a, b] = [0, 1];
        for (let i = 0; i < 40; i++) [a, b] = [b, (a + b) % 1000];
        let p = { x: n, y: 0 };
        while (p.x > 1) p = { x: p.x / 2, y: p.y + a };
        return b + p.y;
      },
      "functions with loops and returns, called in loops": (n) => {
        const divisor = (m: number): number => {
          for (let d = 2; d * d <= m; d++) if (m % d === 0) return d;
          return m;
        };
        let count = 0;
        while (divisor(n) > 1 && n > 1) {
          n = Math.round(n / divisor(n));
          count++;
        }
        for (let k = 0; k < 40; k++) count += divisor(k + n) === k + n ? 1 : 0;
        return count;
      },
      "closures over the loop's variables": (n) => {
        let s = 0;
        for (let i = 0; i < 4; i++) {
          const add = (v: number): void => {
            if (v > 6) return;
            s += v * i;
          };
          add(n);
          if (i === n) continue;
          add(1);
        }
        return s;
      },
      "var, declared anywhere": (n) => {
        for (var i = 0; i < 50; i++) {
          if (i * i > n) {
            var found = i;
            break;
          }
        }
        return found! + 100 * i;
      },
      "no rounds at all": (n) => {
        let s = n;
        for (let i = 0; i < 0; i++) s = 100;
        while (false) s = 200;
        return s;
      },
    },
    [ns],
  );

  test("the same under jit and vmap, with scalars and batches", () => {
    const collatz = (n: number): number => {
      let steps = 0;
      while (n !== 1) {
        n = n % 2 === 0 ? n / 2 : 3 * n + 1;
        steps++;
      }
      return steps;
    };
    const f = lift(collatz);
    const starts = [1, 2, 3, 6, 7, 27];
    const want = starts.map(collatz);
    expect(f(tensor(starts)).toArray()).toEqual(want);
    expect(jit(f)(tensor(starts)).toArray()).toEqual(want);
    expect(vmap(f)(tensor(starts)).toArray()).toEqual(want);
    expect(f(tensor(27)).item()).toBe(111);
    expect(f(27).item()).toBe(111);
  });

  test("become a scan where the number of rounds is known, else a while", () => {
    const power = lift((x: number, n: number) => {
      let y = 1;
      for (let i = 0; i < n; i++) y *= x;
      return y;
    });
    const x = tensor([1.01]);
    expect(trace((v) => power(v, 100))(x).toString()).toContain("scan");
    expect(trace((v) => power(v, 3))(x).toString()).not.toMatch(/scan|while/);
    expect(trace(power)(x, tensor(100)).toString()).toContain("while");
  });
});

describe("many elements, block by block", () => {
  const steps = (n: number, limit: number): [number, boolean] => {
    let k = 0;
    while (n !== 1 && k < limit) {
      n = n % 2 === 0 ? n / 2 : 3 * n + 1;
      k++;
    }
    return [k, n === 1];
  };

  test.each([255, 256, 1000, 1031])("%i of them", (size) => {
    const starts = Array.from({ length: size }, (_, i) => i + 1);
    expectSame(steps, [starts, starts.map((i) => (i % 7) * 20)]);
  });

  test("operands of different shapes, numbers, tables, and derivatives forwards", () => {
    const table = tensor([1.5, 2, 3]);
    const grow = (x: number, y: number, most: number): number => {
      let r = x;
      let k = 0;
      while (r < most) {
        r = r * (table as unknown as number[])[k % 3]! + y;
        k++;
      }
      return r;
    };
    const xs = Array.from({ length: 40 }, (_, i) => 0.5 + i / 7);
    const ys = Array.from({ length: 30 }, (_, i) => i / 3);
    const f = lift(grow, { table });
    const column = tensor(xs).reshape([40, 1]);
    const values = f(column, tensor(ys), 50);
    expect(values.shape).toEqual([40, 30]);
    const plain = (x: number, y: number): number => {
      let r = x;
      for (let k = 0; r < 50; k++) r = r * [1.5, 2, 3][k % 3]! + y;
      return r;
    };
    const got = values.toArray() as number[][];
    xs.forEach((x, i) => ys.forEach((y, j) => expect(got[i]![j]! / plain(x, y)).toBeCloseTo(1, 5)));
    const [, slope] = jvp((x: Tensor) => f(x, tensor(ys), 50), [column], [column]);
    const h = 1e-4;
    const slopes = slope.toArray() as number[][];
    xs.slice(0, 5).forEach((x, i) => {
      const want = (plain(x + h, ys[4]!) - plain(x - h, ys[4]!)) / (2 * h);
      expect(slopes[i]![4]! / (want * x)).toBeCloseTo(1, 4);
    });
    expect(trace((x: Tensor) => f(x, tensor(ys), 50))(column).toString()).toContain("scan");
  });

  test("under vmap as without", () => {
    const starts = tensor(
      Array.from({ length: 3 }, (_, k) => Array.from({ length: 300 }, (_, i) => i + k + 1)),
    );
    const f = lift((n: number) => steps2(n), { steps2: (n: number) => steps(n, 500)[0], steps });
    expect(vmap(f)(starts).toArray()).toEqual(f(starts).toArray());
  });
});

declare const steps2: (n: number) => number;
