import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Gate } from "../../site/gate.js";

let time = 0;

beforeEach(() => {
  time = 1000;
  vi.spyOn(performance, "now").mockImplementation(() => time);
});

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a gate", () => {
  it("is closed at first, and lets pass when it opens", async () => {
    const gate = new Gate();
    const passed: string[] = [];
    const walk = gate.pass().then(() => passed.push("walked"));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(passed).toEqual([]);
    gate.go();
    await walk;
    expect(passed).toEqual(["walked"]);
  });

  it("has a clock that stands still while it is closed", () => {
    const gate = new Gate();
    time += 500;
    expect(gate.now()).toBe(0);
    gate.go();
    time += 30;
    gate.go();
    expect(gate.now()).toBe(30);
    gate.pause();
    time += 1000;
    gate.pause();
    expect(gate.now()).toBe(30);
    gate.go();
    time += 5;
    expect(gate.now()).toBe(35);
  });

  it("does not count what is done besides, and says how much that is", async () => {
    const gate = new Gate();
    gate.go();
    time += 100;
    const result = await gate.besides(async () => {
      time += 50;
      return "exam";
    });
    expect(result).toBe("exam");
    expect(gate.now()).toBe(100);
    expect(gate.overhead()).toBeCloseTo(1.5);
  });
});
