/** The smallest pieces of WebAssembly's binary format (https://webassembly.github.io/spec/core/binary/). */

/** Code that is being written. */
export type Bytes = readonly number[];

/** Unsigned LEB128. */
export const unsigned = (n: number): number[] => {
  const out: number[] = [];
  let rest = n >>> 0;
  do {
    const low = rest & 127;
    rest >>>= 7;
    out.push(rest === 0 ? low : low | 128);
  } while (rest !== 0);
  return out;
};

/** Signed LEB128 of a 32-bit integer. */
export const signed = (n: number): number[] => {
  const out: number[] = [];
  let rest = n | 0;
  for (;;) {
    const low = rest & 127;
    rest >>= 7;
    if ((rest === 0 && (low & 64) === 0) || (rest === -1 && (low & 64) !== 0)) {
      out.push(low);
      return out;
    }
    out.push(low | 128);
  }
};

const cell = new DataView(new ArrayBuffer(8));

const bytesOf = (length: number): number[] => Array.from({ length }, (_, i) => cell.getUint8(i));

export const float32Bytes = (x: number): number[] => {
  cell.setFloat32(0, x, true);
  return bytesOf(4);
};

export const float64Bytes = (x: number): number[] => {
  cell.setFloat64(0, x, true);
  return bytesOf(8);
};

export const int32Bytes = (x: number): number[] => {
  cell.setInt32(0, x, true);
  return bytesOf(4);
};

/** One after the other; `flat` takes several times as long. */
export const joined = (parts: readonly Bytes[]): number[] => {
  const out: number[] = [];
  for (const part of parts) for (let i = 0; i < part.length; i++) out.push(part[i]!);
  return out;
};

/** Bytes that grow. */
export class Sink {
  private data = new Uint8Array(256);
  private length = 0;

  get bytes(): Uint8Array {
    return this.data.subarray(0, this.length);
  }

  private reserve(more: number): void {
    if (this.length + more <= this.data.length) return;
    const grown = new Uint8Array(2 * (this.length + more));
    grown.set(this.bytes);
    this.data = grown;
  }

  write(bytes: ArrayLike<number>): void {
    const n = bytes.length;
    this.reserve(n);
    if (n > 64) this.data.set(bytes, this.length);
    else for (let i = 0; i < n; i++) this.data[this.length + i] = bytes[i]!;
    this.length += n;
  }

  /** Length in bytes, then the bytes. */
  sized(bytes: ArrayLike<number>): void {
    this.write(unsigned(bytes.length));
    this.write(bytes);
  }

  /** Length, then the bytes of each element. */
  vector(elements: readonly ArrayLike<number>[]): void {
    this.write(unsigned(elements.length));
    for (const e of elements) this.write(e);
  }
}

export const vector = (elements: readonly ArrayLike<number>[]): Uint8Array => {
  const sink = new Sink();
  sink.vector(elements);
  return sink.bytes;
};

/** A name: UTF-8 behind its length. */
export const text = (s: string): Uint8Array => {
  const sink = new Sink();
  sink.sized(new TextEncoder().encode(s));
  return sink.bytes;
};
