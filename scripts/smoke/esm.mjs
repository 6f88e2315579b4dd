// Bare Node, ES modules: every entry point of the installed package.
import assert from "node:assert/strict";
import { grad, initBackend, tensor } from "fluxion";
import * as data from "fluxion/data";
import fluxionEslint from "fluxion/eslint";
import * as io from "fluxion/io";
import * as nn from "fluxion/nn";

assert.deepEqual(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).toArray(), [2, 4, 6]);
for (const [name, entry] of Object.entries({ nn, data, io })) {
  assert.ok(Object.keys(entry).length > 0, `expected fluxion/${name} to export something`);
}
assert.ok(fluxionEslint.rules["no-tensor-in-condition"]);

await initBackend("wasm-worker"); // loads a part of its own
assert.deepEqual([...(await tensor([1, 2, 3]).mul(2).data())], [2, 4, 6]);
