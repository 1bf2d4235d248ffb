/**
 * What becomes of a description on its way through call control: pure functions from what one end said to what the
 * other is told. Stream by stream and in order, so that both legs count the same streams.
 */
import type { SecurityPolicy } from '@trustline/evidence';
import type { SdesSuiteName } from '@trustline/keying';
import type { Cause } from './causes.ts';
import { allowedKeys, isSameKey, isSameRate, isUsable, keyFingerprints, type MediaKey, steeredKey } from './keys.ts';
import { isActive, isSecure, type MediaAttribute, type MediaDescription, type MediaStream, refused } from './media.ts';
import { isDigits, isSameFormat } from './voice-formats.ts';

/** Streams of one description at most. */
export const mostStreams = 16;

/** Why a description cannot be carried across, in a leg's words; `security` marks what an operator must hear of. */
export interface MediaFault {
  readonly cause: Cause;
  readonly warning: string;
  readonly security: boolean;
  /** The event that says it, where its cause and `security` alone would name another. */
  readonly event?: 'keys-not-agreed';
}

export type Carried = { readonly kind: 'carried'; readonly description: MediaDescription; readonly steered: boolean };
type Result<T> = T | { readonly kind: 'fault'; readonly fault: MediaFault };

/** Attributes that hold keys: what the leg could read of them stands in `keys`, and nothing else may go through. */
const keyAttributes: readonly string[] = ['crypto', 'key-mgmt'];

/**
 * A description as it may be judged: without keys that switch SRTP's protection off (RFC 4568 §6.3.2, §6.3.3) or
 * might, by a parameter that is mandatory and unknown (§6.3.7), which would make a stream clear that looks secure; and
 * without raw attributes that would carry keys past policy.
 */
export function withUsableKeys(description: MediaDescription): MediaDescription {
  const attributesOf = (attributes: readonly MediaAttribute[]) =>
    attributes.filter(({ name }) => !keyAttributes.includes(name.toLowerCase()));
  const streams = description.streams.map((stream) => ({
    ...stream,
    keys: stream.keys.filter(isUsable),
    attributes: attributesOf(stream.attributes),
  }));
  return { streams, attributes: attributesOf(description.attributes) };
}

/**
 * An offer as the other end is told it: RTP/SAVP with the keys that policy allows, in policy's order, or RTP/AVP
 * without any. Never AVP with keys. Where the offer has keys but none under an allowed suite, its own key goes on
 * under the suite wanted, and `steered` says so: this end has to be offered that suite once the other has answered.
 */
export function carryOffer(
  offer: MediaDescription,
  protect: boolean,
  policy: SecurityPolicy,
  suites: readonly SdesSuiteName[],
): Result<Carried> {
  if (offer.streams.length > mostStreams) return fault('not-acceptable-here', 'Too many media streams', false);
  let steered = false;
  const description = mapStreams(offer, (stream) => {
    if (!isActive(stream)) return refused(stream);
    if (protect && isSecure(stream)) {
      const allowed = allowedKeys(stream.keys, suites);
      if (allowed.length > 0) return { ...stream, transport: 'RTP/SAVP', keys: allowed };
      const key = steeredKey(stream.keys, suites);
      if (key === undefined) return refused(stream);
      steered = true;
      return { ...stream, transport: 'RTP/SAVP', keys: [key] };
    }
    // Under `require` a stream without keys is refused, whatever goes on beside it.
    if (policy === 'require' || stream.transport === 'RTP/SAVP') return refused(stream);
    return { ...stream, keys: [] };
  });
  if (offer.streams.some(isActive) && !description.streams.some(isActive)) {
    return protect || policy === 'require'
      ? whyNoKey(offer)
      : fault('not-acceptable-here', 'No stream was offered that is allowed here', false);
  }
  return { kind: 'carried', description, steered };
}

/** Why none of the keys offered may be used; the offer has an active stream, and none is carried. */
function whyNoKey(offer: MediaDescription): { kind: 'fault'; fault: MediaFault } {
  const withKeys = offer.streams.filter((stream) => isActive(stream) && stream.keys.length > 0);
  const [first] = withKeys;
  if (first === undefined) return fault('not-acceptable-here', 'RTP/SAVP was offered without a usable key', true);
  if (withKeys.some(isSecure)) {
    return fault('not-acceptable-here', 'No key was offered under a crypto suite that is allowed here', true);
  }
  // The feedback profile of RFC 5124 and others: a fault of configuration, and no attempt at a clear call. The name is
  // the far end's own text and goes into a header: only what a profile looks like is repeated.
  const profile = /^[\w/-]{1,32}$/.test(first.transport) ? `The profile ${first.transport}` : 'The profile offered';
  return fault('not-acceptable-here', `${profile} is not taken; RTP/SAVP is`, false);
}

/**
 * Judges an answer by the offer that was told (RFC 3264 §6, RFC 4568 §5.1.2). Fails closed: a secure stream is answered
 * with one of its keys, or refused; anything between would be the start of a clear call.
 */
export function checkAnswer(
  told: MediaDescription,
  answer: MediaDescription,
): Result<{ readonly kind: 'agreed'; readonly answer: MediaDescription }> {
  if (answer.streams.length !== told.streams.length) {
    return fault('protocol-error', 'The answer has another number of streams than the offer', false);
  }
  const streams: MediaStream[] = [];
  for (const [at, offered] of told.streams.entries()) {
    const answered = answer.streams[at];
    if (answered === undefined || answered.type !== offered.type) {
      return fault('protocol-error', 'The answer has its streams in another order than the offer', false);
    }
    if (!isActive(answered) || !isActive(offered)) {
      streams.push(refused(answered));
      continue;
    }
    if (!isSecure(offered)) {
      if (answered.transport !== offered.transport) {
        return fault('protocol-error', 'The answer changed the transport of a stream', false);
      }
      streams.push({ ...answered, keys: [] });
      continue;
    }
    // An SAVP offer answered in AVP, or without the crypto line, is a stripped one.
    if (answered.transport !== offered.transport) {
      return fault('security-lost', 'SRTP was offered and RTP was answered', true);
    }
    const key = answered.keys.find((candidate) =>
      offered.keys.some((line) => line.tag === candidate.tag && line.suite?.name === candidate.suite?.name),
    );
    if (key === undefined) return fault('security-lost', 'SRTP was offered and no usable key was answered', true);
    if (offered.keys.some((line) => isSameKey(line, key))) {
      return fault('key-reused', "The answer repeats the offer's key; each sender makes its own", true);
    }
    streams.push({ ...answered, keys: [key] });
  }
  return { kind: 'agreed', answer: { streams, attributes: answer.attributes } };
}

/** What the offerer sends with, once the answer has chosen: of each stream the one key, or nothing where refused. */
export function chosenFrom(told: MediaDescription, answer: MediaDescription): MediaDescription {
  return mapStreams(told, (stream, at) => {
    const answered = answer.streams[at];
    if (answered === undefined || !isActive(answered)) return refused(stream);
    return { ...stream, keys: stream.keys.filter((key) => key.tag === answered.keys[0]?.tag).slice(0, 1) };
  });
}

/**
 * The answer as the offerer is told it: in the transport of its own offer, with the answerer's key. A stream whose key
 * the offerer did not offer under this suite was steered, and is refused for now.
 */
export function answerFor(offer: MediaDescription, answer: MediaDescription): MediaDescription {
  return mapStreams(answer, (stream, at) => {
    const offered = offer.streams[at];
    if (offered === undefined || !isActive(stream)) return refused(stream);
    const key = stream.keys[0];
    const isOffered = offered.keys.some((line) => line.tag === key?.tag && line.suite?.name === key.suite?.name);
    if (key !== undefined && !isOffered) return refused({ ...stream, transport: offered.transport });
    return { ...stream, transport: offered.transport };
  });
}

/**
 * Two offers, each turned into the answer to the other (RFC 3264 §6): what both take, with the one key of each under the
 * suite most preferred of those that both offer. Undefined where no stream is left.
 */
export function crossAnswers(
  byCaller: MediaDescription,
  byTaker: MediaDescription,
  suites: readonly SdesSuiteName[],
): { readonly byCaller: MediaDescription; readonly byTaker: MediaDescription } | undefined {
  const pairs = byCaller.streams.map((stream, at) => crossStream(stream, byTaker.streams[at], suites));
  if (!pairs.some(([stream]) => isActive(stream))) return undefined;
  // An answer has as many streams as the offer; places that only the taker has stay refused in what it is told.
  const rest = byTaker.streams.slice(pairs.length).map(refused);
  return {
    byCaller: { ...byCaller, streams: [...pairs.map(([stream]) => stream), ...rest] },
    byTaker: { ...byTaker, streams: pairs.map(([, stream]) => stream) },
  };
}

function crossStream(
  one: MediaStream,
  other: MediaStream | undefined,
  suites: readonly SdesSuiteName[],
): readonly [MediaStream, MediaStream] {
  const neither = [refused(one), refused(other ?? one)] as const;
  if (other === undefined || !isActive(one) || !isActive(other) || one.type !== other.type) return neither;
  const common = (mine: MediaStream, theirs: MediaStream) =>
    mine.formats.filter((format) => theirs.formats.some((candidate) => isSameFormat(format, candidate)));
  const [formatsOfOne, formatsOfOther] = [common(one, other), common(other, one)];
  // Digits alone are no conversation.
  if (formatsOfOne.every(isDigits) || isSecure(one) !== isSecure(other)) return neither;
  const suite = suites.find((name) => [one, other].every(({ keys }) => keys.some((key) => key.suite?.name === name)));
  const [ofOne, ofOther] = [one, other].map(({ keys }) => keys.find((key) => key.suite?.name === suite));
  if (isSecure(one) && (ofOne === undefined || ofOther === undefined)) return neither;
  // Each line goes under the tag that the other end gave the suite (RFC 4568 §5.1.2).
  const keysOf = (key: MediaKey | undefined, tag: number | undefined) =>
    key === undefined || tag === undefined ? [] : [{ ...key, tag }];
  return [
    { ...one, transport: other.transport, formats: formatsOfOne, keys: keysOf(ofOne, ofOther?.tag) },
    { ...other, transport: one.transport, formats: formatsOfOther, keys: keysOf(ofOther, ofOne?.tag) },
  ];
}

/** An offer that call control writes itself: what the other end has said last, in SAVP where it has keys. */
export function writeOffer(media: MediaDescription): MediaDescription {
  return mapStreams(media, (stream) => (isSecure(stream) ? { ...stream, transport: 'RTP/SAVP' } : stream));
}

/** True when some stream flows in `media` but was refused to the one that was `told`. */
export function isWithheld(media: MediaDescription, told: MediaDescription): boolean {
  return media.streams.some((stream, at) => isActive(stream) && told.streams[at]?.port === 0);
}

/** True when nothing changed that the other end would have to hear: place, direction, key. */
export function isUnchanged(before: MediaDescription, after: MediaDescription): boolean {
  return (
    before.streams.length === after.streams.length &&
    before.streams.every((stream, at) => {
      const other = after.streams[at];
      return (
        other !== undefined &&
        stream.port === other.port &&
        isReceivedAlike(stream, other) &&
        (stream.port === 0 || (stream.address === other.address && stream.direction === other.direction)) &&
        stream.keys.length === other.keys.length &&
        stream.keys.every((key, index) => {
          const counterpart = other.keys[index];
          return counterpart !== undefined && isSameKey(key, counterpart) && isSameRate(key, counterpart);
        })
      );
    })
  );
}

function isReceivedAlike({ receivesWith: before }: MediaStream, { receivesWith: after }: MediaStream): boolean {
  return before === undefined || after === undefined ? before === after : isSameKey(before, after);
}

/** True when the two send with a key in common, be it under another suite: a phone may cut a shorter key from a longer. */
export function sharesKey(before: MediaDescription, after: MediaDescription): boolean {
  const fingerprintsOf = ({ streams }: MediaDescription) =>
    streams.flatMap(({ keys }) => keys).flatMap(keyFingerprints);
  const known = new Set(fingerprintsOf(before));
  return fingerprintsOf(after).some((fingerprint) => known.has(fingerprint));
}

function mapStreams(
  description: MediaDescription,
  change: (stream: MediaStream, at: number) => MediaStream,
): MediaDescription {
  return { ...description, streams: description.streams.map(change) };
}

function fault(cause: Cause, warning: string, security: boolean): { kind: 'fault'; fault: MediaFault } {
  return { kind: 'fault', fault: { cause, warning, security } };
}
