import { type Field, type FieldCondition, fieldBase, type PresenceOf } from './field.ts';
import { textOctets } from './text-octets.ts';

type TextField<Name extends string, Condition extends FieldCondition | undefined> = Field<
  Name,
  string,
  PresenceOf<Condition>
>;

/** Since this protocol version a directory number takes 25 octets where it took 24. [C2: WS, CHSCCP] */
const LONGER_NUMBERS = 18;

/** A text in a place of fixed size, which ends at its first zero octet. A longer one is cut to leave one. */
export function text<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  size: number,
  condition?: Condition,
): TextField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'text', most: () => size - 1 },
    absent: '',
    least: () => size,
    read: (reader) => reader.text(size),
    write: (writer, value) => writer.fixedText(value, size),
  };
}

function textOf<Name extends string, Condition extends FieldCondition | undefined>(
  name: Name,
  sizeIn: (version: number) => number,
  condition: Condition,
): TextField<Name, Condition> {
  return {
    ...fieldBase(name, condition),
    form: { kind: 'text', most: (version) => sizeIn(version) - 1 },
    absent: '',
    least: sizeIn,
    read: (reader) => reader.text(sizeIn(reader.version)),
    write: (writer, value) => writer.fixedText(value, sizeIn(writer.version)),
  };
}

/** A directory number: 24 octets to protocol version 17, 25 from 18, and what follows is not aligned then. */
export function directoryNumber<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): TextField<Name, Condition> {
  return textOf(name, (version) => (version < LONGER_NUMBERS ? 24 : 25), condition as Condition);
}

/** A directory number with fillers after it: 24 octets to protocol version 17, 28 from 18. */
export function alignedDirectoryNumber<
  const Name extends string,
  Condition extends FieldCondition | undefined = undefined,
>(name: Name, condition?: Condition): TextField<Name, Condition> {
  return textOf(name, (version) => (version < LONGER_NUMBERS ? 24 : 28), condition as Condition);
}

/**
 * An integer of four octets after a directory number of 25, from protocol version 18 on. It follows at once, but some
 * phones align it. [R: EnblocCall of a 7970 and of an 8945 in CHSCCP] Line numbers are small: an aligned one has zeros
 * where the other begins.
 */
export function u32AfterNumber<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  condition?: Condition,
): Field<Name, number, PresenceOf<Condition>> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'integer', octets: 4, signed: false },
    absent: 0,
    least: () => 4,
    read(reader) {
      if (reader.version >= LONGER_NUMBERS && reader.remaining >= 7 && reader.zerosAhead(3)) {
        if (!reader.zerosAhead(4)) reader.skip(3);
      }
      return reader.u32();
    },
    write: (writer, value) => writer.u32(value),
  };
}

/** A text as long as it is, with a zero octet at its end, together `most` octets at most. */
export function dynamicText<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  most: number,
  condition?: Condition,
): TextField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'text', most: () => most - 1 },
    absent: '',
    least: () => 1,
    read(reader) {
      const length = reader.lengthOfText(most);
      const value = reader.text(length);
      if (length < most) reader.skip(1);
      return value;
    },
    write: (writer, value) => writer.endedText(value, most),
  };
}

/**
 * A text whose length a `lengthOf` before it tells, in a place of `capacity` octets. To the protocol version
 * `filledUntil` the rest of the place is sent too.
 */
export function countedText<const Name extends string, Condition extends FieldCondition | undefined = undefined>(
  name: Name,
  capacity: number,
  filledUntil: number,
  condition?: Condition,
): TextField<Name, Condition> {
  return {
    ...fieldBase(name, condition as Condition),
    form: { kind: 'text', most: () => capacity },
    absent: '',
    least: () => 0,
    read(reader) {
      const length = reader.countOf(name);
      const value = reader.text(length);
      if (reader.version <= filledUntil) reader.skip(Math.min(capacity - length, reader.remaining));
      return value;
    },
    write(writer, value) {
      const octets = textOctets(value, capacity, writer.latin1);
      writer.bytes(octets);
      if (writer.version <= filledUntil) writer.zeros(capacity - octets.length);
    },
  };
}

/** A text that takes the rest of a message, of which what follows its first zero octet says nothing. */
export function textToEnd<const Name extends string>(
  name: Name,
  capacity: number,
  { filled }: { readonly filled: boolean },
): Field<Name, string, 'required'> {
  return {
    ...fieldBase(name, undefined),
    form: { kind: 'text', most: () => capacity - 1 },
    absent: '',
    least: () => 0,
    read: (reader) => reader.text(reader.remaining),
    write: (writer, value) => (filled ? writer.fixedText(value, capacity) : writer.endedText(value, capacity)),
  };
}
