/** The stages of an argsort. */
import type { Statement } from "../../kernel.js";
import type { Stage } from "./dispatches.js";
import type { Site } from "./site.js";
import {
  type CallStatement,
  countingLimit,
  networkLength,
  networkSteps,
  networkWords,
  renderCounting,
  renderNetworkEnd,
  renderNetworkStart,
  renderNetworkStep,
  sortingOf,
} from "./sort.js";
import type { Thread } from "./thread.js";

export const sortStages = (site: Site, before: readonly Statement[], s: CallStatement): Stage[] => {
  const sorting = sortingOf(s);
  const { inner, length, count } = sorting;
  const lines = sorting.outer * inner;
  if (lines * length === 0) return [];
  const stage = (
    total: number,
    render: (t: Thread, id: string, position: readonly string[]) => void,
    steps: Stage["steps"] = [[]],
  ): Stage =>
    site.threads(total, steps, (t, id, position) => {
      t.statements(before);
      render(t, id, position);
    });
  const { buffers } = site;
  if (length <= countingLimit)
    return [
      stage(lines * length, (t, id) => {
        renderCounting(s, buffers, t, id);
      }),
    ];
  site.needScratch(networkWords(sorting));
  const n = networkLength(length);
  return [
    stage(lines * n, (t, id) => {
      renderNetworkStart(s, buffers, t, id);
    }),
    stage(
      (lines * n) / 2,
      (t, id, [size, distance]) => {
        renderNetworkStep(s, t, id, size!, distance!);
      },
      networkSteps(length),
    ),
    stage(lines * count, (t, id) => {
      renderNetworkEnd(s, buffers, t, id);
    }),
  ];
};
