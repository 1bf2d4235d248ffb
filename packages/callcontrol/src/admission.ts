/** Bandwidth between places: a call that would not fit is offered formats that do, or refused before it rings. */
import { type Call, isLive, type Leg } from './call.ts';
import { isActive, type MediaDescription, type MediaFormat } from './media.ts';
import type { MediaFault } from './negotiation.ts';
import { isInNetwork, type Network } from './network.ts';
import { hostOf } from './protection.ts';
import { isMediaUnknown } from './recovered-media.ts';
import { formatOfCodec, type VoiceCodec } from './voice-formats.ts';
import type { World } from './world.ts';

/** A place whose line to everywhere else bears so much voice. */
export interface Location {
  readonly name: string;
  /** Its addresses; a device is where its signalling comes from. */
  readonly networks: readonly Network[];
  /** Kilobits a second for the calls to and from elsewhere, each way. */
  readonly kilobits: number;
}

/** What a format takes each way with RTP, UDP and IP in steps of 20 ms, in kilobits a second. */
const kilobitsOfEncoding: Readonly<Record<string, number>> = {
  PCMU: 80,
  PCMA: 80,
  G722: 80,
  OPUS: 80, // what it may take; most speech is half of it
  G729: 24,
  ILBC: 32,
  GSM: 29,
};
const staticEncodings: Readonly<Record<number, string>> = { 0: 'PCMU', 3: 'GSM', 8: 'PCMA', 9: 'G722', 18: 'G729' };
/** Of what is not known: as much as the largest that is. */
const kilobitsOfOther = 80;

/** The place of a leg; undefined where none is configured for it, and nothing is counted. */
function locationOf(world: World, leg: Leg): Location | undefined {
  const host = hostOf(leg.protection.remoteAddress);
  if (host === undefined) return undefined;
  return world.settings.locations.find(({ networks }) => networks.some((network) => isInNetwork(host, network)));
}

/** Kilobits that a format takes; undefined for one that sends nothing beside voice: digits, comfort noise. */
function kilobitsOf({ encoding, payloadType }: MediaFormat): number | undefined {
  const name = (encoding || staticEncodings[payloadType] || '').toUpperCase();
  if (name === 'TELEPHONE-EVENT' || name === 'CN' || payloadType === 13) return undefined;
  return kilobitsOfEncoding[name] ?? kilobitsOfOther;
}

/** What a call may take each way: by what was agreed on, before that by the most that was offered. */
function takenBy({ connected, called, transcoded }: Call): number {
  if (connected !== undefined && isMediaUnknown(connected)) return kilobitsOfOther;
  if (connected !== undefined && transcoded !== undefined) {
    return Math.max(...Object.values(transcoded).map((codec) => kilobitsOf(formatOfCodec[codec as VoiceCodec]) ?? 0));
  }
  if (connected?.media !== undefined) {
    const [format] = voiceOf(connected.media).filter((one) => kilobitsOf(one) !== undefined);
    return format === undefined ? 0 : (kilobitsOf(format) ?? 0);
  }
  const offered = called.filter(isLive).flatMap(({ told }) => (told === undefined ? [] : voiceOf(told)));
  return Math.max(0, ...offered.map((format) => kilobitsOf(format) ?? 0));
}

function voiceOf({ streams }: MediaDescription): readonly MediaFormat[] {
  return streams.filter((stream) => stream.type === 'audio' && isActive(stream)).flatMap(({ formats }) => formats);
}

/** What is left on the line of a place, without what this call takes. */
function leftAt(world: World, location: Location, call: Call): number {
  let left = location.kilobits;
  for (const other of world.calls.values()) {
    if (other !== call && crosses(world, other, location)) left -= takenBy(other);
  }
  return left;
}

/** Whether a call goes over the line of a place: one end is there, and the other is not. */
function crosses(world: World, call: Call, location: Location): boolean {
  const far = call.connected === undefined ? call.called.filter(isLive) : [call.connected];
  const isHere = (leg: Leg) => locationOf(world, leg) === location;
  return far.some((leg) => isHere(leg) !== isHere(call.caller));
}

/** The place between two legs with the least left; undefined where nothing is counted. A call for help always fits. */
function narrowest(
  world: World,
  call: Call,
  to: Leg,
): { readonly location: Location; readonly left: number } | undefined {
  const [here, there] = [locationOf(world, call.caller), locationOf(world, to)];
  if (call.isEmergency || here === there) return undefined;
  return [here, there]
    .flatMap((location) => (location === undefined ? [] : [{ location, left: leftAt(world, location, call) }]))
    .sort((one, other) => one.left - other.left)[0];
}

function fitsInto(left: number): (format: MediaFormat) => boolean {
  return (format) => (kilobitsOf(format) ?? 0) <= left;
}

/** Of these formats those for which there is bandwidth between the places of two legs. */
export function formatsThatFit(
  world: World,
  call: Call,
  to: Leg,
  formats: readonly MediaFormat[],
): readonly MediaFormat[] {
  const narrow = narrowest(world, call, to);
  return narrow === undefined ? formats : formats.filter(fitsInto(narrow.left));
}

/**
 * An offer as it fits between the places of two legs: without the formats for which there is no bandwidth left, so that two
 * who can both do with less agree on that. A fault where no format fits. A call for help always fits.
 */
export function admit(
  world: World,
  call: Call,
  to: Leg,
  offer: MediaDescription,
):
  | { readonly kind: 'fits'; readonly offer: MediaDescription }
  | { readonly kind: 'fault'; readonly fault: MediaFault } {
  if (voiceOf(offer).length === 0) return { kind: 'fits', offer };
  const narrow = narrowest(world, call, to);
  if (narrow === undefined) return { kind: 'fits', offer };
  const { left, location } = narrow;
  const fits = fitsInto(left);
  const streams = offer.streams.map((stream) =>
    stream.type === 'audio' && isActive(stream) ? { ...stream, formats: stream.formats.filter(fits) } : stream,
  );
  const hasVoice = voiceOf({ ...offer, streams }).some((format) => kilobitsOf(format) !== undefined);
  if (hasVoice) return { kind: 'fits', offer: { ...offer, streams } };
  const warning = `There is no bandwidth left for a call to or from ${location.name}`;
  return { kind: 'fault', fault: { cause: 'bandwidth', warning, security: false } };
}
