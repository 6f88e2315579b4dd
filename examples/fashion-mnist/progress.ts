/** How training is shown while it goes on: a bar on a terminal, a line now and then elsewhere. */
import cliProgress from "cli-progress";
import type { StepEvent } from "fluxion/nn";

/** Where the example writes, and what it may assume about it. */
export interface Output {
  readonly stream: NodeJS.WritableStream;
  readonly isTTY: boolean;
  readonly columns: number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export type Step = Omit<StepEvent<"accuracy">, "state">;

/** Shows steps. `finish` ends an epoch, and leaves a line about it. */
export interface Progress {
  step(event: Step): void;
  finish(line: string): void;
}

const percent = (x: number): string => `${(100 * x).toFixed(1)}%`;

/** Seconds as 8s, 1m08s or 2h03m. */
export const duration = (seconds: number): string => {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s}s`;
  const two = (n: number): string => String(n).padStart(2, "0");
  return s < 3600
    ? `${Math.floor(s / 60)}m${two(s % 60)}s`
    : `${Math.floor(s / 3600)}h${two(Math.floor((s % 3600) / 60))}m`;
};

/** What is known after a step. */
export const describeStep = ({ loss, metrics, examplesPerSecond, eta }: Step): string =>
  [
    `loss ${loss.toFixed(4)}`,
    `accuracy ${percent(metrics.accuracy)}`,
    `${Math.round(examplesPerSecond)} images/s`,
    `ETA ${duration(eta)}`,
  ].join("  ");

const title = ({ epoch, epochs }: Step): string => `epoch ${epoch}/${epochs}`;

const bar = ({ stream, columns }: Output): Progress => {
  const make = (): cliProgress.SingleBar =>
    new cliProgress.SingleBar({
      stream,
      format: "{title} {bar} {percentage}%  {text}",
      barCompleteChar: "█",
      barIncompleteChar: "░",
      barsize: Math.max(4, Math.min(40, columns - 76)),
      clearOnComplete: true,
      linewrap: true,
      hideCursor: null,
      forceRedraw: true,
    });
  let current: cliProgress.SingleBar | null = null;
  return {
    step: (event) => {
      const payload = { title: title(event), text: describeStep(event) };
      if (current === null) {
        current = make();
        current.start(event.steps, event.step, payload);
      } else current.update(event.step, payload);
    },
    finish: (line) => {
      current?.stop();
      current = null;
      stream.write(`${line}\n`);
    },
  };
};

/** Four lines an epoch, so that a log of a long run shows that it lives. */
const lines = ({ stream }: Output): Progress => ({
  step: (event) => {
    const quarter = (step: number): number => Math.floor((4 * step) / event.steps);
    if (event.step < event.steps && quarter(event.step) > quarter(event.step - 1))
      stream.write(`${title(event)}  ${percent(event.step / event.steps)}  ${describeStep(event)}\n`);
  },
  finish: (line) => void stream.write(`${line}\n`),
});

export const progress = (output: Output): Progress => (output.isTTY ? bar(output) : lines(output));
