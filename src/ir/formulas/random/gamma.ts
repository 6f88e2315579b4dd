/** One gamma sample by rejection, draw for draw as src/ir/scalar/random/gamma.ts. */
import type { DType } from "../../dtype.js";
import type { Machine } from "../../machine.js";
import { type Key, type Real, realOf } from "./real.js";

/** x, and 1 + c x > 0, from a key: as many normal numbers as it takes. */
const positive = <V>(r: Real<V>, key: Key<V>, c: V): readonly [V, V] => {
  const { f, u, share, once, compare, loop, split, normal } = r;
  const [, , x, v] = loop(
    [...key, f(0), f(-1)],
    ([, , , v]) => compare("le", v!, f(0)),
    ([k0, k1]) => {
      const here: Key<V> = [k0!, k1!];
      const x = share(normal(split(here, 1), u(0)));
      return [...split(here, 0), x, once(x, c, f(1))];
    },
  );
  return [x!, v!];
};

/** The cubed factor of an accepted proposal with scale d > 0: their product is the sample. */
const propose = <V>(r: Real<V>, key: Key<V>, d: V): V => {
  const { f, u, share, add, sub, mul, once, log, compare, both, loop, split, uniform } = r;
  const c = share(mul(f(1 / 3), r.inverseRoot(d)));
  // A uniform number of 2 fails both tests.
  const [, , , cubed] = loop(
    [...key, f(0), f(1), f(2)],
    ([, , squared, cubed, unit]) => {
      const bound = once(mul(squared!, squared!), f(-Math.fround(0.0331)), f(1));
      const rest = share(add(sub(f(1), cubed!), log(cubed!)));
      const far = once(d, rest, mul(squared!, f(0.5)));
      return both(compare("ge", unit!, bound), compare("ge", log(unit!), far));
    },
    ([k0, k1]) => {
      const here: Key<V> = [k0!, k1!];
      const [x, v] = positive(r, split(here, 1), c);
      const unit = uniform(split(here, 2), u(0));
      return [...split(here, 0), mul(x, x), mul(share(mul(v, v)), v), unit];
    },
  );
  return cubed!;
};

/** A shape of at least 1 as the scale of proposals; 1 where there is none, and whether there is one. */
const scaleOf = <V>(r: Real<V>, shape: V): readonly [d: V, exists: V] => {
  const { f, share, sub, compare, both, select, isNumber } = r;
  const d = share(sub(shape, f(1 / 3)));
  const exists = share(both(isNumber(shape), both(compare("gt", d, f(0)), compare("lt", d, f(Infinity)))));
  return [share(select(exists, d, f(1))), exists];
};

/** Where a condition holds what `body` gives, else `otherwise`; where it holds for no element, `body` is passed over. */
const where = <V>({ f, loop, compare, select }: Real<V>, condition: V, otherwise: V, body: () => V): V =>
  loop(
    [select(condition, f(1), f(0)), otherwise],
    ([todo]) => compare("ne", todo!, f(0)),
    () => [f(0), body()],
  )[1]!;

/**
 * A sample of shape `alpha` and scale 1 with a key of its own, or its logarithm. Shapes below 1 are raised by 1; the sample is
 * then multiplied by U^(1/alpha).
 */
export const gammaSample = <V>(
  m: Machine<V>,
  [key0, key1, alpha]: readonly V[],
  dtype: DType,
  isLog: boolean,
): V | null => {
  const r = realOf(m, dtype);
  if (r === null) return null;
  const { f, u, share, add, sub, mul, div, log, compare, select, split, uniform } = r;
  const key: Key<V> = [m.share(key0!), m.share(key1!)];
  const a = m.share(alpha!);
  const large = share(compare("ge", a, f(1)));
  const [d, exists] = scaleOf(r, share(select(large, a, add(a, f(1)))));
  const cubed = propose(r, split(key, 0), d);
  const isInfinite = compare("eq", isLog ? a : r.abs(a), f(Infinity));
  const otherwise = select(isInfinite, a, f(NaN));
  const small = share(select(large, f(0), f(1)));
  const boosted = compare("ne", small, f(0));
  const unit = (): V => share(uniform(split(key, 1), u(0)));
  const inverse = (): V => div(f(1), a);
  if (!isLog) {
    const factor = where(r, boosted, f(1), () => r.pow(share(sub(f(1), unit())), share(inverse())));
    return select(exists, mul(mul(d, cubed), factor), otherwise);
  }
  // Where the logarithm is 0 its product is left out: the inverse may be infinite.
  const more = where(r, boosted, f(0), () => {
    const logU = share(r.log1p(share(m.unary("neg", unit()))));
    return select(compare("eq", logU, f(0)), f(0), mul(logU, inverse()));
  });
  return select(exists, add(add(log(d), log(cubed)), more), otherwise);
};
