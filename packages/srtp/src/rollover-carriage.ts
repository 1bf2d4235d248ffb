/**
 * The rollover counter carried in the tag of some packets (RFC 4771), so that who joins late or lost many packets is in
 * step at once. Packets whose sequence number is a multiple of `rate` carry it.
 *
 * - Mode 1: packets that carry it are authenticated, the others are not.
 * - Mode 2: all are authenticated.
 * - Mode 3: none is.
 *
 * Modes 1 and 3 leave packets without authentication: anybody on the path can change them unnoticed.
 */
export interface RolloverCounterCarriage {
  readonly mode: 1 | 2 | 3;
  /** 1 to 65,535. */
  readonly rate: number;
}

export const CARRIED_LENGTH = 4;

export function carriesCounter(carriage: RolloverCounterCarriage, sequenceNumber: number): boolean {
  return sequenceNumber % carriage.rate === 0;
}

/** Octets of authentication in a packet; what the counter takes is taken from the tag (RFC 4771 §2). */
export function carriageMacLength(carriage: RolloverCounterCarriage, carries: boolean, tagLength: number): number {
  if (carriage.mode === 3) return 0;
  if (carries) return tagLength - CARRIED_LENGTH;
  return carriage.mode === 2 ? tagLength : 0;
}
