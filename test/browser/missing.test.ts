/** A machine without Chromium is told so. */
import { expect, test } from "vitest";
import { findChromium } from "./chromium.js";

test("where there is no Chromium, the message says what to do", () => {
  expect(() => findChromium(undefined, ["/no/chromium", "/no/chrome"])).toThrow(
    "browser tests: expected Chromium at /no/chromium or /no/chrome, found none: install it (Debian: apt-get install chromium), or name it in the variable CHROMIUM",
  );
  expect(() => findChromium("/no/browser")).toThrow("expected Chromium at /no/browser, found none");
});

test("the variable CHROMIUM comes first", () => {
  expect(findChromium(process.execPath, ["/no/chromium"])).toBe(process.execPath);
});
