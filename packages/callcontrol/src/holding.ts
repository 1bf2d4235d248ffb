/** Hold with a sound: the held end is offered the relay's, and hears it until the other end is back. */
import { type Call, type Leg, otherLeg } from './call.ts';
import { isActive, type MediaDescription, type MediaFormat, type MediaStream } from './media.ts';
import type { World } from './world.ts';

/** Payload types in which the relay has its sound: G.711 (RFC 3551 §6). */
const ofSound: readonly number[] = [0, 8];

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
      const isSpoken = formats.some(({ payloadType }) => ofSound.includes(payloadType));
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

/** The payload type in which a leg hears the sound; undefined while nobody holds it, or where it cannot. */
export function soundFor(world: World, call: Call, leg: Leg, { formats }: MediaStream): number | undefined {
  const holder = otherLeg(call, leg)?.media;
  if (!world.settings.holdSound || holder === undefined || !isHold(holder)) return undefined;
  return formats.find(({ payloadType }) => ofSound.includes(payloadType))?.payloadType;
}

function isForSound({ payloadType, encoding }: MediaFormat): boolean {
  return ofSound.includes(payloadType) || encoding.toLowerCase() === 'telephone-event';
}
