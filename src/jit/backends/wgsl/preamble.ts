/** Functions that every shader may call. WGSL leaves NaN to chance in comparisons and `max`; these look at the bits. */

import type { View } from "./memory.js";

/** The memory, the addresses of a kernel's buffers, and floats that text cannot express. */
export const preambleOf = (
  view: Pick<View, "words">,
): string => `@group(0) @binding(0) var<storage, read_write> heap: array<${view.words}>;
@group(0) @binding(1) var<storage, read> at: array<i32>;
var<private> special: vec4<u32> = vec4<u32>(0x7fc00000u, 0x7f800000u, 0xff800000u, 0x80000000u);
`;

/** The first line of shaders that read or write float16s, and where those are. */
export const enableHalves = "enable f16;\n";
export const halvesVariable = (view: Pick<View, "halves">): string =>
  `@group(0) @binding(2) var<storage, read_write> halves: array<${view.halves}>;\n`;

/** The first line of shaders with subgroups. */
export const enableSubgroups = "enable subgroups;\n";

/** The lesser or greater of four pairs: NaN where one is, and of two zeros the one with, or without, a sign. */
const extreme = (name: "min" | "max", zeros: string, order: string): string =>
  `fn ${name}_f32_4(x: vec4<f32>, y: vec4<f32>) -> vec4<f32> {
  let zeros = bitcast<vec4<f32>>(bitcast<vec4<u32>>(x) ${zeros} bitcast<vec4<u32>>(y));
  let both = (x == vec4<f32>(0.0f)) & (y == vec4<f32>(0.0f));
  let chosen = select(select(y, x, x ${order} y), zeros, both);
  return select(select(chosen, y, is_nan_4(y)), x, is_nan_4(x));
}`;

/** By name; a function may call those before it. */
const functions: readonly (readonly [name: string, text: string])[] = [
  ["is_nan", "fn is_nan(x: f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) > 0x7f800000u; }"],
  [
    "min_f32",
    `fn min_f32(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  if (x == 0.0f && y == 0.0f) { return bitcast<f32>(bitcast<u32>(x) | bitcast<u32>(y)); }
  return select(y, x, x < y);
}`,
  ],
  [
    "max_f32",
    `fn max_f32(x: f32, y: f32) -> f32 {
  if (is_nan(x)) { return x; }
  if (is_nan(y)) { return y; }
  if (x == 0.0f && y == 0.0f) { return bitcast<f32>(bitcast<u32>(x) & bitcast<u32>(y)); }
  return select(y, x, x > y);
}`,
  ],
  [
    "div_i32",
    `fn div_i32(x: i32, y: i32) -> i32 {
  if (y == 0i) { return -1i; }
  if (y == -1i) { return 0i - x; }
  return x / y;
}`,
  ],
  ["div_u32", "fn div_u32(x: u32, y: u32) -> u32 { if (y == 0u) { return 0xffffffffu; } return x / y; }"],
  [
    "to_i32",
    `fn to_i32(x: f32) -> i32 {
  if (is_nan(x)) { return 0i; }
  if (x >= 2147483648.0f) { return 2147483647i; }
  if (x <= -2147483648.0f) { return i32(-2147483647 - 1); }
  return i32(x);
}`,
  ],
  [
    "to_u32",
    `fn to_u32(x: f32) -> u32 {
  if (is_nan(x) || x <= 0.0f) { return 0u; }
  if (x >= 4294967296.0f) { return 4294967295u; }
  return u32(x);
}`,
  ],
  // The same of four at a time.
  [
    "is_nan_4",
    "fn is_nan_4(x: vec4<f32>) -> vec4<bool> { return (bitcast<vec4<u32>>(x) & vec4<u32>(0x7fffffffu)) > vec4<u32>(0x7f800000u); }",
  ],
  ["min_f32_4", extreme("min", "|", "<")],
  ["max_f32_4", extreme("max", "&", ">")],
  [
    "div_i32_4",
    `fn div_i32_4(x: vec4<i32>, y: vec4<i32>) -> vec4<i32> {
  let zero_y = y == vec4<i32>(0i);
  let minus = y == vec4<i32>(-1i);
  let q = select(x / select(y, vec4<i32>(1i), zero_y | minus), -x, minus);
  return select(q, vec4<i32>(-1i), zero_y);
}`,
  ],
  [
    "div_u32_4",
    `fn div_u32_4(x: vec4<u32>, y: vec4<u32>) -> vec4<u32> {
  let zero_y = y == vec4<u32>(0u);
  return select(x / select(y, vec4<u32>(1u), zero_y), vec4<u32>(0xffffffffu), zero_y);
}`,
  ],
  [
    "to_i32_4",
    `fn to_i32_4(x: vec4<f32>) -> vec4<i32> {
  let high = x >= vec4<f32>(2147483648.0f);
  let low = x <= vec4<f32>(-2147483648.0f);
  let none = is_nan_4(x);
  let whole = vec4<i32>(select(x, vec4<f32>(0.0f), high | low | none));
  let bounded = select(whole, vec4<i32>(i32(-2147483647 - 1)), low & !none);
  return select(bounded, vec4<i32>(2147483647i), high & !none);
}`,
  ],
  [
    "to_u32_4",
    `fn to_u32_4(x: vec4<f32>) -> vec4<u32> {
  let high = x >= vec4<f32>(4294967296.0f);
  let none = is_nan_4(x);
  let whole = vec4<u32>(select(x, vec4<f32>(0.0f), high | (x <= vec4<f32>(0.0f)) | none));
  return select(whole, vec4<u32>(0xffffffffu), high & !none);
}`,
  ],
  // Quotient and remainder rounded down, for the index of an element.
  [
    "floor_div",
    "fn floor_div(x: i32, y: i32) -> i32 { let q = x / y; return select(q, q - 1i, x - q * y < 0i); }",
  ],
  ["floor_mod", "fn floor_mod(x: i32, y: i32) -> i32 { let r = x % y; return select(r, r + y, r < 0i); }"],
];

/** Those that a text uses, and what they use. */
export const functionsOf = (text: string): string => {
  const chosen = new Set<string>();
  for (const [name, body] of [...functions].reverse())
    if (text.includes(`${name}(`) || [...chosen].some((c) => c !== body && c.includes(`${name}(`)))
      chosen.add(body);
  return functions
    .map(([, body]) => body)
    .filter((body) => chosen.has(body))
    .map((body) => `${body}\n`)
    .join("");
};
