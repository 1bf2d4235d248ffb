import { ByteWriter } from '@trustline/base';
import { PkiError } from '../error.ts';
import { type FileReject, type FileRule, fileRules, type ListDigest } from './types.ts';

/** The single octet that fills a header up; it has no length. */
export const PADDING_TAG = 13;

/** No phone takes a file of this size: the largest lists seen have some tens of kilobytes. */
export const MAX_FILE_LENGTH = 4_194_304;

/** One field as it stands in a file. */
export interface Tlv {
  readonly tag: number;
  /** Of the tag, in octets from the start of the file. */
  readonly offset: number;
  readonly value: Uint8Array;
}

/** Thrown within the parsers alone, and turned into a `FileReject` before anything leaves them. */
class BrokenRule extends Error {
  readonly rule: FileRule;
  readonly offset: number;

  constructor(rule: FileRule, offset: number, message: string) {
    super(message);
    this.rule = rule;
    this.offset = offset;
  }
}

/** Ends the reading of a file at the rule that it breaks. */
export function breakRule(rule: FileRule, offset: number, message: string): never {
  throw new BrokenRule(rule, offset, message);
}

/** Runs a parser; a broken rule becomes the typed reject. */
export function readOrReject<Value>(octets: Uint8Array, read: () => Value): Value | FileReject {
  if (octets.byteLength > MAX_FILE_LENGTH) {
    return rejectFile('too-large', MAX_FILE_LENGTH, `${octets.byteLength} octets are more than ${MAX_FILE_LENGTH}`);
  }
  try {
    return read();
  } catch (error) {
    if (error instanceof BrokenRule) return rejectFile(error.rule, error.offset, error.message);
    throw error;
  }
}

export function rejectFile(rule: FileRule, offset: number, message: string): FileReject {
  return { ok: false, rule, offset, message: `${message}. ${fileRules[rule]}` };
}

/** Steps over `tag:u8 | length:u16 | value` within the limits of what contains it. */
export class TlvCursor {
  readonly #octets: Uint8Array;
  readonly #end: number;
  offset: number;

  constructor(octets: Uint8Array, offset = 0, end: number = octets.byteLength) {
    this.#octets = octets;
    this.offset = offset;
    this.#end = end;
  }

  get atEnd(): boolean {
    return this.offset >= this.#end;
  }

  /** The tag that comes next, or undefined at the end. */
  peek(): number | undefined {
    return this.atEnd ? undefined : this.#octets[this.offset];
  }

  next(): Tlv {
    const { offset } = this;
    if (this.#end - offset < 3) {
      breakRule('short-input', offset, `a field needs 3 octets for tag and length, ${this.#end - offset} are left`);
    }
    const tag = this.#octets[offset] ?? 0;
    const length = (this.#octets[offset + 1] ?? 0) * 256 + (this.#octets[offset + 2] ?? 0);
    const start = offset + 3;
    if (length > this.#end - start) {
      breakRule('short-input', offset, `field ${tag} has ${length} octets, ${this.#end - start} are left`);
    }
    this.offset = start + length;
    return { tag, offset, value: this.#octets.slice(start, start + length) };
  }

  /** The octets of padding from here on. */
  padding(): number {
    const start = this.offset;
    while (this.peek() === PADDING_TAG) this.offset += 1;
    return this.offset - start;
  }
}

/** All fields of a container, which they fill exactly. Padding has no place in one. */
export function fieldsWithin(octets: Uint8Array, offset: number, end: number): readonly Tlv[] {
  const cursor = new TlvCursor(octets, offset, end);
  const fields: Tlv[] = [];
  while (!cursor.atEnd) {
    if (cursor.peek() === PADDING_TAG)
      breakRule('padding', cursor.offset, 'padding stands inside a record or container');
    fields.push(cursor.next());
  }
  return fields;
}

/** Fields by tag. A known tag occurs once; unknown ones are left to `unknownOf`. */
export function byTag(fields: readonly Tlv[], known: ReadonlySet<number>): ReadonlyMap<number, Tlv> {
  const found = new Map<number, Tlv>();
  for (const field of fields) {
    if (!known.has(field.tag)) continue;
    if (found.has(field.tag)) breakRule('duplicate-tag', field.offset, `field ${field.tag} occurs a second time`);
    found.set(field.tag, field);
  }
  return found;
}

export function unknownOf(
  fields: readonly Tlv[],
  known: ReadonlySet<number>,
): readonly { tag: number; value: Uint8Array }[] {
  return fields.filter(({ tag }) => !known.has(tag)).map(({ tag, value }) => ({ tag, value }));
}

/** A field that must be there. `offset` is where the container of it begins. */
export function required(fields: ReadonlyMap<number, Tlv>, tag: number, name: string, offset: number): Tlv {
  return fields.get(tag) ?? breakRule('missing-tag', offset, `${name} (field ${tag}) is missing`);
}

const textDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const textEncoder = new TextEncoder();

/**
 * A text without the NUL that ends it and counts in its length. Which character set the makers of these files had in
 * mind is not known; UTF-8 is chosen, which is also what DER carries.
 */
export function textOf({ tag, offset, value }: Tlv): string {
  const end = value.byteLength - 1;
  if (end < 0 || value.indexOf(0) !== end) {
    breakRule('text', offset, `field ${tag} does not end with the only NUL in it`);
  }
  try {
    return textDecoder.decode(value.subarray(0, end));
  } catch {
    return breakRule('text', offset, `field ${tag} is not UTF-8`);
  }
}

export function hexOf({ value }: Tlv): string {
  return Array.from(value, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

export function numberOf({ tag, offset, value }: Tlv, length: 1 | 2 | 4): number {
  if (value.byteLength !== length) {
    breakRule('field-length', offset, `field ${tag} has ${value.byteLength} octets instead of ${length}`);
  }
  return value.reduce((number, octet) => number * 256 + octet, 0);
}

export const digestCodes: Readonly<Record<ListDigest, number>> = { 'SHA-1': 1, 'SHA-256': 2, 'SHA-512': 3 };

/** The name of each digest in `node:crypto`. */
export const digestNames: Readonly<Record<ListDigest, string>> = {
  'SHA-1': 'sha1',
  'SHA-256': 'sha256',
  'SHA-512': 'sha512',
};

export function digestOf(field: Tlv): ListDigest {
  const code = numberOf(field, 1);
  const names = Object.keys(digestCodes) as readonly ListDigest[];
  return (
    names.find((name) => digestCodes[name] === code) ?? breakRule('digest', field.offset, `digest ${code} is unknown`)
  );
}

/** Writes fields; what does not fit into a length of 16 bits is a mistake of the caller. */
export class TlvWriter {
  readonly #writer = new ByteWriter(2048);

  get length(): number {
    return this.#writer.length;
  }

  field(tag: number, value: Uint8Array): this {
    if (value.byteLength > 0xffff) invalid(`field ${tag} has ${value.byteLength} octets, which 16 bits cannot say`);
    this.#writer.u8(tag).u16(value.byteLength).bytes(value);
    return this;
  }

  number(tag: number, value: number, length: 1 | 2 | 4): this {
    const largest = 256 ** length - 1;
    if (!Number.isInteger(value) || value < 0 || value > largest) invalid(`field ${tag} cannot hold ${value}`);
    const octets = Uint8Array.from({ length }, (_, at) => Math.floor(value / 256 ** (length - 1 - at)) % 256);
    return this.field(tag, octets);
  }

  text(tag: number, value: string): this {
    if (value.includes('\0')) invalid(`field ${tag} is a text with a NUL in it`);
    return this.field(tag, textEncoder.encode(`${value}\0`));
  }

  hex(tag: number, value: string): this {
    if (!/^(?:[0-9a-f]{2})*$/.test(value)) invalid(`field ${tag} is not lower-case hex`);
    return this.field(tag, octetsOfHex(value));
  }

  padding(count: number): this {
    for (let written = 0; written < count; written += 1) this.#writer.u8(PADDING_TAG);
    return this;
  }

  bytes(value: Uint8Array): this {
    this.#writer.bytes(value);
    return this;
  }

  finish(): Uint8Array {
    return this.#writer.finish();
  }
}

export function octetsOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16));
}

/** @throws {PkiError} pki.invalid-file-value */
export function invalid(message: string): never {
  throw new PkiError('pki.invalid-file-value', message);
}
