/**
 * The octets of a trust list taken apart, written from the description of the format alone. It shares nothing with the
 * reader of `pki`, so that a mistake would have to be made twice: `tag:u8 | length:u16 | value`, padding without length.
 */

/** Why a file is not sound: for people, and for nothing else. */
export class Unsound extends Error {}

export interface Field {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  readonly value: Buffer;
}

const PADDING = 0x0d;

/** Every field of a stretch of a file; padding is a field without octets. */
export function* fieldsOf(file: Buffer, from: number, to: number): Generator<Field> {
  let start = from;
  while (start < to) {
    const tag = file.readUInt8(start);
    if (tag === PADDING) {
      yield { tag, start, end: start + 1, value: Buffer.alloc(0) };
      start += 1;
      continue;
    }
    if (start + 3 > to) throw new Unsound(`a field is cut at ${start}`);
    const end = start + 3 + file.readUInt16BE(start + 1);
    if (end > to) throw new Unsound(`field ${tag} at ${start} ends past ${to}`);
    yield { tag, start, end, value: file.subarray(start + 3, end) };
    start = end;
  }
}

/** The tags as text, each in angle brackets, to be held against a pattern. */
export function pattern(fields: readonly Field[]): string {
  return fields.map(({ tag }) => `<${tag}>`).join('');
}

/** The text of a field: UTF-8 that ends with its only NUL. */
export function textIn({ tag, start, value }: Field): string {
  const text = value.toString('utf8');
  if (!Buffer.from(text, 'utf8').equals(value)) throw new Unsound(`field ${tag} at ${start} is not UTF-8`);
  if (text.indexOf('\0') !== text.length - 1)
    throw new Unsound(`field ${tag} at ${start} is not ended by its only NUL`);
  return text.slice(0, -1);
}

export function numberIn({ tag, start, value }: Field, octets: number): number {
  if (value.length !== octets) throw new Unsound(`field ${tag} at ${start} has ${value.length} octets, not ${octets}`);
  return value.readUIntBE(0, octets);
}
