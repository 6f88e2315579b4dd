/** Which rounds of a loop of unknown length a device is handed before it is asked. */
import { describe, expect, test } from "vitest";
import type { Call, Run } from "../../src/jit/backends/wgsl/dispatches.js";
import { type Answer, answered, answeredNow, piecesOf } from "../../src/jit/backends/wgsl/rounds.js";

const call = (shader: string): Call => ({ shader, groups: 1, position: [] });

const loop = (flag: number, each: readonly Run[], first = 4): Run => ({ flag, each, first });

/** A device on which a shader named `-k` counts flag k down, `+k` sets it to what is next, all others do nothing. */
const played = (
  runs: readonly Run[],
  ends: readonly (readonly number[])[],
  ms = 0,
): { readonly pieces: string[]; readonly turns: string[] } => {
  const left = ends.map(() => 0);
  const next = ends.map((list) => [...list]);
  const [pieces, turns]: [string[], string[]] = [[], []];
  const run = (calls: readonly Call[]): Answer => {
    pieces.push(calls.map(({ shader }) => shader).join(" "));
    for (const { shader } of calls) {
      const k = Number(shader.slice(1));
      if (shader.startsWith("+")) left[k] = k === 0 || left[0]! > 0 ? next[k]!.shift()! + 1 : 0;
      if (shader.startsWith("-") && left[k]! > 0 && --left[k]! > 0) turns.push(shader);
    }
    return { flags: left.map((n) => Number(n > 0)), ms };
  };
  run(answeredNow(piecesOf(runs), run));
  return { pieces, turns };
};

describe("a device", () => {
  test("is handed all at once where there is no such loop", () => {
    expect(played([call("a"), call("b")], []).pieces).toEqual(["a b"]);
  });

  test("is asked after the first rounds, then after twice as many, and then handed what follows", () => {
    const runs = [call("a"), call("+0"), loop(0, [call("-0")], 2), call("b")];
    expect(played(runs, [[0]]).pieces).toEqual(["a +0 -0 -0", "b"]);
    expect(played(runs, [[1]]).pieces).toEqual(["a +0 -0 -0", "b"]);
    expect(played(runs, [[4]]).pieces).toEqual(["a +0 -0 -0", "-0 -0 -0 -0", "b"]);
  });

  test("does each round once, and is asked as often as their number has digits", () => {
    for (const n of [0, 1, 3, 4, 5, 11, 12, 13, 1000, 100_000]) {
      const { pieces, turns } = played([call("+0"), loop(0, [call("-0"), call("x")])], [[n]]);
      expect(turns.length).toBe(n);
      // 4096 dispatches are handed to it at a time.
      expect(pieces.length).toBeLessThanOrEqual(3 + Math.log2(n + 1) + n / 2048);
      const rounds = pieces.join(" ").split("-0").length - 1;
      expect(rounds).toBeLessThanOrEqual(2 * n + 4);
    }
  });

  test("is asked more often where rounds are slow", () => {
    const count = (ms: number): number =>
      played([call("+0"), loop(0, [call("-0")])], [[200]], ms).pieces.length;
    expect([0, 200, 1000].map(count)).toEqual([7, 52, 198]);
  });

  test("of a loop in a loop learns of both at once", () => {
    const inner = [call("+1"), loop(1, [call("-1")])];
    const runs = [call("+0"), loop(0, [call("-0"), ...inner, call("x")]), call("b")];
    const { pieces, turns } = played(runs, [[3], [0, 2, 5]]);
    expect(turns.join(" ")).toBe("-0 -0 -1 -1 -0 -1 -1 -1 -1 -1");
    // Once for each round, once more for the third, whose inner loop is longer than what is handed first, and for the end.
    expect(pieces.length).toBe(6);
  });
});

test("what asking rejects with ends the loop", async () => {
  const lost = answered(piecesOf([loop(0, [call("a")])]), () => Promise.reject(new Error("lost")));
  await expect(lost).rejects.toThrow("lost");
});
