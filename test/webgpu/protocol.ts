/** What the tests' thread and the device's tell each other. */
import type { Dispatch, Driver } from "../../src/jit/backends/wgsl/driver.js";
import type { MatrixShape } from "../../src/jit/backends/wgsl/matrix.js";

const components = ["f16", "f32"] as const;

/** What programs depend on, as words: so many. */
export const featureWords = 12;

export type Features = Pick<Driver, "capacity" | "software" | "subgroup" | "halves" | "matrices">;

export const encodeFeatures = (d: Features): Uint32Array =>
  Uint32Array.of(
    d.capacity,
    Number(d.software),
    d.subgroup,
    Number(d.halves),
    d.matrices?.subgroup ?? 0,
    Number(d.matrices?.asked ?? false),
    ...components.flatMap((c) => {
      const s = d.matrices?.shapes.find(({ component }) => component === c);
      return s === undefined ? [0, 0, 0] : [s.rows, s.columns, s.depth];
    }),
  );

export const decodeFeatures = (words: Uint32Array): Features => {
  const [capacity, software, subgroup, halves, size, asked, ...numbers] = words;
  const shapes = components.flatMap((component, i): MatrixShape[] => {
    const [rows, columns, depth] = numbers.slice(3 * i);
    return rows === 0 ? [] : [{ component, rows: rows!, columns: columns!, depth: depth! }];
  });
  return {
    capacity: capacity!,
    software: software === 1,
    subgroup: subgroup!,
    halves: halves === 1,
    matrices: size === 0 ? null : { subgroup: size!, asked: asked === 1, shapes },
  };
};

export type Message =
  | { readonly op: "grow"; readonly words: number }
  | { readonly op: "write"; readonly at: number; readonly words: Uint32Array }
  | { readonly op: "copy"; readonly from: number; readonly to: number; readonly length: number }
  | { readonly op: "run"; readonly list: readonly Dispatch[] }
  | { readonly op: "read"; readonly at: number; readonly length: number }
  | { readonly op: "end" };

/** Shared memory: a flag and the length of an error's text; the words or the text. */
export interface Reply {
  readonly signal: SharedArrayBuffer;
  readonly reply: SharedArrayBuffer & { readonly maxByteLength: number; grow(bytes: number): void };
}
