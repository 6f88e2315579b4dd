/** Programs whose kernels are divided, of every kind. */
import {
  add,
  cast,
  conv,
  grad,
  matmul,
  maxPool,
  mean,
  mul,
  norm,
  pad,
  softmax,
  square,
  sum,
  tanh,
  type Tensor,
} from "../../../src/index.js";
import { normal } from "../../arguments.js";

export interface Divided {
  readonly name: string;
  readonly f: (...xs: Tensor[]) => Tensor | readonly Tensor[];
  readonly args: readonly Tensor[];
  /** Kernels that are divided. */
  readonly kernels: number;
}

export const divided: readonly Divided[] = [
  {
    name: "a product of odd sizes",
    f: (a, b) => matmul(a!, b!),
    args: [normal(1, 251, 263), normal(2, 263, 241)],
    kernels: 1,
  },
  {
    name: "a deep product with an epilogue",
    f: (a, b) => tanh(add(matmul(a!, b!), 1)),
    args: [normal(1, 37, 1111), normal(2, 1111, 83)],
    kernels: 1,
  },
  {
    name: "a shallow product",
    f: (a, b) => matmul(a!, b!),
    args: [normal(1, 301, 5), normal(2, 5, 517)],
    kernels: 1,
  },
  {
    name: "products of a batch",
    f: (a, b) => matmul(a!, b!),
    args: [normal(1, 13, 31, 40), normal(2, 13, 40, 71)],
    kernels: 1,
  },
  {
    name: "a convolution",
    f: (x, w) => conv(x!, w!),
    args: [normal(1, 8, 3, 33, 31), normal(2, 5, 3, 3, 3)],
    kernels: 1,
  },
  {
    name: "the gradient of a convolution",
    f: (x, w) => grad((a: Tensor, b: Tensor) => sum(square(conv(a, b))), { argnums: [0, 1] })(x!, w!),
    args: [normal(1, 8, 3, 33, 31), normal(2, 5, 3, 3, 3)],
    kernels: 3,
  },
  {
    name: "the gradient of pooling",
    f: (x) => grad((a: Tensor) => sum(square(maxPool(a, [2, 2], { stride: 2 }))))(x!),
    args: [normal(1, 16, 8, 34, 36)],
    kernels: 2,
  },
  {
    name: "the gradient of a window over many places, whose depth is divided",
    f: (x, w) => grad((b: Tensor) => sum(square(conv(x!, b))))(w!),
    args: [normal(1, 32, 1, 28, 28), normal(2, 6, 1, 5, 5)],
    kernels: 2,
  },
  {
    name: "sums of all elements",
    f: (x) => [sum(x!), mean(square(x!)), norm(x!)],
    args: [normal(1, 317, 1009)],
    kernels: 1,
  },
  {
    name: "sums of columns, and of their products with others",
    f: (x, y) => [sum(x!, { axis: 0 }), sum(mul(x!, y!), { axis: 0 })],
    args: [normal(1, 1303, 317), normal(2, 1303, 317)],
    kernels: 1,
  },
  {
    name: "a sum of elements of which some are zero by a condition",
    f: (x) =>
      sum(
        mul(
          pad(x!, [
            [3, 2],
            [0, 5],
          ]),
          2,
        ),
      ),
    args: [normal(1, 400, 500)],
    kernels: 1,
  },
  {
    name: "products of doubles",
    f: (a, b) => matmul(cast(a!, "float64"), cast(b!, "float64")),
    args: [normal(1, 101, 103), normal(2, 103, 99)],
    kernels: 1,
  },
  { name: "softmax", f: (x) => softmax(x!), args: [normal(1, 333, 111)], kernels: 1 },
  {
    name: "a chain whose length no vector divides",
    f: (x) => add(mul(tanh(x!), 3), square(x!)),
    args: [normal(1, 100_003)],
    kernels: 1,
  },
];
