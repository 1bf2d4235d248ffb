import { isOpen } from '../../model/exposure.ts';
import type { SignallingPath } from '../../model/leg.ts';
import type { Observations } from '../../model/observations.ts';
import { cardsInText } from '../../signal/card-text.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { boundedText } from '../bounded-text.ts';
import { Recent } from '../recent.ts';
import { shortName } from '../short-name.ts';
import { SignallingPaths } from '../signalling-paths.ts';
import { parameterOf, readAddress, tagOf } from './address.ts';
import { challengesOf, credentialsOf, type HeardCredentials, hashcatLine } from './authorization.ts';
import { bodyParts, partText } from './body.ts';
import { LatelySeen, methodOf, SipLegReader } from './leg-reader.ts';
import { type HeardMessage, headerOf } from './message.ts';
import { HeldOctets } from './stream.ts';

/** Disclosures and challenges that are remembered: the same phone registers every minute. */
const MOST_REMEMBERED = 20_000;

/** Methods that only a call has: a dialogue that is joined late is known by them. */
const callMethods = new Set(['INVITE', 'ACK', 'BYE', 'CANCEL', 'PRACK', 'UPDATE', 'INFO']);

/** What could not be read of it as it was meant. */
export interface SipLosses {
  /** Messages that the capture or the sender cut. */
  readonly broken: number;
  /** Without a Call-ID: of no leg. */
  readonly withoutCallId: number;
  /** Places in connections at which something came that is no message. */
  readonly lostAlignments: number;
}

/** Bodies of these hold many numbers, none of which anybody wrote. */
const unwritten = new Set(['application/sdp', 'application/trickle-ice-sdpfrag', 'application/pidf+xml']);

function cardsOfBodies(message: HeardMessage): readonly string[] {
  const written = bodyParts(message).filter(({ type }) => !unwritten.has(type));
  return written.flatMap((part) => cardsInText(partText(part)));
}

const books = new WeakMap<Observations, SipBook>();

/** What was heard of SIP in one capture, by whatever transport. */
export class SipBook {
  readonly paths = new SignallingPaths();
  readonly held = new HeldOctets();
  lostAlignments = 0;
  readonly #observations: Observations;
  readonly #legs = new Map<string, SipLegReader>();
  readonly #lately = new LatelySeen();
  readonly #disclosed = new Recent<true>(MOST_REMEMBERED);
  readonly #challenges = new Recent<PacketPlace>(MOST_REMEMBERED);
  #broken = 0;
  #withoutCallId = 0;

  /** The one of a capture: datagrams and connections carry parts of the same calls. */
  static of(observations: Observations): SipBook {
    const known = books.get(observations);
    if (known !== undefined) return known;
    const book = new SipBook(observations);
    books.set(observations, book);
    return book;
  }

  private constructor(observations: Observations) {
    this.#observations = observations;
  }

  losses(): SipLosses {
    return { broken: this.#broken, withoutCallId: this.#withoutCallId, lostAlignments: this.lostAlignments };
  }

  handle(message: HeardMessage, path: SignallingPath, place: PacketPlace): void {
    if (!message.isWhole) this.#broken++;
    this.#credentials(message, path, place);
    const callId = boundedText(headerOf(message, 'call-id'));
    if (callId === undefined) {
      this.#withoutCallId++;
      return;
    }
    const leg = this.#leg(callId, message, place);
    leg?.handle(message, path, place);
    if (leg !== undefined) this.#cards(message, leg, path, place);
    if (message.start.kind === 'response') return;
    const { method } = message.start;
    if (method === 'MESSAGE') this.#words(message, path, place);
    else if (method === 'REGISTER') this.#registration(message, path, place);
    else if (method === 'NOTIFY' && leg === undefined) this.#keyPresses(message, path, place);
  }

  #leg(callId: string, message: HeardMessage, place: PacketPlace): SipLegReader | undefined {
    const known = this.#legs.get(callId);
    if (known !== undefined || !callMethods.has(methodOf(message))) return known;
    const leg = this.#observations.leg('sip', callId, place);
    if (leg === undefined) return undefined;
    const reader = new SipLegReader(leg, this.#observations, this.#lately);
    this.#legs.set(callId, reader);
    return reader;
  }

  /** Those that somebody wrote in a message of a call. */
  #cards(message: HeardMessage, { leg }: SipLegReader, { exposure }: SignallingPath, place: PacketPlace): void {
    const method = methodOf(message);
    const tell = (digits: string, where: string) => {
      if (this.#isNew(`card ${leg.identity} ${digits} ${where}`)) leg.card({ place, digits, where, exposure });
    };
    for (const digits of cardsOfBodies(message)) tell(digits, `the body of a SIP ${method}`);
    for (const digits of cardsInText(headerOf(message, 'subject') ?? ''))
      tell(digits, `the subject of a SIP ${method}`);
  }

  #registration(message: HeardMessage, { from, to, exposure }: SignallingPath, place: PacketPlace): void {
    const contact = headerOf(message, 'contact');
    const subject = readAddress(headerOf(message, 'to') ?? '').uri;
    // Without Contact it only asks which ones there are (RFC 3261 §10.2.3).
    if (contact === undefined) return;
    const { uri, parameters } = readAddress(contact);
    const expires = parameterOf(parameters, 'expires') ?? headerOf(message, 'expires');
    if (!this.#isNew(`registration ${subject} ${uri} ${expires === '0'} ${isOpen(exposure)}`)) return;
    const device = headerOf(message, 'user-agent');
    const words = [`is reached at ${uri}`];
    if (expires !== undefined) words.push(`for ${expires} s`);
    if (device !== undefined) words.push(`by ${device}`);
    this.#observations.disclose({
      kind: 'registration',
      place,
      protocol: 'SIP',
      from,
      to,
      exposure,
      subject: boundedText(subject) ?? '',
      detail: boundedText(expires === '0' ? `leaves ${uri}` : words.join(' ')) ?? '',
    });
  }

  #words(message: HeardMessage, { from, to, exposure }: SignallingPath, place: PacketPlace): void {
    const sender = readAddress(headerOf(message, 'from') ?? '').uri;
    const receiver = readAddress(headerOf(message, 'to') ?? '').uri;
    const name = `message ${headerOf(message, 'call-id')} ${headerOf(message, 'cseq')} ${isOpen(exposure)}`;
    if (message.body.length === 0 || !this.#isNew(name)) return;
    const type = headerOf(message, 'content-type') ?? 'no type';
    this.#observations.disclose({
      kind: 'message',
      place,
      protocol: 'SIP',
      from,
      to,
      exposure,
      subject: boundedText(`${sender} to ${receiver}`) ?? '',
      detail: boundedText(`${message.body.length} octets of ${type}`) ?? '',
      cards: cardsOfBodies(message),
    });
  }

  /** Keys that a subscriber is told of in a dialogue of its own, which names that of the call (RFC 4730 §4). */
  #keyPresses(message: HeardMessage, path: SignallingPath, place: PacketPlace): void {
    const event = headerOf(message, 'event') ?? '';
    const callId = parameterOf(event, 'call-id');
    const leg = callId === undefined ? undefined : this.#legs.get(callId);
    if (leg === undefined) return;
    const own = parameterOf(event, 'local-tag') ?? tagOf(headerOf(message, 'from'));
    leg.digits(message, bodyParts(message), leg.endOfTag(own), path, place);
  }

  #credentials(message: HeardMessage, path: SignallingPath, place: PacketPlace): void {
    for (const nonce of challengesOf(message)) this.#challenges.add(shortName(nonce), place);
    for (const credentials of credentialsOf(message)) {
      if (credentials.scheme === 'basic') this.#password(credentials, path, place);
      else this.#digest(credentials, path, place);
    }
  }

  #password(
    { user, password }: HeardCredentials & { scheme: 'basic' },
    { from, to, exposure }: SignallingPath,
    place: PacketPlace,
  ): void {
    if (!this.#isNew(`basic ${user} ${password} ${isOpen(exposure)}`)) return;
    this.#observations.disclose({
      kind: 'clear-password',
      place,
      protocol: 'SIP',
      from,
      to,
      exposure,
      subject: boundedText(user) ?? '',
      detail: 'Basic authentication: the password stands there as it is',
      secret: boundedText(password) ?? '',
    });
  }

  #digest(
    credentials: HeardCredentials & { scheme: 'digest' },
    { from, to, exposure }: SignallingPath,
    place: PacketPlace,
  ): void {
    const { user, realm, nonce, uri, method, algorithm, qop, response, clientNonce, nonceCount } = credentials;
    // One answer is as good as a thousand to who guesses: one for each user, realm and method of guarding it.
    if (!this.#isNew(`digest ${user} ${realm} ${algorithm} ${isOpen(exposure)}`)) return;
    const challenge = this.#challenges.get(shortName(nonce));
    const detail = [
      `realm ${JSON.stringify(boundedText(realm) ?? '')}, algorithm ${boundedText(algorithm)}`,
      qop === '' ? 'no qop' : `qop ${boundedText(qop)}`,
      `in ${boundedText(method)}`,
      challenge === undefined ? 'its challenge was not captured' : `challenged in packet ${challenge.number}`,
    ];
    const fields = { user, realm, method, uri, nonce, cnonce: clientNonce, nc: nonceCount, qop, algorithm, response };
    this.#observations.disclose({
      kind: 'crackable-digest',
      place,
      protocol: 'SIP',
      from,
      to,
      exposure,
      subject: boundedText(user) ?? '',
      detail: detail.join(', '),
      secret: hashcatLine(credentials, to.address, from.address) ?? JSON.stringify(fields),
    });
  }

  #isNew(name: string): boolean {
    return this.#disclosed.add(shortName(name), true);
  }
}
