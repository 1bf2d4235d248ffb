// Big-endian access without a DataView, which would be an allocation per packet. Callers have checked the bounds.

export function readUint16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** The four octets as a signed number: a small integer to the engine, so SSRC look-ups allocate nothing. */
export function readInt32(bytes: Uint8Array, at: number): number {
  return (readUint16(bytes, at) << 16) | readUint16(bytes, at + 2);
}

export function readUint32(bytes: Uint8Array, at: number): number {
  return readInt32(bytes, at) >>> 0;
}

export function writeUint16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}

export function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Writes the low 48 bits of a non-negative integer that is exact in a double. */
export function writeUint48(bytes: Uint8Array, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  bytes[at] = high >>> 8;
  bytes[at + 1] = high;
  writeUint32(bytes, at + 2, value % 0x1_0000_0000);
}

export function xorInto(target: Uint8Array, at: number, mask: Uint8Array): void {
  for (let i = 0; i < mask.length; i++) {
    target[at + i] = (target[at + i] as number) ^ (mask[i] as number);
  }
}

/** Compares `length` octets in a time that depends on `length` alone. */
export function equalInConstantTime(
  left: Uint8Array,
  leftFrom: number,
  right: Uint8Array,
  rightFrom: number,
  length: number,
): boolean {
  let difference = 0;
  for (let i = 0; i < length; i++) {
    difference |= (left[leftFrom + i] as number) ^ (right[rightFrom + i] as number);
  }
  return difference === 0;
}

/** Whether two views share memory in a way that reading one while writing the other would corrupt. */
export function overlapsUnaligned(left: Uint8Array, right: Uint8Array): boolean {
  return (
    left.buffer === right.buffer &&
    left.byteOffset !== right.byteOffset &&
    left.byteOffset < right.byteOffset + right.byteLength &&
    right.byteOffset < left.byteOffset + left.byteLength
  );
}

/** Copies the first octets, where the target is not the source itself. */
export function copyHead(source: Uint8Array, length: number, target: Uint8Array): void {
  if (source !== target) for (let i = 0; i < length; i++) target[i] = source[i] as number;
}
