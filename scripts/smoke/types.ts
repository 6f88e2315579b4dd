// The types, as an ES module of a user sees them.
import { grad, type Tensor, tensor } from "fluxion";
import * as data from "fluxion/data";
import fluxion from "fluxion/eslint";
import * as io from "fluxion/io";
import * as nn from "fluxion/nn";

const slope: Tensor = grad((x: Tensor) => x.mul(x).sum())(tensor([1, 2, 3]));
export default [slope, data, fluxion, io, nn];
