import {
  type CallControlInput,
  type Cause,
  isSameKey,
  type LegId,
  type MediaDescription,
  type MediaKey,
} from '@trustline/callcontrol';
import {
  type AudioFormat,
  type EndpointEvent,
  type HostPort,
  type MediaAddress,
  type MediaTerms,
  type SrtpMasterKey,
  type SrtpSuite,
  textOfAddress,
} from '@trustline/h323';
import { fingerprintOf, freshKey } from '../sccp/stream-choice.ts';
import type { GatewaySettings } from './gateway-settings.ts';
import {
  allFormats,
  answerTo,
  type ChosenStream,
  chooseStream,
  type GatewayStream,
  h235Key,
  haveSameKeys,
  mediaKey,
  offerOf,
  payloadTypeOf,
  receivesAt,
} from './gateway-streams.ts';

export interface GatewayMediaPorts {
  readonly leg: LegId;
  readonly settings: GatewaySettings;
  readonly random: (length: number) => Uint8Array;
  /** Our address of the call signalling connection. */
  ownAddress(): string;
  /** Whether a key may go by the connections of the call. */
  isProven(): boolean;
  /** Whether the end that sends with a key receives elsewhere whenever it is told another one. */
  movesWithKeys(key: MediaKey): boolean;
  /** Whoever is told `own` is wished to send with `wished`; a Skinny phone does so. */
  wish(own: MediaKey, wished: MediaKey): void;
  unwish(own: MediaKey): void;
  configure(now: number, terms: MediaTerms): void;
  /** The payload type of telephone-events that the gateway takes. */
  telephoneEvent(): number | undefined;
  say(input: CallControlInput): void;
  /** There is no media for this leg: it cannot go on. */
  failed(cause: Cause, said: string): void;
}

/** How long a gateway has to open its channels, in milliseconds. */
const CHANNEL_TIMEOUT = 10_000;
/** How long one that moves with its keys is given to say where to, in milliseconds. */
const MOVING_TIME = 400;
const DISCARD_PORT = 9;
const MOST_MOVES = 3;
/** After glare an offer is made again within so many milliseconds (RFC 3261 §14.1). */
const GLARE_BACK_OFF = { least: 100, span: 1_900 } as const;
const MOST_RETRIES = 4;

type MediaEvent = Extract<
  EndpointEvent,
  { kind: 'media-opened' | 'media-closed' | 'media-wanted' | 'held' | 'resumed' }
>;

interface Received {
  readonly format: AudioFormat;
  readonly suite: SrtpSuite | undefined;
  readonly keys: readonly SrtpMasterKey[];
}

/** What is said once the channels are as they are to be. */
type Waiting =
  | { readonly kind: 'answer'; readonly as: 'answer' | 'answered'; readonly offer: MediaDescription }
  | { readonly kind: 'offer'; readonly as: 'answered' | 'offer' }
  /** They were opened anew with what the other end answered. */
  | { readonly kind: 'settle' };

/**
 * The media of one leg of a gateway: call control's offers and answers on one side, channels of H.245 on the other. Towards
 * the gateway we open a channel with the key that the other end sends with, and the key of the channel that the gateway opens
 * is what it sends with: so the two ends hold each other's keys, and media go straight between them. Sans-IO; times are
 * monotonic milliseconds.
 */
export class GatewayMedia {
  readonly #ports: GatewayMediaPorts;
  #remote: ChosenStream | undefined;
  /** Where the gateway receives, and whether its channel is open now. */
  #transmit: { readonly at: HostPort; readonly format: AudioFormat; readonly payloadType: number } | undefined;
  #transmitOpen = false;
  #receive: Received | undefined;
  #terms: MediaTerms | undefined;
  #waiting: Waiting | undefined;
  /** An offer of ours waits for its answer. */
  #offered = false;
  /** The gateway says that it can receive nothing now. */
  #isHeld = false;
  /** What the other end was told last. */
  #told: GatewayStream | undefined;
  /** Where the key of the receiver protects: what we let the gateway send with, by suite, and what the other end was told of it. */
  readonly #given = new Map<SrtpSuite, SrtpMasterKey>();
  #wished: MediaKey | undefined;
  #wishedFor: SrtpMasterKey | undefined;
  /** What the gateway sent with last. */
  #lastKey: GatewayStream['key'];
  /** A call to the gateway: what it was placed with, whether it is answered, and whether something is heard before. */
  #placedWith: MediaDescription | undefined;
  #isConnected = true;
  #isEarly = false;
  #moves = 0;
  #retries = 0;
  /** The gateway's channel waits for its answer, until the other end has had time to move. */
  #owed: { readonly media: MediaAddress | undefined; readonly at: number } | undefined;
  #deadline: { readonly at: number; readonly for: 'channels' | 'again' } | undefined;

  constructor(ports: GatewayMediaPorts) {
    this.#ports = ports;
  }

  get deadline(): number | undefined {
    const all = [this.#deadline?.at, this.#owed?.at].filter((at) => at !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  /** Whether the other end can be told what to send with, where the key of the gateway protects that. */
  takes(offer: MediaDescription): boolean {
    const chosen = chooseStream(offer, this.#ports.settings);
    return 'fault' in chosen || this.#takesKeysOf(chosen);
  }

  /** Whether the gateway was given a key of this fingerprint, of those that it has now. */
  gave(fingerprint: string): boolean {
    return this.#lastKey !== undefined && fingerprintOf(asMediaKey(this.#lastKey)) === fingerprint;
  }

  /** Whether the media are to be SRTP. */
  get isSecure(): boolean {
    return this.#terms?.policy === 'require';
  }

  /** The key to send with under a suite, which is the other end's; one that nobody sends with while there is none. */
  keyFor(suite: SrtpSuite): SrtpMasterKey {
    if (this.#isOfReceiver) {
      const given = this.#given.get(suite) ?? h235Key(freshKey(this.#ports.random, suite, 1));
      this.#given.set(suite, given);
      return given;
    }
    return h235Key(this.#remote?.keys.get(suite) ?? freshKey(this.#ports.random, suite, 1));
  }

  /** A call to the gateway begins with this offer, or without one; its channels are said once it is reached. */
  placed(offer: MediaDescription | undefined): void {
    this.#isConnected = false;
    this.#placedWith = offer;
  }

  /** The gateway's connection is up. */
  reached(now: number): void {
    const offer = this.#placedWith;
    const chosen = offer && chooseStream(offer, this.#ports.settings);
    if (offer === undefined || chosen === undefined || 'fault' in chosen) {
      this.makeOffer(now, 'answered');
      return;
    }
    this.#waiting = { kind: 'answer', as: 'answered', offer };
    this.#apply(now, chosen);
  }

  /** What the gateway says before it answers is to be heard. */
  givesEarly(): void {
    this.#isEarly = true;
    this.#sayWhatWaits();
  }

  /** The gateway has answered. */
  connected(now: number): void {
    this.#isConnected = true;
    if (this.#waiting !== undefined) this.#deadline = { at: now + CHANNEL_TIMEOUT, for: 'channels' };
    this.#sayWhatWaits();
  }

  /** An offer of the other end. Returns why the gateway cannot have it; it goes on as it was then. */
  takeOffer(now: number, offer: MediaDescription, as: 'answer' | 'answered'): Cause | undefined {
    const chosen = this.#choose(offer);
    if ('fault' in chosen) return chosen.fault;
    this.#waiting = { kind: 'answer', as, offer };
    this.#apply(now, chosen);
    return undefined;
  }

  /** Makes an offer of what the gateway has, with a key that nobody knows yet. */
  makeOffer(now: number, as: 'answered' | 'offer'): void {
    const { settings, isProven } = this.#ports;
    const { codecs, suites, policy } = settings;
    this.#waiting = { kind: 'offer', as };
    const isFirst = this.#terms === undefined;
    // The channel that the gateway opens waits for its answer until it is known who is to receive.
    const formats = allFormats(codecs);
    const security = policy === 'prefer' && !isProven() ? 'forbid' : policy;
    this.#receive = undefined;
    this.#configure(now, {
      media: undefined,
      formats,
      suites,
      policy: security,
      sends: isFirst || this.#transmitOpen || this.#transmit === undefined,
      receives: true,
      ...(isFirst ? {} : { renews: 'receive' as const }),
    });
  }

  /** The answer to an offer that was made here. Returns why the gateway cannot have it. */
  takeAnswer(now: number, answer: MediaDescription): Cause | undefined {
    this.#offered = false;
    this.#retries = 0;
    const chosen = this.#choose(answer);
    if ('fault' in chosen) return chosen.fault;
    if (!this.#isReadable(chosen)) return 'not-acceptable-here';
    this.#waiting = { kind: 'settle' };
    this.#apply(now, chosen);
    return undefined;
  }

  /** The other end refused an offer that was made here. */
  offerRefused(now: number, cause: Cause): void {
    this.#offered = false;
    if (cause !== 'glare' || this.#retries >= MOST_RETRIES) return;
    this.#retries += 1;
    const [octet = 0] = this.#ports.random(1);
    this.#deadline = { at: now + GLARE_BACK_OFF.least + (octet / 255) * GLARE_BACK_OFF.span, for: 'again' };
  }

  /** Something has happened to the channels. */
  happened(event: MediaEvent): void {
    switch (event.kind) {
      case 'media-wanted':
        this.#receive = { format: event.format, suite: event.suite, keys: event.keys };
        break;
      case 'media-opened':
        if (event.direction === 'receive') {
          this.#receive = { format: event.format, suite: event.suite, keys: event.keys };
        } else {
          this.#transmit = { at: textOfAddress(event.remote), format: event.format, payloadType: event.payloadType };
          this.#transmitOpen = true;
        }
        break;
      case 'media-closed':
        if (event.direction === 'receive') this.#receive = undefined;
        else this.#transmitClosed();
        break;
      case 'held':
      case 'resumed':
        this.#isHeld = event.kind === 'held';
    }
    this.#sayWhatWaits();
    this.#tellChanges();
  }

  /** What was refused for glare, unless something else is under way by now. */
  #offerAgain(): void {
    if (this.#waiting === undefined && !this.#offered && this.#told !== undefined) this.#sayOffer(this.#own());
  }

  /** What is opened anew has another key. */
  #transmitClosed(): void {
    this.#transmitOpen = false;
    this.#given.clear();
  }

  handleTime(now: number): void {
    const [owed, terms] = [this.#owed, this.#terms];
    if (owed !== undefined && owed.at <= now && terms !== undefined) {
      this.#owed = undefined;
      const { renews: _, ...same } = terms;
      this.#configure(now, { ...same, media: owed.media });
    }
    if (this.#deadline === undefined || this.#deadline.at > now) return;
    const { for: late } = this.#deadline;
    this.#deadline = undefined;
    if (late === 'again') this.#offerAgain();
    else this.#ports.failed('timer-expired', 'The gateway did not open its channels in time');
  }

  end(): void {
    this.#waiting = undefined;
    this.#owed = undefined;
    this.#deadline = undefined;
    this.#unwish();
  }

  #choose(description: MediaDescription): ChosenStream | { readonly fault: Cause } {
    const { settings, isProven } = this.#ports;
    const chosen = chooseStream(description, settings);
    if ('fault' in chosen) return chosen;
    const isSecure = chosen.keys.size > 0;
    if (isSecure && (settings.policy === 'forbid' || !isProven())) return { fault: 'not-acceptable-here' };
    if (!isSecure && settings.policy === 'require') return { fault: 'security-required' };
    if (isSecure && !this.#takesKeysOf(chosen)) return { fault: 'not-acceptable-here' };
    return chosen;
  }

  #takesKeysOf({ keys, stream }: ChosenStream): boolean {
    if (!this.#isOfReceiver || stream.isOfRelay === true) return true;
    // Only the relay can have it both ways.
    if (this.#ports.settings.keyReading === 'auto') return keys.size === 0;
    const [theirs] = this.#receive?.keys ?? [];
    return [...keys].every(
      ([suite, key]) =>
        this.#ports.movesWithKeys(key) || (theirs !== undefined && isSameKey(key, mediaKey(theirs, suite, 1))),
    );
  }

  /** Whether the gateway can read what the other end sends: where its own key protects that, the other end has to use it. */
  #isReadable({ keys, stream }: ChosenStream): boolean {
    const [theirs] = this.#receive?.keys ?? [];
    if (!this.#isOfReceiver || theirs === undefined || stream.isOfRelay === true) return true;
    return [...keys].every(([suite, key]) => isSameKey(key, mediaKey(theirs, suite, 1)));
  }

  /** Brings the channels to what the other end says. */
  #apply(now: number, chosen: ChosenStream): void {
    const { ownAddress } = this.#ports;
    const before = this.#remote;
    const isSecure = chosen.keys.size > 0;
    this.#remote = chosen;
    const { direction } = chosen.stream;
    const media = receivesAt(chosen, ownAddress());
    const isMoved = before !== undefined && !isReceivedAlike(before, chosen);
    const isOtherKey = before === undefined || !haveSameKeys(before, chosen);
    const isSpoken = chosen.formats.some(({ name }) => name === this.#transmit?.format.name);
    const renewsTransmit = this.#transmitOpen && ((isOtherKey && !this.#isOfReceiver) || !isSpoken);
    // A channel that is opened anew has a new key, and whoever moves with its keys is elsewhere then: it is waited for.
    const isAwaited = (isMoved || this.#receive === undefined) && before !== undefined && this.#owed === undefined;
    const isToMove = isAwaited && [...chosen.keys.values()].some((key) => this.#ports.movesWithKeys(key));
    this.#owed = isToMove ? { media, at: now + MOVING_TIME } : undefined;
    const renews = renewsTransmit ? (isMoved ? 'both' : 'transmit') : isMoved ? 'receive' : undefined;
    if (renewsTransmit) this.#transmitOpen = false;
    if (isMoved) this.#receive = undefined;
    this.#configure(now, {
      media: isToMove ? undefined : media,
      formats: chosen.formats,
      suites: [...chosen.keys.keys()],
      policy: isSecure ? 'require' : 'forbid',
      sends: direction === 'sendrecv' || direction === 'sendonly',
      receives: direction === 'sendrecv' || direction === 'recvonly',
      ...(chosen.digits === undefined ? {} : { telephoneEvent: chosen.digits }),
      ...(renews === undefined ? {} : { renews }),
    });
  }

  #configure(now: number, terms: MediaTerms): void {
    this.#terms = terms;
    if (this.#isConnected) this.#deadline = { at: now + CHANNEL_TIMEOUT, for: 'channels' };
    this.#ports.configure(now, terms);
    this.#sayWhatWaits();
  }

  /** The channels are as was asked for last. */
  #isComplete(): boolean {
    const { sends = false, receives = false } = this.#terms ?? {};
    const receive = this.#receive;
    if (sends && !this.#isHeld && !this.#transmitOpen) return false;
    if (receives && receive === undefined) return false;
    // The two directions are brought to one format by the slave of the two.
    if (!sends || !receives || this.#isHeld) return true;
    return this.#transmit?.format.name === receive?.format.name;
  }

  #sayWhatWaits(): void {
    const [waiting, remote] = [this.#waiting, this.#remote];
    if (waiting === undefined || !this.#isComplete()) return;
    const { leg, say } = this.#ports;
    const own = this.#own();
    if (!this.#isConnected) {
      if (waiting.kind === 'answer' && remote !== undefined) this.#sayEarly(waiting.offer, remote, own);
      return;
    }
    this.#waiting = undefined;
    this.#deadline = undefined;
    if (waiting.kind === 'settle') {
      if (this.#isTold(own)) this.#moves = 0;
      else this.#moved(own);
      return;
    }
    this.#told = own;
    if (waiting.kind === 'offer') {
      this.#wish(own);
      this.#offered = true;
      const offer = offerOf(own);
      if (waiting.as === 'answered') say({ kind: 'answered', leg, media: offer, takesDigits: true });
      else say({ kind: 'offer', leg, offer });
      return;
    }
    if (remote === undefined) return;
    const isOfRelay = remote.stream.isOfRelay === true;
    if (isOfRelay) this.#wish(own);
    const answer = answerTo(waiting.offer, remote, own);
    if (waiting.as === 'answered') say({ kind: 'answered', leg, media: answer, takesDigits: true });
    else say({ kind: 'answer', leg, answer });
    // What it offered to send with is not what the gateway reads: it is wished that now.
    if (this.#isOfReceiver && !isOfRelay && remote.keys.size > 0 && own.receives) this.#sayOffer(own);
  }

  /** The key of who receives protects, or perhaps it does, so the other end has to send with that of the gateway. */
  get #isOfReceiver(): boolean {
    return this.#ports.settings.keyReading !== 'sender';
  }

  #wish({ key }: GatewayStream): void {
    const [theirs] = this.#receive?.keys ?? [];
    if (!this.#isOfReceiver || key === undefined || theirs === undefined) return;
    this.#unwish();
    this.#wished = asMediaKey(key);
    this.#wishedFor = theirs;
    this.#ports.wish(this.#wished, mediaKey(theirs, key.suite, 1));
  }

  /** Whether the other end knows what the gateway has now, and what it is to send with. */
  #isTold(own: GatewayStream): boolean {
    const [theirs] = this.#receive?.keys ?? [];
    const isOld = this.#isOfReceiver && own.key !== undefined && theirs !== undefined && theirs !== this.#wishedFor;
    return !isOld && isToldAlike(this.#told, own);
  }

  #unwish(): void {
    if (this.#wished !== undefined) this.#ports.unwish(this.#wished);
    this.#wished = undefined;
  }

  #sayEarly(offer: MediaDescription, remote: ChosenStream, own: GatewayStream): void {
    if (!this.#isEarly || this.#told !== undefined) return;
    this.#told = own;
    const { leg, say } = this.#ports;
    say({ kind: 'progress', leg, answer: answerTo(offer, remote, own), takesDigits: true });
  }

  /** The gateway receives elsewhere than the other end was told. Two that make each other move would never be done. */
  #moved(own: GatewayStream): void {
    this.#moves += 1;
    if (this.#moves > MOST_MOVES) {
      this.#ports.failed('incompatible-destination', 'The gateway receives elsewhere each time');
      return;
    }
    this.#sayOffer(own);
  }

  #sayOffer(own: GatewayStream): void {
    this.#offered = true;
    this.#wish(own);
    this.#told = own;
    this.#ports.say({ kind: 'offer', leg: this.#ports.leg, offer: offerOf(own) });
  }

  /** Offers what the gateway has done by itself (hold, another key), unless something is under way with the other end. */
  #tellChanges(): void {
    const isBusy = this.#waiting !== undefined || this.#offered || this.#deadline !== undefined;
    if (isBusy || this.#told === undefined) return;
    const own = this.#own();
    const isBetween = own.receives && !this.#transmitOpen && this.#terms?.sends === true;
    if (!isBetween && !this.#isTold(own)) this.#sayOffer(own);
  }

  #own(): GatewayStream {
    const { ownAddress, telephoneEvent, settings } = this.#ports;
    const [transmit, receive] = [this.#transmit, this.#receive];
    const format = transmit?.format ?? receive?.format ?? allFormats(settings.codecs)[0];
    if (format === undefined) throw new Error('a gateway has one format at least');
    const [key] = receive?.keys ?? [];
    const suite = receive?.suite;
    const sent = suite !== undefined && this.#isOfReceiver ? this.#given.get(suite) : key;
    if (sent !== undefined && suite !== undefined) this.#lastKey = { suite, key: sent };
    return {
      at: transmit?.at ?? { address: ownAddress(), port: DISCARD_PORT },
      format,
      payloadType: transmit?.payloadType ?? payloadTypeOf(format),
      digits: this.#remote === undefined || this.#remote.digits !== undefined ? telephoneEvent() : undefined,
      key: this.#keyOf(receive),
      ...(this.#isOfReceiver && suite !== undefined && key !== undefined ? { receivesWith: { suite, key } } : {}),
      mayBeSwapped: settings.keyReading === 'auto',
      receives: !this.#isHeld,
      sends: receive !== undefined,
    };
  }

  /** What the gateway sends with; while it sends nothing that of before, or one that nobody has. */
  #keyOf(receive: Received | undefined): GatewayStream['key'] {
    if (receive !== undefined) return receive.suite === undefined ? undefined : this.#lastKey;
    const [suite] = this.#remote?.keys.keys() ?? [];
    if (suite === undefined) return undefined;
    const isKept = this.#lastKey?.suite === suite;
    this.#lastKey = isKept ? this.#lastKey : { suite, key: h235Key(freshKey(this.#ports.random, suite, 1)) };
    return this.#lastKey;
  }
}

function isToldAlike(told: GatewayStream | undefined, own: GatewayStream): boolean {
  if (told === undefined || (told.key === undefined) !== (own.key === undefined)) return false;
  const isSameKeyed =
    told.key === undefined || own.key === undefined || isSameKey(asMediaKey(told.key), asMediaKey(own.key));
  const isSamePlace = told.at.address === own.at.address && told.at.port === own.at.port;
  return isSameKeyed && isSamePlace && told.receives === own.receives && told.format.name === own.format.name;
}

function asMediaKey({ suite, key }: NonNullable<GatewayStream['key']>) {
  return mediaKey(key, suite, 1);
}

/** Whether the other end receives at the same place and in the same way. */
function isReceivedAlike(one: ChosenStream, other: ChosenStream): boolean {
  return (
    one.address === other.address &&
    one.stream.port === other.stream.port &&
    one.keys.size > 0 === other.keys.size > 0 &&
    one.formats.length === other.formats.length &&
    one.formats.every(({ name }, at) => other.formats[at]?.name === name)
  );
}
