import { ByteReader, ByteWriter } from '@trustline/base';

/** One element of a CAPF or TVS message: `tag:u8 | length:u16 | value`, big-endian. Unknown ones are kept as they are. */
export interface WireElement {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** Why octets from the network were not understood. `message` never repeats them: they may hold a secret. */
export interface WireReject {
  readonly ok: false;
  /** Stable: `capf.truncated-element`. */
  readonly code: string;
  readonly message: string;
  /** Octets from the start of the message to where the rule failed. */
  readonly offset: number;
}

export type WireResult<T> = { readonly ok: true; readonly value: T } | WireReject;

/** Octets before an element's value. */
export const ELEMENT_HEAD = 3;

/** The largest value: its length is a u16. */
const MAX_VALUE = 0xffff;

/** Reads elements to the end of `bytes`, which begin `base` octets into their message. */
export function decodeElements(
  protocol: 'capf' | 'tvs',
  bytes: Uint8Array,
  base: number,
): WireResult<readonly WireElement[]> {
  const reader = new ByteReader(bytes);
  const elements: WireElement[] = [];
  while (reader.remaining > 0) {
    const offset = base + reader.offset;
    if (reader.remaining < ELEMENT_HEAD) {
      return { ok: false, code: `${protocol}.truncated-element`, message: 'an element ends within its head', offset };
    }
    const tag = reader.u8();
    const length = reader.u16();
    if (length > reader.remaining) {
      const message = `element ${tag} claims ${length} octets, ${reader.remaining} are left`;
      return { ok: false, code: `${protocol}.truncated-element`, message, offset };
    }
    elements.push({ tag, value: reader.take(length).slice() });
  }
  return { ok: true, value: elements };
}

/** @throws {RangeError} for a value that no u16 length can describe */
export function writeElements(writer: ByteWriter, elements: readonly WireElement[]): void {
  for (const { tag, value } of elements) {
    if (value.byteLength > MAX_VALUE) throw new RangeError(`element ${tag} has ${value.byteLength} octets`);
    writer.u8(tag).u16(value.byteLength).bytes(value);
  }
}

/** How one kind of element is written and read. */
export interface ElementForm<T> {
  readonly tag: number;
  /** For people: `KEY_SIZE`. */
  readonly name: string;
  readonly encode: (value: T) => Uint8Array;
  /** Undefined when the octets are not of this form. */
  readonly decode: (value: Uint8Array) => T | undefined;
}

export function octetForm(tag: number, name: string): ElementForm<number> {
  return {
    tag,
    name,
    encode: (value) => new ByteWriter(1).u8(value).finish(),
    decode: (value) => (value.byteLength === 1 ? value[0] : undefined),
  };
}

export function numberForm(tag: number, name: string, width: 2 | 4): ElementForm<number> {
  return {
    tag,
    name,
    encode: (value) => (width === 2 ? new ByteWriter(2).u16(value) : new ByteWriter(4).u32(value)).finish(),
    decode: (value) => {
      if (value.byteLength !== width) return undefined;
      return width === 2 ? new ByteReader(value).u16() : new ByteReader(value).u32();
    },
  };
}

/** Octets of any content, at least one. */
export function octetsForm(tag: number, name: string): ElementForm<Uint8Array> {
  return { tag, name, encode: (value) => value, decode: (value) => (value.byteLength === 0 ? undefined : value) };
}

/** Printable ASCII and one NUL. The NUL may be missing on reading: the sources show it, but none says it is required. */
export function textForm(tag: number, name: string): ElementForm<string> {
  return {
    tag,
    name,
    encode: (text) => new ByteWriter(text.length + 1).bytes(new TextEncoder().encode(text)).u8(0).finish(),
    decode: (value) => {
      const end = value.at(-1) === 0 ? value.byteLength - 1 : value.byteLength;
      const octets = value.subarray(0, end);
      return octets.every((octet) => octet >= 0x20 && octet < 0x7f) ? new TextDecoder().decode(octets) : undefined;
    },
  };
}

/** An element of a form, ready to be written. */
export function element<T>(form: ElementForm<T>, value: T): WireElement {
  return { tag: form.tag, value: form.encode(value) };
}

/** The reading half of a form. */
export type ReadableForm<T> = Omit<ElementForm<T>, 'encode'>;

/** The forms that a reader looks for, by the names it gives them. */
export type ReadableForms = Readonly<Record<string, ReadableForm<unknown>>>;

/** What `readElements` yields: each form's value, or undefined where the element is absent. */
export type ElementValues<F> = {
  readonly [Name in keyof F]: F[Name] extends ReadableForm<infer T> ? T | undefined : never;
};

/**
 * Picks the elements of the given forms out of a message. One that occurs twice is refused, because two readers
 * could see two different messages; elements of no given form are left alone.
 */
export function readElements<const F extends ReadableForms>(
  protocol: 'capf' | 'tvs',
  elements: readonly WireElement[],
  base: number,
  forms: F,
): WireResult<ElementValues<F>> {
  const values: Record<string, unknown> = {};
  let offset = base;
  for (const { tag, value } of elements) {
    for (const [key, form] of Object.entries(forms)) {
      if (form.tag !== tag) continue;
      if (key in values) {
        return { ok: false, code: `${protocol}.repeated-element`, message: `${form.name} occurs twice`, offset };
      }
      const decoded = form.decode(value);
      if (decoded === undefined) {
        const message = `${form.name} has a value of the wrong form (${value.byteLength} octets)`;
        return { ok: false, code: `${protocol}.malformed-element`, message, offset };
      }
      values[key] = decoded;
    }
    offset += ELEMENT_HEAD + value.byteLength;
  }
  return { ok: true, value: values as ElementValues<F> };
}
