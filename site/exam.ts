/** What a network can do: its score on the test images, its answers to some, its first layer. */
import { argmax, jit, max, softmax, tensor, type Tensor } from "fluxion";
import { batches, confusionMatrix, precisionRecallF1 } from "fluxion/data";
import type { Part } from "../examples/fashion-mnist/dataset.js";
import type { Network, RunState } from "../examples/fashion-mnist/network.js";
import type { Exam, Filters, Prediction, Sample } from "./protocol.js";

/** The first test image of each class. */
const sampleIndices = ({ labels }: Part, classes: number): readonly number[] =>
  Array.from({ length: classes }, (_, c) => labels.data.indexOf(c)).filter((i) => i >= 0);

export const samplesOf = (test: Part, classes: number): readonly Sample[] => {
  const size = test.images.shape.slice(1).reduce((a, b) => a * b, 1);
  return sampleIndices(test, classes).map((i) => ({
    pixels: Uint8Array.from(test.images.data.subarray(i * size, (i + 1) * size)),
    label: test.labels.data[i]!,
  }));
};

const filtersOf = async ({ params }: RunState): Promise<Filters> => {
  const { kernel } = params.leNet.conv1;
  return { count: kernel.shape[0]!, size: kernel.shape[2]!, weights: Float32Array.from(await kernel.data()) };
};

/** An exam for networks of one architecture: it compiles once. */
export const examiner = (
  { model }: Network,
  test: Part,
  classes: number,
): ((state: RunState) => Promise<Exam>) => {
  const answer = jit(
    (params: RunState["params"], state: RunState["state"], images: Tensor): [Tensor, Tensor] => {
      const probabilities = softmax(model.apply(params, state, images)[0]);
      return [argmax(probabilities, { axis: -1 }), max(probabilities, { axis: -1 })];
    },
  );
  const indices = sampleIndices(test, classes);
  return async (run) => {
    const answers: Prediction[] = [];
    for (const { images } of batches({ images: test.images }, { batchSize: 250 })) {
      const { data, shape, dtype } = images;
      const [labels, confidences] = answer(run.params, run.state, tensor(data, { shape, dtype }));
      const confidence = await confidences.data();
      (await labels.data()).forEach((label, i) => answers.push({ label, confidence: confidence[i]! }));
    }
    const predicted = answers.map(({ label }) => label);
    const scores = precisionRecallF1(confusionMatrix(test.labels.data, predicted, classes));
    return {
      _tag: "Exam",
      step: run.step,
      accuracy: scores.accuracy,
      recalls: scores.classes.map(({ recall }) => recall),
      predictions: indices.map((i) => answers[i]!),
      filters: await filtersOf(run),
    };
  };
};
