import type { PacketPlace } from '../traffic/place.ts';

/** When a packet was captured (ISO 8601, UTC); null where the capture gives no time. */
export function timeText(place: PacketPlace | undefined): string | null {
  return place === undefined || place.microseconds === 0 ? null : momentText(place.microseconds);
}

/** Microseconds since 1970; null for what no calendar has. */
export function momentText(microseconds: number): string | null {
  const milliseconds = microseconds / 1_000;
  return Math.abs(milliseconds) <= 8.64e15 ? new Date(milliseconds).toISOString() : null;
}
