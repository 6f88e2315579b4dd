/** What has no shader, as docs/webgpu.md lists it: its kernels run in JavaScript, say so, and compute the same. */
import { expect, test } from "vitest";
import { grad, jit, polygamma, random, setBackend, tensor, type Tensor } from "../../src/index.js";
import { leaves } from "../../src/ir/primitives/index.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { ownDevice } from "./own-device.js";

useDriver(ownDevice());

const slope = grad((a: Tensor) => random.gamma(random.key(1), a).sum());

const rows: readonly (readonly [string, (x: Tensor) => Tensor, string])[] = [
  [
    "the factorisation of random.orthogonal",
    (x) => random.orthogonal(random.key(1), 3).mul(x.at(0)),
    "orthogonalSample is a routine of the CPU",
  ],
  [
    "the second derivative of random.gamma by its shape",
    grad((x: Tensor) => slope(x).sum()),
    "gammaSlope of float32 has no formula",
  ],
  ["polygamma from order 21 on", (x) => polygamma(x, 21), "polygamma of float32 has no formula"],
];

test.each(rows)("%s", (_name, f, reason) => {
  setBackend("webgpu");
  const x = tensor([2, 3.5, 1.25]);
  expect(
    new Set(
      jit(f)
        .lower(x)
        .kernels.flatMap((k) => k.calls),
    ),
  ).toEqual(new Set([reason]));
  const got = jit(f)(x).dataSync();
  setBackend("js");
  f(x)
    .dataSync()
    .forEach((want, i) => {
      expect(Math.abs(got[i]! - want)).toBeLessThanOrEqual(1e-4 * Math.abs(want) + 1e-7);
    });
});

test("no other routine of the CPU is left; elementwise functions are listed in test/ir/formulas/coverage.test.ts", () => {
  const routines = Object.entries(leaves)
    .filter(([, { lower }]) => lower._tag === "Routine" && lower.sort === undefined)
    .map(([name]) => name);
  expect(routines).toEqual(["orthogonalSample"]);
});
