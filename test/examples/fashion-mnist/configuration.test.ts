import * as E from "fp-ts/lib/Either.js";
import { describe, expect, it } from "vitest";
import type { Options } from "../../../examples/fashion-mnist/arguments.js";
import {
  configure,
  fromMetadata,
  type SavedConfiguration,
  toMetadata,
} from "../../../examples/fashion-mnist/configuration.js";
import { none } from "./options.js";

const options = (given: Partial<Options> = {}): Options => ({ ...none, ...given });

const saved: SavedConfiguration = {
  epochs: 6,
  batch: 32,
  rate: 0.01,
  seed: 3,
  quick: false,
  done: 2,
  images: 100,
  data: "clothes",
};

const { done: _done, images: _images, data: _data, ...same } = saved;

describe("configure", () => {
  it("has defaults for a new run", () => {
    expect(configure(options(), null)).toEqual(
      E.right({ epochs: 9, batch: 64, rate: 0.002, seed: 0, quick: false }),
    );
    expect(configure(options({ quick: true }), null)).toEqual(
      E.right({ epochs: 1, batch: 64, rate: 0.002, seed: 0, quick: true }),
    );
    expect(configure(options({ epochs: 2, batch: 8, rate: 0.1, seed: 5 }), null)).toEqual(
      E.right({ epochs: 2, batch: 8, rate: 0.1, seed: 5, quick: false }),
    );
  });

  it("goes on as the run began, to its goal", () => {
    expect(configure(options(), saved)).toEqual(E.right(same));
    expect(configure(options({ batch: 32, rate: 0.01, seed: 3 }), saved)).toEqual(E.right(same));
  });

  it("goes beyond the goal when it is reached, or told to", () => {
    expect(configure(options(), { ...saved, done: 6 })).toEqual(E.right({ ...same, epochs: 15 }));
    expect(configure(options({ epochs: 9 }), saved)).toEqual(E.right({ ...same, epochs: 9 }));
    expect(configure(options({ epochs: 1 }), saved)).toEqual(E.right({ ...same, epochs: 1 }));
    expect(configure(options(), { ...saved, quick: true, epochs: 1, done: 1 })).toEqual(
      E.right({ ...same, quick: true, epochs: 2 }),
    );
  });

  it.each<[Partial<Options>, string]>([
    [{ batch: 64 }, "--batch: expected 32, as in the checkpoint, got 64: leave it out, or start anew"],
    [
      { rate: 0.1 },
      "--learning-rate: expected 0.01, as in the checkpoint, got 0.1: leave it out, or start anew",
    ],
    [{ seed: 0 }, "--seed: expected 3, as in the checkpoint, got 0: leave it out, or start anew"],
    [{ quick: true }, "--quick: the checkpoint is of a full run"],
  ])("refuses %j, which would be no continuation", (given, message) => {
    expect(configure(options(given), saved)).toEqual(E.left(message));
  });
});

describe("metadata", () => {
  it("holds a configuration", () => {
    expect(fromMetadata(toMetadata(saved))).toEqual(E.right(saved));
  });

  it.each<[string, Record<string, string>, string]>([
    ["of another program", { format: "pt" }, "got pt"],
    ["of none", {}, "got none"],
    ["without a configuration", { ...toMetadata(saved), configuration: "" }, "a configuration as JSON"],
    [
      "with a wrong one",
      { ...toMetadata(saved), configuration: '{"epochs":0}' },
      "a configuration with epochs",
    ],
    ["with a number", { ...toMetadata(saved), configuration: "3" }, "a configuration with epochs"],
  ])("%s is refused", (_name, metadata, text) => {
    const result = fromMetadata(metadata);
    expect(E.isLeft(result) && result.left).toContain(text);
  });
});
