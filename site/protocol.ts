/** What the page and its worker say to each other. */
import type { BackendName } from "fluxion";

/** What the reader chose: a backend, or the best that there is. */
export type Wish = "automatic" | BackendName;

/** A backend that was passed over, and why. */
export interface Refusal {
  readonly backend: BackendName;
  readonly reason: string;
}

/** The size of a run. */
export interface Run {
  readonly epochs: number;
  /** Training images, of those that there are. */
  readonly images: number;
  /** Test images, of those that there are. */
  readonly tests: number;
}

/** From the page. Preparing a run ends the one before. */
export type Command =
  | { readonly _tag: "Prepare"; readonly id: number; readonly wish: Wish; readonly run: Run }
  | { readonly _tag: "Go" }
  | { readonly _tag: "Pause" };

/** A test image of 28 × 28 bytes. */
export interface Sample {
  readonly pixels: Uint8Array;
  readonly label: number;
}

/** The run is ready to start. */
export interface Ready {
  readonly _tag: "Ready";
  readonly backend: BackendName;
  readonly threads: number;
  readonly refused: readonly Refusal[];
  readonly parameters: number;
  readonly trainImages: number;
  readonly testImages: number;
  readonly steps: number;
  readonly epochs: number;
  readonly samples: readonly Sample[];
}

/** After a step. */
export interface Step {
  readonly _tag: "Step";
  /** Of the whole run, from 1. */
  readonly step: number;
  readonly epoch: number;
  readonly loss: number;
  /** On the training images of the epoch so far. */
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  /** Seconds. */
  readonly left: number;
}

/** What the network gives for a sample. */
export interface Prediction {
  readonly label: number;
  /** From 0 to 1. */
  readonly confidence: number;
}

/** The first layer's weights: `count` filters of `size` × `size`, one after the other. */
export interface Filters {
  readonly count: number;
  readonly size: number;
  readonly weights: Float32Array;
}

/** What the network can do after a step. */
export interface Exam {
  readonly _tag: "Exam";
  /** Steps taken. */
  readonly step: number;
  readonly accuracy: number;
  /** For each class, the fraction of its test images that are told right. */
  readonly recalls: readonly number[];
  readonly predictions: readonly Prediction[];
  readonly filters: Filters;
}

/** About a run. */
export type Report =
  Ready | Step | Exam | { readonly _tag: "Done" } | { readonly _tag: "Failed"; readonly message: string };

/** From the worker: a report, and which run it is about. */
export interface Message {
  readonly id: number;
  readonly report: Report;
}
