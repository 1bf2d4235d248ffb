/** What the relay is told about each of its sides, and what it says about them. */
import type { VoiceCodec } from '@trustline/rtp';
import type { SrtpMasterKey, SrtpProfileName } from '@trustline/srtp';

/** A place in the network that RTP or RTCP comes from or goes to. */
export interface MediaEndpoint {
  readonly address: string;
  readonly port: number;
}

/** The master keys of one direction of one stream. They cross threads, and are in no log, event or answer. */
export interface DirectionKeys {
  readonly profile: SrtpProfileName;
  readonly masterKeys: readonly SrtpMasterKey[];
  /** Packets after which session keys are derived anew; 0 for never (RFC 4568 §6.3.1). */
  readonly keyDerivationRate: number;
  /** Names the keys without giving anything of them away: equal names are equal keys, and their contexts go on. */
  readonly fingerprint: string;
}

/** SRTP both ways or not at all: half of a side is never clear. */
export type SideProtection =
  | { readonly kind: 'clear' }
  | {
      readonly kind: 'srtp';
      readonly receive: DirectionKeys;
      readonly send: DirectionKeys;
      /** Perhaps the party uses the two the other way round: the first packet that authenticates shows. */
      readonly mayBeSwapped?: true;
    };

/** What voice is written in, and under which payload type. */
export interface VoiceFormat {
  readonly codec: VoiceCodec;
  readonly payloadType: number;
}

/** A payload type of telephone-events (RFC 4733), with the clock of their durations in hertz. */
export interface EventFormat {
  readonly payloadType: number;
  readonly clockRate: number;
}

/** What a party speaks and understands. */
export interface SpokenFormats {
  /** All that it may send; the first is what it is sent. There is one at least. */
  readonly voice: readonly VoiceFormat[];
  /** The same of digits; empty where it has none. */
  readonly events: readonly EventFormat[];
  /** Of a packet of voice to it: 10, 20, 30, 40 or 60. */
  readonly milliseconds: number;
}

/** Identifies a side: a pair of ports of ours, for RTP and RTCP, towards one party of a call. */
export type SideId = number;

/** One side of a relayed stream, whole: what it was told before is forgotten, contexts of keys that stay go on. */
export interface SideSettings {
  readonly side: SideId;
  /** Where the party said that it receives RTP, and RTCP one port above (RFC 3550 §11). */
  readonly remote: MediaEndpoint;
  readonly protection: SideProtection;
  /** The party sends: its direction is `sendrecv` or `sendonly`. */
  readonly takes: boolean;
  /** The party receives. */
  readonly gives: boolean;
  /**
   * The address from which RTP without protection is taken and followed to whatever port it comes from (a NAT's).
   * Where absent it is taken from the host of `remote` alone, and nothing is followed. SRTP is taken from wherever it
   * authenticates, and followed.
   */
  readonly clearSource?: string;
  /** Its partner may speak otherwise: where the two differ, what the one says is brought into what the other understands. */
  readonly speaks?: SpokenFormats;
  /** Digits in what the party sends: they are noticed, and go no further. */
  readonly digits?: EventFormat;
  /** In which format the party hears the sound for who is held, in place of its partner. */
  readonly plays?: VoiceFormat;
  /** The same of what is said to a caller whose call leaves protection; goes before {@link plays}. */
  readonly announces?: VoiceFormat;
  /** The conference that the party is in, and the format in which it speaks and hears the others. They are all at one thread. */
  readonly mixes?: { readonly conference: string; readonly format: VoiceFormat };
  /** In hertz; of the timestamps, for a source that follows another. */
  readonly clockRate: number;
}

/** A digit for a party, as an event in its voice (RFC 4733). */
export interface DialledDigit {
  readonly event: number;
  readonly payloadType: number;
  /** In hertz. */
  readonly clockRate: number;
  readonly milliseconds: number;
}

/** RTP, or the RTCP that goes with it. */
export type Component = 'rtp' | 'rtcp';

/** What a side has counted since it was opened. */
export interface SideCounts {
  /** Datagrams that came, RTP and RTCP, and those that were passed on or used. */
  received: number;
  taken: number;
  /** Datagrams that went out to the party. */
  sent: number;
  /** Octets of the datagrams that came and went. */
  octetsReceived: number;
  octetsSent: number;
  /** Refused by SRTP for another reason than those below. */
  refused: number;
  authenticationFailed: number;
  replayed: number;
  /** From where nothing is taken, or no RTP at all. */
  strange: number;
  /** Could not go out: late beyond the window, or its key is at its end. */
  unsent: number;
  /** Times that the party was followed to another address. */
  moved: number;
}

/** Why packets of a party do not authenticate, as far as can be told from them. */
export type FailureCause =
  /** Under the key that it signalled nothing ever authenticated. */
  | 'another-key'
  /** Under the key before the present one they do. */
  | 'key-before'
  /** With a rollover counter of zero they do: the party began to count anew under the same key. */
  | 'rollover-counter-reset'
  /** They come from elsewhere than what authenticates: somebody else sends to this port. */
  | 'another-source'
  /** They did until now. */
  | 'changed-since';

/** What the relay has noticed on a side. */
export type RelayNotice =
  /** More than one in a hundred of the packets of late do not authenticate. Said once for a key. */
  | {
      readonly kind: 'authentication-failures';
      readonly side: SideId;
      /** Of the key that the party should send with. */
      readonly fingerprint: string;
      readonly received: number;
      readonly failed: number;
      readonly source: MediaEndpoint;
      readonly cause: FailureCause;
    }
  /** Which of two keys the party sends with, where that was open; said once for a side. */
  | {
      readonly kind: 'keys-verified';
      readonly side: SideId;
      /** Of the key that it was taken to send with. */
      readonly fingerprint: string;
      readonly isSwapped: boolean;
    }
  /** A digit of a party whose {@link SideSettings.digits} are to be noticed. */
  | { readonly kind: 'digit'; readonly side: SideId; readonly digit: string; readonly milliseconds: number }
  /** The party sends from elsewhere than it signalled, and is followed. */
  | { readonly kind: 'moved'; readonly side: SideId; readonly to: MediaEndpoint };
