/** The 64-bit time stamps of pcapng as two halves, between ticks of any resolution and {@link CaptureTime}. */
import type { CaptureTime } from './item.ts';

const TWO_TO_32 = 0x1_0000_0000;

/** Ticks a second, as `if_tsresol` gives it: a power of ten, or of two when the highest bit is set. */
export type Resolution = { readonly base: 2 | 10; readonly exponent: number };

export const MICROSECONDS: Resolution = { base: 10, exponent: 6 };

export function resolutionFromOctet(octet: number): Resolution {
  return { base: octet & 0x80 ? 2 : 10, exponent: octet & 0x7f };
}

/** Undefined when the moment lies beyond what can be told in safe integers (the year 2255). */
export function timeFromTicks(high: number, low: number, resolution: Resolution): CaptureTime | undefined {
  if (resolution.base === 10 && resolution.exponent === 6) return safe(high * TWO_TO_32 + low, 0);
  if (resolution.base === 10 && resolution.exponent === 9) {
    // Long division by 1000 in base 2^32: every partial value stays far below 2^53.
    const rest = (high % 1000) * TWO_TO_32 + low;
    return safe(Math.floor(high / 1000) * TWO_TO_32 + Math.floor(rest / 1000), rest % 1000);
  }
  // Rare resolutions only: exact for every exponent.
  const ticks = BigInt(high) * BigInt(TWO_TO_32) + BigInt(low);
  const nanoseconds = (ticks * 1_000_000_000n) / BigInt(resolution.base) ** BigInt(resolution.exponent);
  return safe(Number(nanoseconds / 1000n), Number(nanoseconds % 1000n));
}

/** Nanosecond ticks of a moment. */
export function ticksFromTime(time: CaptureTime): { readonly high: number; readonly low: number } {
  const low = (time.microseconds % TWO_TO_32) * 1000 + time.nanoseconds;
  const high = Math.floor(time.microseconds / TWO_TO_32) * 1000 + Math.floor(low / TWO_TO_32);
  return { high, low: low % TWO_TO_32 };
}

function safe(microseconds: number, nanoseconds: number): CaptureTime | undefined {
  return Number.isSafeInteger(microseconds) ? { microseconds, nanoseconds } : undefined;
}
