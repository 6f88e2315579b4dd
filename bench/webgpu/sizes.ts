/** How much is computed, by adapter: what a graphics card does in a millisecond takes software minutes. */
import type { Adapter } from "./adapter.js";

export interface Sizes {
  /** Rows and columns of both matrices. */
  readonly matmul: readonly number[];
  readonly conv: { readonly images: number; readonly channels: number; readonly side: number };
  readonly attention: readonly [batch: number, heads: number, tokens: number, width: number];
  readonly chain: number;
  /** Rows and columns. */
  readonly softmax: number;
  /** Length of the LSTM's sequences. */
  readonly time: number;
}

const software: Sizes = {
  matmul: [128, 256],
  conv: { images: 4, channels: 8, side: 16 },
  attention: [2, 2, 32, 16],
  chain: 1e5,
  softmax: 256,
  time: 5,
};

const hardware: Sizes = {
  matmul: [1024, 2048, 4096],
  conv: { images: 32, channels: 64, side: 56 },
  attention: [8, 8, 512, 64],
  chain: 1e7,
  softmax: 4096,
  time: 20,
};

export const sizesFor = (adapter: Adapter): Sizes => (adapter.software ? software : hardware);
