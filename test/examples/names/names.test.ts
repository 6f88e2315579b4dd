import { describe, expect, it } from "vitest";
import { random } from "fluxion";
import { bagSize, countBag, logistic } from "../../../examples/names/bags.js";
import { classifier, lengthsOf, padded } from "../../../examples/names/network.js";
import { comparison, examples, scores } from "../../../examples/names/report.js";
import { quick, run, thin } from "../../../examples/names/run.js";
import {
  alphabet,
  parseSurnames,
  partOf,
  readSurnames,
  spell,
  split,
  type Surname,
} from "../../../examples/names/surnames.js";

const named = (spelt: string, language = 0): Surname => ({ written: spelt, spelt, language });

describe("surnames", () => {
  it("are spelt in small letters without accents", () => {
    expect(["Đurđević", "Großmann", "Şahin", "Wałęsa", "Işık", "O'Hara-Núñez", "de la Ó"].map(spell)).toEqual(
      ["djurdjevic", "grossmann", "sahin", "walesa", "isik", "o'hara-nunez", "de la o"],
    );
  });

  it("of several languages are dropped, and spellings count once", () => {
    const { languages, names } = parseSurnames("A: Adam, Ádám, Beno\nB: Adam, Cvet\n");
    expect(languages).toEqual(["A", "B"]);
    expect(names.map((n) => [n.spelt, n.language])).toEqual([
      ["beno", 0],
      ["cvet", 1],
    ]);
  });

  it("of nine languages are there", () => {
    const { languages, names } = readSurnames();
    expect(languages.length).toBe(9);
    expect(names.length).toBeGreaterThan(7000);
    expect(names.every((n) => [...n.spelt].every((c) => alphabet.includes(c)))).toBe(true);
  });

  it("with the same beginning are on the same side of the split", () => {
    expect(partOf(named("novak"))).toBe(partOf(named("novakova")));
    const { names } = readSurnames();
    const { train, heldOut } = split(names);
    expect(train.length + heldOut.length).toBe(names.length);
    expect(heldOut.length / names.length).toBeGreaterThan(0.15);
    expect(heldOut.length / names.length).toBeLessThan(0.25);
    const beginnings = new Set(train.map((n) => n.spelt.slice(0, 4)));
    expect(heldOut.filter((n) => beginnings.has(n.spelt.slice(0, 4)))).toEqual([]);
  });

  it("are thinned out evenly", () => {
    expect(thin([0, 1, 2, 3, 4, 5, 6, 7], 4)).toEqual([0, 2, 4, 6]);
    expect(thin([0, 1, 2], Infinity)).toEqual([0, 1, 2]);
  });
});

describe("the baseline", () => {
  it("counts letters and pairs", () => {
    const letters = countBag("anna", "letters");
    expect([letters[0], letters[13], letters.reduce((a, b) => a + b)]).toEqual([2, 2, 4]);
    const pairs = countBag("ab", "pairs");
    const at = (pair: string): number =>
      alphabet.indexOf(pair[0]!) * alphabet.length + alphabet.indexOf(pair[1]!);
    expect([at(" a"), at("ab"), at("b ")].map((i) => pairs[i])).toEqual([1, 1, 1]);
    expect(pairs.reduce((a, b) => a + b)).toBe(3);
    expect(pairs.length).toBe(bagSize("pairs"));
  });

  it("learns what letters tell, and cannot tell their order", () => {
    const train = ["aab", "aba", "abb"]
      .map((s) => named(s, 0))
      .concat(["ccd", "cdc", "cdd"].map((s) => named(s, 1)));
    const options = { steps: 60, rate: 0.1, decay: 1e-3 };
    const logits = logistic(
      train,
      [named("baa"), named("ddc"), named("aab")],
      2,
      "letters",
      options,
    ).toArray();
    const [first, second, third] = logits as number[][];
    expect(first![0]).toBeGreaterThan(first![1]!);
    expect(second![1]).toBeGreaterThan(second![0]!);
    expect(third).toEqual(first);
  });
});

describe("the network", () => {
  it("reads padded letters, and the padding does not count", () => {
    const codes = padded([named("ab"), named("abcd")], 3);
    expect(codes.toArray()).toEqual([
      [1, 2, 0],
      [1, 2, 3],
    ]);
    expect(lengthsOf(codes).toArray()).toEqual([2, 3]);
    const model = classifier(2, { embedding: 3, features: 4, dropout: 0 });
    const { params, state } = model.init(random.key(0), { shape: [1, 3], dtype: "int32" });
    const logits = (length: number): unknown =>
      model.apply(params, state, padded([named("ab")], length))[0].toArray();
    const [[a, b]] = logits(2) as [[number, number]];
    const [[c, d]] = logits(6) as [[number, number]];
    expect(c).toBeCloseTo(a, 6);
    expect(d).toBeCloseTo(b, 6);
  });

  it("learns in a few steps; everybody answers for all names held out", async () => {
    const lines: string[] = [];
    const size = {
      ...quick,
      ...{ names: 600, features: 16, embedding: 8, epochs: 6, logistic: { steps: 20, rate: 0.1, decay: 0 } },
    };
    const report = await run(readSurnames(), size, (line) => lines.push(line));
    expect(lines.length).toBe(6);
    const total = (m: readonly (readonly number[])[]): number => m.flat().reduce((a, b) => a + b);
    for (const { confusion } of report.contestants) expect(total(confusion)).toBe(report.heldOut);
    const right = report.answers.filter((a) => a.guess === a.name.language).length;
    const biggest = Math.max(...report.contestants[2]!.confusion.map((row) => row.reduce((a, b) => a + b)));
    expect(right).toBeGreaterThan(biggest); // more than the most frequent language alone would give
  }, 60_000);
});

describe("the report", () => {
  const confusion = [
    [8, 2],
    [1, 4],
  ];

  it("has accuracy and mean F1", () => {
    const text = comparison([{ title: "it", confusion }]);
    // F1: 16 / 19 and 8 / 11
    expect(text.split("\n")).toEqual(["    accuracy  mean F1", "it     80.0%    78.5%"]);
  });

  it("has scores by language", () => {
    expect(scores(confusion, ["A", "B"]).split("\n")[1]).toBe("A      88.9%   80.0%  84.2%     10");
  });

  it("has answers, and what would have been right", () => {
    const answers = [
      { name: named("ab", 0), guess: 0 },
      { name: named("cd", 1), guess: 0 },
    ];
    expect(examples(answers, ["A", "B"]).split("\n")).toEqual([
      "  ab                   looks A",
      "  cd                   looks A, but is B",
    ]);
  });
});
