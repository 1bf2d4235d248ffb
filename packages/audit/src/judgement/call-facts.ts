import { isOpen } from '../model/exposure.ts';
import type { CallLeg, MediaDescription, SignalledDigits } from '../model/leg.ts';
import { isExposed, type MediaKey } from '../model/media-key.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { CallDraft, StreamFacts } from './stream-facts.ts';

/** A key of media that an eavesdropper without any key of the auditor's has read. */
export interface ExposedKey {
  readonly leg: CallLeg;
  readonly description: MediaDescription;
  readonly key: MediaKey;
  readonly how: 'sdes' | 'skinny' | 'h235.8' | 'mgcp';
  readonly place: PacketPlace;
  readonly isWithinTls: boolean;
}

/** What a call's legs and streams amount to, gathered once for verdict and findings. */
export interface CallFacts extends CallDraft {
  /** Legs of which a message lay open. */
  readonly openLegs: readonly CallLeg[];
  /** Legs that were read only by a key that the auditor gave. */
  readonly givenLegs: readonly CallLeg[];
  readonly exposedKeys: readonly ExposedKey[];
  /** Digits of the conversation that lay open, and those that were read by a given key. */
  readonly openDigits: readonly SignalledDigits[];
  readonly givenDigits: readonly SignalledDigits[];
  /** Streams whose audio was recovered: as captured, by a key that lay open, by a key that was given. */
  readonly clearStreams: readonly StreamFacts[];
  readonly crackedStreams: readonly StreamFacts[];
  readonly givenStreams: readonly StreamFacts[];
  /** Those in which anybody reads digits, also where the voice beside them is not heard: events may be clear beside SRTP. */
  readonly digitStreams: readonly StreamFacts[];
  readonly encryptedStreams: readonly StreamFacts[];
  readonly unknownStreams: readonly StreamFacts[];
  readonly answered: PacketPlace | undefined;
  /** A message of its signalling that was not wholly read, or of signalling between its hosts that may be its own. */
  readonly cut: PacketPlace | undefined;
  /** It failed or was given up before anybody answered. */
  readonly isUnanswered: boolean;
}

/** @param cutBeside a message that was not wholly read, and may be of a call of which there is no other signalling */
export function factsOf(draft: CallDraft, cutBeside?: PacketPlace): CallFacts {
  const { legs, streams } = draft;
  const openLegs = legs.filter(isReadByAnybody);
  const digits = legs.flatMap((leg) => leg.digits.filter((one) => isOfConversation(leg, one)));
  const recovered = streams.filter(({ report: { state } }) => state === 'clear' || state === 'opened');
  const answered = firstOf(legs.map((leg) => leg.answered));
  return {
    legs,
    streams,
    openLegs,
    givenLegs: legs.filter((leg) => !openLegs.includes(leg)),
    exposedKeys: exposedKeysOf(legs),
    openDigits: digits.filter(({ exposure }) => isOpen(exposure)),
    givenDigits: digits.filter(({ exposure }) => !isOpen(exposure)),
    clearStreams: recovered.filter(({ report }) => report.state === 'clear'),
    crackedStreams: recovered.filter(({ report }) => report.state === 'opened' && report.key?.exposed === true),
    givenStreams: recovered.filter(({ report }) => report.state === 'opened' && report.key?.exposed !== true),
    digitStreams: streams.filter(
      ({ report: { state, key, digits } }) => digits.length > 0 && (state !== 'opened' || key?.exposed === true),
    ),
    encryptedStreams: streams.filter(({ report }) => report.state === 'encrypted'),
    unknownStreams: streams.filter(({ report }) => report.state === 'unknown'),
    answered,
    cut: firstOf(legs.map((leg) => leg.cut)) ?? cutBeside,
    isUnanswered:
      legs.length > 0 && answered === undefined && streams.length === 0 && legs.every((leg) => leg.ended !== undefined),
  };
}

function isReadByAnybody(leg: CallLeg): boolean {
  return leg.messages.some(({ path }) => isOpen(path.exposure));
}

function* eachExposedKey(legs: readonly CallLeg[]): Generator<ExposedKey> {
  for (const leg of legs) {
    for (const description of leg.descriptions) {
      for (const key of description.keys) {
        if (!isExposed(key) || key.source.kind !== 'signalling') continue;
        const { how, place, exposure } = key.source;
        yield { leg, description, key, how, place, isWithinTls: exposure.kind === 'null-cipher' };
      }
    }
  }
}

function exposedKeysOf(legs: readonly CallLeg[]): readonly ExposedKey[] {
  return [...eachExposedKey(legs)].sort((one, other) => one.place.number - other.place.number);
}

/** Keys that are pressed to dial name the called, as other messages do; those that come after the answer are said to him. */
function isOfConversation(leg: CallLeg, { how, place }: SignalledDigits): boolean {
  if (how === 'sip-info' || how === 'h245-user-input') return true;
  return leg.answered !== undefined && place.number > leg.answered.number;
}

export function firstOf(places: readonly (PacketPlace | undefined)[]): PacketPlace | undefined {
  let first: PacketPlace | undefined;
  for (const place of places)
    if (place !== undefined && (first === undefined || place.number < first.number)) first = place;
  return first;
}

export function lastOf(places: readonly (PacketPlace | undefined)[]): PacketPlace | undefined {
  let last: PacketPlace | undefined;
  for (const place of places)
    if (place !== undefined && (last === undefined || place.number > last.number)) last = place;
  return last;
}

/** Seconds of the call of which audio was recovered, silence included: both ends at once count once. */
export function heardSecondsOf({ clearStreams, crackedStreams, givenStreams }: CallFacts): number {
  const heard = [...clearStreams, ...crackedStreams, ...givenStreams];
  const stretches = heard
    .map(({ first, report }) => {
      const from = first.microseconds / 1e6;
      return { from, to: from + (report.audio?.seconds ?? 0) };
    })
    .filter(({ from, to }) => to > from)
    .sort((one, other) => one.from - other.from);
  let [seconds, until] = [0, Number.NEGATIVE_INFINITY];
  for (const { from, to } of stretches) {
    seconds += Math.max(0, to - Math.max(from, until));
    until = Math.max(until, to);
  }
  return Math.round(seconds * 1_000) / 1_000;
}
