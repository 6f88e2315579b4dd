/** Curves on a canvas, with axes. */
import { colour } from "./palette.js";

export type Point = readonly [x: number, y: number];

export interface Curve {
  readonly points: readonly Point[];
  readonly colour: "soft" | "first" | "second";
  readonly width: number;
  readonly dash?: readonly number[];
  /** Whether each point is marked. */
  readonly marked?: boolean;
}

export interface Chart {
  readonly curves: readonly Curve[];
  /** The axes begin at 0. */
  readonly right: number;
  readonly top: number;
  readonly format: (y: number) => string;
}

const margin = { left: 44, right: 10, top: 10, bottom: 22 };

/** Round steps between 0 and `end`, about `count` of them. */
export const ticks = (end: number, count: number): readonly number[] => {
  const rough = end / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((m) => m * power >= rough * 0.999) ?? 10);
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, i) => i * step);
};

/** At most two points for each pixel column, the lowest and the highest: long curves stay cheap and keep their spikes. */
export const thin = (points: readonly Point[], columns: number): readonly Point[] => {
  if (points.length <= 2 * columns) return points;
  const size = Math.ceil(points.length / columns);
  return Array.from({ length: Math.ceil(points.length / size) }, (_, c) => {
    const group = points.slice(c * size, (c + 1) * size);
    const low = group.reduce((a, b) => (b[1] < a[1] ? b : a));
    const high = group.reduce((a, b) => (b[1] > a[1] ? b : a));
    return low[0] <= high[0] ? [low, high] : [high, low];
  }).flat();
};

/** The canvas at the screen's resolution, cleared, in CSS pixels. */
const prepare = (canvas: HTMLCanvasElement): CanvasRenderingContext2D => {
  const ratio = devicePixelRatio;
  canvas.width = Math.round(canvas.clientWidth * ratio);
  canvas.height = Math.round(canvas.clientHeight * ratio);
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  return context;
};

type Place = (point: Point) => Point;

const drawAxes = (c: CanvasRenderingContext2D, chart: Chart, place: Place, width: number): void => {
  c.font = "12px system-ui, sans-serif";
  c.fillStyle = colour("soft");
  c.strokeStyle = colour("edge");
  c.lineWidth = 1;
  c.textAlign = "right";
  c.textBaseline = "middle";
  for (const y of ticks(chart.top, 5)) {
    const [left, at] = place([0, y]);
    c.beginPath();
    c.moveTo(left, at);
    c.lineTo(width - margin.right, at);
    c.stroke();
    c.fillText(chart.format(y), left - 6, at);
  }
  c.textAlign = "center";
  c.textBaseline = "top";
  for (const x of ticks(chart.right, 6)) {
    const [at, bottom] = place([x, 0]);
    if (at < width - 16) c.fillText(String(x), at, bottom + 6);
  }
};

const drawCurve = (c: CanvasRenderingContext2D, curve: Curve, place: Place, width: number): void => {
  const points = thin(curve.points, Math.max(1, Math.floor(width))).map(place);
  c.strokeStyle = c.fillStyle = colour(curve.colour);
  c.lineWidth = curve.width;
  c.lineJoin = "round";
  c.setLineDash([...(curve.dash ?? [])]);
  c.beginPath();
  points.forEach(([x, y], i) => (i === 0 ? c.moveTo(x, y) : c.lineTo(x, y)));
  c.stroke();
  c.setLineDash([]);
  if (curve.marked !== true) return;
  for (const [x, y] of points) {
    c.beginPath();
    c.arc(x, y, 3, 0, 2 * Math.PI);
    c.fill();
  }
};

export const drawChart = (canvas: HTMLCanvasElement, chart: Chart): void => {
  const c = prepare(canvas);
  const [width, height] = [canvas.clientWidth, canvas.clientHeight];
  const [across, down] = [width - margin.left - margin.right, height - margin.top - margin.bottom];
  const place: Place = ([x, y]) => [
    margin.left + (across * x) / chart.right,
    margin.top + down * (1 - Math.min(y, chart.top) / chart.top),
  ];
  drawAxes(c, chart, place, width);
  for (const curve of chart.curves) drawCurve(c, curve, place, across);
};
