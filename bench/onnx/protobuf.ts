/** Protocol buffers' wire format, as much of it as models need: https://protobuf.dev/programming-guides/encoding */

/** A field of a message, encoded. */
export type Field = Uint8Array;

const wireTypes = { varint: 0, bytes: 2, fixed32: 5 } as const;

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) {
    out.set(p, at);
    at += p.length;
  }
  return out;
};

/** Seven bits a byte, the lowest first; negative numbers as their 64-bit two's complement. */
export const varint = (value: number): Uint8Array => {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Uint8Array.of(...bytes, Number(rest));
};

const tagged = (field: number, type: number, ...content: readonly Uint8Array[]): Field =>
  joined([varint(field * 8 + type), ...content]);

export const integer = (field: number, value: number): Field =>
  tagged(field, wireTypes.varint, varint(value));

export const float = (field: number, value: number): Field => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return tagged(field, wireTypes.fixed32, bytes);
};

export const bytes = (field: number, value: Uint8Array): Field =>
  tagged(field, wireTypes.bytes, varint(value.length), value);

export const text = (field: number, value: string): Field => bytes(field, new TextEncoder().encode(value));

/** A message within a message. */
export const message = (field: number, ...fields: readonly Field[]): Field => bytes(field, joined(fields));

/** A message that is in no other. */
export const document = joined;
