/** What the relay can do with a format: speak it, carry its digits, or only pass it through. */
import type { MediaFormat } from './media.ts';

/** Codecs that the relay speaks itself; all others are passed through, or there is no call. */
export type VoiceCodec = 'PCMU' | 'PCMA' | 'G722' | 'opus';

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

/** What an end speaks, as it was agreed on. */
export interface SpokenFormats {
  /** All that it may send; the first is what it is sent. */
  readonly voice: readonly VoiceFormat[];
  readonly events: readonly EventFormat[];
}

/** The format of each codec as it is written in an offer (RFC 3551 §6, RFC 7587 §7); of Opus the payload type is made for each leg. */
export const formatOfCodec: Readonly<Record<VoiceCodec, MediaFormat>> = {
  G722: { payloadType: 9, encoding: 'G722', clockRate: 8_000, channels: 1 },
  opus: { payloadType: 96, encoding: 'opus', clockRate: 48_000, channels: 2 },
  PCMA: { payloadType: 8, encoding: 'PCMA', clockRate: 8_000, channels: 1 },
  PCMU: { payloadType: 0, encoding: 'PCMU', clockRate: 8_000, channels: 1 },
};

/** Telephone-events as they are offered: the sixteen digits. */
export const digitsFormat: MediaFormat = {
  payloadType: 101,
  encoding: 'telephone-event',
  clockRate: 8_000,
  channels: 1,
  parameters: '0-15',
};
/** Payload types that a session may give a meaning of its own (RFC 3551 §3). */
const dynamic = { first: 96, last: 127 } as const;

/** The dynamic payload type that is wanted, or the next that none of these formats has. */
export function freePayloadType(wanted: number, formats: readonly MediaFormat[]): number {
  let payloadType = wanted;
  while (formats.some((format) => format.payloadType === payloadType)) {
    payloadType = payloadType === dynamic.last ? dynamic.first : payloadType + 1;
  }
  return payloadType;
}

/** Whether the number of a format means what a session says it does. */
export function isDynamic({ payloadType }: MediaFormat): boolean {
  return payloadType >= dynamic.first;
}

const codecs = Object.keys(formatOfCodec) as VoiceCodec[];
const staticCodecs: Readonly<Partial<Record<number, VoiceCodec>>> = { 0: 'PCMU', 8: 'PCMA', 9: 'G722' };

/** The codec of a format; undefined for one that the relay does not speak. */
export function codecOf({ encoding, clockRate, payloadType }: MediaFormat): VoiceCodec | undefined {
  if (encoding === '') return staticCodecs[payloadType];
  const name = encoding.toLowerCase();
  return codecs.find((codec) => codec.toLowerCase() === name && formatOfCodec[codec].clockRate === clockRate);
}

export function voiceFormatOf(format: MediaFormat): VoiceFormat | undefined {
  const codec = codecOf(format);
  return codec && { codec, payloadType: format.payloadType };
}

export function isDigits({ encoding }: MediaFormat): boolean {
  return encoding.toLowerCase() === 'telephone-event';
}

/** It is voice: neither digits nor comfort noise (RFC 3389), which accompany it. */
export function isVoice(format: MediaFormat): boolean {
  return (
    !isDigits(format) && format.encoding.toLowerCase() !== 'cn' && (format.encoding !== '' || format.payloadType !== 13)
  );
}

export function isSameFormat(one: MediaFormat, other: MediaFormat): boolean {
  const [codec, otherCodec] = [codecOf(one), codecOf(other)];
  if (codec !== undefined || otherCodec !== undefined) return codec === otherCodec;
  if (one.encoding === '' || other.encoding === '') return one.payloadType === other.payloadType;
  return one.encoding.toLowerCase() === other.encoding.toLowerCase() && one.clockRate === other.clockRate;
}
