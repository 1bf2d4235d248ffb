/** What goes out to a party: one RTP stream of ours, whoever its source is at the moment. */
import { createSrtpSender, type SrtpCryptoProvider, type SrtpSender } from '@trustline/srtp';
import { readUint16, readUint32, writeUint16, writeUint32 } from './octets.ts';
import type { DirectionKeys } from './settings.ts';

/** Late packets that may still go out, in packets: what a network reorders. */
const REORDER_WINDOW = 128;
/**
 * The first sequence number lies between these: above the window, so that a late first packet does not count below zero,
 * and below 2^15, so that the loss of the first packets hides no rollover.
 */
const FIRST_SEQUENCE_NUMBER = { least: 1_024, most: 0x4000 } as const;

const SEQUENCE_NUMBER = 2;
const TIMESTAMP = 4;
const SSRC = 8;

/**
 * Our stream towards a party: one SSRC for as long as the key stays, with sequence numbers and timestamps that go on when its
 * source changes from one party to another, to music, to a conference. A new key brings a new SSRC: its rollover
 * counter begins at zero whatever the party believes about counters and keys (RFC 3711 §3.3.1, RFC 4568 §7.1.4). Gaps and
 * reordering of the source stay as they are, for the party's jitter buffer to see.
 */
export class RtpOutbound {
  readonly #random: (length: number) => Uint8Array;
  readonly #crypto: SrtpCryptoProvider;
  #sender: SrtpSender | undefined;
  #fingerprint: string | undefined;
  #ssrc = 0;
  /** Of the source at the moment: its SSRC, and what is added to its numbers. */
  #source: number | undefined;
  #sequenceOffset = 0;
  #timestampOffset = 0;
  /** Of the last packet in order; undefined before the first. */
  #last: { sequenceNumber: number; timestamp: number; at: number } | undefined;
  /** The next packet is the first of another source. */
  #begins = false;

  constructor(crypto: SrtpCryptoProvider, random: (length: number) => Uint8Array) {
    this.#crypto = crypto;
    this.#random = random;
    this.#begin();
  }

  get ssrc(): number {
    return this.#ssrc;
  }

  /** The SSRC of the source at the moment, before it is replaced by ours; undefined before the first packet. */
  get source(): number | undefined {
    return this.#source;
  }

  get sequenceOffset(): number {
    return this.#sequenceOffset;
  }

  get timestampOffset(): number {
    return this.#timestampOffset;
  }

  /** Undefined where the party is sent RTP without protection. */
  get sender(): SrtpSender | undefined {
    return this.#sender;
  }

  /** Takes keys into use, or none; those in use already change nothing. */
  useKeys(keys: DirectionKeys | undefined): void {
    if (keys?.fingerprint === this.#fingerprint) return;
    this.#sender?.close();
    this.#fingerprint = keys?.fingerprint;
    this.#sender = keys && senderOf(this.#crypto, keys);
    this.#begin();
  }

  /** Another source follows from here on; what still comes of the one before is not sent. */
  follow(): void {
    this.#source = undefined;
  }

  /**
   * Gives an RTP packet of the source our SSRC and our numbers, in place. The packet is a whole RTP header at least.
   *
   * @param clockRate of the timestamps, in hertz
   */
  renumber(now: number, packet: Uint8Array, clockRate: number): void {
    const ssrc = readUint32(packet, SSRC);
    const sequenceNumber = readUint16(packet, SEQUENCE_NUMBER);
    const timestamp = readUint32(packet, TIMESTAMP);
    if (ssrc !== this.#source) this.#join(now, ssrc, sequenceNumber, timestamp, clockRate);
    const ownNumber = (sequenceNumber + this.#sequenceOffset) & 0xffff;
    const ownTimestamp = (timestamp + this.#timestampOffset) >>> 0;
    if (this.#begins) {
      packet[1] = (packet[1] as number) | 0x80; // the marker: timestamps have jumped (RFC 3551 §4.1)
      this.#begins = false;
    }
    writeUint16(packet, SEQUENCE_NUMBER, ownNumber);
    writeUint32(packet, TIMESTAMP, ownTimestamp);
    writeUint32(packet, SSRC, this.#ssrc);
    const last = this.#last;
    if (last === undefined) this.#last = { sequenceNumber: ownNumber, timestamp: ownTimestamp, at: now };
    else if (((ownNumber - last.sequenceNumber) & 0xffff) < 0x8000) {
      last.sequenceNumber = ownNumber;
      last.timestamp = ownTimestamp;
      last.at = now;
    }
  }

  close(): void {
    this.#sender?.close();
    this.#sender = undefined;
  }

  /** The first packet of another source goes on where the one before has stopped. */
  #join(now: number, ssrc: number, sequenceNumber: number, timestamp: number, clockRate: number): void {
    const next = this.#last;
    const nextNumber = next === undefined ? this.#firstNumber() : next.sequenceNumber + 1;
    const nextTimestamp =
      next === undefined
        ? readUint32(this.#random(4), 0)
        : next.timestamp + Math.max(1, Math.round(((now - next.at) * clockRate) / 1_000));
    this.#begins = next !== undefined;
    this.#source = ssrc;
    this.#sequenceOffset = (nextNumber - sequenceNumber) & 0xffff;
    this.#timestampOffset = (nextTimestamp - timestamp) >>> 0;
  }

  #firstNumber(): number {
    const { least, most } = FIRST_SEQUENCE_NUMBER;
    return least + (readUint16(this.#random(2), 0) % (most - least));
  }

  #begin(): void {
    this.#ssrc = readUint32(this.#random(4), 0);
    this.#source = undefined;
    this.#last = undefined;
  }
}

function senderOf(crypto: SrtpCryptoProvider, keys: DirectionKeys): SrtpSender {
  const { profile, masterKeys, keyDerivationRate } = keys;
  return createSrtpSender({ profile, crypto, masterKeys, keyDerivationRate, reorderWindow: REORDER_WINDOW });
}
