/** SRTP indices are 48 bits: rollover counter times 2^16 plus sequence number (RFC 3711 §3.3.1), exact in a double. */
export const SRTP_INDEX_LIMIT = 2 ** 48;
/** SRTCP indices are 31 bits (RFC 3711 §3.4). */
export const SRTCP_INDEX_LIMIT = 2 ** 31;
export const ROLLOVER_COUNTER_LIMIT = 2 ** 32;

/**
 * The index a sequence number most probably stands for, next to the highest index authenticated so far: the value
 * closest to it among rollover counter − 1, rollover counter and rollover counter + 1.
 *
 * Deviation: the RFC computes rollover counter − 1 modulo 2^32. Below zero there is nothing but a sequence that
 * has jumped by more than half its range, so there the rollover counter stays 0, as in libsrtp. Past the last
 * rollover counter the result is at least 2^48 and the key is exhausted; it is not wrapped to 0.
 *
 * @see RFC 3711 §3.3.1 and appendix A
 */
export function estimateIndex(highest: number, sequenceNumber: number): number {
  const rolloverCounter = Math.floor(highest / 0x10000);
  const highestSequenceNumber = highest % 0x10000;
  let estimate = rolloverCounter;
  if (highestSequenceNumber < 0x8000) {
    if (sequenceNumber - highestSequenceNumber > 0x8000 && rolloverCounter > 0) estimate = rolloverCounter - 1;
  } else if (highestSequenceNumber - 0x8000 > sequenceNumber) {
    estimate = rolloverCounter + 1;
  }
  return estimate * 0x10000 + sequenceNumber;
}
