import { isOpen } from '../../model/exposure.ts';
import type { CallLeg, LadderMessage, LegEnd, MediaDescription, Party, SignallingPath } from '../../model/leg.ts';
import type { Observations } from '../../model/observations.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import { Recent } from '../recent.ts';
import { describeMedia, wordsOf } from '../sdp/describe.ts';
import { readSession } from '../sdp/session.ts';
import { withCandidates } from '../sdp/trickle.ts';
import { shortName } from '../short-name.ts';
import { partyOf, tagOf, userOf } from './address.ts';
import { type BodyPart, bodyParts, partText } from './body.ts';
import { digitsOf } from './digits.ts';
import { endReasonOf } from './end-reason.ts';
import { CallEnds } from './ends.ts';
import { MOST_RELATED, relatedIdentities } from './identities.ts';
import { type HeardMessage, headerOf, headersOf } from './message.ts';

/** Messages of all legs that are remembered to tell what was captured twice or sent again, which it is within 32 s. */
const MOST_REMEMBERED = 20_000;
/** A message that comes again so soon on the same path was captured twice: nobody sends again before T1, 500 ms. */
const CAPTURED_TWICE_MICROSECONDS = 100_000;
const MOST_PATHS_OF_A_MESSAGE = 16;
const MOST_DIVERTED = 16;

interface Seen {
  readonly message: LadderMessage;
  readonly otherPaths: SignallingPath[];
}

/** What came lately in the legs of a capture, so that nothing counts twice. */
export class LatelySeen {
  readonly messages = new Recent<Seen>(MOST_REMEMBERED);
  readonly descriptions = new Recent<true>(MOST_REMEMBERED);
  readonly digits = new Recent<true>(MOST_REMEMBERED);
}

/** Reads the messages of one Call-ID into its leg. */
export class SipLegReader {
  readonly leg: CallLeg;
  readonly #observations: Observations;
  readonly #lately: LatelySeen;
  readonly #ends = new CallEnds();

  constructor(leg: CallLeg, observations: Observations, lately: LatelySeen) {
    this.leg = leg;
    this.#observations = observations;
    this.#lately = lately;
  }

  handle(message: HeardMessage, path: SignallingPath, place: PacketPlace): void {
    const sender = this.#ends.senderOf(message);
    const parts = bodyParts(message);
    if (!message.isWhole) this.leg.cut ??= place;
    const descriptions = this.#describe(message, parts, sender, path, place);
    this.#ladder(message, descriptions, path, place);
    this.#parties(message, sender);
    for (const identity of relatedIdentities(message)) {
      if (this.leg.related.size < MOST_RELATED && identity !== this.leg.identity) this.leg.related.add(identity);
    }
    this.#state(message, place);
    if (message.start.kind === 'request' && isInfoOrNotify(message.start.method)) {
      this.digits(message, parts, sender, path, place);
    }
  }

  /** Digits of a message, each message once. Also of a subscription to the keys of this call (RFC 4730). */
  digits(
    message: HeardMessage,
    parts: readonly BodyPart[],
    end: LegEnd,
    { exposure }: SignallingPath,
    place: PacketPlace,
  ): void {
    const digits = parts.map(digitsOf).join('');
    if (digits === '') return;
    const name = `${headerOf(message, 'call-id')} ${headerOf(message, 'cseq')} ${headerOf(message, 'from')}`;
    if (!this.#lately.digits.add(shortName(name), true)) return;
    this.leg.digit({ place, how: 'sip-info', end, digits, exposure });
  }

  /** Who presses keys that a subscriber is told of: the end that sends the NOTIFY of that dialogue. */
  endOfTag(tag: string | undefined): LegEnd {
    return this.#ends.ofTag(tag) ?? 'caller';
  }

  /** Gives on what is new, and returns all. */
  #describe(
    message: HeardMessage,
    parts: readonly BodyPart[],
    end: LegEnd,
    { exposure }: SignallingPath,
    place: PacketPlace,
  ): readonly MediaDescription[] {
    const cseq = headerOf(message, 'cseq');
    const generation = `${this.leg.identity} ${cseq} ${message.start.kind} ${end} ${isOpen(exposure)}`;
    const found: MediaDescription[] = [];
    for (const part of parts) {
      const isFragment = part.type === 'application/trickle-ice-sdpfrag';
      if (part.type !== 'application/sdp' && part.type !== '' && !isFragment) continue;
      const text = partText(part);
      const session = readSession(text);
      if (session === undefined) continue;
      if (isFragment) {
        if (!this.#lately.descriptions.add(shortName(`${generation} ${text}`), true)) continue;
        for (const description of withCandidates(session, this.leg.descriptions, end, place)) {
          this.#observations.describe(this.leg, description);
        }
        continue;
      }
      const source = { kind: 'signalling', how: 'sdes', place, exposure } as const;
      const descriptions = describeMedia(session, { place, end, source });
      found.push(...descriptions);
      if (!this.#lately.descriptions.add(shortName(`${generation} ${text}`), true)) continue;
      for (const description of descriptions) this.#observations.describe(this.leg, description);
    }
    return found;
  }

  #ladder(
    message: HeardMessage,
    descriptions: readonly MediaDescription[],
    path: SignallingPath,
    place: PacketPlace,
  ): void {
    const { start } = message;
    const name = start.kind === 'request' ? start.method : `${start.status} ${start.reason}`.trim();
    const identity = shortName(
      [
        this.leg.identity,
        name,
        headerOf(message, 'cseq'),
        headerOf(message, 'via'),
        headerOf(message, 'to'),
        headerOf(message, 'from'),
        headerOf(message, 'rseq') ?? headerOf(message, 'rack'),
      ].join(' '),
    );
    const seen = this.#lately.messages.get(identity);
    const isSamePath = seen?.message.path === path;
    const age = seen === undefined ? 0 : place.microseconds - seen.message.place.microseconds;
    if (seen !== undefined && (!isSamePath || age < CAPTURED_TWICE_MICROSECONDS)) {
      this.leg.last = place;
      if (!isSamePath && !seen.otherPaths.includes(path) && seen.otherPaths.length < MOST_PATHS_OF_A_MESSAGE) {
        seen.otherPaths.push(path);
      }
      return;
    }
    const words = descriptions.map(wordsOf);
    const method = methodOf(message);
    if (start.kind === 'response' && method !== 'INVITE') words.unshift(`to ${method}`);
    if (seen !== undefined) words.unshift('sent again');
    const otherPaths: SignallingPath[] = [];
    const line: LadderMessage = {
      place,
      path,
      name: boundedText(name) ?? '',
      ...(words.length === 0 ? {} : { detail: boundedText(words.join('; ')) ?? '' }),
      otherPaths,
      carriesKey: descriptions.some(({ keys }) => keys.length > 0),
    };
    this.leg.message(line);
    this.#lately.messages.set(identity, { message: line, otherPaths });
  }

  #parties(message: HeardMessage, sender: LegEnd): void {
    const { leg } = this;
    const { start } = message;
    const caller = start.kind === 'request' ? sender : other(sender);
    const [from, to] = [headerOf(message, 'from'), headerOf(message, 'to')];
    if (from !== undefined && leg[caller].uri === undefined) this.#complete(caller, partyOf(from));
    if (leg[other(caller)].uri === undefined) {
      if (to !== undefined) this.#complete(other(caller), partyOf(to));
      else if (start.kind === 'request') this.#complete(other(caller), uriParty(start.uri));
    }
    // Who the network says it is (RFC 3325, RFC 5876; Remote-Party-ID of older systems), of who sends the message.
    const asserted = headerOf(message, 'p-asserted-identity') ?? headerOf(message, 'remote-party-id');
    // Once it is answered a transfer may put somebody else in the place of who began.
    const isOfTheBeginning = methodOf(message) === 'INVITE' && leg.answered === undefined;
    if (asserted !== undefined && isOfTheBeginning) this.#assert(sender, partyOf(asserted));
    // A 100 is of the next hop, not of an end.
    const isOfAnEnd = start.kind === 'request' || start.status > 100;
    const device = headerOf(message, 'user-agent') ?? headerOf(message, 'server');
    if (device !== undefined && isOfAnEnd && leg[sender].device === undefined) {
      this.#complete(sender, { device: boundedText(device) ?? '' });
    }
    if (leg.diverted.length === 0) leg.diverted = divertedOf(message);
  }

  /** What is not known yet of an end. */
  #complete(end: LegEnd, party: Party): void {
    this.leg[end] = { ...party, ...this.leg[end] };
  }

  #assert(end: LegEnd, party: Party): void {
    this.leg[end] = { ...this.leg[end], ...party };
  }

  #state(message: HeardMessage, place: PacketPlace): void {
    const { leg } = this;
    const { start } = message;
    if (start.kind === 'request') {
      const isNewAttempt = start.method === 'INVITE' && tagOf(headerOf(message, 'to')) === undefined;
      if (isNewAttempt && leg.answered === undefined) this.#goOn();
      if (start.method === 'BYE' && leg.ended === undefined) this.#end(message, place);
      else if (start.method === 'CANCEL' && leg.answered === undefined) this.#end(message, place);
      return;
    }
    if (methodOf(message) !== 'INVITE' || start.status < 200) return;
    if (start.status < 300) {
      if (leg.answered !== undefined) return;
      leg.answered = place;
      // Another branch had failed, or a CANCEL came too late.
      this.#goOn();
      return;
    }
    // 401 and 407 ask for the same call with credentials; a re-INVITE may fail without an end of the call.
    if (leg.answered !== undefined || start.status === 401 || start.status === 407) return;
    const isCancelled = start.status === 487 && leg.ended !== undefined;
    if (!isCancelled) this.#end(message, place);
  }

  #goOn(): void {
    this.leg.ended = undefined;
    this.leg.endReason = undefined;
  }

  #end(message: HeardMessage, place: PacketPlace): void {
    this.leg.ended = place;
    this.leg.endReason = endReasonOf(message);
  }
}

function other(end: LegEnd): LegEnd {
  return end === 'caller' ? 'called' : 'caller';
}

function isInfoOrNotify(method: string): boolean {
  return method === 'INFO' || method === 'NOTIFY';
}

/** Of a response, that of the request which it answers (RFC 3261 §20.16). */
export function methodOf(message: HeardMessage): string {
  if (message.start.kind === 'request') return message.start.method;
  return /^\d+\s+(\S{1,64})/.exec(headerOf(message, 'cseq') ?? '')?.[1] ?? '';
}

function uriParty(uri: string): Party {
  const number = userOf(uri);
  return number === undefined ? { uri: boundedText(uri) ?? '' } : { number, uri: boundedText(uri) ?? '' };
}

/** Diversion (RFC 5806) has the last diverter on top, History-Info (RFC 7044) the first target, and ends with where it goes. */
function divertedOf(message: HeardMessage): readonly Party[] {
  const diversion = headersOf(message, 'diversion').flatMap(addressesOf).reverse();
  const values =
    diversion.length > 0 ? diversion : headersOf(message, 'history-info').flatMap(addressesOf).slice(0, -1);
  return values.slice(0, MOST_DIVERTED).map(partyOf);
}

/** Addresses of a list, parted by commas that stand neither in quotes nor in brackets. */
function addressesOf(value: string): readonly string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"?|<[^>]*>?|[^,"<])+/g) ?? [];
}
