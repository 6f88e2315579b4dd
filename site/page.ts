/** The page: what the reader does becomes commands to the worker, and its reports become what the reader sees. */
import { describeCurves, drawCurves, showRows } from "./curves.js";
import { byId, element } from "./elements.js";
import { backendName, count, duration, percent } from "./format.js";
import { addExam, addStep, emptyHistory, type History } from "./history.js";
import { onSchemeChange } from "./palette.js";
import { showExam, showSamples } from "./pictures.js";
import type { Command, Exam, Message, Ready, Report, Run, Step, Wish } from "./protocol.js";

const toggle = byId("toggle", HTMLButtonElement);
const reset = byId("reset", HTMLButtonElement);
const wish = byId("wish", HTMLSelectElement);
const progress = byId("progress", HTMLProgressElement);
const status = byId("status", HTMLParagraphElement);
const failure = byId("failure", HTMLParagraphElement);
const refusals = byId("refusals", HTMLUListElement);
const text = (id: string, value: string): void => {
  byId(id, HTMLElement).textContent = value;
};

/** `?epochs=2&images=640&tests=250&backend=js`: a shorter run, or a choice. */
const query = new URLSearchParams(location.search);
const sizeFrom = (name: string, usual: number): number => {
  const value = Number(query.get(name) ?? usual);
  return Number.isInteger(value) && value >= 1 ? value : usual;
};
const run: Run = {
  epochs: sizeFrom("epochs", 9),
  images: sizeFrom("images", 10_000),
  tests: sizeFrom("tests", 2000),
};
const wishes = Array.from(wish.options, (o) => o.value);
if (wishes.includes(query.get("backend") ?? "")) wish.value = query.get("backend")!;

type Phase = "preparing" | "ready" | "running" | "paused" | "done" | "failed";

const labels: Readonly<Record<Phase, string>> = {
  preparing: "Start",
  ready: "Start",
  running: "Pause",
  paused: "Continue",
  done: "Finished",
  failed: "Start",
};

let phase: Phase = "preparing";
let ready: Ready | null = null;
let history: History = emptyHistory();
let lastStep: Step | null = null;
let lastExam: Exam | null = null;
/** The number of the run: reports of one that was reset may still be under way. */
let id = 0;

const worker = new Worker(new URL("worker.js", import.meta.url), { type: "module" });
const send = (command: Command): void => worker.postMessage(command);

/** Said aloud by screen readers. */
const say = (words: string): void => {
  status.textContent = words;
};

const enter = (next: Phase): void => {
  phase = next;
  document.body.dataset["phase"] = next;
  toggle.textContent = labels[next];
  // The button keeps the focus when there is nothing to do: `disabled` would lose it.
  toggle.disabled = false;
  toggle.ariaDisabled = String(next === "preparing" || next === "done" || next === "failed");
  reset.disabled = false;
};

const blank = "–";

const showNumbers = (): void => {
  progress.max = ready?.steps ?? 1;
  progress.value = lastStep?.step ?? 0;
  text("step", lastStep === null ? blank : `${lastStep.step} of ${ready?.steps}`);
  text("epoch", lastStep === null ? blank : `${lastStep.epoch} of ${ready?.epochs}`);
  text("loss", lastStep === null ? blank : history.smoothed.at(-1)![1].toFixed(3));
  text("accuracy", lastExam === null ? blank : percent(lastExam.accuracy));
  text("speed", lastStep === null ? blank : count(lastStep.imagesPerSecond));
  text("left", lastStep === null ? blank : duration(lastStep.left));
};

/** Redraws at most once for each frame of the screen. */
let isScheduled = false;
const schedule = (): void => {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    showNumbers();
    drawCurves(history, ready?.steps ?? 100);
  });
};

const prepare = (): void => {
  enter("preparing");
  id++;
  ready = lastStep = lastExam = null;
  history = emptyHistory();
  failure.hidden = true;
  refusals.hidden = true;
  text("backend", "Preparing: fetching the images, compiling…");
  showRows(history);
  describeCurves(history);
  schedule();
  send({ _tag: "Prepare", id, wish: wish.value as Wish, run });
};

const showReady = (report: Ready): void => {
  ready = report;
  const { backend, threads, refused, parameters, trainImages, testImages } = report;
  text(
    "backend",
    `Runs on ${backendName(backend)}${threads === 1 ? "" : `, ${threads} threads`}: ${count(parameters)} parameters, ${count(trainImages)} training images, ${count(testImages)} test images.`,
  );
  refusals.hidden = refused.length === 0;
  refusals.replaceChildren(
    ...refused.map((r) => element("li", { textContent: `Not on ${backendName(r.backend)}: ${r.reason}` })),
  );
  showSamples(report.samples);
  enter("ready");
  if (id > 1) say(`Ready to start on ${backendName(backend)}.`);
};

/** Not more often than can be listened to. */
const pauseBetweenWords = 5000;
let saidAt = -Infinity;

const showExamReport = (exam: Exam): void => {
  lastExam = exam;
  addExam(history, exam);
  showExam(ready!.samples, exam);
  showRows(history);
  describeCurves(history);
  const now = performance.now();
  if (lastStep === null || phase !== "running" || now - saidAt < pauseBetweenWords) return;
  saidAt = now;
  say(`Step ${exam.step} of ${ready!.steps}: test accuracy ${percent(exam.accuracy)}.`);
};

const fail = (message: string): void => {
  failure.textContent = `The training stopped: ${message}. Reset to try again, perhaps on another backend.`;
  failure.hidden = false;
  enter("failed");
};

const hear = (report: Report): void => {
  switch (report._tag) {
    case "Ready":
      showReady(report);
      break;
    case "Step":
      lastStep = report;
      addStep(history, report);
      break;
    case "Exam":
      showExamReport(report);
      break;
    case "Done":
      enter("done");
      say(`Finished. Test accuracy ${percent(lastExam!.accuracy)}.`);
      break;
    case "Failed":
      fail(report.message);
      break;
  }
  schedule();
};

worker.onmessage = ({ data }: MessageEvent<Message>) => {
  if (data.id === id) hear(data.report);
};
worker.onerror = (event) => fail(event.message || "the worker could not be loaded");

toggle.addEventListener("click", () => {
  if (phase === "ready" || phase === "paused") {
    say(phase === "ready" ? "Training." : "Training goes on.");
    send({ _tag: "Go" });
    enter("running");
  } else if (phase === "running") {
    send({ _tag: "Pause" });
    enter("paused");
    say(`Paused after step ${lastStep?.step ?? 0}.`);
  }
});
reset.addEventListener("click", prepare);
wish.addEventListener("change", prepare);
onSchemeChange(() => {
  schedule();
  if (ready !== null && lastExam !== null) showExam(ready.samples, lastExam);
});
new ResizeObserver(schedule).observe(document.body);
prepare();
