/** The model, its training, and forecasts with it. */
import {
  arange,
  add,
  cast,
  concat,
  div,
  expandDims,
  jit,
  mean,
  random,
  scan,
  square,
  sqrt,
  std,
  sub,
  take,
  type Tensor,
} from "fluxion";
import * as nn from "fluxion/nn";
import { angularVelocity } from "./pendulum.js";

/** How much data and work. */
export interface Size {
  /** Samples of the series. */
  readonly samples: number;
  readonly epochs: number;
  readonly features: number;
  /** Steps that the model looks back. */
  readonly window: number;
  readonly batch: number;
}

export const full: Size = { samples: 3000, epochs: 8, features: 50, window: 20, batch: 32 };
export const quick: Size = { samples: 900, epochs: 10, features: 16, window: 10, batch: 16 };

/** Root mean squared errors of predictions of the next sample, in the series' own unit, on samples held out. */
export interface Report {
  readonly model: number;
  /** The next sample is the last one. */
  readonly persistence: number;
  /** The next sample is on the line through the last two. */
  readonly extrapolation: number;
  readonly seconds: number;
  /** The series after the last training sample, and the model's forecast of it from its own predictions. */
  readonly truth: readonly number[];
  readonly forecast: readonly number[];
  readonly shown: number;
}

/** All windows of the series, `[n, window, 1]`, and the samples that follow them, `[n, 1]`. */
const windowsOf = (series: Tensor, window: number): nn.Batch => {
  const n = series.size - window;
  const at = add(
    expandDims(arange(0, n, 1, { dtype: "int32" }), 1),
    arange(0, window, 1, { dtype: "int32" }),
  );
  return {
    inputs: expandDims(take(series, at, { axis: 0 }), 2),
    labels: series.slice([window], [n + window]).reshape([n, 1]),
  };
};

const rmse = (a: Tensor, b: Tensor): number => sqrt(mean(square(sub(a, b)))).item() as number;

/** Trains on the first four fifths of the series and reports on the rest. */
export const run = async (size: Size, log: (line: string) => void = () => undefined): Promise<Report> => {
  const began = performance.now();
  const raw = angularVelocity(size.samples);
  const split = Math.floor(size.samples * 0.8);
  const past = raw.slice([0], [split]);
  const [centre, scale] = [mean(past), std(past)];
  const series = cast(div(sub(raw, centre), scale), "float32");
  const train = windowsOf(series.slice([0], [split]), size.window);
  const test = windowsOf(series.slice([split - size.window], [size.samples]), size.window);

  const model = nn.sequential(
    nn.lstm(size.features, { returnSequences: true }),
    nn.lstm(size.features),
    nn.dense(1),
  );
  const steps = Math.floor((train.inputs.shape[0] as number) / size.batch);
  const rate = nn.schedule.cosineDecay(5e-3, steps * size.epochs);
  const optimizer = nn.adam(rate);
  const loss = (y: Tensor, t: Tensor): Tensor => nn.mse(y, t);
  const start = nn.initTraining(model, optimizer, random.key(0), {
    shape: [1, size.window, 1],
    dtype: "float32",
  });
  const batches = function* (key: Tensor): Generator<nn.Batch> {
    const order = random.permutation(key, train.inputs.shape[0] as number);
    for (let i = 0; i < steps; i++) {
      const rows = order.slice([i * size.batch], [(i + 1) * size.batch]);
      yield { inputs: take(train.inputs, rows, { axis: 0 }), labels: take(train.labels, rows, { axis: 0 }) };
    }
  };
  let { params, state } = start;
  for await (const event of nn.train({
    model,
    optimizer,
    loss,
    metrics: {},
    start,
    epochs: size.epochs,
    steps,
    batches,
  }))
    if (event._tag === "Epoch") {
      ({ params, state } = event.state);
      log(
        `epoch ${event.epoch}/${event.epochs}  mean squared error ${event.loss.toFixed(5)}  ${event.seconds.toFixed(1)} s`,
      );
    }

  const predict = jit((p: typeof params, x: Tensor) => model.apply(p, state, x)[0]);
  const unit = scale.item() as number;
  const [last, before] = [size.window - 1, size.window - 2].map((t) =>
    test.inputs.slice([0, t, 0], [test.inputs.shape[0] as number, t + 1, 1]).reshape([-1, 1]),
  ) as [Tensor, Tensor];
  const shown = Math.min(60, size.samples - split);
  const free = jit((p: typeof params, seen: Tensor) => {
    const next = (window: Tensor): [Tensor, Tensor] => {
      const y = model.apply(p, state, window)[0];
      return [
        concat([window.slice([0, 1, 0], [1, size.window, 1]), expandDims(y, 2)], { axis: 1 }),
        y.reshape([]),
      ];
    };
    return scan<Tensor, null, Tensor>(next, seen, null, { length: shown })[1];
  });
  const numbers = (x: Tensor): number[] =>
    Array.from(x.dataSync(), (v) => v * unit + (centre.item() as number));
  return {
    model: rmse(predict(params, test.inputs), test.labels) * unit,
    persistence: rmse(last, test.labels) * unit,
    extrapolation: rmse(sub(add(last, last), before), test.labels) * unit,
    truth: numbers(series.slice([split - size.window], [split + shown])),
    forecast: [
      ...new Array<number>(size.window).fill(NaN),
      ...numbers(free(params, test.inputs.slice([0, 0, 0], [1, size.window, 1]))),
    ],
    shown,
    seconds: (performance.now() - began) / 1000,
  };
};
