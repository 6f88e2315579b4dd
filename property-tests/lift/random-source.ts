/** Random functions of two numbers, as JavaScript source: every construct that `lift` knows, with tame values. */
import { chance, integer, oneOf, type Random, random } from "../random.js";

/** What may occur. */
export interface Style {
  /** Only what has derivatives in reverse: loops have a number of rounds that can be told beforehand. */
  readonly differentiable: boolean;
  /** Nodes, roughly. */
  readonly size: number;
}

interface Context {
  readonly r: Random;
  readonly style: Style;
  /** Variables in scope that hold numbers, innermost last; the first two are the parameters. */
  readonly names: readonly string[];
  readonly inLoop: boolean;
  readonly depth: number;
  readonly fresh: () => string;
}

const literals = ["0.5", "2", "1.25", "3", "0.1", "1", "0", "(-1.5)"];

const leaf = ({ r, names }: Context): string => (chance(r, 0.7) ? oneOf(r, names) : oneOf(r, literals));

const deeper = (c: Context): Context => ({ ...c, depth: c.depth + 1 });

const smooth = ["Math.sin", "Math.cos", "Math.tanh", "Math.atan", "Math.asinh", "-", "+"];
const stepped = ["Math.floor", "Math.round", "Math.trunc", "Math.ceil", "Math.sign"];

const expression = (c: Context): string => {
  const { r, style } = c;
  if (c.depth > 3 || chance(r, 0.15)) return leaf(c);
  const inner = deeper(c);
  const e = (): string => expression(inner);
  const forms: readonly (() => string)[] = [
    () => `(${e()} + ${e()})`,
    () => `(${e()} - ${e()})`,
    () => `(${e()} * ${e()})`,
    () => `(${e()} / (1 + ${leaf(c)} ** 2))`,
    () => `(${e()} % 3.7)`,
    () => `(${oneOf(r, smooth)}(${e()}))`,
    () => `Math.exp(-Math.abs(${e()}))`,
    () => `Math.sqrt(1 + Math.abs(${e()}))`,
    () => `Math.log1p(${leaf(c)} ** 2)`,
    () => `Math.max(${e()}, ${e()} + 0.01)`,
    () => `Math.hypot(${e()}, 1)`,
    () => `(${condition(inner)} ? ${e()} : ${e()})`,
    () => `(${condition(inner)} ? ${guarded(inner)} : ${e()})`,
    ...(style.differentiable
      ? []
      : [
          () => `${oneOf(r, stepped)}(${e()})`,
          () => `((${e()} | 0) ^ ${integer(r, -9, 99)})`,
          () => `((${e()} * 100) >> ${integer(r, 0, 5)})`,
          () => `(~~${e()} & 255)`,
          () => `(Math.imul(${leaf(c)} * 9, 40503) >>> 20)`,
          () => `Number(${condition(inner)})`,
          () => `(${condition(inner)} && ${e()})`,
          () => `(${e()} || ${e()})`,
        ]),
    ...(c.names.length > 2
      ? [
          () => `(${oneOf(r, c.names.slice(2))} = ${squashed(inner)})`,
          () => `${oneOf(r, c.names.slice(2))}${oneOf(r, ["++", "--"])}`,
          () => `[${e()}, ${e()}][${integer(r, 0, 1)}]`,
          () => `pick(${e()}, ${leaf(c)})`,
        ]
      : []),
  ];
  return oneOf(r, forms)();
};

/** Fine in its branch, and NaN or infinite where its condition fails: the branch is chosen by `u > 0.2`. */
const guarded = (c: Context): string => {
  const v = leaf(c);
  return `(${v} > 0.2 ? Math.log(${v}) + 1 / ${v} + Math.sqrt(${v} - 0.2) : ${leaf(c)})`;
};

const condition = (c: Context): string => {
  const { r } = c;
  const inner = deeper(c);
  if (c.depth < 3 && chance(r, 0.25))
    return `(${condition(inner)} ${oneOf(r, ["&&", "||"])} ${condition(inner)})`;
  if (chance(r, 0.1)) return `!${condition(inner)}`;
  return `${expression(inner)} ${oneOf(r, ["<", "<=", ">", ">="])} ${expression(inner)}`;
};

/** An expression with values near 0, so that repetition does not explode. */
const squashed = (c: Context): string => {
  const e = expression(c);
  return oneOf(c.r, [`Math.sin(${e})`, `Math.tanh(${e}) * 2`, `(${e}) % 2.3`, `Math.atan(${e})`]);
};

const indent = (lines: readonly string[]): readonly string[] => lines.map((l) => `  ${l}`);

const block = (c: Context, count: number): readonly string[] => {
  const lines: string[] = [];
  let names = c.names;
  for (let k = 0; k < count; k++) {
    const [text, declared] = statement({ ...c, names });
    lines.push(...text);
    names = [...names, ...declared];
  }
  return indent(lines);
};

type Stated = readonly [lines: readonly string[], declared: readonly string[]];

const statement = (c: Context): Stated => {
  const { r, style } = c;
  const inner = deeper(c);
  const locals = c.names.slice(2);
  const few = (): readonly string[] => block(inner, integer(r, 1, 2));
  const declare = (): Stated => {
    const name = c.fresh();
    return [[`let ${name} = ${squashed(inner)};`], [name]];
  };
  if (locals.length === 0) return declare();
  const set = (): Stated => [[`${oneOf(r, locals)} = ${squashed(inner)};`], []];
  if (c.depth > 3) return set();
  const forms: readonly (() => Stated)[] = [
    declare,
    set,
    () => [[`${oneOf(r, locals)} ${oneOf(r, ["+=", "-=", "*="])} ${squashed(inner)};`], []],
    () => {
      const [a, b] = [c.fresh(), c.fresh()];
      return [[`let [${a}, ${b}] = [${squashed(inner)}, ${squashed(inner)}];`], [a, b]];
    },
    () => [[`if (${condition(inner)}) {`, ...few(), "}"], []],
    () => [[`if (${condition(inner)}) {`, ...few(), "} else {", ...few(), "}"], []],
    () => [[`if (${condition(inner)}) return ${squashed(inner)};`], []],
    () => [loop(c), []],
    ...(c.inLoop
      ? [(): Stated => [[`if (${condition(inner)}) ${oneOf(r, ["break", "continue"])};`], []]]
      : []),
    ...(style.differentiable ? [] : [(): Stated => [dynamicLoop(c), []]]),
  ];
  return oneOf(r, forms)();
};

const loop = (c: Context): readonly string[] => {
  const { r } = c;
  const i = c.fresh();
  const inside = { ...deeper(c), inLoop: true };
  const head = oneOf(r, [
    `for (let ${i} = 0; ${i} < ${integer(r, 1, 5)}; ${i}++)`,
    `for (let ${i} = ${integer(r, 20, 50)}; ${i} > 0; ${i} -= 1)`,
    `for (let ${i} = 1; ${i} <= 64; ${i} *= 2)`,
  ]);
  // The counter is read, not assigned.
  const body = block(inside, integer(r, 1, 3));
  return [`${head} {`, ...body, `  ${oneOf(r, c.names.slice(2))} += 0.01 * ${i};`, "}"];
};

/** Loops whose rounds depend on the values; all end. */
const dynamicLoop = (c: Context): readonly string[] => {
  const { r } = c;
  const i = c.fresh();
  const inside = { ...deeper(c), inLoop: true };
  const body = block(inside, integer(r, 1, 2));
  const until = condition(deeper(c));
  return oneOf(r, [
    () => [
      `for (let ${i} = 0; ${i} < Math.abs(${leaf(c)}) * 3; ${i}++) {`,
      `  if (${i} > 9) break;`,
      ...body,
      "}",
    ],
    () => [`let ${i} = 0;`, `while (${until} && ${i}++ < 7) {`, ...body, "}"],
    () => [`let ${i} = 0;`, `do {`, ...body, `} while (${until} && ++${i} < 6);`],
    () => [`let ${i} = 0;`, "for (;;) {", `  if (++${i} > 5 || ${until}) break;`, ...body, "}"],
  ])();
};

/** The source of an arrow function of `a` and `b`. */
export const randomSource = (seed: number, style: Style): string => {
  const r = random(seed);
  let count = 0;
  const c: Context = {
    r,
    style,
    names: ["a", "b"],
    inLoop: false,
    depth: 0,
    fresh: () => `v${count++}`,
  };
  const body = block({ ...c, names: ["a", "b", "x", "y"] }, style.size);
  return [
    "(a, b) => {",
    "  const pick = (u, w) => {",
    "    if (u > w) return u - w;",
    "    return u * 0.5;",
    "  };",
    "  let x = a * 0.5;",
    "  let y = b + 0.25;",
    ...body,
    "  return x + y * 0.5 - a * 0.1;",
    "}",
  ].join("\n");
};
