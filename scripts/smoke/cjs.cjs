// Bare Node, CommonJS: every entry point of the installed package.
const assert = require("node:assert/strict");
const { grad, initBackend, tensor } = require("fluxion");

assert.deepEqual(grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).toArray(), [2, 4, 6]);
for (const name of ["nn", "data", "io"]) {
  assert.ok(
    Object.keys(require(`fluxion/${name}`)).length > 0,
    `expected fluxion/${name} to export something`,
  );
}
assert.ok(require("fluxion/eslint").rules["no-tensor-in-condition"]);

const inWorker = async () => {
  await initBackend("wasm-worker"); // loads a part of its own
  assert.deepEqual([...(await tensor([1, 2, 3]).mul(2).data())], [2, 4, 6]);
};
void inWorker(); // a rejection ends the process with an error
