// The types, as a CommonJS module of a user sees them.
import fluxion = require("fluxion");
import nn = require("fluxion/nn");

const slope: fluxion.Tensor = fluxion.grad((x: fluxion.Tensor) => x.mul(x).sum())(fluxion.tensor([1, 2, 3]));
export = [slope, nn];
