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

/** Length, then the bytes of each element. */
export const vector = (elements: readonly Bytes[]): number[] => [
  ...unsigned(elements.length),
  ...elements.flat(),
];

export const text = (s: string): number[] => vector([...new TextEncoder().encode(s)].map((b) => [b]));

/** Length in bytes, then the bytes. */
export const sized = (body: Bytes): number[] => unsigned(body.length).concat(body);

export const section = (id: number, body: Bytes): number[] => [id, ...sized(body)];
