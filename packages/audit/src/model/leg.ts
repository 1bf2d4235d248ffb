import type { TransportAddress } from '@trustline/capture';
import type { PacketPlace } from '../traffic/place.ts';
import type { Exposure } from './exposure.ts';
import type { MediaKey } from './media-key.ts';

export type SignallingProtocol = 'sip' | 'skinny' | 'h323' | 'mgcp';

/** Who a message says that somebody is. Words of the network: shown escaped, never as a name of a file. */
export interface Party {
  readonly number?: string;
  readonly name?: string;
  readonly uri?: string;
  readonly device?: string;
}

/** Where a message went and how it lay open. */
export interface SignallingPath {
  readonly transport: 'udp' | 'tcp' | 'websocket';
  readonly from: TransportAddress;
  readonly to: TransportAddress;
  readonly exposure: Exposure;
}

/** One line of a ladder. */
export interface LadderMessage {
  readonly place: PacketPlace;
  readonly path: SignallingPath;
  /** As an engineer calls it: `INVITE`, `180 Ringing`, `StartMediaTransmission`, `Setup`, `OpenLogicalChannel`. */
  readonly name: string;
  /** What it says of media, in a few words; without keys. */
  readonly detail?: string;
  /** Where the very same message was captured besides: at another interface, or behind a NAT or tunnel. */
  readonly otherPaths?: readonly SignallingPath[];
  readonly carriesKey: boolean;
}

export interface MediaCodec {
  readonly payloadType: number;
  /** As its registration writes it: `PCMU`, `opus`, `telephone-event`. */
  readonly name: string;
  readonly clockRate: number;
}

export type MediaKeying = 'none' | 'sdes' | 'dtls-srtp' | 'mikey' | 'zrtp' | 'skinny' | 'h235.8' | 'h235.6';

/** What one end said of the media that it takes. Each offer and answer makes a new one. */
export interface MediaDescription {
  readonly place: PacketPlace;
  /** Who said it: the end that sent the first message of the leg, or the other. */
  readonly end: LegEnd;
  readonly kind: 'audio' | 'video' | 'image' | 'other';
  /** Where it takes packets; port 0 where it takes none. */
  readonly receives: TransportAddress;
  readonly rtcp?: TransportAddress;
  /** Further addresses at which it may (ICE candidates, RFC 8839). */
  readonly candidates?: readonly TransportAddress[];
  /** `RTP/AVP`, `RTP/SAVP`, `UDP/TLS/RTP/SAVPF`; what a protocol without such words amounts to. */
  readonly profile: string;
  readonly direction: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  readonly codecs: readonly MediaCodec[];
  /** All that it offers, best first; `none` where media is to be clear. */
  readonly keying: readonly MediaKeying[];
  /** Keys that were read in it. */
  readonly keys: readonly MediaKey[];
  /** Which packets the keys protect: those that this end sends (RFC 4568), unless it says those that `receives` takes. */
  readonly keysProtect?: 'what-it-receives';
  /** Suites that it names, as it names them, also those without a key that was understood. */
  readonly suites: readonly string[];
  /** `sha-256 AB:CD…` of RFC 8122. */
  readonly fingerprints?: readonly string[];
}

export type LegEnd = 'caller' | 'called';

/** Digits that a message carried. */
export interface SignalledDigits {
  readonly place: PacketPlace;
  readonly how: 'sip-info' | 'skinny-keypad' | 'h245-user-input' | 'q931-keypad' | 'mgcp';
  readonly end: LegEnd;
  readonly digits: string;
  readonly exposure: Exposure;
}

/** A number that looks like a card's, as it was written in a message. */
export interface WrittenCard {
  readonly place: PacketPlace;
  readonly digits: string;
  /** `the body of a SIP MESSAGE` */
  readonly where: string;
  readonly exposure: Exposure;
}

/** Longest kept of one leg; beyond it messages are counted alone. */
export const MOST_MESSAGES_OF_A_LEG = 500;
const MOST_DESCRIPTIONS_OF_A_LEG = 200;
const MOST_DIGITS_OF_A_LEG = 1_000;
const MOST_CARDS_OF_A_LEG = 20;

/** A dialogue of one signalling protocol between two ends, as its messages tell it. Written by the readers of protocols. */
export class CallLeg {
  readonly protocol: SignallingProtocol;
  /** What tells it from others of its protocol: a Call-ID, a call reference of a connection, a conference identifier. */
  readonly identity: string;
  readonly messages: LadderMessage[] = [];
  readonly descriptions: MediaDescription[] = [];
  readonly digits: SignalledDigits[] = [];
  /** Card numbers that stood in bodies and headers of its messages. */
  readonly cards: WrittenCard[] = [];
  /** Identities that join it with other legs: H.225 conference and call identifiers, `Replaces`, `X-Session-ID` (RFC 7989). */
  readonly related: Set<string> = new Set();
  /** Ends that said they can encrypt media, where that is said apart from the media's description (H.245 capabilities). */
  readonly canEncrypt: Set<LegEnd> = new Set();
  caller: Party = {};
  called: Party = {};
  /** Who the call was meant for before it was diverted, the first of them first (RFC 5806, RFC 7044). */
  diverted: readonly Party[] = [];
  first: PacketPlace;
  last: PacketPlace;
  answered: PacketPlace | undefined;
  ended: PacketPlace | undefined;
  /** Why it ended, as its protocol says: `486 Busy Here`, `16 normal call clearing`. */
  endReason: string | undefined;
  /** A message of it that was not wholly read: what it said besides is not known. */
  cut: PacketPlace | undefined;
  messagesNotKept = 0;

  constructor(protocol: SignallingProtocol, identity: string, place: PacketPlace) {
    this.protocol = protocol;
    this.identity = identity;
    this.first = place;
    this.last = place;
  }

  message(message: LadderMessage): void {
    this.last = message.place;
    if (this.messages.length < MOST_MESSAGES_OF_A_LEG) this.messages.push(message);
    else this.messagesNotKept++;
  }

  describe(description: MediaDescription): void {
    if (this.descriptions.length < MOST_DESCRIPTIONS_OF_A_LEG) this.descriptions.push(description);
  }

  card(card: WrittenCard): void {
    if (this.cards.length < MOST_CARDS_OF_A_LEG) this.cards.push(card);
  }

  digit(digits: SignalledDigits): void {
    if (this.digits.length < MOST_DIGITS_OF_A_LEG) this.digits.push(digits);
  }
}
