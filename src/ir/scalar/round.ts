/** `x` rounded to the nearest integer, halves to the even one (IEEE 754 roundToIntegralTiesToEven). */
export function roundEven(x: number): number {
  const up = Math.round(x); // halves towards +Infinity; keeps -0
  return up - x === 0.5 && up % 2 !== 0 ? up - 1 : up;
}
