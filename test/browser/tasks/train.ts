/** Trains the network of `npm start` for a short time. */
import { getBackend, initBackend, type BackendName } from "fluxion";
import * as nn from "fluxion/nn";
import * as E from "fp-ts/lib/Either.js";
import { first, network, predictor, shuffled, startState } from "../../../examples/fashion-mnist/network.js";
import { fetchImages } from "../../../site/dataset.js";

export interface Training {
  readonly backend: BackendName;
  /** Fraction of the test images that are told right. */
  readonly accuracy: number;
  /** The mean loss of each batch. */
  readonly losses: readonly number[];
  readonly seconds: number;
}

export interface TrainingInput {
  readonly backend: BackendName;
  /** The folder of the data, with a slash at the end. */
  readonly data: string;
  readonly images: number;
  readonly epochs: number;
  /** Images that the accuracy is of. */
  readonly tests: number;
}

export const train = async ({ backend, data, images, epochs, tests }: TrainingInput): Promise<Training> => {
  await initBackend(backend);
  const result = await fetchImages(new URL(data))();
  if (E.isLeft(result)) throw new Error(result.left);
  const part = first(result.right.train, images);
  const test = first(result.right.test, tests);
  const configuration = { epochs, batch: 64, rate: 2e-3, seed: 0, quick: true };
  const net = network(part, 10, configuration);
  const losses: number[] = [];
  const began = performance.now();
  let state = startState(net, part, configuration.seed);
  for await (const event of nn.train({ ...net, start: state, epochs, batches: shuffled(part, 64) })) {
    if (event._tag === "Step") losses.push(event.batchLoss);
    else state = event.state;
  }
  const seconds = (performance.now() - began) / 1000;
  const predicted = await predictor(net)(state, test.images);
  const right = predicted.filter((label, i) => label === test.labels.data[i]).length;
  return { backend: getBackend(), accuracy: right / predicted.length, losses, seconds };
};
