import { describe, expect, test } from "vitest";
import { add, grad, jit, reshape, sum, tensor, type Tensor } from "fluxion";
import { AbstractValueError, expected, FluxionError } from "../../src/ir/errors.js";

const thrown = (f: () => unknown): FluxionError => {
  try {
    f();
  } catch (e) {
    if (e instanceof FluxionError) return e;
    throw e;
  }
  throw new Error("expected an error");
};

/** The function named in the first frame of the stack. */
const where = (f: () => unknown): string | undefined =>
  /\n\s+at (?:Module\.|Object\.)?([\w.]+)/.exec(thrown(f).stack ?? "")?.[1];

describe("FluxionError", () => {
  test("says which operation expected what and got what", () => {
    const e = expected("mul", "operands of equal shape", "float32[2] and float32[3]");
    expect(e).toBeInstanceOf(FluxionError);
    expect(e).toBeInstanceOf(Error);
    expect(e.message).toBe("mul: expected operands of equal shape, got float32[2] and float32[3]");
    expect(e.name).toBe("FluxionError");
    expect(e.operation).toBe("mul");
  });

  test("an abstract value is an error of its own", () => {
    const e = thrown(() => jit((x: Tensor) => add(x, x.item()))(tensor(1)));
    expect(e).toBeInstanceOf(AbstractValueError);
    expect(e.name).toBe("AbstractValueError");
    expect(e.operation).toBe("item");
  });

  test("its stack starts at the line that called us", () => {
    const x = tensor([1, 2, 3]);
    function caller(): Tensor {
      return add(x, tensor([1, 2]));
    }
    expect(where(caller)).toBe("caller");
    expect(thrown(caller).stack).toMatch(/errors\.test\.ts/);
    expect(thrown(caller).stack?.split("\n")[0]).toBe(`FluxionError: ${thrown(caller).message}`);
  });

  test("inside a transformed function it starts in that function", () => {
    function inner(x: Tensor): Tensor {
      return sum(reshape(x, [7]));
    }
    function outer(): Tensor {
      return grad(inner)(tensor([1, 2]));
    }
    expect(where(outer)).toBe("inner");
    expect(thrown(outer).stack).toMatch(/at outer/);
  });

  test("found by a transformation itself, it starts where that was called", () => {
    function caller(): Tensor {
      return grad((x: Tensor) => x)(tensor([1, 2]));
    }
    expect(where(caller)).toBe("caller");
  });

  // Node keeps ten frames; from deeper inside the library the caller's line was not among them.
  test("from any depth inside the library", () => {
    let tree: unknown = new Map();
    for (let i = 0; i < 30; i++) tree = [tree];
    function caller(): unknown {
      return grad((_: unknown) => tensor(1))(tree);
    }
    expect(thrown(caller).message).toMatch(/got a Map at .*\[0\]\[0\]/);
    expect(where(caller)).toBe("caller");
  });

  test("as many frames as the limit allows, which is left as it was", () => {
    const limit = Error.stackTraceLimit;
    const recurse = (n: number): Tensor => (n === 0 ? reshape(tensor([1]), [2]) : recurse(n - 1));
    const e = thrown(() => recurse(50));
    expect(e.stack?.split("\n").filter((l) => /^\s+at /.test(l))).toHaveLength(limit);
    expect(Error.stackTraceLimit).toBe(limit);
  });
});
