import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import { parseArguments, usage } from "../../../examples/fashion-mnist/arguments.js";
import { none } from "./options.js";

const parse = (line: string): ReturnType<typeof parseArguments> =>
  parseArguments(line.split(" ").filter((word) => word !== ""));

describe("parseArguments", () => {
  it.each([
    ["", {}],
    ["--quick", { quick: true }],
    ["--quick --epochs 3", { quick: true, epochs: 3 }],
    [
      "--data dir -e 2 -b 32 --learning-rate 1e-2 --seed 7",
      { data: "dir", epochs: 2, batch: 32, rate: 0.01, seed: 7 },
    ],
    ["--save=a --resume b", { save: "a", resume: "b" }],
    ["-h", { help: true }],
  ])("reads %j", (line, changes) => {
    expect(parse(line)).toEqual(E.right({ ...none, ...changes }));
  });

  it.each([
    ["--epochs 0", '--epochs: expected an integer of at least 1, got "0"'],
    ["--epochs 1.5", '--epochs: expected an integer of at least 1, got "1.5"'],
    ["--batch many", '--batch: expected an integer of at least 1, got "many"'],
    ["--batch=", '--batch: expected an integer of at least 1, got ""'],
    ["--learning-rate=-1", '--learning-rate: expected a number from 0 to 10, got "-1"'],
    ["--seed 1e10", '--seed: expected an integer from 0 to 4294967295, got "1e10"'],
    ["--seed 0x10", '--seed: expected an integer from 0 to 4294967295, got "0x10"'],
  ])("rejects %j", (line, want) => {
    expect(parse(line)).toEqual(E.left(want));
  });

  it.each(["--epoch 3", "--data", "file", "--quick=yes", "-x"])("rejects %j in one line", (line) => {
    const result = parse(line);
    expect(E.isLeft(result)).toBe(true);
    if (E.isLeft(result)) expect(result.left).toMatch(/^[^\n]+$/);
  });

  it("documents every option", () => {
    for (const name of [
      "data",
      "epochs",
      "batch",
      "learning-rate",
      "seed",
      "save",
      "resume",
      "quick",
      "help",
    ])
      expect(usage).toContain(`--${name}`);
  });
});
