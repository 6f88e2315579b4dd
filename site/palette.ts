/** Colours of the style sheet, as they are now. */
type Name = "text" | "soft" | "edge" | "first" | "second" | "positive" | "negative" | "zero";

export const colour = (name: Name): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

type Rgb = readonly [number, number, number];

const rgb = (hex: string): Rgb => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)) as unknown as Rgb; // three of them

/** Colours from `negative` at -1 over `zero` to `positive` at 1. */
export const diverging = (): ((x: number) => Rgb) => {
  const [low, middle, high] = (["negative", "zero", "positive"] as const).map((n) => rgb(colour(n))) as [
    Rgb,
    Rgb,
    Rgb,
  ];
  return (x) => {
    const end = x < 0 ? low : high;
    const share = Math.min(1, Math.abs(x));
    return [0, 1, 2].map((i) => middle[i]! + share * (end[i]! - middle[i]!)) as unknown as Rgb; // three of them
  };
};

/** Calls back when the reader changes between light and dark. */
export const onSchemeChange = (redraw: () => void): void =>
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
