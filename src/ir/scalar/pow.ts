/**
 * `x` to the power `y` as IEEE 754 and NumPy define it. `Math.pow` differs in three cases, where it
 * gives NaN: 1 to the NaN and ±1 to the ±Infinity are 1.
 */
export function pow(x: number, y: number): number {
  if (x === 1) return 1;
  if (x === -1 && (y === Infinity || y === -Infinity)) return 1;
  return Math.pow(x, y);
}
