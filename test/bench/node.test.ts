import { expect, test } from "vitest";
import { findNode } from "../../bench/node.js";

test("the Node that measures is this one, or another one by its path", () => {
  const own = { path: process.execPath, version: process.version, v8: process.versions.v8 };
  expect(findNode(undefined)).toEqual(own);
  expect(findNode(process.execPath)).toEqual(own);
});

test("what is no Node is refused", () => {
  expect(() => findNode("/nowhere/node")).toThrow(
    /^expected a release of Node or the path of one, got \/nowhere\/node \(.*ENOENT.*\)$/,
  );
});
