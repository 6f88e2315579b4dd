import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { NotHere, startTorch } from "../../bench/torch.js";

/** Programs in Python's place. */
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "fluxion-bench-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const python = (body: string): string => {
  const file = join(folder, `python${Math.random()}`);
  writeFileSync(file, `#!${process.execPath}\n${body}\n`);
  chmodSync(file, 0o755);
  return file;
};

const answering = `
const lines = require("node:readline").createInterface({ input: process.stdin });
console.log(JSON.stringify({ version: "2.0" }));
let given, steps = 0;
lines.on("line", (line) => {
  if (given === undefined) return void (given = JSON.parse(line));
  const [count, file] = line.split(" ");
  const fs = require("node:fs");
  steps += Number(count);
  const { args, start } = given.given;
  if (file !== undefined && args !== undefined) fs.copyFileSync(args[0].file, file);
  const value = file === undefined ? undefined : args === undefined ? [start - steps] : null;
  console.log(JSON.stringify({ ms: 3 * Number(count), value }));
});`;

describe("PyTorch", () => {
  test("runs a program in another process, which takes the time", async () => {
    const torch = await startTorch(python(answering));
    expect(torch.version).toBe("2.0");
    const run = torch.steps("any", { start: 10 });
    expect(await run.first()).toEqual({ ms: 3, values: [[9, 8, 7]] });
    expect(await run.sample!(5)).toBe(3);
    await run.step();
    expect((await run.first()).values).toEqual([[0, -1, -2]]);
  });

  test("calls a function of arrays", async () => {
    const torch = await startTorch(python(answering));
    const run = torch.call("any", { data: Float32Array.of(1, 2.5), shape: [2] });
    expect(await run.first()).toEqual({ ms: 3, values: [Float32Array.of(1, 2.5)] });
    expect(await run.sample!(4)).toBe(3);
  });

  test("reads several results from one file", async () => {
    const several = answering.replace("value }))", "value, sizes: [1, 2] }))");
    const torch = await startTorch(python(several));
    const run = torch.call("any", { data: Float32Array.of(1, 2.5, 4), shape: [3] });
    expect((await run.first()).values).toEqual([Float32Array.of(1), Float32Array.of(2.5, 4)]);
  });

  test("says what is not here", async () => {
    await expect(startTorch(join(folder, "none"))).rejects.toThrow(NotHere);
    await expect(startTorch(join(folder, "none"))).rejects.toThrow(
      /^there is no .*none \(spawn .* ENOENT\)$/,
    );
    const bare = python(`console.log(JSON.stringify({ missing: "No module named 'torch'" }))`);
    await expect(startTorch(bare)).rejects.toThrow(/ has no PyTorch \(No module named 'torch'\)$/);
  });

  test("says that it ended", async () => {
    await expect(startTorch(python("process.exit(1)"))).rejects.toThrow("models/pytorch.py ended");
  });
});
