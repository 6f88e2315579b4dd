/**
 * `npm run ulp -- [PART/PARTS] [NAME …]`: every float32 there is through
 * functions of one number, on the backend in use, against float64. Prints the worst error of each, in ulp, and where.
 *
 * It takes minutes for each function, and is no part of `npm test`, which samples (ulp.test.ts).
 */
import * as fx from "../../src/index.js";
import { tensor, type Tensor } from "../../src/index.js";
import { erfInvF32 } from "../../src/ir/scalar/erf-inv.js";
import { erf, erfc } from "../../src/ir/scalar/erf.js";
import { digamma, lgamma } from "../../src/ir/scalar/gamma.js";
import { logistic } from "../../src/ir/scalar/logistic.js";
import { polygamma } from "../../src/ir/scalar/polygamma.js";
import { ulps } from "./floats.js";

interface Subject {
  readonly exact: (x: number) => number;
  readonly run?: (x: Tensor) => Tensor;
  /** Odd and even functions are swept over positive numbers; that signs only change signs is tested elsewhere. */
  readonly symmetric?: true;
}

const odd = (exact: (x: number) => number): Subject => ({ exact, symmetric: true });
const any = (exact: (x: number) => number): Subject => ({ exact });

const subjects: Readonly<Record<string, Subject>> = {
  exp: any(Math.exp),
  expm1: any(Math.expm1),
  log: any(Math.log),
  log1p: any(Math.log1p),
  sin: odd(Math.sin),
  cos: odd(Math.cos),
  tan: odd(Math.tan),
  asin: odd(Math.asin),
  acos: any(Math.acos),
  atan: odd(Math.atan),
  sinh: odd(Math.sinh),
  cosh: odd(Math.cosh),
  tanh: odd(Math.tanh),
  asinh: odd(Math.asinh),
  acosh: any(Math.acosh),
  atanh: odd(Math.atanh),
  cbrt: odd(Math.cbrt),
  sigmoid: any(logistic),
  erf: odd(erf),
  erfc: any(erfc),
  erfInv: odd(erfInvF32), // whose bits it has
  lgamma: any(lgamma),
  digamma: any(digamma),
  trigamma: { exact: (x) => polygamma(1, x), run: (x) => fx.polygamma(x, 1) },
};

const chunk = 2 ** 20;

interface Worst {
  readonly ulps: number;
  readonly at: number;
  readonly got: number;
}

/** The worst of a chunk that starts at some bits, if it is worse than what there was. */
const worstOf = (name: string, { exact, run }: Subject, start: number, worst: Worst): Worst => {
  const bits = new Uint32Array(chunk).map((_, i) => start + i);
  const xs = new Float32Array(bits.buffer);
  const f = run ?? (fx as unknown as Record<string, (x: Tensor) => Tensor>)[name]!;
  const got = f(tensor(xs)).dataSync();
  let now = worst;
  for (let i = 0; i < chunk; i++) {
    const [x, y] = [xs[i]!, got[i]!];
    const want = exact(x);
    if (Object.is(y, Math.fround(want))) continue;
    const error = ulps(y, want);
    if (!(error <= now.ulps)) now = { ulps: error, at: x, got: y };
  }
  return now;
};

const sweep = (name: string, part: number, parts: number): void => {
  const subject = subjects[name];
  if (subject === undefined)
    throw new Error(`expected one of ${Object.keys(subjects).join(", ")}, got ${name}`);
  const chunks = (subject.symmetric ? 2 ** 31 : 2 ** 32) / chunk;
  const [first, end] = [part - 1, part].map((p) => Math.floor((chunks * p) / parts));
  let worst: Worst = { ulps: 0, at: NaN, got: NaN };
  for (let k = first!; k < end!; k++) worst = worstOf(name, subject, k * chunk, worst);
  const where = worst.ulps === 0 ? "" : ` at ${worst.at}, got ${worst.got}`;
  console.log(`${name}${parts > 1 ? ` (${part}/${parts})` : ""}: ${worst.ulps.toFixed(3)} ulp${where}`);
};

const wanted = process.argv.slice(2);
const fraction = wanted.find((a) => /^\d+\/\d+$/.test(a)) ?? "1/1";
const names = wanted.filter((a) => a !== fraction);
const [part, parts] = fraction.split("/").map(Number) as [number, number];
for (const name of names.length === 0 ? Object.keys(subjects) : names) sweep(name, part, parts);
