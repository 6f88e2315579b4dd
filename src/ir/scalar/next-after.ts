/** The next floating-point number after x in the direction of y; y itself when they are equal; NaN if either is. */

const neighbour = (single: boolean): ((x: number, y: number) => number) => {
  const float = single ? new Float32Array(1) : new Float64Array(1);
  const words = new Uint32Array(float.buffer);
  const littleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;
  const low = single || littleEndian ? 0 : 1;
  const high = 1 - low;
  const step = (away: boolean): void => {
    const before = words[low]!;
    words[low] = away ? before + 1 : before - 1;
    if (single) return;
    if (away && words[low] === 0) words[high] = words[high]! + 1;
    if (!away && before === 0) words[high] = words[high]! - 1;
  };
  return (x, y) => {
    if (Number.isNaN(x) || Number.isNaN(y)) return NaN;
    if (x === y) return y;
    float[0] = x;
    if (x === 0) {
      words.fill(0);
      words[low] = 1;
      return y > 0 ? float[0] : -float[0];
    }
    step(y > x === x > 0);
    return float[0];
  };
};

export const nextAfterF32: (x: number, y: number) => number = neighbour(true);
export const nextAfterF64: (x: number, y: number) => number = neighbour(false);
