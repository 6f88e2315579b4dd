/** Where the network is trained: the page stays free for its reader. */
import { getThreads, tree } from "fluxion";
import * as nn from "fluxion/nn";
import * as E from "fp-ts/lib/Either.js";
import { fashionClasses } from "../examples/fashion-mnist/classes.js";
import { first, network, shuffled, startState } from "../examples/fashion-mnist/network.js";
import { chooseBackend } from "./choose-backend.js";
import { fetchImages, type Images } from "./dataset.js";
import { examiner, samplesOf } from "./exam.js";
import { Gate } from "./gate.js";
import type { Command, Message, Report } from "./protocol.js";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Command>) => void;
  postMessage: (message: Message) => void;
  location: { href: string };
}; // a dedicated worker, for whose types the DOM's would have to go

/** As in `npm start`, so that it learns the same. */
const settings = { batch: 64, rate: 2e-3, seed: 0, quick: false };
/** Exams in an epoch. */
const exams = 4;

let gate = new Gate();
let images: Promise<E.Either<string, Images>> | null = null;

/** Fetched once; again after a failure. */
const theImages = async (): Promise<Images> => {
  images ??= fetchImages(new URL("data/", scope.location.href))();
  const result = await images;
  if (E.isRight(result)) return result.right;
  images = null;
  throw new Error(result.left);
};

type Prepare = Extract<Command, { readonly _tag: "Prepare" }>;

/** A run from its preparation to its end; `mine` is the gate that stays its own until the next run is prepared. */
const perform = async ({ id, wish, run }: Prepare, mine: Gate): Promise<void> => {
  const report = (r: Report): void => scope.postMessage({ id, report: r });
  const isOver = (): boolean => mine !== gate;
  const all = await theImages();
  if (isOver()) return;
  const { backend, refused } = await chooseBackend(wish);
  const [train, test] = [first(all.train, run.images), first(all.test, run.tests)];
  const net = network(train, fashionClasses.length, { ...settings, epochs: run.epochs });
  const start = startState(net, train, settings.seed);
  const examine = examiner(net, test, fashionClasses.length);
  report({
    _tag: "Ready",
    backend,
    threads: backend === "wasm" || backend === "wasm-worker" ? getThreads() : 1,
    refused,
    parameters: tree.reduce((n, p) => n + p.size, 0, start.params),
    trainImages: train.labels.data.length,
    testImages: test.labels.data.length,
    steps: run.epochs * net.steps,
    epochs: run.epochs,
    samples: samplesOf(test, fashionClasses.length),
  });
  report(await examine(start));
  await mine.pass();
  if (isOver()) return;
  const every = Math.ceil(net.steps / exams);
  const batches = shuffled(train, settings.batch);
  for await (const event of nn.train({ ...net, start, epochs: run.epochs, batches, now: mine.now })) {
    if (isOver()) return;
    if (event._tag === "Step") {
      const { step } = event.state;
      if (!Number.isFinite(event.batchLoss))
        throw new Error(`expected a finite loss, got ${event.batchLoss}`);
      report({
        _tag: "Step",
        step,
        epoch: event.epoch,
        loss: event.batchLoss,
        accuracy: event.metrics.accuracy,
        imagesPerSecond: event.examplesPerSecond,
        left: event.eta * mine.overhead(),
      });
      if (event.step % every === 0 || event.step === event.steps)
        report(await mine.besides(() => examine(event.state)));
    }
    await mine.pass();
  }
  report({ _tag: "Done" });
};

const failed = (error: unknown): Report => ({
  _tag: "Failed",
  message: error instanceof Error ? error.message : String(error),
});

/** Runs take turns: the backend in use is one for all. A run that is over ends at its next step. */
let turns: Promise<void> = Promise.resolve();

scope.onmessage = ({ data: command }) => {
  switch (command._tag) {
    case "Prepare": {
      gate.go(); // the run that waits there finds out that it is over
      const mine = (gate = new Gate());
      turns = turns
        .then(() => perform(command, mine))
        .catch((error: unknown) => scope.postMessage({ id: command.id, report: failed(error) }));
      break;
    }
    case "Go":
      gate.go();
      break;
    case "Pause":
      gate.pause();
      break;
  }
};
