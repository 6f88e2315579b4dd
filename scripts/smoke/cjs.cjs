// Bare Node, CommonJS: every entry point of the installed package.
const assert = require("node:assert/strict");
const { grad, tensor } = require("fluxion");

assert.deepEqual(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).toArray(), [2, 4, 6]);
for (const name of ["nn", "data", "io"]) {
  assert.ok(
    Object.keys(require(`fluxion/${name}`)).length > 0,
    `expected fluxion/${name} to export something`,
  );
}
assert.ok(require("fluxion/eslint").rules["no-tensor-in-condition"]);
