import { describe, expect, test } from "vitest";
import { inputName, model, outputName } from "../../bench/onnx/model.js";
import { bytes, float, integer, message, text, varint } from "../../bench/onnx/protobuf.js";

const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");

describe("protocol buffers", () => {
  // The examples of https://protobuf.dev/programming-guides/encoding
  test("the examples of their documentation", () => {
    expect(hex(integer(1, 150))).toBe("089601");
    expect(hex(text(2, "testing"))).toBe("120774657374696e67");
    expect(hex(message(3, integer(1, 150)))).toBe("1a03089601");
    expect(hex(varint(-2))).toBe("feffffffffffffffff01");
  });

  test("numbers of 32 bits are little-endian, long fields have long tags and lengths", () => {
    expect(hex(float(2, 1.5))).toBe("150000c03f");
    expect(hex(integer(20, 7))).toBe("a00107");
    expect(hex(bytes(9, new Uint8Array(300))).slice(0, 6)).toBe("4aac02");
  });
});

type Message = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

/** Every field of a message, read independently of what wrote it. */
const decode = (b: Uint8Array): Message => {
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  let at = 0;
  const readVarint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = b[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  while (at < b.length) {
    const tag = Number(readVarint());
    const list = fields.get(tag >> 3) ?? [];
    fields.set(tag >> 3, list);
    if ((tag & 7) === 0) list.push(readVarint());
    else {
      const length = (tag & 7) === 5 ? 4 : Number(readVarint());
      list.push(b.subarray(at, (at += length)));
    }
  }
  return fields;
};

const messages = (m: Message, field: number): readonly Message[] =>
  (m.get(field) ?? []).map((b) => decode(b as Uint8Array));
const strings = (m: Message, field: number): readonly string[] =>
  (m.get(field) ?? []).map((b) => Buffer.from(b as Uint8Array).toString());

describe("a model", () => {
  const built = decode(
    model([[2, 3], [3]], (graph, x, b) => {
      const y = graph.node("Add", [graph.node("Mul", [x!, graph.constant(1.5)]), b!]);
      const axes = graph.integers(0, -1);
      return graph.node("Softmax", [y, axes], { axis: -1, pads: [1, 2], epsilon: { float: 0.5 } });
    }),
  );
  const [graph] = messages(built, 7) as [Message];

  test("says which versions it is of", () => {
    expect(built.get(1)).toEqual([8n]);
    expect(messages(built, 8).map((m) => m.get(2))).toEqual([[17n]]);
  });

  test("has its nodes in order, connected by names, and ends in the output", () => {
    const nodes = messages(graph, 1);
    expect(nodes.map((n) => strings(n, 4)[0])).toEqual(["Mul", "Add", "Softmax", "Identity"]);
    const made = new Set([inputName(0), inputName(1), ...messages(graph, 5).flatMap((t) => strings(t, 8))]);
    for (const n of nodes) {
      for (const input of strings(n, 1)) expect(made).toContain(input);
      strings(n, 2).forEach((output) => made.add(output));
    }
    expect(strings(nodes.at(-1)!, 2)).toEqual([outputName]);
  });

  test("has inputs with shapes, and constants with their numbers", () => {
    const shapes = messages(graph, 11).map((input) =>
      messages(messages(messages(messages(input, 2)[0]!, 1)[0]!, 2)[0]!, 1).map((dim) => dim.get(1)),
    );
    expect(shapes).toEqual([[[2n], [3n]], [[3n]]]);
    const [scalar, axes] = messages(graph, 5) as [Message, Message];
    expect([scalar.get(1), scalar.get(2)]).toEqual([undefined, [1n]]);
    expect(new Float32Array((scalar.get(9)![0] as Uint8Array).slice().buffer)).toEqual(Float32Array.of(1.5));
    expect([axes.get(1), axes.get(2)]).toEqual([[2n], [7n]]);
    expect(new BigInt64Array((axes.get(9)![0] as Uint8Array).slice().buffer)).toEqual(
      BigInt64Array.of(0n, -1n),
    );
  });

  test("has attributes with their types", () => {
    const attributes = messages(messages(graph, 1)[2]!, 5);
    expect(attributes.map((a) => [strings(a, 1)[0], a.get(20)])).toEqual([
      ["axis", [2n]],
      ["pads", [7n]],
      ["epsilon", [1n]],
    ]);
    expect(BigInt.asIntN(64, attributes[0]!.get(3)![0] as bigint)).toBe(-1n);
    expect(attributes[1]!.get(8)).toEqual([1n, 2n]);
    expect(new DataView((attributes[2]!.get(2)![0] as Uint8Array).slice().buffer).getFloat32(0, true)).toBe(
      0.5,
    );
  });
});
