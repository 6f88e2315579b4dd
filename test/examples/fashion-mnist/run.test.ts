/** The whole example on few images: what it prints, and that a run that goes on gives the same bits. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { encodeIdx } from "fluxion/data";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Output } from "../../../examples/fashion-mnist/progress.js";
import { run } from "../../../examples/fashion-mnist/run.js";

let folder = "";

/** Images that show their class: a bright bar whose place is the label, with some noise. */
const images = (count: number, seed: number): Uint8Array => {
  const data = new Uint8Array(count * 20 * 20);
  for (let i = 0; i < data.length; i++) {
    const [n, row] = [Math.floor(i / 400), Math.floor((i % 400) / 20)];
    const bright = Math.floor(row / 5) === n % 4 ? 200 : 20;
    data[i] = bright + ((i * 7919 + seed * 104_729) % 50);
  }
  return encodeIdx({ shape: [count, 20, 20], dtype: "uint8", data });
};

const labels = (count: number): Uint8Array =>
  encodeIdx({ shape: [count], dtype: "uint8", data: Uint8Array.from({ length: count }, (_, i) => i % 4) });

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "fluxion-run-"));
  const files = {
    "train-images-idx3-ubyte": images(84, 1),
    "train-labels-idx1-ubyte": labels(84),
    "t10k-images-idx3-ubyte": images(20, 2),
    "t10k-labels-idx1-ubyte": labels(20),
  };
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
});

afterAll(() => rmSync(folder, { recursive: true }));

interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

const sink = (): { stream: NodeJS.WritableStream; text: () => string } => {
  const parts: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      parts.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => parts.join("") };
};

const start = async (line: string, output: Partial<Output> = {}): Promise<Result> => {
  const [out, err] = [sink(), sink()];
  Object.assign(out.stream, { isTTY: output.isTTY ?? false, columns: 80 });
  const args = line.split(" ").filter((word) => word !== "");
  const code = await run(
    args,
    { stream: out.stream, isTTY: false, columns: 80, env: {}, ...output },
    err.stream,
  );
  return { code, out: out.text(), err: err.text() };
};

const at = (name: string): string => join(folder, name);
const job = (rest: string): Promise<Result> =>
  start(`--data ${folder} --batch 16 --learning-rate 0.01 ${rest}`);

describe("run", () => {
  it("trains, reports, saves, and ends with the test accuracy", async () => {
    const { code, out, err } = await job(`--epochs 3 --save ${at("a.safetensors")}`);
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("84 training and 20 test images of 20×20, 4 classes");
    expect(out).toMatch(
      /epoch 1\/3 {2}\d+\.\d% {2}loss \d\.\d{4} {2}accuracy \d+\.\d% {2}\d+ images\/s {2}ETA \d+s/,
    );
    expect(out).toMatch(/epoch 3\/3 {2}loss \d\.\d{4} {2}accuracy \d+\.\d% {2}test \d+\.\d% {2}\d+\.\ds/);
    expect(out).toContain("class     precision  recall");
    expect(out).toContain("true \\ predicted");
    expect(out).toContain("✓");
    expect(out).toContain(`npm start -- --resume ${at("a.safetensors")}`);
    const last = out.trimEnd().split("\n").at(-1)!;
    expect(last).toMatch(/^test accuracy (0\.\d{3}|1\.000) \(\d+ of 20\), trained in \d+s$/);
    expect(Number(/\d\.\d{3}/.exec(last)![0])).toBeGreaterThan(0.9);
  });

  it("shows a bar on a terminal", async () => {
    const { out } = await start(`--data ${folder} --batch 16 --epochs 1 --save ${at("bar.safetensors")}`, {
      isTTY: true,
    });
    expect(out).toContain("█");
    expect(out).toContain("images/s");
  });

  it("goes on exactly: the same bits as without an interruption", async () => {
    await job(`--epochs 3 --save ${at("whole.safetensors")}`);
    await job(`--epochs 1 --save ${at("part.safetensors")}`);
    const second = await start(`--data ${folder} --resume ${at("part.safetensors")} --epochs 2`);
    expect(second.out).toContain("going on after epoch 1");
    const third = await start(
      `--data ${folder} --resume ${at("part.safetensors")} --epochs 3 --save ${at("other.safetensors")}`,
    );
    expect(third.out).toContain("going on after epoch 2");
    expect(readFileSync(at("other.safetensors")).equals(readFileSync(at("whole.safetensors")))).toBe(true);
    const [end, whole] = [third, await job(`--epochs 3 --save ${at("again.safetensors")}`)].map(
      ({ out }) => /test accuracy \S+/.exec(out)![0],
    );
    expect(end).toBe(whole);
  });

  it("another seed is another run", async () => {
    await job(`--epochs 1 --seed 1 --save ${at("one.safetensors")}`);
    await job(`--epochs 1 --seed 2 --save ${at("two.safetensors")}`);
    expect(readFileSync(at("one.safetensors")).equals(readFileSync(at("two.safetensors")))).toBe(false);
  });

  it("nothing left to do: evaluates and keeps the checkpoint", async () => {
    await job(`--epochs 1 --save ${at("done.safetensors")}`);
    const before = readFileSync(at("done.safetensors"));
    const { code, out } = await start(`--data ${folder} --resume ${at("done.safetensors")} --epochs 1`);
    expect(code).toBe(0);
    expect(out).toMatch(/test accuracy [01]\.\d{3}/);
    expect(readFileSync(at("done.safetensors")).equals(before)).toBe(true);
  });
});

describe("what it refuses, in one line", () => {
  it("an unknown option, with the usage", async () => {
    const { code, err } = await start("--epoch 3");
    expect(code).toBe(2);
    expect(err).toContain("--epochs N");
  });

  it("a broken or foreign checkpoint, by name", async () => {
    await job(`--epochs 1 --save ${at("cut.safetensors")}`);
    const bytes = readFileSync(at("cut.safetensors"));
    writeFileSync(at("cut.safetensors"), bytes.subarray(0, bytes.length - 9));
    const cut = await start(`--data ${folder} --resume ${at("cut.safetensors")}`);
    expect([cut.code, cut.out]).toEqual([1, ""]);
    expect(cut.err).toContain(`${at("cut.safetensors")}: safetensors: expected`);
    expect(cut.err.trimEnd()).not.toContain("\n");
    const none = await start(`--data ${folder} --resume ${at("none")}`);
    expect(none.err).toContain("ENOENT");
    const other = await start(`--data ${folder} --resume ${at("train-labels-idx1-ubyte")}`);
    expect(other.code).toBe(1);
  });

  it("other data than the checkpoint's", async () => {
    await job(`--epochs 1 --save ${at("data.safetensors")}`);
    const { err } = await start(`--resume ${at("data.safetensors")}`);
    expect(err).toContain(
      "with 84 training images, got Fashion-MNIST (embedded subset) with 10000: give --data DIR",
    );
  });

  it("a place where nothing can be written", async () => {
    const { code, err } = await job(`--epochs 1 --save ${at("no/such/folder.safetensors")}`);
    expect(code).toBe(1);
    expect(err).toContain("writeSafetensors: ");
    expect(existsSync(at("no"))).toBe(false);
  });

  it("help is no error", async () => {
    const { code, out } = await start("--help");
    expect(code).toBe(0);
    expect(out).toContain("npm start -- [options]");
  });
});
