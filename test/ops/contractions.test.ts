import { describe } from "vitest";
import { dot, inner, matmul, outer, vdot } from "../../src/index.js";
import { testGolden } from "./golden-cases.js";

describe("JAX's contractions", () => {
  testGolden("contractions", "matmul", ([x, y]) => matmul(x!, y!));
  testGolden("contractions", "dot", ([x, y]) => dot(x!, y!));
  testGolden("contractions", "inner", ([x, y]) => inner(x!, y!));
  testGolden("contractions", "outer", ([x, y]) => outer(x!, y!));
  testGolden("contractions", "vdot", ([x, y]) => vdot(x!, y!));
});
