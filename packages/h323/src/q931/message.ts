import { H323Error } from '../error.ts';
import { ElementId } from './message-types.ts';

/** A message of Q.931 §4: a call reference, a type, and information elements in the order of the wire. */
export interface Q931Message {
  readonly callReference: CallReference;
  /** One of `MessageType`, or another. */
  readonly type: number;
  readonly elements: readonly InformationElement[];
}

export interface CallReference {
  /** 15 bits in two octets, as H.323 and primary rates have them; 7 bits in one. Zero is the global one. */
  readonly value: number;
  /** The flag: true in what the side sends that did not choose the value. */
  readonly fromDestination: boolean;
  /** In octets; 0 is the dummy call reference. */
  readonly length: 0 | 1 | 2;
}

export interface InformationElement {
  /** One of `ElementId`, or another. From 0x80 on the element is this octet alone. */
  readonly id: number;
  /** Its contents, without identifier and length. */
  readonly octets: Uint8Array;
  /** 0 unless a shift (0x90 to 0x9f), which is an element of its own, says otherwise (Q.931 §4.5.2). */
  readonly codeset: number;
}

export interface Q931Dialect {
  /** How long the length of the User-user element is: H.225.0 §7.2.2.31 makes it two octets, ISDN has one. */
  readonly userUserLength: 1 | 2;
}

export const h225Dialect: Q931Dialect = { userUserLength: 2 };
export const isdnDialect: Q931Dialect = { userUserLength: 1 };

export type Q931Result =
  | { readonly ok: true; readonly message: Q931Message }
  /** `read` is there from the type on, with the elements before the one that goes beyond the end, which `beyond` names. */
  | {
      readonly ok: false;
      readonly error: H323Error;
      readonly read?: { readonly message: Q931Message; readonly beyond: number };
    };

type Unread = Extract<Q931Result, { readonly ok: false }>;

const PROTOCOL_DISCRIMINATOR = 0x08;
const LOCKING_SHIFT = 0x90;
const NON_LOCKING_SHIFT = 0x98;

/** Reads a message. Contents of elements are views of `bytes`. */
export function decodeQ931(bytes: Uint8Array, { userUserLength }: Q931Dialect = h225Dialect): Q931Result {
  const [discriminator, referenceLength = 0] = bytes;
  if (discriminator === undefined) return truncated(0);
  if (discriminator !== PROTOCOL_DISCRIMINATOR) {
    return malformed(
      'h323.malformed',
      `the protocol discriminator is ${discriminator}, not ${PROTOCOL_DISCRIMINATOR}`,
      0,
    );
  }
  const length = referenceLength;
  // Q.931 §5.8.3.1: bits 5 to 8 are zero.
  if (length !== 0 && length !== 1 && length !== 2) {
    return malformed('h323.out-of-range', `a call reference of ${length} octets`, 1);
  }
  const type = bytes[2 + length];
  if (type === undefined) return truncated(bytes.byteLength);
  const callReference = decodeReference(bytes.subarray(2, 2 + length), length);
  const elements: InformationElement[] = [];
  let at = 3 + length;
  let locked = 0;
  let codeset = 0;
  while (at < bytes.byteLength) {
    const id = bytes[at] as number;
    if (id >= 0x80) {
      elements.push({ id, octets: new Uint8Array(0), codeset });
      at += 1;
      if (id >= LOCKING_SHIFT && id < NON_LOCKING_SHIFT) locked = id & 7;
      codeset = id >= NON_LOCKING_SHIFT && id <= 0x9f ? id & 7 : locked;
      continue;
    }
    const lengthOctets = id === ElementId.UserUser && codeset === 0 ? userUserLength : 1;
    const start = at + 1 + lengthOctets;
    const high = lengthOctets === 2 ? (bytes[at + 1] ?? 0) : 0;
    const end = start + high * 256 + (bytes[start - 1] ?? 0);
    if (start > bytes.byteLength || end > bytes.byteLength) {
      return { ...truncated(at), read: { message: { callReference, type, elements }, beyond: id } };
    }
    elements.push({ id, octets: bytes.subarray(start, end), codeset });
    at = end;
    codeset = locked;
  }
  return { ok: true, message: { callReference, type, elements } };
}

/** Writes a message with its elements as they are. Throws `h323.not-encodable` where one is too long. */
export function encodeQ931(message: Q931Message, { userUserLength }: Q931Dialect = h225Dialect): Uint8Array {
  const { callReference, type, elements } = message;
  const octets = [PROTOCOL_DISCRIMINATOR, callReference.length, ...referenceOctets(callReference), type];
  const parts = [Uint8Array.from(octets), ...elements.map((element) => encodeElement(element, userUserLength))];
  const whole = new Uint8Array(parts.reduce((sum, { byteLength }) => sum + byteLength, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}

/** The contents of the first element with this identifier in codeset 0. */
export function elementOf(message: Pick<Q931Message, 'elements'>, id: number): Uint8Array | undefined {
  return message.elements.find((element) => element.id === id && element.codeset === 0)?.octets;
}

function decodeReference(octets: Uint8Array, length: 0 | 1 | 2): CallReference {
  const [first = 0, second = 0] = octets;
  const value = length === 2 ? (first & 0x7f) * 256 + second : first & 0x7f;
  return { value, fromDestination: (first & 0x80) !== 0, length };
}

function referenceOctets({ value, fromDestination, length }: CallReference): number[] {
  if (!Number.isInteger(value) || value < 0 || value > (length === 2 ? 0x7fff : length * 0x7f)) {
    throw new H323Error('h323.not-encodable', `a call reference of ${length} octets cannot be ${value}`);
  }
  const flag = fromDestination ? 0x80 : 0;
  if (length === 0) return [];
  return length === 1 ? [flag | value] : [flag | (value >>> 8), value & 0xff];
}

function encodeElement({ id, octets, codeset }: InformationElement, userUserLength: 1 | 2): Uint8Array {
  if (id >= 0x80) return Uint8Array.of(id);
  const wide = id === ElementId.UserUser && codeset === 0 && userUserLength === 2;
  if (octets.byteLength > (wide ? 0xffff : 0xff)) {
    throw new H323Error('h323.not-encodable', `element ${id} has ${octets.byteLength} octets, more than it can`);
  }
  const length = wide ? [octets.byteLength >>> 8, octets.byteLength & 0xff] : [octets.byteLength];
  const element = new Uint8Array(1 + length.length + octets.byteLength);
  element.set([id, ...length]);
  element.set(octets, 1 + length.length);
  return element;
}

function truncated(offset: number): Unread {
  return malformed('h323.truncated', 'the message ends within an element', offset);
}

function malformed(
  code: 'h323.truncated' | 'h323.malformed' | 'h323.out-of-range',
  text: string,
  offset: number,
): Unread {
  return { ok: false, error: new H323Error(code, `Q.931: ${text} (octet ${offset})`, { offset }) };
}
