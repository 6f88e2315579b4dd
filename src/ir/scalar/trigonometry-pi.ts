/** Trigonometry of πx, with x reduced exactly before the multiplication rounds. */

/** `|sin(πx)|`; 0 at integers. */
export function absSinPi(x: number): number {
  return Math.abs(Math.sin(Math.PI * (x - Math.round(x))));
}

/** `cot(πx)`; ±Infinity at integers. */
export function cotPi(x: number): number {
  const r = x - Math.round(x); // in [-1/2, 1/2], exact
  if (Math.abs(r) <= 0.25) return 1 / Math.tan(Math.PI * r);
  return Math.tan(Math.PI * (r > 0 ? 0.5 - r : -0.5 - r)); // exact too, and has full accuracy at the zero
}
