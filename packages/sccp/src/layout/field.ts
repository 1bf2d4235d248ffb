import type { BodyReader } from './body-reader.ts';
import type { BodyWriter } from './body-writer.ts';

/**
 * Required fields every message has. Defaulted ones are on the wire always, and zero or empty there where a message to
 * be sent does not have them. Optional ones are in some versions only, or a message ends before them. Hidden ones are
 * of the wire alone: counts and fillers, which a message as a value does not have.
 */
export type Presence = 'required' | 'defaulted' | 'optional' | 'hidden';

/** In which protocol versions a field is there. A field with a condition may be absent from the message. */
export interface FieldCondition {
  /** The first protocol version that has it. */
  readonly since?: number;
  /** The last protocol version that has it. */
  readonly until?: number;
  /** The message may end before it in any version. */
  readonly omissible?: true;
  /** It is zero or empty where a message to be sent does not have it. */
  readonly defaulted?: true;
}

/** What a field is on the wire, for those who go through layouts: traces, documents, tests. */
export type FieldForm =
  | { readonly kind: 'integer'; readonly octets: 1 | 2 | 4; readonly signed: boolean }
  | { readonly kind: 'text'; readonly most: (version: number) => number }
  | { readonly kind: 'ipv4' | 'ipv6' | 'address' | 'key-info' | 'count' }
  | { readonly kind: 'octets' | 'filler'; readonly octets: number }
  | { readonly kind: 'struct'; readonly fields: readonly AnyField[] }
  | { readonly kind: 'list'; readonly fields: readonly AnyField[]; readonly places: Places }
  | { readonly kind: 'integers'; readonly octets: 1 | 2 | 4; readonly places: Places };

/** How many entries a list has. */
export interface Places {
  readonly capacity: number;
  /** Whether places without an entry are sent as zeros; where not, the list ends with its last entry. */
  readonly filled: boolean;
  /** Whether a `countOf` before it tells how many entries there are; where not, every place has one. */
  readonly counted: boolean;
}

/** One cell of a layout: where it stands follows from those before it, so a message is a list of these. */
export interface Field<Name extends string = string, Value = unknown, Has extends Presence = Presence> {
  readonly name: Name;
  readonly presence: Has;
  readonly form: FieldForm;
  /** The first and the last protocol version that has the field. */
  readonly since: number;
  readonly until: number;
  /** What is written where a message does not have the value; also says the type of the value. */
  readonly absent: Value;
  /** A field of which no half may be kept aside as unread octets: it holds a key. */
  readonly secret: boolean;
  /** The published names of its values, where it is one of several. */
  readonly values?: Readonly<Record<string, number>>;
  /** The fewest octets that it takes in a protocol version. */
  least(version: number): number;
  read(reader: BodyReader): Value;
  /** `container` is the message or structure that holds the value: counts look at the list that they count. */
  write(writer: BodyWriter, value: Value, container: Readonly<Record<string, unknown>>): void;
}

export const DEFAULTED = { defaulted: true } as const satisfies FieldCondition;

/** A field of any kind. */
// biome-ignore lint/suspicious/noExplicitAny: a value is written by the field that it was read by
export type AnyField = Field<string, any, Presence>;

/** What a list of fields holds, as an object. */
export type ValuesOf<Fields extends readonly AnyField[]> = {
  readonly [F in Fields[number] as F['presence'] extends 'required' ? F['name'] : never]: F['absent'];
} & {
  readonly [F in Fields[number] as F['presence'] extends 'optional' | 'defaulted' ? F['name'] : never]?:
    | F['absent']
    | undefined;
};

/** The presence of a field that is declared with a condition or without one. */
export type PresenceOf<Condition extends FieldCondition | undefined> = Condition extends FieldCondition
  ? Condition extends { readonly defaulted: true }
    ? 'defaulted'
    : 'optional'
  : 'required';

export const LAST_VERSION = 255;

/** What all kinds of fields have in common. */
export function fieldBase<Name extends string, Condition extends FieldCondition | undefined>(
  name: Name,
  condition: Condition,
): {
  readonly name: Name;
  readonly presence: PresenceOf<Condition>;
  readonly since: number;
  readonly until: number;
  readonly secret: boolean;
} {
  return {
    name,
    presence: presenceOf(condition) as PresenceOf<Condition>,
    since: condition?.since ?? 0,
    until: condition?.until ?? LAST_VERSION,
    secret: false,
  };
}

function presenceOf(condition: FieldCondition | undefined): Presence {
  if (condition === undefined) return 'required';
  return condition.defaulted === true ? 'defaulted' : 'optional';
}
