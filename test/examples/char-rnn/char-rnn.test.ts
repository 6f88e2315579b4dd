import { describe, expect, it } from "vitest";
import { random, tensor } from "fluxion";
import { characterModel, freshState, sampler } from "../../../examples/char-rnn/model.js";
import { bitsPerCharacter, probability, trainNGram } from "../../../examples/char-rnn/ngram.js";
import { bitsOf, quick, run } from "../../../examples/char-rnn/run.js";
import { alphabetOf, readBook, tidy, windows } from "../../../examples/char-rnn/text.js";

describe("the text", () => {
  it("is the beginning of Moby-Dick", () => {
    const text = tidy(readBook());
    expect(text.startsWith("CHAPTER 1. Loomings.\nCall me Ishmael. Some years ago—never mind how long")).toBe(
      true,
    );
    expect(alphabetOf(text).symbols.length).toBe(80);
  });

  it("is tidied up: a line for each paragraph, straight quotation marks", () => {
    expect(tidy("a\nb  c\n\n\n‘d’ “e”\n")).toBe("a b c\n'd' \"e\"");
  });

  it("becomes numbers and text again", () => {
    const alphabet = alphabetOf("banana");
    expect([...alphabet.encode("nab")]).toEqual([2, 0, 1]);
    expect(alphabet.decode(alphabet.encode("banana"))).toBe("banana");
    expect(() => alphabet.encode("x")).toThrow('expected characters of the alphabet, got "x"');
  });

  it("is read in streams that go on where they stopped, and where the next one began", () => {
    const codes = Int32Array.from({ length: 12 }, (_, i) => i);
    const all = windows(codes, 2, 4);
    const [first, second] = [all.next().value, all.next().value];
    expect([...first.inputs]).toEqual([0, 1, 2, 3, 6, 7, 8, 9]);
    expect([...first.labels]).toEqual([1, 2, 3, 4, 7, 8, 9, 10]);
    expect([...second.inputs]).toEqual([4, 5, 6, 7, 10, 11, 0, 1]);
  });
});

describe("n-grams", () => {
  const codes = alphabetOf("abrcd").encode("abracadabra");

  it("give probabilities that add up to 1 after any context", () => {
    for (const order of [1, 2, 3, 4]) {
      const model = trainNGram(codes, order, 5);
      for (const context of [[], [0], [1, 2], [0, 1, 4], [3, 3, 3]]) {
        const sum = [0, 1, 2, 3, 4].reduce((s, symbol) => s + probability(model, context, symbol), 0);
        expect(sum).toBeCloseTo(1, 12);
      }
    }
  });

  it("count as Kneser and Ney say", () => {
    // abab: a→b twice, b→a once; the shorter context counts predecessors: a and b one each.
    const model = trainNGram([0, 1, 0, 1], 2, 2);
    expect(model.levels.map((l) => l.discount)).toEqual([0.5, 1 / 3]);
    const unigram = (1 - 0.5) / 2 + ((0.5 * 2) / 2) * 0.5;
    expect(probability(model, [0], 1)).toBeCloseTo((2 - 1 / 3) / 2 + (1 / 3 / 2) * unigram, 12);
    expect(probability(model, [0], 0)).toBeCloseTo((1 / 3 / 2) * unigram, 12);
  });

  it("know a text better the longer their context is, and not one they never saw", () => {
    const text = Int32Array.from({ length: 400 }, (_, i) => [0, 1, 0, 2, 0, 3][i % 6]!);
    const bits = [1, 2, 3].map((order) => bitsPerCharacter(trainNGram(text, order, 5), text));
    expect(bits[0]).toBeGreaterThan(bits[1]!);
    expect(bits[2]).toBeLessThan(0.1);
    expect(bitsPerCharacter(trainNGram(text, 3, 5), new Int32Array(50).fill(4))).toBeGreaterThan(
      Math.log2(5) + 1,
    );
  });

  it("are as long as numbers can be", () => {
    expect(() => trainNGram(codes, 9, 80)).toThrow("order 9 over 80 characters");
  });
});

describe("the network", () => {
  const model = characterModel(5, { embedding: 3, features: 4 });
  const { params } = model.init(random.key(0), { shape: [1, 1], dtype: "int32" });

  it("writes so many characters of the alphabet, the same ones from the same key, the likeliest when cold", () => {
    const write = sampler(model, 30);
    const draw = (key: number, temperature: number): number[] =>
      Array.from(
        write(params, tensor(Int32Array.of(1, 2, 0)), random.key(key), tensor(temperature)).dataSync(),
      );
    const drawn = draw(1, 1);
    expect(drawn.length).toBe(30);
    expect(drawn.every((c) => Number.isInteger(c) && c >= 0 && c < 5)).toBe(true);
    expect(draw(1, 1)).toEqual(drawn);
    expect(draw(2, 1)).not.toEqual(drawn);
    // Cold, it takes the most likely character each time: what a loop over the model alone finds.
    let state = freshState(model, 1);
    const greedy: number[] = [];
    for (let read = [1, 2, 0]; greedy.length < 5; read = [greedy.at(-1)!]) {
      const [logits, next] = model.apply(
        params,
        state,
        tensor(Int32Array.from(read), { shape: [1, read.length] }),
      );
      const last = Array.from(logits.dataSync()).slice(-5);
      greedy.push(last.indexOf(Math.max(...last)));
      state = next;
    }
    expect(draw(3, 1e-6).slice(0, 5)).toEqual(greedy);
  });

  it("is scored in bits, the same however long the windows are", () => {
    const codes = Int32Array.from({ length: 41 }, (_, i) => (i * i) % 5);
    const bits = bitsOf(model, params, codes, 2, 20);
    expect(bitsOf(model, params, codes, 2, 5)).toBeCloseTo(bits, 5);
    expect(bits).toBeGreaterThan(1);
    expect(bits).toBeLessThan(5);
  });

  it("learns in a few steps, and says so", () => {
    const lines: string[] = [];
    const size = { ...quick, characters: 4000, heldOut: 800, features: 16, embedding: 8 };
    const text = tidy(readBook()).slice(0, 5000);
    const short = run(text, { ...size, steps: 1, samples: 1 }, (line) => lines.push(line));
    const long = run(text, { ...size, steps: 40, samples: 1 });
    expect(long.model).toBeLessThan(short.model - 0.5);
    expect(long.nGrams.map((g) => g.order)).toEqual([3, 4, 5]);
    expect(long.epochs).toBe((40 * quick.streams * quick.window) / 4000);
    expect(lines.some((line) => line.startsWith("\nstep 1/1: "))).toBe(true);
    expect(lines.at(-1)).toMatch(/^ {2}The whale/);
  }, 60_000);
});
