import { BodyReader } from './layout/body-reader.ts';
import type { AnyField } from './layout/field.ts';
import { fieldsIn } from './layout/lists.ts';
import type { MessageDefinition } from './layout/message.ts';

/** A field of a written message that holds no others. */
export interface Leaf {
  readonly name: string;
  readonly kind: AnyField['form']['kind'];
  /** From the beginning of the header. */
  readonly at: number;
  readonly octets: string;
}

const HEADER = 12;

/** Where the fields of a written message stand, by its layout. */
export function leavesOf(definition: MessageDefinition, written: Uint8Array, version: number): readonly Leaf[] {
  const reader = new BodyReader(written, HEADER, written.byteLength, version);
  const leaves: Leaf[] = [];
  walk(fieldsIn(definition.fields, version), reader, written, leaves);
  return leaves;
}

function walk(fields: readonly AnyField[], reader: BodyReader, written: Uint8Array, leaves: Leaf[]): void {
  for (const field of fieldsIn(fields, reader.version)) {
    if (reader.remaining < field.least(reader.version)) return;
    const { form } = field;
    if (form.kind === 'struct') {
      walk(form.fields, reader, written, leaves);
      continue;
    }
    if (form.kind === 'list' || form.kind === 'integers') {
      const { capacity, counted, filled } = form.places;
      const count = counted ? reader.countOf(field.name) : capacity;
      const start = reader.offset;
      for (let i = 0; i < count; i++) {
        if (form.kind === 'list') walk(form.fields, reader, written, leaves);
        else leaves.push(leaf(field, reader, written, () => reader.skip(form.octets)));
      }
      const size = count === 0 ? field.least(reader.version) / capacity : (reader.offset - start) / count;
      if (filled) reader.skip((capacity - count) * size);
      continue;
    }
    if (form.kind === 'key-info') {
      for (const [name, octets, count] of keyInfoLayout) {
        const one = { ...field, name, form: { kind: 'integer', octets: octets as 4, signed: false } } as AnyField;
        for (let i = 0; i < count; i++) leaves.push(leaf(one, reader, written, () => reader.skip(octets)));
      }
      continue;
    }
    leaves.push(leaf(field, reader, written, () => field.read(reader)));
  }
}

/** Name, octets, and how many: key and salt are told octet by octet, and a salt of 14 leaves two unused. */
const keyInfoLayout = [
  ['algorithmID', 4, 1],
  ['keylen', 2, 1],
  ['saltlen', 2, 1],
  ['key', 1, 16],
  ['salt', 1, 14],
  ['filler', 2, 1],
  ['isMKIPresent', 4, 1],
  ['keyDerivationRate', 4, 1],
] as const;

function leaf({ name, form }: AnyField, reader: BodyReader, written: Uint8Array, read: () => void): Leaf {
  const from = HEADER + reader.offset;
  read();
  const octets = Buffer.from(written.subarray(from, HEADER + reader.offset)).toString('hex');
  return { name, kind: form.kind, at: from, octets };
}
