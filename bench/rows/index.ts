/** All rows, in the order of the table. */
import type { Row } from "../row.js";
import { rows as attention } from "./attention.js";
import { rows as chain } from "./chain.js";
import { rows as conv } from "./conv.js";
import { rows as embedding } from "./embedding.js";
import { rows as layerNorm } from "./layer-norm.js";
import { rows as lenet } from "./lenet.js";
import { rows as lstm } from "./lstm.js";
import { rows as mandelbrot } from "./mandelbrot.js";
import { rows as matmul } from "./matmul.js";
import { rows as mlp } from "./mlp.js";
import { rows as scan } from "./scan.js";
import { rows as soak } from "./soak.js";
import { rows as softmax } from "./softmax.js";
import { rows as sum } from "./sum.js";
import { rows as tiny } from "./tiny.js";

export const rows: readonly Row[] = [
  ...chain,
  ...matmul,
  ...sum,
  ...softmax,
  ...layerNorm,
  ...attention,
  ...conv,
  ...embedding,
  ...mlp,
  ...lenet,
  ...lstm,
  ...scan,
  ...mandelbrot,
  ...tiny,
  ...soak,
];
