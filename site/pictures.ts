/** Images of clothes with the network's answers, and the filters of its first layer. */
import { fashionClasses } from "../examples/fashion-mnist/classes.js";
import { byId, element, row } from "./elements.js";
import { percent } from "./format.js";
import { diverging } from "./palette.js";
import type { Exam, Filters, Prediction, Sample } from "./protocol.js";

const answers = byId("answers", HTMLUListElement);
const recalls = byId("recalls", HTMLTableSectionElement);
const filters = byId("filters", HTMLUListElement);
const weights = byId("weights", HTMLDivElement);

type Rgb = readonly [number, number, number];

/** One pixel for each element; the style sheet enlarges them. */
const paint = (canvas: HTMLCanvasElement, width: number, height: number, at: (i: number) => Rgb): void => {
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d")!;
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i++) image.data.set([...at(i), 255], 4 * i);
  context.putImageData(image, 0, 0);
};

const picture = (label: string): HTMLCanvasElement => {
  const canvas = element("canvas");
  canvas.role = "img";
  canvas.ariaLabel = label;
  return canvas;
};

const nameOf = (label: number): string => fashionClasses[label] ?? String(label);

/** The images, before there is an answer. */
export const showSamples = (samples: readonly Sample[]): void => {
  answers.replaceChildren(
    ...samples.map(({ pixels, label }) => {
      const canvas = picture(`Image: ${nameOf(label)}`);
      const side = Math.sqrt(pixels.length);
      paint(canvas, side, side, (i) => [pixels[i]!, pixels[i]!, pixels[i]!]);
      return element("li", {}, canvas, element("p", { textContent: nameOf(label) }));
    }),
  );
};

const answerText = (truth: number, { label, confidence }: Prediction): HTMLElement => {
  const right = truth === label;
  const verdict = element("strong", { className: right ? "right" : "wrong" });
  verdict.textContent = right ? "✓ right" : `✗ ${nameOf(label)}`;
  return element("p", {}, `${nameOf(truth)}: `, verdict, `, ${percent(confidence)} sure`);
};

const showAnswers = (samples: readonly Sample[], predictions: readonly Prediction[]): void => {
  predictions.forEach((prediction, i) =>
    answers.children[i]?.lastElementChild?.replaceWith(answerText(samples[i]!.label, prediction)),
  );
};

const showRecalls = (values: readonly number[]): void =>
  recalls.replaceChildren(...values.map((recall, c) => row(nameOf(c), percent(recall))));

const filterAt = ({ size, weights }: Filters, f: number): Float32Array =>
  weights.subarray(f * size * size, (f + 1) * size * size);

const showFilters = (all: Filters): void => {
  const largest = all.weights.reduce((m, w) => Math.max(m, Math.abs(w)), 1e-6);
  const colours = diverging();
  const { count, size } = all;
  if (filters.children.length !== count)
    filters.replaceChildren(
      ...Array.from({ length: count }, () => element("li", {}, picture(""), element("p"))),
    );
  Array.from(filters.children).forEach((item, f) => {
    const own = filterAt(all, f);
    const range = `weights from ${Math.min(...own).toFixed(2)} to ${Math.max(...own).toFixed(2)}`;
    const [canvas, caption] = item.children as unknown as [HTMLCanvasElement, HTMLElement]; // as made above
    canvas.ariaLabel = `Filter ${f + 1}: ${range}`;
    caption.textContent = `Filter ${f + 1}: ${range}`;
    paint(canvas, size, size, (i) => colours(own[i]! / largest));
  });
  showWeights(all);
};

const showWeights = (all: Filters): void => {
  const { count, size } = all;
  weights.replaceChildren(
    ...Array.from({ length: count }, (_, f) => {
      const own = filterAt(all, f);
      const body = element("tbody");
      for (let y = 0; y < size; y++) {
        const cells = Array.from(own.subarray(y * size, (y + 1) * size), (w) =>
          element("td", { textContent: w.toFixed(2) }),
        );
        body.append(element("tr", {}, ...cells));
      }
      return element("table", {}, element("caption", { textContent: `Filter ${f + 1}` }), body);
    }),
  );
};

/** What the network says and looks for now. */
export const showExam = (samples: readonly Sample[], exam: Exam): void => {
  showAnswers(samples, exam.predictions);
  showRecalls(exam.recalls);
  showFilters(exam.filters);
};
