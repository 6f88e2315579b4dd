/** Arrays from outside that programs read again and again move into WebAssembly's memory; what is dropped leaves it. */
import { expect, test, vi } from "vitest";
import { jit, memoryStats, mul, sum, tensor, type Tensor } from "../../../src/index.js";
import { theHeap } from "../../../src/jit/backends/wasm/heap.js";
import { useBackend } from "../../backend.js";

useBackend("wasm");

const n = 10_000;
const given = (): Tensor => tensor(new Float32Array(n).fill(2));
const resident = (): number => memoryStats().resident;
const total = jit((x: Tensor) => sum(x));

test("an array that is read once is copied for that call only", () => {
  const before = resident();
  expect(total(given()).item()).toBe(2 * n);
  expect(total(given()).item()).toBe(2 * n);
  expect(resident()).toBe(before);
});

test("an array that is read again stays, once for all programs", () => {
  const before = resident();
  const x = given();
  for (let i = 0; i < 5; i++) expect(total(x).item()).toBe(2 * n);
  expect(resident()).toBe(before + 4 * n);
  const squares = jit((y: Tensor) => sum(mul(y, y)));
  for (let i = 0; i < 3; i++) expect(squares(x).item()).toBe(4 * n);
  expect(resident()).toBe(before + 4 * n);
  expect(x.at(n - 1).item()).toBe(2);
});

test("it holds what was given, not what became of the array given or of the array read", () => {
  const data = new Float32Array(n).fill(2);
  const x = tensor(data);
  total(x).item();
  data.fill(7);
  for (let i = 0; i < 3; i++) expect(total(x).item()).toBe(2 * n);
  x.dataSync().fill(9);
  expect(total(x).item()).toBe(2 * n);
});

test("small arrays are copied each time", () => {
  const before = resident();
  const x = tensor(new Float32Array(100).fill(2));
  for (let i = 0; i < 5; i++) expect(total(x).item()).toBe(200);
  expect(resident()).toBe(before);
});

test("arrays leave three quarters of the room to results", () => {
  const before = resident();
  const quarter = 2 ** 27;
  const large = Array.from({ length: 5 }, () => tensor(new Float32Array(2 ** 23).fill(1)));
  for (let i = 0; i < 3; i++) for (const x of large) expect(total(x).item()).toBe(2 ** 23);
  expect(resident() - before).toBeGreaterThan(2 ** 26);
  expect(resident()).toBeLessThanOrEqual(quarter);
});

test("results of a synchronous loop stay where they are up to a limit, then they are ordinary arrays", () => {
  const before = resident();
  const size = 2 ** 24;
  const doubled = jit((x: Tensor, y: Tensor) => mul(x, y));
  const x = tensor(new Float32Array(size).fill(3));
  const results = Array.from({ length: 9 }, (_, i) => doubled(x, tensor(i)));
  results.forEach((y, i) => expect(y.at(size - 1).item()).toBe(3 * i));
  expect(resident() - before).toBeGreaterThan(2 ** 27);
  expect(resident()).toBeLessThanOrEqual(2 ** 29);
});

test("a call for which there is too little memory takes none", () => {
  const x = given();
  const many = jit((y: Tensor) => [1, 2, 3, 4].map((by) => mul(y, by)));
  for (const y of many(x)) y.dataSync();
  const heap = theHeap();
  const allocate = heap.allocate.bind(heap);
  const { used } = memoryStats();
  const full = vi.spyOn(heap, "allocate");
  for (let room = 0; room < 5; room++) {
    let left = room;
    full.mockImplementation((bytes) => {
      if (left-- === 0) throw new RangeError("no more");
      return allocate(bytes);
    });
    expect(() => many(given())).toThrow("no more");
    expect(memoryStats().used).toBe(used);
  }
  full.mockRestore();
});
