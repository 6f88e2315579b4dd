/** The memory of a graphics card: words, whatever the elements, but for float16s where it can store them. */
import { arrayConstructor, type DType, type TypedArray } from "../../../ir/dtype.js";
import { Device as AnyDevice } from "../../device.js";
import type { Layout } from "../../device-memory.js";
import type { Driver } from "./driver.js";
import { decodeHalves, encodeHalves, halvesFrom, mostHalves } from "./halves.js";
import { type Crew, crewOf } from "./site.js";
import { Choices } from "./tuning.js";

/** Elements as words. */
const toWords = (array: TypedArray): Uint32Array =>
  array.BYTES_PER_ELEMENT === 4
    ? new Uint32Array(array.buffer, array.byteOffset, array.length)
    : new Uint32Array(Int32Array.from(array).buffer);

const fromWords = (dtype: DType, words: Uint32Array): TypedArray => {
  const array = arrayConstructor(dtype);
  return array.BYTES_PER_ELEMENT === 4
    ? new array(words.buffer, words.byteOffset, words.length)
    : new array(words); // by its low bits
};

/** No array is at word 0. Places are multiples of 256 bytes. */
const unit = 64;

const words: Layout<Uint32Array> = {
  backend: "webgpu",
  bytesPerUnit: 4,
  regions: [{ from: unit }],
  regionOf: () => 0,
  smallest: unit,
  unitsPerElement: () => 1,
  encode: (_dtype, array) => toWords(array),
  decode: fromWords,
};

const isHalf = (dtype: DType): boolean => dtype === "float16";

const wordsAndHalves: Layout<Uint32Array> = {
  ...words,
  regions: [{ from: unit }, { from: halvesFrom, most: mostHalves / 2 }],
  regionOf: (dtype) => Number(isHalf(dtype)),
  unitsPerElement: (dtype) => (isHalf(dtype) ? 0.5 : 1),
  encode: (dtype, array) => (isHalf(dtype) ? encodeHalves(array) : toWords(array)),
  decode: (dtype, raw, length) => (isHalf(dtype) ? decodeHalves(raw, length) : fromWords(dtype, raw)),
};

export class Device extends AnyDevice<Uint32Array, Driver> {
  constructor(
    driver: Driver,
    readonly choices: Choices = new Choices(),
  ) {
    super(driver, driver.halves ? wordsAndHalves : words);
  }

  /** Whether contractions may go by subgroup matrices, where the adapter has them. */
  usesMatrices = true;

  get crew(): Crew {
    return crewOf(this.driver, this.usesMatrices);
  }

  /** What programs that it runs are made for: another text, another program. */
  get madeFor(): string {
    const { name, software, subgroup, halves } = this.driver;
    const { matrices, vectors } = this.crew;
    return [name, software, subgroup, halves, JSON.stringify(matrices), vectors, this.choices.edition].join();
  }
}
