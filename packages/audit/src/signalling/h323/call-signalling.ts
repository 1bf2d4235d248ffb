import {
  type CallSignallingMessage,
  type Cause,
  decodeCallSignalling,
  decodeCause,
  decodeH245,
  decodePartyNumber,
  ElementId,
  elementOf,
  type H225,
  ia5Text,
  MessageType,
  operationOf,
  type Q931Message,
  supplementaryServiceCodec,
  wordsOfCause,
} from '@trustline/h323';
import type { LegEnd } from '../../model/leg.ts';
import { otherEnd } from '../party.ts';
import type { H323Book } from './book.ts';
import type { H323Call, Where } from './call.ts';
import { readControl } from './control.ts';
import { partyOf, relatedOf, signalAddress, textOf } from './words.ts';

/** Messages of H.245, and of H.450, that are read of one message of call signalling. */
const MOST_WITHIN = 64;

const typeNames = new Map<number, string>(Object.entries(MessageType).map(([name, value]) => [value, name]));

/** Discloses what tokens give away (H.235.0). */
export type TokenReader = (
  tokens: readonly { readonly password?: { reveal(): string } }[] | undefined,
  cryptoTokens: readonly H225.CryptoH323Token[] | undefined,
  where: Where,
) => void;

type Body = Extract<H225.H323UUPDU['h323-message-body'], { readonly value: unknown }>['value'];

/** What bodies of messages have in common, each of them some of it. */
interface Common {
  readonly h245Address?: H225.TransportAddress;
  readonly callIdentifier?: H225.CallIdentifier;
  readonly conferenceID?: Uint8Array;
  readonly fastStart?: readonly Uint8Array[];
  readonly tokens?: readonly { readonly password?: { reveal(): string } }[];
  readonly cryptoTokens?: readonly H225.CryptoH323Token[];
}

/** Whether a message of a call that is not known yet begins it: what only ends or asks does not. */
export function beginsCall({ type }: Q931Message): boolean {
  return type !== MessageType.ReleaseComplete && type !== MessageType.Status && type !== MessageType.StatusEnquiry;
}

/** A message of H.225.0 call signalling; without its User-user where that alone cannot be read, undefined for what is none. */
export function decodeSignalling(payload: Uint8Array): CallSignallingMessage | undefined {
  return decodeCallSignalling(payload).message;
}

export function readSignalling(
  call: H323Call,
  message: CallSignallingMessage,
  where: Where,
  book: H323Book,
  readTokens: TokenReader,
): void {
  const end: LegEnd = message.callReference.fromDestination ? 'called' : 'caller';
  call.hosts[end] ??= where.path.from.address;
  call.hosts[otherEnd(end)] ??= where.path.to.address;
  const pdu = message.userInformation?.['h323-uu-pdu'];
  const body = bodyOf(pdu);
  const common: Common = body ?? {};
  readIdentifiers(call, common);
  readParties(call, end, message, pdu);
  const awaited = signalAddress(common.h245Address);
  if (awaited !== undefined) book.announce(awaited, { call, announcedBy: end });
  const [fastWords, hasKey] =
    common.fastStart === undefined ? [undefined, false] : call.fastStart(end, common.fastStart, where);
  const words = [...detailsOf(pdu), awaited === undefined ? undefined : `H.245 at ${textOf(awaited)}`, fastWords];
  const cause = causeOf(message);
  if (message.type === MessageType.Connect) call.leg.answered ??= where.place;
  if (message.type === MessageType.ReleaseComplete || message.type === MessageType.Release) {
    call.leg.ended ??= where.place;
    call.leg.endReason ??= cause === undefined ? reasonOf(pdu) : `${cause.value} ${wordsOfCause(cause.value)}`;
  }
  if (cause !== undefined) words.unshift(`cause ${cause.value} ${wordsOfCause(cause.value)}`);
  const told = words.filter((word) => word !== undefined).join(', ');
  // A Facility that only carries H.245 is no line of its own beside what it carries.
  if (told !== 'transportedInformation' && (told !== '' || message.type !== MessageType.Facility || !isTunnel(pdu))) {
    call.tell(where, typeNames.get(message.type) ?? `message ${message.type}`, told === '' ? undefined : told, hasKey);
  }
  readTokens(common.tokens, common.cryptoTokens, where);
  readDigits(call, end, message, where);
  readTunnelled(call, end, pdu, where);
  if (message.type === MessageType.ReleaseComplete) call.end();
}

function isTunnel(pdu: H225.H323UUPDU | undefined): boolean {
  return (pdu?.h245Control?.reveal().length ?? 0) > 0;
}

function bodyOf(pdu: H225.H323UUPDU | undefined): Body | undefined {
  const body = pdu?.['h323-message-body'];
  return body !== undefined && body.kind !== '...' && 'value' in body ? body.value : undefined;
}

function readIdentifiers(call: H323Call, { callIdentifier, conferenceID }: Common): void {
  const related = relatedOf(callIdentifier?.guid, conferenceID);
  if (related !== undefined) call.leg.related.add(related);
}

function readParties(
  call: H323Call,
  end: LegEnd,
  message: CallSignallingMessage,
  pdu: H225.H323UUPDU | undefined,
): void {
  const number = (id: number) => {
    const octets = elementOf(message, id);
    const digits = octets === undefined ? undefined : decodePartyNumber(octets)?.digits;
    return digits === undefined ? {} : { number: digits };
  };
  const display = elementOf(message, ElementId.Display);
  const shown = display === undefined ? {} : { name: ia5Text(display.subarray(0, 256)) };
  const body = pdu?.['h323-message-body'];
  if (message.type === MessageType.Setup) {
    call.learn('caller', number(ElementId.CallingPartyNumber));
    call.learn('called', number(ElementId.CalledPartyNumber));
    if (body?.kind === 'setup') {
      call.learn('caller', partyOf(body.value.sourceAddress));
      call.learn('called', partyOf(body.value.destinationAddress));
    }
    call.learn('caller', shown);
    return;
  }
  if (message.type === MessageType.Connect) {
    call.learn('called', number(ElementId.ConnectedNumber));
    if (body?.kind === 'connect') call.learn('called', partyOf(body.value.connectedAddress));
  }
  if (message.type === MessageType.Connect || message.type === MessageType.Alerting) call.learn(end, shown);
}

function* detailsOf(pdu: H225.H323UUPDU | undefined): Generator<string> {
  const body = pdu?.['h323-message-body'];
  if (body?.kind === 'facility') {
    yield body.value.reason.kind === '...' ? 'unknown reason' : body.value.reason.kind;
    const elsewhere = signalAddress(body.value.alternativeAddress);
    if (elsewhere !== undefined) yield `to ${textOf(elsewhere)}`;
  }
  for (const octets of pdu?.h4501SupplementaryService?.slice(0, MOST_WITHIN) ?? []) yield* operationsOf(octets);
}

/** Names of the operations of H.450 that are invoked: transfer, diversion, hold, and others. */
function* operationsOf(octets: Uint8Array): Generator<string> {
  const decoded = supplementaryServiceCodec.decode(octets);
  if (!decoded.ok || decoded.value.serviceApdu.kind !== 'rosApdus') return;
  for (const apdu of decoded.value.serviceApdu.value.slice(0, MOST_WITHIN)) {
    if (apdu.kind !== 'invoke') yield `H.450 ${apdu.kind}`;
    else if (apdu.value.opcode.kind === 'local') yield operationOf(apdu.value.opcode.value) ?? 'unknown operation';
  }
}

function causeOf(message: CallSignallingMessage): Cause | undefined {
  const octets = elementOf(message, ElementId.Cause);
  return octets === undefined ? undefined : decodeCause(octets);
}

function reasonOf(pdu: H225.H323UUPDU | undefined): string | undefined {
  const body = pdu?.['h323-message-body'];
  if (body?.kind !== 'releaseComplete') return undefined;
  const reason = body.value.reason?.kind;
  return reason === '...' ? undefined : reason;
}

/** Keys of the pad, sent by Q.931 within the call; before it is answered they are the number. */
function readDigits(call: H323Call, end: LegEnd, message: CallSignallingMessage, where: Where): void {
  const octets = elementOf(message, ElementId.KeypadFacility);
  if (octets === undefined) return;
  const digits = ia5Text(octets.subarray(0, 64)).replaceAll(/[^0-9A-D*#]/g, '');
  if (message.type === MessageType.Setup) call.learn('called', { number: digits });
  else call.digits(end, digits, 'q931-keypad', where);
}

function readTunnelled(call: H323Call, end: LegEnd, pdu: H225.H323UUPDU | undefined, where: Where): void {
  const body = pdu?.['h323-message-body'];
  const parallel = body?.kind === 'setup' ? body.value.parallelH245Control?.reveal() : undefined;
  for (const octets of [...(parallel ?? []), ...(pdu?.h245Control?.reveal() ?? [])].slice(0, MOST_WITHIN)) {
    for (const one of decodeH245(octets).messages.slice(0, MOST_WITHIN)) readControl(call, end, one, where);
  }
}
