/**
 * Models in ONNX's format, built node by node. Field numbers are those of
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { bytes, document, type Field, float, integer, message, text } from "./protobuf.js";

/** A value of the graph, by the name that it has there. */
export type Value = string;

export type Attributes = Readonly<Record<string, number | { readonly float: number } | readonly number[]>>;

export interface Graph {
  /** The first output of an operator: https://onnx.ai/onnx/operators */
  node(operator: string, inputs: readonly Value[], attributes?: Attributes): Value;
  /** Float32 numbers that the model holds; without a shape a scalar. */
  constant(data: Float32Array | number, shape?: readonly number[]): Value;
  /** Whole numbers: shapes and axes. */
  integers(...values: readonly number[]): Value;
}

/** Version 17 of the operators is the first that has LayerNormalization; 8 is its version of the format. */
const versions = { operators: 17, format: 8 } as const;
const dataTypes = { float32: 1, int64: 7 } as const;
const attributeTypes = { float: 1, int: 2, ints: 7 } as const;

const attribute = (name: string, value: Attributes[string]): Field => {
  if (typeof value === "number")
    return message(5, text(1, name), integer(3, value), integer(20, attributeTypes.int));
  if ("float" in value)
    return message(5, text(1, name), float(2, value.float), integer(20, attributeTypes.float));
  const items = value.map((v) => integer(8, v));
  return message(5, text(1, name), ...items, integer(20, attributeTypes.ints));
};

/** Raw data are little-endian, as typed arrays are on every machine that has WebAssembly. */
const initializer = (name: Value, type: number, shape: readonly number[], data: ArrayBufferView): Field =>
  message(
    5,
    ...shape.map((n) => integer(1, n)),
    integer(2, type),
    text(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );

/** A float32 input (field 11) or output (12); the runtime works out what shape an output has. */
const port = (field: number, name: Value, shape?: readonly number[]): Field => {
  const sizes = shape === undefined ? [] : [message(2, ...shape.map((n) => message(1, integer(1, n))))];
  return message(field, text(1, name), message(2, message(1, integer(1, dataTypes.float32), ...sizes)));
};

export const inputName = (i: number): Value => `x${i}`;
export const outputName = "y";

/** The model of a function of float32 arrays with these shapes, which are called x0, x1 and so on; its result is y. */
export const model = (
  shapes: readonly (readonly number[])[],
  build: (graph: Graph, ...inputs: readonly Value[]) => Value,
): Uint8Array => {
  const fields: Field[] = [];
  let count = 0;
  const fresh = (): Value => `v${count++}`;
  const hold = (type: number, shape: readonly number[], data: ArrayBufferView): Value => {
    const name = fresh();
    fields.push(initializer(name, type, shape, data));
    return name;
  };
  const node: Graph["node"] = (operator, inputs, attributes = {}) => {
    const output = fresh();
    const named = Object.entries(attributes).map(([name, value]) => attribute(name, value));
    fields.push(message(1, ...inputs.map((i) => text(1, i)), text(2, output), text(4, operator), ...named));
    return output;
  };
  const result = build(
    {
      node,
      constant: (data, shape = []) =>
        hold(dataTypes.float32, shape, typeof data === "number" ? Float32Array.of(data) : data),
      integers: (...values) => hold(dataTypes.int64, [values.length], BigInt64Array.from(values.map(BigInt))),
    },
    ...shapes.map((_, i) => inputName(i)),
  );
  fields.push(message(1, text(1, result), text(2, outputName), text(4, "Identity")));
  const graph = message(
    7,
    ...fields,
    text(2, "row"),
    ...shapes.map((shape, i) => port(11, inputName(i), shape)),
    port(12, outputName),
  );
  return document([integer(1, versions.format), graph, message(8, integer(2, versions.operators))]);
};
