/** Line charts as text and as SVG. */

/** A line: NaN where it has no value. */
export interface Line {
  readonly name: string;
  readonly mark: string;
  readonly colour: string;
  readonly values: readonly number[];
}

const rangeOf = (lines: readonly Line[]): readonly [number, number] => {
  const all = lines.flatMap((l) => l.values).filter(Number.isFinite);
  const [low, high] = [Math.min(...all), Math.max(...all)];
  return low < high ? [low, high] : [low - 1, high + 1];
};

/** The lines as text, one column for each value; later lines cover earlier ones. */
export const drawText = (lines: readonly Line[], height = 15): string => {
  const [low, high] = rangeOf(lines);
  const width = Math.max(...lines.map((l) => l.values.length));
  const grid = Array.from({ length: height }, () => new Array<string>(width).fill(" "));
  for (const { mark, values } of lines)
    values.forEach((v, i) => {
      if (Number.isFinite(v)) grid[Math.round(((high - v) / (high - low)) * (height - 1))]![i] = mark;
    });
  const label = (row: number): string => (high - (row / (height - 1)) * (high - low)).toFixed(1).padStart(6);
  const rows = grid.map(
    (cells, row) => `${row % 7 === 0 ? label(row) : "      "} │${cells.join("").trimEnd()}`,
  );
  return [
    ...rows,
    `       └${"─".repeat(width)}`,
    `        ${lines.map((l) => `${l.mark} ${l.name}`).join("   ")}`,
  ].join("\n");
};

const escape = (text: string): string => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** The lines as an SVG picture with a legend. */
export const drawSvg = (title: string, lines: readonly Line[], width = 960, height = 320): string => {
  const [low, high] = rangeOf(lines);
  const count = Math.max(...lines.map((l) => l.values.length));
  const x = (i: number): string => (40 + (i / (count - 1)) * (width - 60)).toFixed(1);
  const y = (v: number): string => (50 + ((high - v) / (high - low)) * (height - 70)).toFixed(1);
  const path = (values: readonly number[]): string =>
    values
      .map((v, i) =>
        Number.isFinite(v) ? `${Number.isFinite(values[i - 1]) ? "L" : "M"}${x(i)} ${y(v)}` : "",
      )
      .join("");
  const drawn = lines.map(
    ({ values, colour }) => `<path d="${path(values)}" fill="none" stroke="${colour}" stroke-width="1.8"/>`,
  );
  const legend = lines.map(
    ({ name, colour }, i) => `<text x="${40 + 180 * i}" y="40" fill="${colour}">${escape(name)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="white"/>`,
    `<text x="40" y="20" font-weight="bold">${escape(title)}</text>`,
    ...legend,
    ...drawn,
    `<text x="4" y="${y(high)}">${high.toFixed(1)}</text>`,
    `<text x="4" y="${y(low)}">${low.toFixed(1)}</text>`,
    "</svg>\n",
  ].join("\n");
};
