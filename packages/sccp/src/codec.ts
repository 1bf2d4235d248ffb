import { Redacted } from '@trustline/base';
import { SccpError, type SccpErrorCode } from './error.ts';
import { BodyReader } from './layout/body-reader.ts';
import { BodyWriter } from './layout/body-writer.ts';
import type { AnyField } from './layout/field.ts';
import { type MessageDefinition, type Plan, planOf } from './layout/message.ts';
import { definitions, type KnownMessage } from './messages/catalogue.ts';
import { headerVersionOf } from './versions.ts';

/** A message with an id that this room does not know. It can be sent on; it does not print. */
export interface UnknownMessage {
  readonly kind: 'Unknown';
  readonly messageId: number;
  readonly body: Redacted<Uint8Array>;
}

/** A message that is not what its id says. */
export interface MalformedMessage {
  readonly kind: 'Malformed';
  readonly messageId: number;
  /** The published name of the message that it claims to be. */
  readonly claimed: KnownMessage['kind'];
  readonly code: SccpErrorCode;
  /** The octet of the body, after the message id, at which the rule failed. */
  readonly offset: number;
}

/** What can be sent. */
export type SccpMessage = KnownMessage | UnknownMessage;
/** What can be received. */
export type ReceivedMessage = SccpMessage | MalformedMessage;

/** What the two ends agreed on when the phone registered. */
export interface SccpDialect {
  /** The protocol version that both ends know: it decides on layouts. */
  readonly version: number;
  /** Whether texts are ISO 8859-1, for phones that do not say that they know UTF-8. */
  readonly latin1?: boolean;
}

interface Planned {
  readonly definition: MessageDefinition;
  readonly plans: (Plan | undefined)[];
}

const HEADER_LENGTH = 12;
const MOST_VERSIONS = 256;
const byId = new Map<number, Planned>();
const byKind = new Map<string, Planned>();
for (const definition of definitions) {
  const planned = { definition, plans: [] };
  byId.set(definition.messageId, planned);
  byKind.set(definition.kind, planned);
}
/** Messages are written here and copied out. */
const scratch = new BodyWriter(4_096);

function planIn({ definition, plans }: Planned, version: number): Plan {
  let plan = plans[version];
  if (plan === undefined) {
    plan = planOf(definition, version);
    plans[version] = plan;
  }
  return plan;
}

/** The published name of a message; undefined for an id that is not known. */
export function messageKindOf(messageId: number): KnownMessage['kind'] | undefined {
  return byId.get(messageId)?.definition.kind as KnownMessage['kind'] | undefined;
}

/**
 * Reads the body of a message, the octets [start, end) of `bytes`, in the layout of a protocol version. Never throws
 * for what a peer sent: an unknown id and a malformed body are values. Octets after the last known field are kept.
 */
export function decodeBody(
  messageId: number,
  bytes: Uint8Array,
  version: number,
  start = 0,
  end = bytes.byteLength,
): ReceivedMessage {
  const planned = byId.get(messageId);
  if (planned === undefined) {
    return { kind: 'Unknown', messageId, body: new Redacted(new Uint8Array(bytes.subarray(start, end))) };
  }
  const reader = new BodyReader(bytes, start, end, version);
  const { kind } = planned.definition;
  const values: Record<string, unknown> = { kind };
  try {
    readFields(reader, planIn(planned, Math.min(version, MOST_VERSIONS - 1)), values);
  } catch (error) {
    if (!(error instanceof SccpError)) throw error;
    const claimed = kind as KnownMessage['kind'];
    return { kind: 'Malformed', messageId, claimed, code: error.code, offset: error.offset ?? reader.offset };
  }
  if (reader.remaining > 0) values['trailing'] = new Redacted(reader.copy(reader.remaining));
  return values as unknown as KnownMessage;
}

function readFields(reader: BodyReader, { fields, required }: Plan, values: Record<string, unknown>): void {
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as AnyField;
    // What a message may end before is read only where it is there as a whole; of a key no half is kept aside.
    if (i >= required && reader.remaining < field.least(reader.version) && !(field.secret && reader.remaining > 0))
      break;
    const value: unknown = field.read(reader);
    if (field.presence !== 'hidden') values[field.name] = value;
  }
  // Bodies are sent in multiples of four octets. [C2: CHSCCP pads every message so; R: EnblocCall of a 7970]
  const padding = -reader.offset & 3;
  if (reader.remaining === padding && reader.zerosAhead(padding)) reader.skip(padding);
}

/**
 * Writes a message with its header. Fields that a protocol version has and the message has not are zero, up to the
 * last one that it has; after that the message ends.
 *
 * @throws {SccpError} sccp.value, sccp.key-length when a value does not fit its field
 */
export function encodeMessage(message: SccpMessage, dialect: SccpDialect, headerVersion?: number): Uint8Array {
  const version = Math.min(dialect.version, MOST_VERSIONS - 1);
  scratch.begin(version, dialect.latin1 === true);
  scratch.u32(0);
  scratch.u32(headerVersion ?? headerVersionOf(dialect.version));
  let secret = true;
  if (message.kind === 'Unknown') {
    scratch.u32(message.messageId);
    scratch.bytes(message.body.reveal());
  } else {
    const planned = byKind.get(message.kind);
    if (planned === undefined) throw new SccpError('sccp.value', 'this is no message that can be sent');
    if (planned.definition.unversioned && headerVersion === undefined) scratch.setU32(4, 0);
    scratch.u32(planned.definition.messageId);
    const plan = planIn(planned, version);
    secret = plan.secret;
    writeFields(plan, message as unknown as Readonly<Record<string, unknown>>);
    if (message.trailing === undefined) scratch.zeros(-scratch.length & 3);
    else scratch.bytes(message.trailing.reveal());
  }
  scratch.setU32(0, scratch.length - HEADER_LENGTH + 4);
  return scratch.finish(secret);
}

function writeFields({ fields, required }: Plan, message: Readonly<Record<string, unknown>>): void {
  let end = fields.length;
  while (end > required && absentFrom(message, fields[end - 1] as AnyField)) end -= 1;
  for (let i = 0; i < end; i++) {
    const field = fields[i] as AnyField;
    field.write(scratch, message[field.name] ?? field.absent, message);
  }
}

function absentFrom(message: Readonly<Record<string, unknown>>, field: AnyField): boolean {
  return field.presence === 'hidden' || message[field.name] === undefined;
}
