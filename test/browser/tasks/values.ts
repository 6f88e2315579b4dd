/** One value of everything that programs are made of, small enough to compare number by number. */
import {
  add,
  cumsum,
  erf,
  grad,
  hessian,
  initBackend,
  jit,
  lift,
  matmul,
  mean,
  mul,
  random,
  scan,
  sin,
  softmax,
  sort,
  square,
  sub,
  sum,
  tanh,
  tensor,
  vmap,
  where,
  whileLoop,
  zeros,
  type BackendName,
  type Tensor,
} from "fluxion";

const x = (): Tensor => tensor([0.5, -1, 2, 0.25]);

const matrix = (): Tensor => random.normal(random.key(3), [24, 24]);

const regression = (w: Tensor): Tensor => {
  const xs = random.normal(random.key(0), [32, 3]);
  return mean(square(sub(matmul(xs, w), matmul(xs, tensor([1, -2, 3])))));
};

const smooth = (xs: Tensor, decay: Tensor): Tensor =>
  scan(
    (carry: Tensor, row: Tensor) => {
      const next = add(mul(carry, decay), row);
      return [next, next] as const;
    },
    zeros([]),
    xs,
  )[1];

const huber = lift((r: number, d: number) => {
  const a = Math.abs(r);
  return a <= d ? 0.5 * r * r : d * (a - 0.5 * d);
});

/** By name: what is computed. */
export const values: Readonly<Record<string, () => Tensor>> = {
  arithmetic: () => x().mul(2).add(1).div(3),
  transcendental: () => add(sin(x()), erf(tanh(x()))),
  reduction: () => matrix().sum({ axis: 1 }),
  integers: () => tensor([7, -7, 3], { dtype: "int32" }).mul(3).sub(1),
  comparison: () => where(x().greater(0), x(), mul(x(), 10)),
  matmul: () => matmul(matrix(), matrix()).at(0),
  softmax: () => softmax(x()),
  sort: () => sort(matrix().at(0)),
  cumsum: () => cumsum(x()),
  random: () => random.uniform(random.key(42), [5]),
  grad: () => grad((y: Tensor) => sum(mul(sin(y), y)))(x()),
  hessian: () => hessian((y: Tensor) => sum(mul(mul(y, y), y)))(x()),
  vmap: () => vmap((y: Tensor) => sum(square(y)))(matrix()),
  perExample: () => vmap(grad((y: Tensor) => sum(tanh(y))))(matrix()).at(1),
  jit: () => jit((y: Tensor) => sum(mul(sin(y), 2)))(x()),
  descent: () => {
    const step = jit((w: Tensor) => sub(w, mul(grad(regression)(w), 0.1)));
    let w = zeros([3]);
    for (let i = 0; i < 20; i++) w = step(w);
    return w;
  },
  scan: () => smooth(x(), tensor(0.5)),
  gradOfScan: () => grad((d: Tensor) => sum(smooth(x(), d)))(tensor(0.5)),
  while: () =>
    whileLoop(
      (y: Tensor) => y.less(100),
      (y: Tensor) => y.mul(3),
      tensor(1),
    ),
  lift: () => huber(x(), 0.75),
};

/** The elements of each value, read without waiting in place. */
export const computeValues = async (backend: BackendName): Promise<Record<string, number[]>> => {
  await initBackend(backend);
  const out: Record<string, number[]> = {};
  for (const [name, value] of Object.entries(values)) out[name] = Array.from(await value().data());
  return out;
};
