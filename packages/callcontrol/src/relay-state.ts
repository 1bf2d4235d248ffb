/** A leg whose media go over the relay: the relay's ends towards it, and what it is told in place of the other's. */
import type { SdesSuiteName } from '@trustline/keying';
import type { MediaKey } from './keys.ts';
import type { MediaFormat } from './media.ts';
import type { EventFormat, SpokenFormats } from './voice-formats.ts';

/** Why media go over the relay; they go straight between the ends otherwise. */
export type RelayReason =
  /** The configuration wants every call relayed. */
  | 'configured'
  /** One end has SRTP and the other has none. */
  | 'one-end-without-srtp'
  /** An end is behind a NAT: it names an address that is none outside. */
  | 'behind-nat'
  /** An end goes on with a key that others have learned. */
  | 'key-kept'
  /** One end receives with a key of its own, or may do so, and the other sends with a key of its own: the relay has both. */
  | 'key-of-receiver'
  /** The ends have no format of voice in common. */
  | 'transcoding'
  /** One end holds the other, who hears the relay's sound for that. */
  | 'hold'
  /** The caller hears that the call leaves protection. */
  | 'announcement'
  /** The relay mixes what several say to each other. */
  | 'conference';

/** A side of the relay, as the port that gives them out names it. */
export type RelaySideId = number;

/** A side from when it is given out: nothing was said of it yet, it was set, or it is bridged with another. */
export type RelaySideState = 'taken' | 'set' | 'bridged';
export type RelaySideOutput = 'relay-side' | 'relay-bridge' | 'relay-digit' | 'relay-close';

/**
 * State of a side × what call control says of it → the state after that; `never` for what it must not say. A side that is closed
 * is given out to nobody again under its name. The fuzz target holds every side to it.
 */
export const relaySideTable: Readonly<
  Record<RelaySideState, Readonly<Record<RelaySideOutput, RelaySideState | 'closed' | 'never'>>>
> = {
  taken: { 'relay-side': 'set', 'relay-bridge': 'never', 'relay-digit': 'never', 'relay-close': 'closed' },
  set: { 'relay-side': 'set', 'relay-bridge': 'bridged', 'relay-digit': 'never', 'relay-close': 'closed' },
  bridged: {
    'relay-side': 'bridged',
    'relay-bridge': 'bridged', // with the side of another leg
    'relay-digit': 'bridged',
    'relay-close': 'closed',
  },
};

/** What the relay gives for one stream of one leg. */
export interface AllocatedRelaySide {
  readonly side: RelaySideId;
  /** The address to tell; empty for that at which the leg's signalling reaches us. */
  readonly address: string;
  /** Of RTP; RTCP has the next. */
  readonly port: number;
}

export interface RelayPort {
  /** A side for a stream, at once; `beside` is one of the same call. Undefined when none is left. */
  allocate(beside: RelaySideId | undefined): AllocatedRelaySide | undefined;
}

/** One stream of the leg. */
export interface RelayedStream extends AllocatedRelaySide {
  /** The keys that the relay sends with towards this leg. */
  readonly own: Map<SdesSuiteName, MediaKey>;
  /** Stand for those of a leg without SRTP, so that the other end agrees on keys: with the relay. They protect nothing. */
  readonly standIns: Map<SdesSuiteName, MediaKey>;
  /** Formats of the relay's own that the leg is offered, for as long as it is transcoded; undefined before the first offer. */
  formats: readonly MediaFormat[] | undefined;
  /** What the leg speaks of them or of the other end's; undefined before that was agreed on, or where it is passed through. */
  speaks: SpokenFormats | undefined;
  /** Digits of the leg's that the other end hears by its signalling, since it has none in its media. */
  digits: EventFormat | undefined;
  /** What the relay was told last, to tell it changes alone. */
  said: string;
  /** The side that it is bridged with. */
  bridgedWith: RelaySideId | undefined;
}

export interface RelayedLeg {
  readonly reason: RelayReason;
  /** The leg has no SRTP; the other may have, with the relay. */
  readonly isClear: boolean;
  /** The leg may speak what the other end does not have: it takes one of the transcoders. */
  transcodes: boolean;
  /** The leg has taken an offer of the other end's own media, which it has to be offered anew. */
  isToldOther: boolean;
  /** In the order of its description; a hole where none was allocated. */
  readonly streams: (RelayedStream | undefined)[];
}

export function relayedLeg(reason: RelayReason, isClear: boolean): RelayedLeg {
  return { reason, isClear, transcodes: false, isToldOther: false, streams: [] };
}
