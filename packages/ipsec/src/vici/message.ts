import { ByteReader, ByteWriter } from '@trustline/base';
import { IpsecError } from '../error.ts';

/** One element of a message, in its place: their order is kept, and a section's name may occur again. */
export type ViciElement =
  | { readonly kind: 'value'; readonly name: string; readonly value: Uint8Array }
  | { readonly kind: 'list'; readonly name: string; readonly items: readonly Uint8Array[] }
  | { readonly kind: 'section'; readonly name: string; readonly elements: ViciMessage };

/** The body of a command, of its response or of an event. */
export type ViciMessage = readonly ViciElement[];

/** What a message may be written as where order decides nothing: numbers and booleans are texts, as VICI wants them. */
export interface ViciFields {
  readonly [name: string]: string | number | boolean | Uint8Array | readonly (string | Uint8Array)[] | ViciFields;
}

/** Element types (strongSwan, src/libcharon/plugins/vici/README.md, "Message"). */
const element = { sectionStart: 1, sectionEnd: 2, keyValue: 3, listStart: 4, listItem: 5, listEnd: 6 } as const;

/** Deeper than any message of the daemon (list-sa has 4), and shallow enough for any stack. */
const MAX_DEPTH = 16;
const MAX_NAME = 255;
const MAX_VALUE = 65_535;

const encoder = new TextEncoder();
/** A value that is no UTF-8 (a certificate) is read as octets; as text it is only ever shown. */
const decoder = new TextDecoder();

/** Reads a whole body. Throws `ipsec.vici-malformed` with the offset, and nothing else, for whatever is wrong with it. */
export function decodeViciMessage(octets: Uint8Array): ViciMessage {
  const reader = new ByteReader(octets);
  try {
    return readElements(reader, 0);
  } catch (error) {
    if (error instanceof IpsecError) throw error;
    throw malformed(reader, 'it ends within an element');
  }
}

function readElements(reader: ByteReader, depth: number): ViciMessage {
  if (depth > MAX_DEPTH) throw malformed(reader, `sections are nested deeper than ${MAX_DEPTH}`);
  const elements: ViciElement[] = [];
  while (reader.remaining > 0) {
    const type = reader.u8();
    if (type === element.sectionEnd) {
      if (depth === 0) throw malformed(reader, 'a section ends that never began');
      return elements;
    }
    elements.push(readElement(reader, type, depth));
  }
  if (depth > 0) throw malformed(reader, 'a section does not end');
  return elements;
}

function readElement(reader: ByteReader, type: number, depth: number): ViciElement {
  switch (type) {
    case element.sectionStart: {
      const name = readName(reader);
      return { kind: 'section', name, elements: readElements(reader, depth + 1) };
    }
    case element.keyValue:
      return { kind: 'value', name: readName(reader), value: readValue(reader) };
    case element.listStart: {
      const name = readName(reader);
      return { kind: 'list', name, items: readItems(reader) };
    }
    default:
      throw malformed(reader, `an element of type ${type} cannot stand here`);
  }
}

function readItems(reader: ByteReader): readonly Uint8Array[] {
  const items: Uint8Array[] = [];
  for (;;) {
    const type = reader.u8();
    if (type === element.listEnd) return items;
    if (type !== element.listItem) throw malformed(reader, `an element of type ${type} cannot stand in a list`);
    items.push(readValue(reader));
  }
}

/** Names are ASCII; other octets are kept one by one, so that what was read can be written again. */
function readName(reader: ByteReader): string {
  return String.fromCharCode(...reader.take(reader.u8()));
}

function readValue(reader: ByteReader): Uint8Array {
  return reader.take(reader.u16()).slice();
}

function malformed(reader: ByteReader, what: string): IpsecError {
  return new IpsecError('ipsec.vici-malformed', `A message of the IKE daemon cannot be read: ${what}`, {
    offset: reader.offset,
    nextStep: 'check that the socket is that of strongSwan, and its version',
  });
}

/** Writes a body. Throws `ipsec.vici-value` where a name has more than 255 or a value more than 65,535 octets. */
export function encodeViciMessage(message: ViciMessage): Uint8Array {
  const writer = new ByteWriter();
  writeElements(writer, message);
  return writer.finish();
}

function writeElements(writer: ByteWriter, elements: ViciMessage): void {
  for (const one of elements) {
    switch (one.kind) {
      case 'section':
        writeName(writer.u8(element.sectionStart), one.name);
        writeElements(writer, one.elements);
        writer.u8(element.sectionEnd);
        break;
      case 'value':
        writeName(writer.u8(element.keyValue), one.name);
        writeValue(writer, one.name, one.value);
        break;
      case 'list':
        writeName(writer.u8(element.listStart), one.name);
        for (const item of one.items) writeValue(writer.u8(element.listItem), one.name, item);
        writer.u8(element.listEnd);
        break;
    }
  }
}

function writeName(writer: ByteWriter, name: string): void {
  const octets = Uint8Array.from(name, (character) => character.charCodeAt(0));
  if (octets.byteLength !== name.length || octets.byteLength > MAX_NAME) {
    throw new IpsecError('ipsec.vici-value', `A name has ${name.length} characters; VICI carries ${MAX_NAME}`);
  }
  writer.u8(octets.byteLength).bytes(octets);
}

function writeValue(writer: ByteWriter, name: string, value: Uint8Array): void {
  if (value.byteLength > MAX_VALUE) {
    throw new IpsecError(
      'ipsec.vici-value',
      `The value of ${name} has ${value.byteLength} octets; VICI carries ${MAX_VALUE}`,
    );
  }
  writer.u16(value.byteLength).bytes(value);
}

/** A message from plain fields, in the order in which they are written down. */
export function viciMessage(fields: ViciFields): ViciMessage {
  return Object.entries(fields).map(([name, value]): ViciElement => {
    if (Array.isArray(value)) return { kind: 'list', name, items: value.map(octetsOf) };
    if (typeof value === 'object' && !(value instanceof Uint8Array)) {
      return { kind: 'section', name, elements: viciMessage(value as ViciFields) };
    }
    return { kind: 'value', name, value: octetsOf(value as string | number | boolean | Uint8Array) };
  });
}

function octetsOf(value: string | number | boolean | Uint8Array): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (typeof value === 'boolean') return encoder.encode(value ? 'yes' : 'no');
  return encoder.encode(String(value));
}

/** The text of a value, or undefined where it is not there. */
export function textAt(message: ViciMessage, name: string): string | undefined {
  const found = message.find((one) => one.kind === 'value' && one.name === name);
  return found?.kind === 'value' ? decoder.decode(found.value) : undefined;
}

/** The texts of a list; empty where it is not there. */
export function listAt(message: ViciMessage, name: string): readonly string[] {
  const found = message.find((one) => one.kind === 'list' && one.name === name);
  return found?.kind === 'list' ? found.items.map((item) => decoder.decode(item)) : [];
}

/** The first section of a name. */
export function sectionAt(message: ViciMessage, name: string): ViciMessage | undefined {
  const found = message.find((one) => one.kind === 'section' && one.name === name);
  return found?.kind === 'section' ? found.elements : undefined;
}

/** All sections of a message, in their order. */
export function sectionsOf(message: ViciMessage): readonly { readonly name: string; readonly elements: ViciMessage }[] {
  return message.flatMap((one) => (one.kind === 'section' ? [one] : []));
}
