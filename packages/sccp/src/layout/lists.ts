import { SccpError } from '../error.ts';
import type { BodyReader } from './body-reader.ts';
import type { BodyWriter } from './body-writer.ts';
import {
  type AnyField,
  type Field,
  type FieldCondition,
  fieldBase,
  LAST_VERSION,
  type Places,
  type PresenceOf,
  type ValuesOf,
} from './field.ts';
import { textOctets } from './text-octets.ts';

/** The number of entries of a list that comes later in the same message or structure. */
export function countOf(name: string, list: string, most: number): Field<string, undefined, 'hidden'> {
  return {
    name,
    presence: 'hidden',
    since: 0,
    until: LAST_VERSION,
    secret: false,
    form: { kind: 'count' },
    absent: undefined,
    least: () => 4,
    read(reader) {
      const count = reader.u32();
      if (count > most) {
        throw new SccpError('sccp.count', `${count} entries are announced where ${most} can be`, {
          offset: reader.offset - 4,
        });
      }
      reader.setCount(list, count);
      return undefined;
    },
    write(writer, _, container) {
      const entries = container[list];
      writer.u32(Array.isArray(entries) ? entries.length : 0);
    },
  };
}

/** The length in octets of a `countedText` that comes later in the same message. */
export function lengthOf(name: string, counted: string, most: number): Field<string, undefined, 'hidden'> {
  return {
    ...countOf(name, counted, most),
    write(writer, _, container) {
      writer.u32(textOctets(String(container[counted] ?? ''), most, writer.latin1).length);
    },
  };
}

/** The fields that a protocol version has. */
export function fieldsIn(fields: readonly AnyField[], version: number): readonly AnyField[] {
  return fields.filter(({ since, until }) => since <= version && version <= until);
}

function leastOf(fields: readonly AnyField[], version: number): number {
  return fieldsIn(fields, version).reduce((sum, field) => sum + field.least(version), 0);
}

function readAll(reader: BodyReader, fields: readonly AnyField[]): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of fields) {
    if (reader.version < field.since || reader.version > field.until) continue;
    const value: unknown = field.read(reader);
    if (field.presence !== 'hidden') values[field.name] = value;
  }
  return values;
}

function writeAll(writer: BodyWriter, fields: readonly AnyField[], values: Readonly<Record<string, unknown>>): void {
  for (const field of fields) {
    if (writer.version < field.since || writer.version > field.until) continue;
    field.write(writer, values[field.name] ?? field.absent, values);
  }
}

function absentOf<const Fields extends readonly AnyField[]>(fields: Fields): ValuesOf<Fields> {
  const required = fields.filter(({ presence }) => presence === 'required');
  return Object.fromEntries(required.map(({ name, absent }) => [name, absent])) as ValuesOf<Fields>;
}

/** Fields under a name of their own. */
export function struct<
  const Name extends string,
  const Fields extends readonly AnyField[],
  Condition extends FieldCondition | undefined = undefined,
>(name: Name, fields: Fields, condition?: Condition): Field<Name, ValuesOf<Fields>, PresenceOf<Condition>> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'struct', fields },
    absent: absentOf(fields),
    least: (version) => leastOf(fields, version),
    read: (reader) => readAll(reader, fields) as ValuesOf<Fields>,
    write: (writer, value) => writeAll(writer, fields, value as Readonly<Record<string, unknown>>),
  };
}

function overfull(name: string, { capacity }: Places, entries: readonly unknown[]): void {
  if (entries.length > capacity) {
    throw new SccpError('sccp.value', `${name} has ${capacity} places, which is too few for ${entries.length}`);
  }
}

/** Entries of the same fields. */
export function list<
  const Name extends string,
  const Fields extends readonly AnyField[],
  Condition extends FieldCondition | undefined = undefined,
>(
  name: Name,
  places: Places,
  fields: Fields,
  condition?: Condition,
): Field<Name, readonly ValuesOf<Fields>[], PresenceOf<Condition>> {
  const { capacity, filled, counted } = places;
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'list', fields, places },
    absent: [],
    least: (version) => (filled ? capacity * leastOf(fields, version) : 0),
    read(reader) {
      const entries: ValuesOf<Fields>[] = [];
      const count = counted ? reader.countOf(name) : capacity;
      for (let i = 0; i < count; i++) entries.push(readAll(reader, fields) as ValuesOf<Fields>);
      if (filled) reader.skip((capacity - count) * leastOf(fields, reader.version));
      return entries;
    },
    write(writer, entries) {
      overfull(name, places, entries);
      for (const entry of entries) writeAll(writer, fields, entry as Readonly<Record<string, unknown>>);
      if (filled) writer.zeros((capacity - entries.length) * leastOf(fields, writer.version));
    },
  };
}

/** Integers of the same size in octets. */
export function integers<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  size: 1 | 2 | 4,
  places: Places,
  condition?: Condition,
): Field<Name, readonly number[], PresenceOf<Condition>> {
  const { capacity, filled, counted } = places;
  const least = filled ? capacity * size : 0;
  const readOne = { 1: (r: BodyReader) => r.u8(), 2: (r: BodyReader) => r.u16(), 4: (r: BodyReader) => r.u32() }[size];
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'integers', octets: size, places },
    absent: [],
    least: () => least,
    read(reader) {
      const count = counted ? reader.countOf(name) : capacity;
      const values: number[] = [];
      for (let i = 0; i < count; i++) values.push(readOne(reader));
      if (filled) reader.skip((capacity - count) * size);
      return values;
    },
    write(writer, values) {
      overfull(name, places, values);
      for (const value of values) {
        if (size === 1) writer.u8(value);
        else if (size === 2) writer.u16(value);
        else writer.u32(value);
      }
      if (filled) writer.zeros((capacity - values.length) * size);
    },
  };
}
