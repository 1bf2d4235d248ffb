import type { CallControlInput, Cause, LegId, MediaDescription, MediaKey } from '@trustline/callcontrol';
import type { SdesSuiteName } from '@trustline/keying';
import { type AudioFormat, TELEPHONE_EVENT_PAYLOAD_TYPE } from './audio-formats.ts';
import type { PairedKeys } from './paired-keys.ts';
import {
  answerTo,
  type ChosenStream,
  chooseStream,
  freshKey,
  isSameKey,
  type MediaAddress,
  offerOf,
  type PhoneMedia,
} from './stream-choice.ts';

/** What a phone is to do with its media. `channel` is new for each that is opened: it comes back as the pass-through party. */
export type MediaOrder =
  | ({ readonly kind: 'open-receive-channel' } & ChannelOrder)
  | { readonly kind: 'close-receive-channel'; readonly channel: number }
  | ({ readonly kind: 'start-media-transmission'; readonly address: string; readonly port: number } & ChannelOrder)
  | { readonly kind: 'stop-media-transmission'; readonly channel: number };

interface ChannelOrder {
  readonly channel: number;
  readonly format: AudioFormat;
  /** Milliseconds. */
  readonly packetTime: number;
  /** The payload type of digits (RFC 4733); undefined for none. */
  readonly digits: number | undefined;
  readonly key: MediaKey | undefined;
}

export interface LegMediaPorts {
  readonly leg: LegId;
  readonly phone: PhoneMedia;
  readonly random: (length: number) => Uint8Array;
  readonly paired: PairedKeys;
  /** Numbers that no channel of this phone has had. */
  nextChannel(): number;
  order(order: MediaOrder): void;
  /** To call control. */
  say(input: CallControlInput): void;
  /** The offer of a call of the phone's. */
  call(offer: MediaDescription): void;
  /** The phone has no media for this leg: it cannot go on. */
  failed(cause: Cause): void;
}

/** How long a phone has to say that its channel is open, in milliseconds. */
const CHANNEL_TIMEOUT = 5_000;
/** After glare an offer is made again within so many milliseconds (RFC 3261 §14.1, for who does not own the Call-ID: 0 to 2 s). */
const GLARE_BACK_OFF = { least: 100, span: 1_900 } as const;
const MOST_RETRIES = 4;
const MOST_MOVES = 3;

/** What an offer goes with: a call of the phone's, its answer to one, or a change of one that is up. */
export type OfferPurpose = 'call' | 'answered' | 'offer';

/** What is said once the phone has said where it receives. */
type Waiting =
  | { readonly kind: 'answer'; readonly as: 'answer' | 'answered'; readonly offer: MediaDescription }
  | { readonly kind: 'offer'; readonly as: OfferPurpose }
  /** The channel was opened again, with the other end's key: that says nothing unless the phone receives elsewhere now. */
  | { readonly kind: 'moved'; readonly from: MediaAddress };

/**
 * The media of one leg of a Skinny phone: call control's offers and answers on one side, its channels on the other. Each
 * phone receives with the key that the other end sends with (OpenReceiveChannel), and sends with one that is made here for
 * it (StartMediaTransmission): a fresh one whenever it begins to send, since it may begin at any sequence number and a key
 * must not protect a packet index twice (RFC 3711 §9.1). Sans-IO; times are monotonic milliseconds.
 */
export class LegMedia {
  readonly #ports: LegMediaPorts;
  #receiving: (ChannelOrder & { readonly at: MediaAddress | undefined }) | undefined;
  #sending: (ChannelOrder & MediaAddress) | undefined;
  #remote: ChosenStream | undefined;
  /** Where the phone received last. */
  #own: MediaAddress | undefined;
  /** What the phone sends with, or is to: one for each suite while an offer is not answered. */
  #keys: readonly MediaKey[] = [];
  #waiting: Waiting | undefined;
  /** An offer of ours waits for its answer. */
  #offered = false;
  #holds = false;
  /** What the other end was told last of that. */
  #toldHolds = false;
  /** What the other end is wished to send with: the channel was opened before it had said anything. */
  #wished: MediaKey | undefined;
  #retries = 0;
  /** How often in a row the phone has received elsewhere after its channel was opened again. */
  #moves = 0;
  #deadline: { readonly at: number; readonly for: 'channel' | 'again' } | undefined;

  constructor(ports: LegMediaPorts) {
    this.#ports = ports;
  }

  /** The phone sends digits in its media. */
  get sendsDigits(): boolean {
    return this.#sending?.digits !== undefined;
  }

  /** Nothing is under way with the phone or with the other end. */
  get isSettled(): boolean {
    return this.#waiting === undefined && !this.#offered && this.#deadline === undefined;
  }

  /** Whether an offer says again what holds: the phone need not be told anything. */
  isUnchangedBy(offer: MediaDescription): boolean {
    const chosen = chooseStream(offer, this.#ports.phone);
    const open = this.#receiving;
    return (
      !('fault' in chosen) &&
      this.isSettled &&
      !this.#holds &&
      sends(chosen) &&
      open?.at !== undefined &&
      open.format.payload === chosen.format.payload &&
      isSameKey(open.key, chosen.key) &&
      this.#isToSend(chosen) &&
      this.#isSendingTo(chosen, this.#keys[0])
    );
  }

  /** Where something is late; undefined where nothing is waited for. */
  get deadline(): number | undefined {
    return this.#deadline?.at;
  }

  /** An offer of the other end. Returns why the phone cannot have it; it goes on as it was then. */
  takeOffer(now: number, offer: MediaDescription, as: 'answer' | 'answered'): Cause | undefined {
    const chosen = chooseStream(offer, this.#ports.phone);
    if ('fault' in chosen) return chosen.fault;
    this.#remote = chosen;
    this.#waiting = { kind: 'answer', as, offer };
    if ((this.#holds || !sends(chosen)) && this.#own !== undefined) {
      this.#stopReceiving();
      this.#sayWhatWaits();
      this.#tellHold(now);
    } else this.#receive(now, chosen);
    return undefined;
  }

  /** Makes an offer of all that the phone can do. */
  makeOffer(now: number, as: OfferPurpose): void {
    this.#renewKeys(this.#ports.phone.suites);
    this.#waiting = { kind: 'offer', as };
    if (this.#own !== undefined && (this.#holds || this.#receiving?.at !== undefined)) this.#sayWhatWaits();
    else this.#receiveWishing(now);
  }

  /** The answer to an offer that was made here. */
  takeAnswer(now: number, answer: MediaDescription): void {
    this.#offered = false;
    this.#retries = 0;
    const chosen = chooseStream(answer, this.#ports.phone);
    if ('fault' in chosen) {
      this.#ports.failed(chosen.fault);
      return;
    }
    this.#remote = chosen;
    this.#wished = undefined;
    this.#setKeys(this.#keys.filter(({ suite }) => suite?.name === chosen.key?.suite?.name));
    this.#transmit(chosen);
    if (this.#holds || !sends(chosen)) {
      this.#stopReceiving();
    } else {
      if (this.#own !== undefined) this.#waiting = { kind: 'moved', from: this.#own };
      this.#receive(now, chosen);
    }
    this.#tellHold(now);
  }

  /** The offer was refused; after glare it is made again. */
  offerRefused(now: number, cause: Cause): void {
    if (!this.#offered) return;
    this.#offered = false;
    if (cause !== 'glare' || this.#retries >= MOST_RETRIES) {
      // Of a hold the other end need not hear: the phone is silent all the same.
      if (!this.#toldHolds) this.#ports.failed(cause);
      return;
    }
    this.#retries += 1;
    const [octet = 0] = this.#ports.random(1);
    this.#deadline = { at: now + GLARE_BACK_OFF.least + (octet / 255) * GLARE_BACK_OFF.span, for: 'again' };
  }

  /** The phone neither hears nor is heard until {@link resume}. What is under way with the other end goes first. */
  hold(now: number): void {
    this.#holds = true;
    this.#stopSending();
    if (this.#waiting === undefined) this.#stopReceiving();
    this.#tellHold(now);
  }

  resume(now: number): void {
    this.#holds = false;
    this.#tellHold(now);
  }

  /** OpenReceiveChannelAck: where the phone receives; undefined where it cannot. */
  channelOpened(now: number, channel: number, at: MediaAddress | undefined): void {
    if (this.#receiving?.channel !== channel || this.#receiving.at !== undefined) return; // closed meanwhile
    if (this.#deadline?.for === 'channel') this.#deadline = undefined;
    if (at === undefined) {
      this.#receiving = undefined;
      this.#ports.failed('temporary-failure');
      return;
    }
    this.#own = at;
    this.#receiving = { ...this.#receiving, at };
    this.#sayWhatWaits();
    this.#tellHold(now);
  }

  /** StartMediaTransmissionAck with an error. */
  cannotSend(channel: number): void {
    if (this.#sending?.channel !== channel) return; // stopped meanwhile
    this.#sending = undefined;
    this.#ports.failed('temporary-failure');
  }

  handleTime(now: number): void {
    if (this.#deadline === undefined || this.#deadline.at > now) return;
    const { for: late } = this.#deadline;
    this.#deadline = undefined;
    if (late === 'again') this.#sayOffer('offer');
    else this.#ports.failed('no-user-responding');
  }

  /** The leg is gone. */
  end(): void {
    this.#stopReceiving();
    this.#stopSending();
    this.#setKeys([]);
    this.#waiting = undefined;
    this.#deadline = undefined;
  }

  /** Offers hold or resume where the other end was told otherwise, unless something is under way with it. */
  #tellHold(now: number): void {
    const isBusy = this.#waiting !== undefined || this.#offered || this.#deadline !== undefined;
    if (isBusy || this.#own === undefined || this.#holds === this.#toldHolds) return;
    if (this.#holds) {
      this.#sayOffer('offer');
      return;
    }
    const remote = this.#remote;
    this.#renewKeys(remote?.key?.suite === undefined ? [] : [remote.key.suite.name]);
    this.#waiting = { kind: 'offer', as: 'offer' };
    // Another end goes on sending with the key that it has; a Skinny phone begins anew, with a key of our choice.
    if (remote === undefined || this.#ports.paired.isOfPhone(remote.key)) this.#receiveWishing(now);
    else this.#receive(now, remote);
  }

  #sayWhatWaits(): void {
    const [waiting, remote, own] = [this.#waiting, this.#remote, this.#own];
    this.#waiting = undefined;
    if (waiting === undefined || own === undefined) return;
    if (waiting.kind === 'offer') {
      this.#sayOffer(waiting.as);
    } else if (waiting.kind === 'moved') {
      if (waiting.from.address === own.address && waiting.from.port === own.port) this.#moves = 0;
      else this.#moved();
    } else if (remote !== undefined) {
      const { leg } = this.#ports;
      this.#takeKeyFor(remote);
      this.#transmit(remote);
      this.#toldHolds = this.#holds;
      if (this.#holds) this.#stopReceiving();
      const answer = answerTo(waiting.offer, remote, own, this.#keys[0], this.#holds);
      this.#ports.say(
        waiting.as === 'answer' ? { kind: 'answer', leg, answer } : { kind: 'answered', leg, media: answer },
      );
    }
  }

  /** The other end is told where the phone receives now. Two that make the other move each time would never be done. */
  #moved(): void {
    this.#moves += 1;
    if (this.#moves > MOST_MOVES) this.#ports.failed('incompatible-destination');
    else this.#sayOffer('offer');
  }

  #sayOffer(as: OfferPurpose): void {
    const { leg, phone, paired } = this.#ports;
    if (this.#own === undefined) return; // it has not begun to talk: there is nothing to change
    if (this.#wished !== undefined) paired.wish(this.#keys, this.#wished);
    const digits = this.#remote?.digits ?? TELEPHONE_EVENT_PAYLOAD_TYPE;
    const offer = offerOf(phone, this.#own, this.#keys, this.#holds ? 'inactive' : 'sendrecv', digits);
    this.#offered = true;
    this.#toldHolds = this.#holds;
    if (as === 'call') this.#ports.call(offer);
    else this.#ports.say(as === 'answered' ? { kind: 'answered', leg, media: offer } : { kind: 'offer', leg, offer });
  }

  #renewKeys(suites: readonly SdesSuiteName[]): void {
    this.#setKeys(suites.map((suite, at) => freshKey(this.#ports.random, suite, at + 1)));
  }

  #setKeys(keys: readonly MediaKey[]): void {
    this.#ports.paired.remove(this.#keys);
    this.#ports.paired.add(keys);
    this.#keys = keys;
  }

  /** What the phone sends with to an end that has offered: what it is wished, or a fresh one unless it goes on as it was. */
  #takeKeyFor(remote: ChosenStream): void {
    const suite = remote.key?.suite?.name;
    if (remote.key === undefined || suite === undefined) {
      this.#setKeys([]);
      return;
    }
    const [own] = this.#keys;
    const wished = this.#ports.paired.take(remote.key);
    const goesOn = own?.suite?.name === suite && (!this.#isToSend(remote) || this.#isSendingTo(remote, own));
    if (wished === undefined && goesOn) return;
    this.#setKeys([wished ?? freshKey(this.#ports.random, suite, remote.key.tag)]);
  }

  /** Opens the channel before the other end has said what it sends with. */
  #receiveWishing(now: number): void {
    const { phone, random } = this.#ports;
    const [own] = this.#keys;
    const [format] = phone.formats;
    if (format === undefined) {
      this.#ports.failed('incompatible-destination');
      return;
    }
    this.#wished = own?.suite && freshKey(random, own.suite.name, own.tag);
    const digits = phone.telephoneEvents ? TELEPHONE_EVENT_PAYLOAD_TYPE : undefined;
    this.#receive(now, { format: this.#remote?.format ?? format, packetTime: 20, digits, key: this.#wished });
  }

  /** Opens the channel unless it is open so. */
  #receive(now: number, wanted: Pick<ChosenStream, 'format' | 'packetTime' | 'digits' | 'key'>): void {
    const { format, packetTime, digits, key } = wanted;
    const open = this.#receiving;
    if (open !== undefined && open.format.payload === format.payload && isSameKey(open.key, key)) {
      if (open.at !== undefined) this.#sayWhatWaits();
      return;
    }
    this.#stopReceiving();
    const channel = this.#ports.nextChannel();
    const order = { channel, format, packetTime, digits, key };
    this.#receiving = { ...order, at: undefined };
    this.#deadline = { at: now + CHANNEL_TIMEOUT, for: 'channel' };
    this.#ports.order({ kind: 'open-receive-channel', ...order });
  }

  #isToSend({ stream: { direction } }: ChosenStream): boolean {
    return !this.#holds && (direction === 'sendrecv' || direction === 'recvonly');
  }

  #isSendingTo({ stream, format }: ChosenStream, key: MediaKey | undefined): boolean {
    const sending = this.#sending;
    return (
      sending !== undefined &&
      sending.address === stream.address &&
      sending.port === stream.port &&
      sending.format.payload === format.payload &&
      isSameKey(sending.key, key)
    );
  }

  #transmit(remote: ChosenStream): void {
    const [key] = this.#keys;
    if (!this.#isToSend(remote)) {
      this.#stopSending();
      return;
    }
    if (this.#isSendingTo(remote, key)) return;
    this.#stopSending();
    const { stream, format, packetTime, digits } = remote;
    const { address, port } = stream;
    const order = { channel: this.#ports.nextChannel(), format, packetTime, digits, key, address, port };
    this.#sending = order;
    this.#ports.order({ kind: 'start-media-transmission', ...order });
  }

  #stopReceiving(): void {
    if (this.#receiving === undefined) return;
    if (this.#deadline?.for === 'channel') this.#deadline = undefined;
    this.#ports.order({ kind: 'close-receive-channel', channel: this.#receiving.channel });
    this.#receiving = undefined;
  }

  #stopSending(): void {
    if (this.#sending === undefined) return;
    this.#ports.order({ kind: 'stop-media-transmission', channel: this.#sending.channel });
    this.#sending = undefined;
  }
}

/** Whether the other end sends. */
function sends({ stream: { direction } }: ChosenStream): boolean {
  return direction === 'sendrecv' || direction === 'sendonly';
}
