/**
 * Transcoding: only where two ends have no format of voice in common. Call control goes on as if they had: an end is offered the
 * relay's formats after those of the other, and what it answers in one of them is taken for an answer in the best of the
 * other's. So offers, answers, keys and levels go by the rules for relayed media, and the relay alone knows that the two
 * speak differently. It is never for a format that the relay does not speak itself, G.729 for instance.
 */
import { formatsThatFit } from './admission.ts';
import { type Call, heardLeg, type Leg } from './call.ts';
import { isActive, type MediaDescription, type MediaFormat, type MediaStream } from './media.ts';
import type { MediaFault } from './negotiation.ts';
import { type RelayedStream, relayedLeg } from './relay-state.ts';
import {
  codecOf,
  digitsFormat,
  formatOfCodec,
  freePayloadType,
  isDigits,
  isDynamic,
  isSameFormat,
  isVoice,
  type SpokenFormats,
  type VoiceCodec,
  voiceFormatOf,
} from './voice-formats.ts';
import type { World } from './world.ts';

/** The relay's codecs in the order in which they are offered: wideband first to who is to hear wideband, else the cheap ones. */
const toWideband: readonly VoiceCodec[] = ['G722', 'opus', 'PCMA', 'PCMU'];
const toNarrowband: readonly VoiceCodec[] = ['PCMA', 'PCMU', 'G722', 'opus'];
const wideband: readonly (VoiceCodec | undefined)[] = ['G722', 'opus'];

/** The codecs of the two ends of a call, where they differ. */
export interface TranscodedCodecs {
  readonly caller: VoiceCodec;
  readonly called: VoiceCodec;
}

/** Why an offer that was refused for its media goes no further. */
export type TranscodingObstacle = 'not-there' | 'passed-through' | 'none-left';

/** Whether what a leg is offered may be more than the other end has. The called leg decides, as about the relay. */
export function isTranscoded(call: Call, leg: Leg): boolean {
  return (leg === call.caller ? heardLeg(call) : leg)?.relay?.transcodes === true;
}

/** Whether an offer could be answered in another format than it has; the obstacle where it cannot. */
export function obstacleToTranscoding(world: World, offer: MediaDescription): TranscodingObstacle | undefined {
  if (world.ports.relay === undefined || world.settings.mostTranscoders === 0) return 'not-there';
  const formats = audioOf(offer).flatMap((stream) => stream.formats.filter(isVoice));
  if (formats.length === 0) return 'not-there';
  if (!formats.some((format) => codecOf(format) !== undefined)) return 'passed-through';
  return world.transcoders.size >= world.settings.mostTranscoders ? 'none-left' : undefined;
}

/** Why an offer that was refused for its formats, or answered in others, is not transcoded; undefined where that is not the reason. */
export function whyNotTranscoded(world: World, offer: MediaDescription): MediaFault | undefined {
  switch (obstacleToTranscoding(world, offer)) {
    case 'none-left': {
      const warning = 'The ends have no format in common and every transcoder is in use';
      return { cause: 'switching-equipment-congestion', warning, security: false };
    }
    case 'passed-through': {
      const warning = 'The ends have no format in common; the formats offered are passed through and never transcoded';
      return { cause: 'incompatible-destination', warning, security: false };
    }
    default:
      return undefined;
  }
}

/** Gives the media of a leg over to a transcoder, of which one is free. */
export function transcode(world: World, leg: Leg): void {
  leg.relay ??= relayedLeg('transcoding', false);
  leg.relay.transcodes = true;
  world.transcoders.add(leg.relay);
}

/** Whether an answer has voice that was not offered, and that the relay could bring into what was. */
export function isAnsweredOtherwise(told: MediaDescription, answer: MediaDescription): boolean {
  return answer.streams.some((stream, at) => {
    const offered = told.streams[at];
    const voice = stream.formats.find(isVoice);
    if (offered?.type !== 'audio' || !isActive(stream) || !isActive(offered) || voice === undefined) return false;
    const isKnown = codecOf(voice) !== undefined && offered.formats.some((format) => codecOf(format) !== undefined);
    return isKnown && !stream.formats.some((format) => isVoice(format) && isOffered(format, offered));
  });
}

/** A stream as a leg is offered it: with the relay's formats after those of the other end. */
export function withOwnFormats(
  world: World,
  call: Call,
  leg: Leg,
  own: RelayedStream,
  stream: MediaStream,
): MediaStream {
  if (stream.type !== 'audio') return stream;
  own.formats ??= ownFormats(world, call, leg, stream);
  const { formats } = own;
  // What a payload type has come to mean for an end it means for the whole session (RFC 3264 §8.3.2).
  const theirs = stream.formats.filter(
    (format) => !formats.some((one) => one.payloadType === format.payloadType && !isSameFormat(one, format)),
  );
  return {
    ...stream,
    formats: [...theirs, ...formats.filter((format) => !theirs.some((one) => isSameFormat(one, format)))],
  };
}

function ownFormats(world: World, call: Call, leg: Leg, { formats }: MediaStream): readonly MediaFormat[] {
  const known = [leg.media, leg.offered].flatMap((media) => (media === undefined ? [] : audioOf(media)));
  const ofLeg = known.flatMap((stream) => stream.formats);
  const given: MediaFormat[] = [];
  const numbered = (format: MediaFormat): MediaFormat => {
    if (!isDynamic(format)) return format;
    const before = ofLeg.find((one) => isSameFormat(one, format));
    const all = [...formats, ...ofLeg, ...given];
    const payloadType = before?.payloadType ?? freePayloadType(format.payloadType, all);
    given.push({ ...format, payloadType });
    return { ...format, payloadType };
  };
  const isWide = formats.some((format) => wideband.includes(codecOf(format)));
  const voice = (isWide ? toWideband : toNarrowband).map((codec) => formatOfCodec[codec]);
  const fitting = formatsThatFit(world, call, leg, voice);
  const clockRates = new Set(fitting.map(({ clockRate }) => clockRate));
  const events = formats.some(isDigits) ? [...clockRates].map((clockRate) => ({ ...digitsFormat, clockRate })) : [];
  return [...fitting, ...events].map(numbered);
}

/**
 * An answer as call control takes it: in a format that was offered, whatever of the relay's the end has chosen. What it really
 * speaks is noted for the relay.
 */
export function asAnswered(own: RelayedStream, answered: MediaStream | undefined, stream: MediaStream): MediaStream {
  if (answered === undefined || stream.type !== 'audio' || !isActive(stream)) return stream;
  const voice = stream.formats.find(isVoice);
  if (voice === undefined) return stream;
  const common = stream.formats.filter((format) => isOffered(format, answered));
  if (isOffered(voice, answered)) {
    own.speaks = spoken(common);
    return { ...stream, formats: common };
  }
  const target = answered.formats.find((format) => codecOf(format) !== undefined);
  if (target === undefined || codecOf(voice) === undefined) return stream;
  own.speaks = spoken(stream.formats);
  const events = answered.formats.filter(isDigits);
  const event = events.find(({ clockRate }) => clockRate === target.clockRate) ?? events[0];
  const hasEvents = stream.formats.some(isDigits);
  const { parameters: _, ...format } = target; // those of an offer say what its maker wants to hear
  return { ...stream, formats: event !== undefined && hasEvents ? [format, event] : [format] };
}

/** What an end speaks once it has been told this answer. */
export function spoken(formats: readonly MediaFormat[]): SpokenFormats | undefined {
  const voice = formats.flatMap((format) => voiceFormatOf(format) ?? []);
  if (voice.length === 0) return undefined;
  const events = formats.filter(isDigits).map(({ payloadType, clockRate }) => ({ payloadType, clockRate }));
  return { voice, events };
}

/** What the two ends of a call speak, where it is not the same. */
export function transcodedCodecs(call: Call): TranscodedCodecs | undefined {
  if (!isTranscoded(call, call.caller)) return undefined;
  const [ofCaller, ofCalled] = [call.caller.relay, heardLeg(call)?.relay].map((relay) => relay?.streams ?? []);
  for (const [at, stream] of ofCaller?.entries() ?? []) {
    const [caller, called] = [stream?.speaks?.voice[0]?.codec, ofCalled?.[at]?.speaks?.voice[0]?.codec];
    if (caller !== undefined && called !== undefined && caller !== called) return { caller, called };
  }
  return undefined;
}

/** Says that a call is transcoded, when it begins to be and when it becomes another pair. */
export function noteTranscoding(world: World, call: Call): void {
  const codecs = transcodedCodecs(call);
  const { transcoded } = call;
  const leg = heardLeg(call);
  if (codecs === undefined || leg === undefined) return;
  if (transcoded?.caller === codecs.caller && transcoded.called === codecs.called) return;
  call.transcoded = codecs;
  const { caller } = call;
  const cause = `${codecs.caller} of ${caller.line} and ${codecs.called} of ${leg.line} are transcoded: the ends have no format in common.`;
  world.event(world.now, 'call-transcoded', call, leg, 'transcoding', cause);
}

function audioOf({ streams }: MediaDescription): readonly MediaStream[] {
  return streams.filter((stream) => stream.type === 'audio' && isActive(stream));
}

function isOffered(format: MediaFormat, { formats }: MediaStream): boolean {
  return formats.some((one) => isSameFormat(one, format));
}
