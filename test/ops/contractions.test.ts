import { describe } from "vitest";
import {
  cross,
  dot,
  einsum,
  inner,
  kron,
  matmul,
  matrixTrace,
  outer,
  tensordot,
  vdot,
} from "../../src/index.js";
import { testGolden } from "./golden-cases.js";

describe("JAX's contractions", () => {
  testGolden("contractions", "matmul", ([x, y]) => matmul(x!, y!));
  testGolden("contractions", "dot", ([x, y]) => dot(x!, y!));
  testGolden("contractions", "inner", ([x, y]) => inner(x!, y!));
  testGolden("contractions", "outer", ([x, y]) => outer(x!, y!));
  testGolden("contractions", "vdot", ([x, y]) => vdot(x!, y!));
  testGolden("contractions", "einsum", ([spec, ...xs]) => einsum(spec!, ...xs));
  testGolden("contractions", "tensordot", ([x, y], options) => tensordot(x!, y!, options));
  testGolden("contractions", "kron", ([x, y]) => kron(x!, y!));
  testGolden("contractions", "cross", ([x, y]) => cross(x!, y!));
  testGolden("contractions", "trace", ([x]) => matrixTrace(x!));
});
