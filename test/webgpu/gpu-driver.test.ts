/** What a driver asks of a device, on one that only counts. */
import { expect, test } from "vitest";
import type { GpuBuffer, GpuDevice, GpuEncoder } from "../../src/jit/backends/wgsl/gpu.js";
import { GpuDriver } from "../../src/jit/backends/wgsl/gpu-driver.js";

const counting = (capacity: number) => {
  const made = { pipelines: 0, buffers: [] as number[] };
  const nothing = (): void => undefined;
  const pass = { setPipeline: nothing, setBindGroup: nothing, dispatchWorkgroups: nothing, end: nothing };
  const encoder: GpuEncoder = {
    beginComputePass: () => pass,
    resolveQuerySet: nothing,
    copyBufferToBuffer: nothing,
    finish: () => ({}),
  };
  const something = (): object => ({});
  const device: GpuDevice = {
    queue: { writeBuffer: nothing, submit: nothing },
    lost: new Promise(nothing),
    features: new Set<string>(),
    createQuerySet: something,
    createBuffer: ({ size }) => {
      made.buffers.push(size);
      return { size, destroy: nothing } as GpuBuffer;
    },
    createShaderModule: something,
    createComputePipeline: () => {
      made.pipelines++;
      return {};
    },
    createBindGroupLayout: something,
    createPipelineLayout: something,
    createBindGroup: something,
    createCommandEncoder: () => encoder,
    pushErrorScope: nothing,
    popErrorScope: () => Promise.resolve(null),
    addEventListener: nothing,
    destroy: nothing,
  };
  const gpu = { requestAdapter: () => Promise.resolve(null) };
  return { driver: new GpuDriver(device, "counting", false, capacity, gpu), made };
};

test("pipelines are made once, and those that were not used for longest are forgotten", () => {
  const { driver, made } = counting(1 << 20);
  const run = (k: number): void => {
    driver.run([{ shader: `shader ${k}`, groups: 1, words: [k] }]);
  };
  for (let turn = 0; turn < 3; turn++) for (let k = 0; k < 500; k++) run(k);
  expect(made.pipelines).toBe(500);
  for (let k = 0; k < 10_000; k++) {
    run(k);
    run(0); // is never forgotten
  }
  expect(made.pipelines).toBe(10_000);
  run(9_000);
  expect(made.pipelines).toBe(10_000);
  run(1);
  expect(made.pipelines).toBe(10_001);
});

test("memory doubles while it is small, and grows by 256 MB where it is large", () => {
  const { driver, made } = counting(2 ** 30 - 1);
  const sizesFor = (words: number): number[] => {
    const before = made.buffers.length;
    driver.grow(words);
    return made.buffers.slice(before);
  };
  expect(sizesFor(20_000)).toEqual([1 << 17]);
  expect(sizesFor(20_000)).toEqual([]);
  expect(sizesFor(2 ** 28)).toEqual([2 ** 30]);
  expect(sizesFor(2 ** 28 + 1)).toEqual([2 ** 30 + 2 ** 28]);
  expect(sizesFor(2 ** 29)).toEqual([2 ** 31]);
  expect(sizesFor(2 ** 30 - 2)).toEqual([2 ** 32 - 8]);
  expect(sizesFor(2 ** 30 - 1)).toEqual([2 ** 32 - 4]);
});
