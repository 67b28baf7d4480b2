// Fields of protocol buffer messages, each as its bytes: enough to write small messages.
// https://protobuf.dev/programming-guides/encoding

/** A whole number, 0..2^53-1: int32, int64, enum or bool. */
export function intField(field: number, value: number): Uint8Array {
  return Buffer.concat([key(field, 0), varint(value)]);
}

export function doubleField(field: number, value: number): Uint8Array {
  const data = Buffer.alloc(8);
  data.writeDoubleLE(value);
  return Buffer.concat([key(field, 1), data]);
}

export function floatField(field: number, value: number): Uint8Array {
  const data = Buffer.alloc(4);
  data.writeFloatLE(value);
  return Buffer.concat([key(field, 5), data]);
}

/** Bytes, or an embedded message. */
export function bytesField(field: number, value: Uint8Array): Uint8Array {
  return Buffer.concat([key(field, 2), varint(value.length), value]);
}

/** UTF-8; halves of broken characters become the replacement character. */
export function textField(field: number, value: string): Uint8Array {
  return bytesField(field, new TextEncoder().encode(value));
}

function key(field: number, wireType: number): Uint8Array {
  return varint(field * 8 + wireType);
}

/** Seven bits a byte, lowest first. */
function varint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${value} is no whole number from 0 on`);
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  return Uint8Array.of(...bytes, rest);
}
