import { describe } from "vitest";
import * as fx from "../../src/index.js";
import { type Options, testGolden } from "./golden-cases.js";

const rest = (options: Options, ...names: readonly string[]): never =>
  Object.fromEntries(Object.entries(options).filter(([k]) => !names.includes(k))) as never;

describe("JAX's structure", () => {
  testGolden("structure", "pad", ([x, widths], options) => fx.pad(x!, widths!, options));
  testGolden("structure", "flip", ([x], options) => fx.flip(x!, options));
  testGolden("structure", "roll", ([x], options) => fx.roll(x!, options.shift!, rest(options, "shift")));
  testGolden("structure", "tile", ([x], { reps }) => fx.tile(x!, reps!));
  testGolden("structure", "repeat", ([x], options) =>
    fx.repeat(x!, options.repeats!, rest(options, "repeats")),
  );
  testGolden("structure", "rot90", ([x]) => fx.rot90(x!));
  testGolden("structure", "transpose", ([x], { axes }) => fx.transpose(x!, axes));
  testGolden("structure", "reshape", ([x], { shape }) => fx.reshape(x!, shape!));
  testGolden("structure", "ravel", ([x]) => fx.ravel(x!));
  testGolden("structure", "swapAxes", ([x], { axis1, axis2 }) => fx.swapAxes(x!, axis1!, axis2!));
  testGolden("structure", "moveAxis", ([x], { source, destination }) =>
    fx.moveAxis(x!, source!, destination!),
  );
  testGolden("structure", "expandDims", ([x], { axis }) => fx.expandDims(x!, axis!));
  testGolden("structure", "squeeze", ([x]) => fx.squeeze(x!));
  testGolden("structure", "broadcastTo", ([x], { shape }) => fx.broadcastTo(x!, shape!));
  testGolden("structure", "stack", ([xs], options) => fx.stack(xs!, options));
  testGolden("structure", "concat", ([xs], options) => fx.concat(xs!, options));
  testGolden("structure", "split", ([x, cuts], options) => fx.split(x!, cuts!, options));
});
