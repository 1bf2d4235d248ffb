/**
 * G.711, both laws, on 16-bit linear samples. The tables are the compression and expansion of the ITU-T software
 * tool library (G.191): A-law keeps 13 bits of a sample, µ-law 14.
 */

const SAMPLE_VALUES = 0x10000;
const MU_LAW_BIAS = 33;

const aLawDecoding = Int16Array.from({ length: 256 }, (_, octet) => expandALaw(octet));
const muLawDecoding = Int16Array.from({ length: 256 }, (_, octet) => expandMuLaw(octet));
const aLawEncoding = Uint8Array.from({ length: SAMPLE_VALUES }, (_, value) => compressALaw(signed(value)));
const muLawEncoding = Uint8Array.from({ length: SAMPLE_VALUES }, (_, value) => compressMuLaw(signed(value)));

/** Encodes every sample; `out` has at least as many octets as there are samples. */
export function encodeALaw(samples: Int16Array, out: Uint8Array): void {
  for (let i = 0; i < samples.length; i++) out[i] = aLawEncoding[(samples[i] as number) & 0xffff] as number;
}

/** Decodes every octet; `out` has at least as many samples as there are octets. */
export function decodeALaw(octets: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < octets.length; i++) out[i] = aLawDecoding[octets[i] as number] as number;
}

/** As `encodeALaw`. */
export function encodeMuLaw(samples: Int16Array, out: Uint8Array): void {
  for (let i = 0; i < samples.length; i++) out[i] = muLawEncoding[(samples[i] as number) & 0xffff] as number;
}

/** As `decodeALaw`. */
export function decodeMuLaw(octets: Uint8Array, out: Int16Array): void {
  for (let i = 0; i < octets.length; i++) out[i] = muLawDecoding[octets[i] as number] as number;
}

function signed(value: number): number {
  return (value << 16) >> 16;
}

function compressALaw(sample: number): number {
  let magnitude = (sample < 0 ? ~sample : sample) >> 4;
  if (magnitude > 15) {
    let exponent = 1;
    while (magnitude > 31) {
      magnitude >>= 1;
      exponent++;
    }
    magnitude += (exponent << 4) - 16;
  }
  return (sample >= 0 ? magnitude | 0x80 : magnitude) ^ 0x55; // even bits are inverted on the line
}

function expandALaw(octet: number): number {
  const code = (octet ^ 0x55) & 0x7f;
  const exponent = code >> 4;
  let magnitude = ((code & 0x0f) << 4) + 8;
  if (exponent > 0) magnitude = (magnitude + 256) << (exponent - 1);
  return octet >= 0x80 ? magnitude : -magnitude;
}

function compressMuLaw(sample: number): number {
  const magnitude = Math.min(((sample < 0 ? ~sample : sample) >> 2) + MU_LAW_BIAS, 0x1fff);
  let segment = 1;
  for (let rest = magnitude >> 6; rest !== 0; rest >>= 1) segment++;
  const code = ((8 - segment) << 4) | (0x0f - ((magnitude >> segment) & 0x0f));
  return sample >= 0 ? code | 0x80 : code;
}

function expandMuLaw(octet: number): number {
  const exponent = (~octet >> 4) & 0x07;
  const step = 8 << exponent;
  const magnitude = (0x80 << exponent) + step * (~octet & 0x0f) + step / 2 - 4 * MU_LAW_BIAS;
  return octet >= 0x80 ? magnitude : -magnitude;
}
