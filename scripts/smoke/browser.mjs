// Bundled: what a bundler drops for lack of side effects must not be needed.
import { grad, initBackend, tensor } from "fluxion";
import { decodeSafetensors, encodeSafetensors, saveTree } from "fluxion/io";
import * as nn from "fluxion/nn";

const slope = grad((x) => x.mul(x).sum())(tensor([1, 2, 3])).toArray();
if (slope.join() !== "2,4,6") throw new Error(`expected 2,4,6, got ${slope.join()}`);
if (Object.keys(nn).length === 0) throw new Error("expected fluxion/nn to export something");
// Files are Node's, but a bundle for browsers must not fail over them.
if (decodeSafetensors(encodeSafetensors({}))._tag !== "Right" || typeof saveTree !== "function")
  throw new Error("expected fluxion/io to work");
// The worker's program survives bundling, and its part of the library is found.
await initBackend("wasm-worker");
const there = await tensor([1, 2, 3]).mul(2).data();
if (there.join() !== "2,4,6") throw new Error(`expected 2,4,6 from the worker, got ${there.join()}`);
