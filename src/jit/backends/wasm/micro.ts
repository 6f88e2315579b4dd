/**
 * The inner loop of contractions: a tile of 4 rows (or 3) by two vectors, kept in registers, gains the products of one
 * packed row panel and one packed column panel.
 */
import type { Bytes } from "./bytes.js";
import { code, type FunctionBuilder, type ModuleBuilder } from "./module.js";
import { op } from "./opcodes.js";
import type { Lanes } from "./vector.js";

export type Height = 3 | 4;

/** What a tile costs beside its rows, in rows, as measured: loading its columns, the loop, and waiting for sums. */
const besideRows = 3;

/** The rows of a tile: 3 (of float32, whose vectors hold them) where that leaves fewer of them without work. */
export const heightFor = (rows: number, lanes: Lanes): Height => {
  const cost = (height: Height): number => Math.ceil(rows / height) * (height + besideRows);
  return lanes === 4 && cost(3) < 0.95 * cost(4) ? 3 : 4;
};

/** Vectors in a row of a tile. */
export const tileVectors = 2;

const steps = 4;

/** One step of depth: every row's element times every column vector, added to the tile's sums. */
export const productStep = (
  lanes: Lanes,
  relaxed: boolean,
  sums: readonly number[],
  { row, columns }: { readonly row: number; readonly columns: readonly number[] },
  a: number,
  b: number,
): Bytes => {
  const type = lanes === 4 ? "f32x4" : "f64x2";
  const splat = lanes === 4 ? "v128.load32_splat" : "v128.load64_splat";
  const parts: Bytes[] = columns.flatMap((c, i) => [
    code.get(b),
    code.load("v128.load", 16 * i),
    code.set(c),
  ]);
  for (let r = 0; r * columns.length < sums.length; r++) {
    parts.push(code.get(a), code.load(splat, (16 / lanes) * r), code.set(row));
    columns.forEach((c, i) => {
      const sum = sums[r * columns.length + i]!;
      if (relaxed) parts.push(code.get(row), code.get(c), code.get(sum), op(`${type}.relaxed_madd`));
      else parts.push(code.get(row), code.get(c), op(`${type}.mul`), code.get(sum), op(`${type}.add`));
      parts.push(code.set(sum));
    });
  }
  return parts.join("");
};

export const nameOfTile = (lanes: Lanes, height: Height): string => `tile${lanes}x${height}`;

/** A function of the addresses of both panels, of the tile, the depth, and whether the tile's sums go on (1) or start. */
export const microKernel =
  (lanes: Lanes, height: Height, relaxed: boolean) =>
  (module: ModuleBuilder): FunctionBuilder => {
    const f = module.function(nameOfTile(lanes, height), ["i32", "i32", "i32", "i32", "i32"]);
    const [a, b, tile, depth, more] = [0, 1, 2, 3, 4];
    const type = lanes === 4 ? "f32x4" : "f64x2";
    const bytes = 16 / lanes;
    const sums = Array.from({ length: height * tileVectors }, () => f.local("v128"));
    const columns = Array.from({ length: tileVectors }, () => f.local("v128"));
    const row = f.local("v128");
    f.emit(code.block, code.loop);
    for (let k = 0; k < steps; k++) {
      f.emit(productStep(lanes, relaxed, sums, { row, columns }, a, b));
      f.emit(code.get(a), code.i32(bytes * height), op("i32.add"), code.set(a));
      f.emit(code.get(b), code.i32(16 * tileVectors), op("i32.add"), code.set(b));
      f.emit(code.get(depth), code.i32(1), op("i32.sub"), code.tee(depth));
      // Every step has its own way out: engines then keep the sums in registers.
      if (k < steps - 1) f.emit(op("i32.eqz"), code.branchIf(1));
      else f.emit(code.branchIf(0));
    }
    f.emit(code.end, code.end);
    // Blocks are summed apart: fewer roundings follow each other, and none of them is of the whole sum but the last.
    f.emit(code.get(more), code.if);
    sums.forEach((s, i) =>
      f.emit(code.get(s), code.get(tile), code.load("v128.load", 16 * i), op(`${type}.add`), code.set(s)),
    );
    f.emit(code.end);
    sums.forEach((s, i) => f.emit(code.get(tile), code.get(s), code.load("v128.store", 16 * i)));
    return f;
  };
