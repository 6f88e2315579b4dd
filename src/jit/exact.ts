/** Operations whose result is one of their operands, or a whole number no greater: it needs no rounding. */
export const exact: ReadonlySet<string> = new Set([
  "select",
  "max",
  "min",
  "neg",
  "abs",
  "sign",
  "floor",
  "ceil",
  "round",
  "stopGradient",
  "clamp",
]);
