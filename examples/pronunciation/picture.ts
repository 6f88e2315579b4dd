/** Where the decoder looked: phonemes as rows, letters as columns, as text and as SVG. */

/** A word, what was said, and for each phoneme the share of each letter, `shares[phoneme][letter]`. */
export interface Looks {
  readonly word: string;
  readonly said: readonly string[];
  readonly shares: readonly (readonly number[])[];
}

const shades = " ░▒▓█";

const shade = (share: number): string =>
  shades[Math.min(shades.length - 1, Math.round(share * (shades.length - 1)))]!.repeat(2);

/** One word as text, two columns for each letter. */
export const drawText = ({ word, said, shares }: Looks): string => {
  const rows = said.map((p, i) => {
    const cells = Array.from(word, (_, j) => shade(shares[i]![j]!));
    return `${p.padStart(4)} │${cells.join("").trimEnd()}`;
  });
  return [
    `      ${Array.from(word, (c) => `${c} `)
      .join("")
      .trimEnd()}`,
    ...rows,
  ].join("\n");
};

const cell = 22;
const margin = 44;

const wordSvg = ({ word, said, shares }: Looks, x: number, y: number): string => {
  const letter = (c: string, j: number): string =>
    `<text x="${x + (j + 0.5) * cell}" y="${y - 6}" text-anchor="middle">${c}</text>`;
  const row = (p: string, i: number): string => {
    const boxes = Array.from(word, (_, j) => {
      const opacity = Math.min(1, Math.max(0, shares[i]![j]!)).toFixed(3);
      return `<rect x="${x + j * cell}" y="${y + i * cell}" width="${cell - 1}" height="${cell - 1}" fill="#1f4e79" fill-opacity="${opacity}"/>`;
    });
    return `<text x="${x - 6}" y="${y + (i + 0.7) * cell}" text-anchor="end">${p}</text>${boxes.join("")}`;
  };
  return [...Array.from(word, letter), ...said.map(row)].join("");
};

/** Several words side by side. */
export const drawSvg = (title: string, all: readonly Looks[]): string => {
  const widths = all.map(({ word }) => margin + word.length * cell + 16);
  const width = widths.reduce((a, b) => a + b, 16);
  const height = 90 + Math.max(0, ...all.map(({ said }) => said.length)) * cell;
  let x = 0;
  const words = all.map((looks, i) => {
    const drawn = wordSvg(looks, x + margin, 70);
    x += widths[i]!;
    return drawn;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="16" y="24" font-weight="bold">${title}</text>`,
    ...words,
    "</svg>\n",
  ].join("\n");
};
