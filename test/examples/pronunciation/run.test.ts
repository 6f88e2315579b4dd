import { fc, test } from "@fast-check/vitest";
import { describe, expect, it } from "vitest";
import { addAt, random } from "fluxion";
import {
  end,
  longest,
  phonemes,
  readEntries,
  readTokens,
  spell,
  targetsOf,
} from "../../../examples/pronunciation/dictionary.js";
import { makeModel } from "../../../examples/pronunciation/model.js";
import { drawSvg, drawText } from "../../../examples/pronunciation/picture.js";
import { editDistance, scoreOf } from "../../../examples/pronunciation/score.js";
import { quick, run } from "../../../examples/pronunciation/training.js";

describe("the dictionary", () => {
  const entries = readEntries();

  it("has 25,000 different words of known letters and phonemes", () => {
    expect(entries.length).toBe(25_000);
    expect(new Set(entries.map((e) => e.word)).size).toBe(25_000);
    const known = new Set(phonemes);
    expect(known.size).toBe(39);
    for (const { word, ways } of entries) {
      expect(word).toMatch(/^[A-Z]{3,10}$/);
      expect(ways.length).toBeGreaterThan(0);
      for (const way of ways) {
        expect(way.length).toBeLessThanOrEqual(longest);
        expect(way.every((p) => known.has(p))).toBe(true);
      }
    }
  });

  it("becomes numbers and comes back", () => {
    const some = entries.slice(0, 50);
    const { tokens, lengths } = targetsOf(some);
    const [rows, n] = [tokens.toArray() as number[][], lengths.toArray() as number[]];
    some.forEach(({ ways }, i) => {
      expect(rows[i]![n[i]! - 1]).toBe(end);
      expect(readTokens(rows[i]!, n[i]! - 1)).toEqual(ways[0]);
    });
    const { letters, lengths: sizes } = spell(["CAB", "ZOO"]);
    expect(letters.at(":", "0:4").toArray()).toEqual([
      [3, 1, 2, 0],
      [26, 15, 15, 0],
    ]);
    expect(sizes.toArray()).toEqual([3, 3]);
    expect(() => spell(["naïve"])).toThrow('expected words of 1 to 10 letters A to Z, got "naïve"');
  });
});

describe("scores", () => {
  const word = fc.array(fc.constantFrom("A", "B", "C"), { maxLength: 6 });

  /** The definition, by recursion. */
  const plain = (a: readonly string[], b: readonly string[]): number =>
    a.length === 0 || b.length === 0
      ? a.length + b.length
      : Math.min(
          plain(a.slice(1), b) + 1,
          plain(a, b.slice(1)) + 1,
          plain(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1),
        );

  test.prop([word, word], { seed: 5, numRuns: 100 })("edit distance is its definition", (a, b) => {
    expect(editDistance(a, b)).toBe(plain(a, b));
  });

  it("the nearest of several pronunciations counts", () => {
    const entries = [
      { word: "READ", ways: [["R", "EH", "D"], ["R", "IY", "D"]] }, // prettier-ignore
      { word: "CAB", ways: [["K", "AE", "B"]] },
    ];
    expect(scoreOf(entries, [["R", "IY", "D"], ["K", "AE"]])).toEqual({ exact: 0.5, phonemeErrors: 1 / 6 }); // prettier-ignore
  });
});

describe("the model", () => {
  const model = makeModel({ embedding: 4, encoder: 5, decoder: 6 });
  const params = model.init(random.key(0));
  const words = ["CAB", "NOSTALGIA"];

  it("looks only at letters, and padding has no effect", () => {
    const targets = targetsOf(words.map((word) => ({ word, ways: [["K", "AE", "B"]] })));
    const { shares, logits } = model.forced(params, spell(words), targets.tokens);
    (shares.toArray() as number[][][]).forEach((rows, i) => {
      for (const row of rows) {
        expect(row.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 5);
        expect(row.slice(words[i]!.length).every((v) => v === 0)).toBe(true);
      }
    });
    const alone = model.forced(params, spell(["CAB"]), targets.tokens.at("0:1")).logits;
    const [a, b] = [logits.at(0).dataSync(), alone.dataSync()];
    a.forEach((v, i) => expect(v).toBeCloseTo(b[i]!, 5));
  });

  it("what beam search finds scores what teacher forcing says", () => {
    const { bias } = params.output;
    const eager = { ...params, output: { ...params.output, bias: addAt(bias, [end], 1.5) } }; // to end, now and then
    const found = model.pronounce(eager, spell(words), 3);
    const [tokens, lengths] = [found.tokens.toArray() as number[][][], found.lengths.toArray() as number[][]];
    tokens.forEach((beams, i) =>
      beams.forEach((row, k) => {
        const way = readTokens(row, lengths[i]![k]!);
        if (way.length > longest) return; // cut off: targets have no place for more
        const targets = targetsOf([{ word: words[i]!, ways: [way] }]);
        const loss = model.loss(eager, spell([words[i]!]), targets).item() as number;
        const score = (-loss * (way.length + 1)) / ((5 + way.length + 1) / 6) ** 0.6;
        expect(found.scores.at(i, k).item()).toBeCloseTo(score, 4);
      }),
    );
    expect(lengths.flat().some((n) => n <= longest)).toBe(true);
  });

  it("learns to pronounce words that it has not seen", async () => {
    const report = await run({ ...quick, epochs: 2, heldOut: 100 });
    expect(report.losses[1]).toBeLessThan(report.losses[0]! / 1.5);
    expect(report.greedy.phonemeErrors).toBeLessThan(0.45);
    expect(report.beam.phonemeErrors).toBeLessThan(0.45);
    expect(report.beam.exact).toBeGreaterThan(0.05);
    expect(report.samples.length).toBe(100);
    for (const { found } of report.samples)
      found.slice(1).forEach(({ score }, k) => expect(score).toBeLessThanOrEqual(found[k]!.score));
    for (const { word, said, shares } of report.looks) {
      expect(shares.length).toBe(said.length);
      for (const row of shares) expect(row.length).toBe(word.length);
    }
  }, 120_000);
});

describe("the picture", () => {
  const looks = { word: "AX", said: ["AE", "K", "S"], shares: [[1, 0], [0.3, 0.7], [0, 1]] }; // prettier-ignore

  it("as text", () => {
    expect(drawText(looks)).toBe("      A X\n  AE │██\n   K │░░▓▓\n   S │  ██");
  });

  it("as SVG: a square for each letter and phoneme, as dark as its share", () => {
    const svg = drawSvg("t", [looks, looks]);
    expect(svg.match(/fill-opacity/g)!.length).toBe(12);
    expect(svg.match(/fill-opacity="0.700"/g)!.length).toBe(2);
    expect(svg.match(/>AE<\/text>/g)!.length).toBe(2);
  });
});
