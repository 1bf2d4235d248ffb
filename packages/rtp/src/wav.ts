import { TrustlineError } from '@trustline/base';

/** Sound as samples: mono, 16 bit signed, at a rate in hertz. */
export interface Sound {
  readonly rate: number;
  readonly samples: Int16Array;
}

const PCM = 1;
const EXTENSIBLE = 0xfffe;

/**
 * Reads a RIFF WAVE file of 8, 16, 24 or 32 bit PCM with any number of channels, which are averaged to one.
 *
 * @throws {TrustlineError} rtp.wav-malformed, rtp.wav-unsupported
 */
export function parseWav(bytes: Uint8Array): Sound {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.byteLength < 12 || text(bytes, 0) !== 'RIFF' || text(bytes, 8) !== 'WAVE') {
    throw malformed('it does not begin as a RIFF WAVE file');
  }
  let format: WavFormat | undefined;
  for (let at = 12; at + 8 <= bytes.byteLength; ) {
    const name = text(bytes, at);
    const length = view.getUint32(at + 4, true);
    const start = at + 8;
    if (name === 'fmt ') format = readFormat(view, start, length);
    if (name === 'data') {
      if (format === undefined) throw malformed('its samples come before their format');
      // A recorder that was killed leaves a length of 0 or of all ones: what is there is what counts.
      const end = length === 0 || start + length > bytes.byteLength ? bytes.byteLength : start + length;
      return { rate: format.rate, samples: readSamples(view, start, end, format) };
    }
    at = start + length + (length & 1);
  }
  throw malformed('it has no samples');
}

interface WavFormat {
  readonly channels: number;
  readonly rate: number;
  readonly bits: number;
}

function readFormat(view: DataView, start: number, length: number): WavFormat {
  if (length < 16 || start + 16 > view.byteLength) throw malformed('its format is cut short');
  const coding = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const rate = view.getUint32(start + 4, true);
  const bits = view.getUint16(start + 14, true);
  if ((coding !== PCM && coding !== EXTENSIBLE) || ![8, 16, 24, 32].includes(bits)) {
    throw new TrustlineError(
      'rtp.wav-unsupported',
      `This WAV file has coding ${coding} with ${bits} bits; PCM is read`,
      {
        nextStep: 'Convert it: sox input.wav -r 8000 -c 1 -b 16 output.wav',
      },
    );
  }
  if (channels < 1 || channels > 64 || rate < 1_000 || rate > 384_000) {
    throw malformed(`it claims ${channels} channels at ${rate} Hz`);
  }
  return { channels, rate, bits };
}

function readSamples(view: DataView, start: number, end: number, { channels, bits }: WavFormat): Int16Array {
  const octets = bits / 8;
  const frame = octets * channels;
  const samples = new Int16Array(Math.floor((end - start) / frame));
  for (let index = 0; index < samples.length; index += 1) {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) {
      const at = start + index * frame + channel * octets;
      // WAV's 8 bit samples are unsigned, all others are signed; only the upper 16 bits are kept.
      sum += bits === 8 ? (view.getUint8(at) - 128) * 256 : view.getInt16(at + octets - 2, true);
    }
    samples[index] = Math.round(sum / channels);
  }
  return samples;
}

/** Writes a mono 16-bit PCM WAVE file. */
export function serializeWav({ rate, samples }: Sound): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER_LENGTH + samples.length * 2);
  bytes.set(wavHeader(rate, samples.length));
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < samples.length; index += 1) {
    view.setInt16(WAV_HEADER_LENGTH + index * 2, samples[index] ?? 0, true);
  }
  return bytes;
}

export const WAV_HEADER_LENGTH = 44;

/** The header alone, for recorders that write samples as they come and this again at the end. */
export function wavHeader(rate: number, sampleCount: number): Uint8Array {
  const bytes = new Uint8Array(WAV_HEADER_LENGTH);
  const view = new DataView(bytes.buffer);
  const dataLength = sampleCount * 2;
  putText(bytes, 0, 'RIFF');
  view.setUint32(4, 36 + dataLength, true);
  putText(bytes, 8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  putText(bytes, 36, 'data');
  view.setUint32(40, dataLength, true);
  return bytes;
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function putText(bytes: Uint8Array, at: number, value: string): void {
  for (let index = 0; index < value.length; index += 1) bytes[at + index] = value.charCodeAt(index);
}

function malformed(why: string): TrustlineError {
  return new TrustlineError('rtp.wav-malformed', `This is not a WAV file that can be played: ${why}`, {
    nextStep: 'Give a PCM WAV file, for instance one made by: sox input.mp3 -r 8000 -c 1 -b 16 output.wav',
  });
}
