/**
 * Digits over the relay between an end that has them in its media (RFC 4733) and one that hears them by its signalling alone and
 * has said so: the first agrees on telephone-events with the relay, which tells call control of each.
 */
import { type Call, heardLeg, type Leg } from './call.ts';
import type { MediaFormat, MediaStream } from './media.ts';
import type { RelayedStream } from './relay-state.ts';
import { digitsFormat, freePayloadType, isDigits } from './voice-formats.ts';

/** An offer to a leg, whose other end has no digits in its media: it may have them all the same. */
export function digitsOffered(call: Call, leg: Leg, own: RelayedStream, stream: MediaStream): MediaStream {
  if (stream.type !== 'audio' || stream.formats.some(isDigits) || !hearsBySignalling(call, leg)) return stream;
  const known = own.digits && { ...digitsFormat, ...own.digits };
  const format = known ?? { ...digitsFormat, payloadType: freePayloadType(digitsFormat.payloadType, stream.formats) };
  return { ...stream, formats: [...stream.formats, format] };
}

/** The answer to an offer of a leg, which had digits, from an end that has none: they are taken, by the relay. */
export function digitsAnswered(call: Call, leg: Leg, own: RelayedStream, stream: MediaStream, at: number): MediaStream {
  own.digits = undefined;
  const offered = (leg.media ?? leg.offered)?.streams[at]?.formats.find(isDigits);
  if (stream.type !== 'audio' || offered === undefined || stream.formats.some(isDigits)) return stream;
  if (!hearsBySignalling(call, leg)) return stream;
  note(own, offered);
  return { ...stream, formats: [...stream.formats, offered] };
}

/** What a leg has answered, as the other end takes it that offered no digits: without those of the leg. */
export function withoutDigits(
  own: RelayedStream,
  answered: MediaStream | undefined,
  stream: MediaStream,
  understood: MediaStream,
): MediaStream {
  const said = stream.formats.find(isDigits);
  const isKnown = answered?.formats.some(isDigits) === true;
  own.digits = undefined;
  if (said === undefined || isKnown || stream.type !== 'audio') return understood;
  note(own, said);
  return { ...understood, formats: understood.formats.filter((format) => !isDigits(format)) };
}

function note(own: RelayedStream, { payloadType, clockRate }: MediaFormat): void {
  own.digits = { payloadType, clockRate: clockRate || digitsFormat.clockRate };
}

function hearsBySignalling(call: Call, leg: Leg): boolean {
  return (leg === call.caller ? heardLeg(call) : call.caller)?.takesDigits === true;
}
