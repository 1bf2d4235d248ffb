import { type Field, type FieldCondition, fieldBase, LAST_VERSION, type PresenceOf } from './field.ts';

type IntegerField<Name extends string, Condition extends FieldCondition | undefined> = Field<
  Name,
  number,
  PresenceOf<Condition>
>;

/** An unsigned integer of one octet. */
export function u8<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): IntegerField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'integer', octets: 1, signed: false },
    absent: 0,
    least: () => 1,
    read: (reader) => reader.u8(),
    write: (writer, value) => writer.u8(value),
  };
}

/** An unsigned integer of two octets, little-endian. */
export function u16<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): IntegerField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'integer', octets: 2, signed: false },
    absent: 0,
    least: () => 2,
    read: (reader) => reader.u16(),
    write: (writer, value) => writer.u16(value),
  };
}

/** An unsigned integer of four octets, little-endian. */
export function u32<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): IntegerField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'integer', octets: 4, signed: false },
    absent: 0,
    least: () => 4,
    read: (reader) => reader.u32(),
    write: (writer, value) => writer.u32(value),
  };
}

/** One of several values, in four octets. Values without a name are read and written too. */
export function enumerated<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  values: Readonly<Record<string, number>>,
  condition?: Condition,
): IntegerField<Name, Condition> {
  return { ...u32(name, condition), values };
}

/** A signed integer of four octets, little-endian. */
export function i32<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): IntegerField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'integer', octets: 4, signed: true },
    absent: 0,
    least: () => 4,
    read: (reader) => reader.i32(),
    write: (writer, value) => writer.u32(value),
  };
}

/** Octets that say nothing: zeros when written, anything when read. */
export function filler(length: number, condition: FieldCondition = {}): Field<'filler', undefined, 'hidden'> {
  return {
    name: 'filler',
    presence: 'hidden',
    since: condition.since ?? 0,
    until: condition.until ?? LAST_VERSION,
    secret: false,
    form: { kind: 'filler', octets: length },
    absent: undefined,
    least: () => length,
    read: (reader) => reader.skip(length) as undefined,
    write: (writer) => writer.zeros(length),
  };
}
