import { describe, expect, it } from "vitest";
import {
  colourMode,
  drawPictures,
  predictionCaption,
  type Picture,
} from "../../../examples/fashion-mnist/terminal.js";

const picture: Picture = {
  width: 3,
  height: 3,
  pixels: [0, 128, 255, 0, 128, 255, 255, 0, 0],
  caption: ["Coat"],
};

describe("colourMode", () => {
  it.each([
    [{ isTTY: false, env: { COLORTERM: "truecolor" } }, "ascii"],
    [{ env: {} }, "ascii"],
    [{ isTTY: true, env: {} }, "256"],
    [{ isTTY: true, env: { COLORTERM: "truecolor" } }, "truecolor"],
    [{ isTTY: true, env: { COLORTERM: "24bit" } }, "truecolor"],
    [{ isTTY: true, env: { COLORTERM: "truecolor", NO_COLOR: "1" } }, "ascii"],
    [{ isTTY: true, env: { NO_COLOR: "" } }, "256"],
    [{ isTTY: true, env: { TERM: "dumb" } }, "ascii"],
  ])("of %j is %s", (terminal, mode) => {
    expect(colourMode(terminal)).toBe(mode);
  });
});

describe("drawPictures", () => {
  it("draws two rows a line in ASCII, with a caption as wide as the picture", () => {
    expect(drawPictures([picture], "ascii")).toBe(" +@\n=\nCo…");
  });

  it("puts pictures side by side and wraps", () => {
    const short = { ...picture, caption: [] };
    expect(drawPictures([picture, short, picture], "ascii", 8)).toBe(" +@   +@\n=    =\nCo…\n\n +@\n=\nCo…");
    expect(drawPictures([], "ascii")).toBe("");
    expect(drawPictures([short, short], "ascii", 1)).toBe(" +@\n=\n\n +@\n=");
  });

  it("colours half blocks and sets a colour only when it changes", () => {
    const bar = { width: 2, height: 2, pixels: [0, 0, 255, 255], caption: [] };
    expect(drawPictures([bar], "truecolor")).toBe("\x1b[38;2;0;0;0m\x1b[48;2;255;255;255m▀▀\x1b[0m");
    expect(drawPictures([bar], "256")).toBe("\x1b[38;5;232m\x1b[48;5;255m▀▀\x1b[0m");
  });

  it("clamps what is no byte", () => {
    const odd = { width: 2, height: 1, pixels: [-5, 300], caption: [] };
    expect(drawPictures([odd], "truecolor")).toContain("38;2;0;0;0m");
    expect(drawPictures([odd], "truecolor")).toContain("38;2;255;255;255m");
  });
});

describe("predictionCaption", () => {
  it("marks mistakes", () => {
    expect(predictionCaption("Bag", "Bag")).toEqual(["Bag", "✓"]);
    expect(predictionCaption("Bag", "Coat")).toEqual(["Bag", "✗ Coat"]);
  });
});
