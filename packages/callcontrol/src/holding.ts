/** Hold with a sound: the held end is offered the relay's, and hears it until the other end is back. */
import { type Call, type Leg, otherLeg } from './call.ts';
import { isActive, type MediaDescription, type MediaFormat, type MediaStream } from './media.ts';
import type { RelayedStream } from './relay-state.ts';
import { codecOf, isDigits, type VoiceFormat, voiceFormatOf } from './voice-formats.ts';
import type { World } from './world.ts';

/** Whether an end holds the other by this offer or answer: nothing that it says of itself takes voice (RFC 3264 §8.4). */
export function isHold({ streams }: MediaDescription): boolean {
  const active = streams.filter(isActive);
  return active.length > 0 && active.every(({ direction }) => direction === 'sendonly' || direction === 'inactive');
}

/**
 * An offer as the held end gets it: from the relay's sound, which sends whatever the end that holds does, and in formats that it
 * has. Any other offer is as it was.
 */
export function offerOfSound(world: World, leg: Leg, offer: MediaDescription): MediaDescription {
  if (!world.settings.holdSound || leg.relay === undefined || !isHold(offer)) return offer;
  return {
    ...offer,
    streams: offer.streams.map((stream) => {
      const formats = stream.formats.filter(isForSound);
      const isSpoken = formats.some((format) => codecOf(format) !== undefined);
      return isActive(stream) && isSpoken ? { ...stream, direction: 'sendonly', formats } : stream;
    }),
  };
}

/** An answer to the end that holds: who offers `inactive` is answered so (RFC 3264 §6.1), whatever the held end hears. */
export function answerToHold(world: World, call: Call, leg: Leg, answer: MediaDescription): MediaDescription {
  const { media } = leg;
  if (!world.settings.holdSound || media === undefined || otherLeg(call, leg)?.relay === undefined) return answer;
  const streams = answer.streams.map((stream, at) =>
    media.streams[at]?.direction === 'inactive' ? ({ ...stream, direction: 'inactive' } as const) : stream,
  );
  return { ...answer, streams };
}

/** The format in which a leg hears the sound; undefined while nobody holds it, or where it cannot. */
export function soundFor(
  world: World,
  call: Call,
  leg: Leg,
  own: RelayedStream,
  { formats }: MediaStream,
): VoiceFormat | undefined {
  const holder = otherLeg(call, leg)?.media;
  if (!world.settings.holdSound || holder === undefined || !isHold(holder)) return undefined;
  return own.speaks?.voice[0] ?? formats.flatMap((format) => voiceFormatOf(format) ?? [])[0];
}

function isForSound(format: MediaFormat): boolean {
  return codecOf(format) !== undefined || isDigits(format);
}
