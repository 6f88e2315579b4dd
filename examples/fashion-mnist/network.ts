/** The network, and how it is fed: bytes in, logits out. */
import { argmax, cast, div, jit, random, reshape, sub, tensor, type Tensor } from "fluxion";
import { batches, moments, takeExamples, type NdArray } from "fluxion/data";
import * as nn from "fluxion/nn";
import type { Configuration } from "./configuration.js";
import type { Part } from "./dataset.js";

type Parameters = { readonly leNet: nn.LeNetParams };
type State = { readonly leNet: nn.LeNetState };

/** The network and its optimizer, for images of one size. */
export interface Network {
  readonly model: nn.Layer<Parameters, State>;
  readonly optimizer: nn.GradientTransformation<AdamState>;
  /** Steps in an epoch. */
  readonly steps: number;
}

type AdamState =
  ReturnType<typeof nn.adam> extends nn.GradientTransformation<infer F extends nn.StateFn> ? F : never;

export type RunState = nn.TrainingState<Parameters, State, nn.StateOf<AdamState, Parameters>>;

/** Bytes [n, height, width] to numbers [n, 1, height, width] of mean 0 and deviation 1 over the training images. */
const standardise = (train: NdArray): ((images: Tensor) => Tensor) => {
  const { mean, deviation } = moments({ ...train, shape: [train.data.length, 1] });
  return (x) => {
    const pixels = div(sub(cast(x, "float32"), mean[0]!), deviation[0]! || 1);
    return reshape(pixels, [x.shape[0], 1, x.shape[1], x.shape[2]]);
  };
};

/** LeNet on images padded as in the original, with dropout, and Adam, whose learning rate goes down by a fifth every epoch. */
export const network = (train: Part, classes: number, { batch, rate }: Configuration): Network => {
  const steps = Math.ceil(train.labels.data.length / batch);
  return {
    model: nn.sequential({
      standardise: standardise(train.images),
      leNet: nn.leNet(classes, { padding: 2, dropout: 0.25 }),
    }),
    optimizer: nn.adam(nn.schedule.exponentialDecay(rate, { steps, rate: 0.8 })),
    steps,
  };
};

export const startState = ({ model, optimizer }: Network, train: Part, seed: number): RunState =>
  nn.initTraining(model, optimizer, random.key(seed), {
    shape: [1, ...train.images.shape.slice(1)],
    dtype: "uint8",
  });

const toTensor = ({ data, shape, dtype }: NdArray): Tensor => tensor(data, { shape, dtype });

/** The training images in a random order that depends on nothing but the key. */
export const shuffled = (train: Part, batchSize: number) =>
  async function* (key: Tensor): AsyncGenerator<nn.Batch, void, undefined> {
    const order = await random.permutation(key, train.labels.data.length).data();
    for (const { images, labels } of batches(
      { images: train.images, labels: train.labels },
      { batchSize, order },
    ))
      yield { inputs: toTensor(images), labels: toTensor(labels) };
  };

/** The class that the network gives to each image. */
export const predictor = ({
  model,
}: Network): ((state: RunState, images: NdArray) => Promise<Int32Array>) => {
  const classOf = jit((params: Parameters, state: State, images: Tensor) =>
    argmax(model.apply(params, state, images)[0], { axis: -1 }),
  );
  return async ({ params, state }, images) => {
    const classes = new Int32Array(images.shape[0]!);
    let from = 0;
    for (const part of batches({ images }, { batchSize: 250 })) {
      classes.set(await classOf(params, state, toTensor(part.images)).data(), from);
      from += part.images.shape[0]!;
    }
    return classes;
  };
};

/** The first examples of a part, all of them by default. */
export const first = ({ images, labels }: Part, count: number): Part => {
  const indices = Array.from({ length: Math.min(count, labels.data.length) }, (_, i) => i);
  return { images: takeExamples(images, indices), labels: takeExamples(labels, indices) };
};
