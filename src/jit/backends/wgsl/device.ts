/** The memory of a graphics card: words, whatever the elements. */
import { arrayConstructor, type DType, type TypedArray } from "../../../ir/dtype.js";
import { Device as AnyDevice, type Layout } from "../../device.js";
import type { Driver } from "./driver.js";
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

const layout: Layout<Uint32Array> = {
  backend: "webgpu",
  bytesPerUnit: 4,
  from: unit,
  smallest: unit,
  unitsPerElement: () => 1,
  encode: toWords,
  decode: fromWords,
};

export class Device extends AnyDevice<Uint32Array, Driver> {
  constructor(
    driver: Driver,
    readonly choices: Choices = new Choices(),
  ) {
    super(driver, layout);
  }

  /** What programs that it runs are made for: another text, another program. */
  get madeFor(): string {
    const { name, software, subgroup } = this.driver;
    return [name, software, subgroup, this.choices.edition].join();
  }
}
