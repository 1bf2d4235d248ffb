import type { MediaFormat, MediaStream } from '@trustline/callcontrol';

/**
 * Skinny's numbers for audio formats (station codec capabilities) beside the names of RFC 3551 and its kin. The numbers
 * are those of the reference, §4.3 [C2]; the static payload types are of RFC 3551 §6.
 */
export interface AudioFormat {
  /** Skinny's number of the payload. */
  readonly payload: number;
  readonly encoding: string;
  /** The RTP payload type that stands for it (RFC 3551 §6). */
  readonly payloadType: number;
  /** The RTP clock in hertz (RFC 3551 §4.5.2: G.722's is 8,000). */
  readonly clockRate: number;
}

/**
 * In Skinny the audio format alone is named: its payload type is fixed by it. Formats without a static one (iLBC, wideband)
 * are left out: which payload type a phone sends them in is not known from any capture.
 */
export const audioFormats: readonly AudioFormat[] = [
  { payload: 2, encoding: 'PCMA', payloadType: 8, clockRate: 8_000 }, // G.711 A-law, 64 kbit/s
  { payload: 4, encoding: 'PCMU', payloadType: 0, clockRate: 8_000 }, // G.711 µ-law, 64 kbit/s
  { payload: 6, encoding: 'G722', payloadType: 9, clockRate: 8_000 }, // G.722, 64 kbit/s
  { payload: 9, encoding: 'G723', payloadType: 4, clockRate: 8_000 },
  { payload: 11, encoding: 'G729', payloadType: 18, clockRate: 8_000 },
  { payload: 12, encoding: 'G729', payloadType: 18, clockRate: 8_000 }, // Annex A: the same on the wire
];

/** Skinny's number for the digits of RFC 4733 (once RFC 2833) in a phone's capabilities. */
export const TELEPHONE_EVENT_CAPABILITY = 0x101;
/** The payload type for digits that our offers name; Cisco's default. */
export const TELEPHONE_EVENT_PAYLOAD_TYPE = 101;

/** What a phone takes, in its order: formats it has in common with RTP. */
export function formatsOf(capabilities: readonly number[]): readonly AudioFormat[] {
  const known = capabilities.flatMap((payload) => audioFormats.find((format) => format.payload === payload) ?? []);
  return known.filter(({ encoding }, at) => known.findIndex((other) => other.encoding === encoding) === at);
}

/** How a phone's formats are written in a description; digits last. */
export function describeFormats(formats: readonly AudioFormat[], digits: number | undefined): readonly MediaFormat[] {
  const audio = formats.map(({ payloadType, encoding, clockRate }) => ({
    payloadType,
    encoding,
    clockRate,
    channels: 1,
  }));
  if (digits === undefined) return audio;
  const event = { payloadType: digits, encoding: 'telephone-event', clockRate: 8_000, channels: 1, parameters: '0-15' };
  return [...audio, event];
}

/** The first format of a stream that the phone has too, in the order of the stream. */
export function commonFormat(stream: MediaStream, own: readonly AudioFormat[]): AudioFormat | undefined {
  for (const { encoding, payloadType } of stream.formats) {
    // A phone has no means to be told another payload type for its audio.
    const found = own.find(
      (format) =>
        format.payloadType === payloadType &&
        (encoding === '' || format.encoding.toLowerCase() === encoding.toLowerCase()),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The payload type in which a stream takes digits (RFC 4733); undefined where it takes none. */
export function digitsOf({ formats }: MediaStream): number | undefined {
  return formats.find(({ encoding, clockRate }) => encoding.toLowerCase() === 'telephone-event' && clockRate === 8_000)
    ?.payloadType;
}

/** The packet time of a stream in milliseconds; RFC 3551 §4.2 recommends 20. */
export function packetTimeOf({ attributes }: MediaStream): number {
  const value = Number(attributes.find(({ name }) => name.toLowerCase() === 'ptime')?.value);
  return Number.isInteger(value) && value >= 10 && value <= 60 ? value : 20;
}
