import type { Redacted } from '@trustline/base';
import { type AnyField, LAST_VERSION, type ValuesOf } from './field.ts';
import { fieldsIn } from './lists.ts';

/** Who sends a message: the phone, the call manager, or either of them. */
export type Sender = 'phone' | 'manager' | 'both';

/** What a message looks like on the wire, in every protocol version. */
export interface MessageDefinition<
  Kind extends string = string,
  Fields extends readonly AnyField[] = readonly AnyField[],
> {
  /** The published name of the message. */
  readonly kind: Kind;
  readonly messageId: number;
  readonly sender: Sender;
  /** The first protocol version in which it is sent. */
  readonly since: number;
  /** Whether its header says version 0, whatever version is spoken. */
  readonly unversioned: boolean;
  readonly fields: Fields;
}

/** A message as a value: its kind, its fields, and the octets after the last known field, which do not print. */
export type MessageOf<Definition> =
  Definition extends MessageDefinition<infer Kind, infer Fields>
    ? { readonly kind: Kind; readonly trailing?: Redacted<Uint8Array> | undefined } & ValuesOf<Fields>
    : never;

/** Declares a message of the phone, of the manager or of both. */
export function message<const Kind extends string, const Fields extends readonly AnyField[]>(
  kind: Kind,
  messageId: number,
  sender: Sender,
  fields: Fields,
  { since = 0, unversioned = false }: { readonly since?: number; readonly unversioned?: boolean } = {},
): MessageDefinition<Kind, Fields> {
  return { kind, messageId, sender, since, unversioned, fields };
}

/** The layout of a message in one protocol version. */
export interface Plan {
  readonly fields: readonly AnyField[];
  /** How many of them are always there: what comes after these, the message may end before. */
  readonly required: number;
  readonly secret: boolean;
}

/** The layout of a message in a protocol version. */
export function planOf(definition: MessageDefinition, version: number): Plan {
  const fields = fieldsIn(definition.fields, Math.min(version, LAST_VERSION));
  const required = fields.findLastIndex(({ presence }) => presence === 'required' || presence === 'defaulted') + 1;
  return { fields, required, secret: fields.some(({ secret }) => secret) };
}
