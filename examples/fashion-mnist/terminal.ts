/**
 * Grayscale images as text: half blocks in 24-bit or 256 colours, two pixels a character, or plain ASCII.
 *
 * Everything is a function from pixels to a string; only `colourMode` looks at the world.
 */

/** How a terminal shows gray: 24-bit colours, the 24 grays of the 256 colours, or characters only. */
export type ColourMode = "truecolor" | "256" | "ascii";

/** An image of bytes 0 (black) to 255 (white), row-major, with lines of text to stand below it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: ArrayLike<number>;
  readonly caption: readonly string[];
}

/** What of a stream and the environment decides the mode. */
export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The mode for a terminal; ASCII when the output is no terminal or `NO_COLOR` is set (https://no-color.org). */
export const colourMode = ({ isTTY, env }: Terminal): ColourMode => {
  if (isTTY !== true || (env["NO_COLOR"] ?? "") !== "" || env["TERM"] === "dumb") return "ascii";
  if (/truecolor|24bit/i.test(env["COLORTERM"] ?? "")) return "truecolor";
  return "256";
};

/** From dark to bright; light ink on a dark ground, as the images are. */
const ramp = " .:-=+*#%@";

const gray = (picture: Picture, x: number, y: number): number => {
  const value = y < picture.height ? picture.pixels[y * picture.width + x] : 0;
  return Math.min(255, Math.max(0, Math.round(value ?? 0)));
};

/** The escape sequence that colours what follows: 38 is the foreground, 48 the background. */
const colour = (mode: "truecolor" | "256", layer: 38 | 48, value: number): string => {
  if (mode === "truecolor") return `\x1b[${layer};2;${value};${value};${value}m`;
  return `\x1b[${layer};5;${232 + Math.min(23, Math.floor((value * 24) / 256))}m`;
};

const asciiCell = (picture: Picture, x: number, y: number): string => {
  const value = (gray(picture, x, y) + gray(picture, x, y + 1)) / 2;
  return ramp[Math.min(ramp.length - 1, Math.floor((value * ramp.length) / 256))]!;
};

/** Pixel rows y and y + 1 as one line of text: the upper one colours the half block, the lower its ground. */
const line = (picture: Picture, y: number, mode: ColourMode): string => {
  let text = "";
  let last = "";
  for (let x = 0; x < picture.width; x++) {
    if (mode === "ascii") {
      text += asciiCell(picture, x, y);
      continue;
    }
    const cell = colour(mode, 38, gray(picture, x, y)) + colour(mode, 48, gray(picture, x, y + 1));
    text += cell === last ? "▀" : `${cell}▀`; // colours last until they are changed
    last = cell;
  }
  return mode === "ascii" ? text : `${text}\x1b[0m`;
};

/** `text` in exactly `width` columns. */
const fit = (text: string, width: number): string => {
  const short = text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
  return short.padEnd(width);
};

/** The lines of one picture and its caption, each as wide as the picture. */
const lines = (picture: Picture, mode: ColourMode): string[] => {
  const rows = Array.from({ length: Math.ceil(picture.height / 2) }, (_, i) => line(picture, 2 * i, mode));
  return [...rows, ...picture.caption.map((text) => fit(text, picture.width))];
};

const beside = (pictures: readonly Picture[], mode: ColourMode): string => {
  const columns = pictures.map((picture) => lines(picture, mode));
  const height = Math.max(0, ...columns.map((column) => column.length));
  const row = (i: number): string =>
    columns.map((column, k) => column[i] ?? " ".repeat(pictures[k]!.width)).join("  ");
  return Array.from({ length: height }, (_, i) => row(i).trimEnd()).join("\n");
};

/** The pictures side by side, as many as fit into `columns`, then the next row of them. */
export const drawPictures = (pictures: readonly Picture[], mode: ColourMode, columns = 80): string => {
  const width = Math.max(1, ...pictures.map((picture) => picture.width)) + 2;
  const perRow = Math.max(1, Math.floor((columns + 2) / width));
  const rows: string[] = [];
  for (let i = 0; i < pictures.length; i += perRow) rows.push(beside(pictures.slice(i, i + perRow), mode));
  return rows.join("\n\n");
};

/** What stands below a classified image: the true class, and the predicted one with a mark. */
export const predictionCaption = (actual: string, predicted: string): readonly string[] => [
  actual,
  actual === predicted ? "✓" : `✗ ${predicted}`,
];
