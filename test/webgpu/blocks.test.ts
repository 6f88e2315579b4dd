/** Attention on a device that has no room for all scores. */
import { afterAll, expect, test } from "vitest";
import { dotProductAttention, getBackend, setBackend } from "../../src/index.js";
import { translatorOf } from "../../src/jit/backend.js";
import { acquire } from "../../src/jit/backends/wgsl/acquire.js";
import { useDriver } from "../../src/jit/backends/wgsl/index.js";
import { type Blocking, blocking } from "../../src/jit/blocks/index.js";
import { compileProgram } from "../../src/jit/compile.js";
import { rules } from "../../src/jit/simplify/index.js";
import { DeviceArray, type Stored } from "../../src/ir/stored.js";
import { asTensor, toExpr } from "../../src/ops/tensor.js";
import { float, programOf, valuesOf } from "../jit/run.js";
import { gpu } from "./gpu.js";

const before = getBackend();
afterAll(() => {
  setBackend(before);
});

const read = async (x: Stored): Promise<ArrayLike<number>> => (x instanceof DeviceArray ? x.read() : x);

/** 16 MB of scores. */
const shape = [1, 2048, 1, 4];
const program = programOf([float(...shape), float(...shape), float(...shape)], (q, k, v) =>
  toExpr("test", dotProductAttention(asTensor(q), asTensor(k), asTensor(v))),
);
const args = program.params.map((p) => valuesOf(p.aval).data);

test("in blocks it has what it needs, and gives the same numbers", { timeout: 60_000 }, async () => {
  const driver = await acquire(gpu);
  useDriver(Object.create(driver, { capacity: { value: 1 << 21 } }) as typeof driver);
  setBackend("webgpu");
  const on = (sizes: Blocking | null): Stored =>
    compileProgram(program, [], rules, translatorOf("webgpu"), sizes).run(args)[0]!;
  expect(() => on(null)).toThrow(/webgpu: expected \d+ bytes of device memory, got 8388608 at most/);
  const got = await read(on(blocking));
  useDriver(await acquire(gpu));
  const want = compileProgram(program, [], rules, translatorOf("wasm"), null).run(args)[0] as Float32Array;
  expect(got).toHaveLength(want.length);
  want.forEach((w, i) => {
    expect(Math.abs(got[i]! - w)).toBeLessThan(1e-5);
  });
});
