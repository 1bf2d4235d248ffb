import type { NtpTimestamp, ReportBlock } from './rtcp.ts';

// RFC 3550 A.1
const MAXIMUM_DROPOUT = 3000;
const MAXIMUM_MISORDER = 100;
const MINIMUM_SEQUENTIAL = 2;
const SEQUENCE_RANGE = 0x10000;
/** Where the 24 signed bits of "cumulative number of packets lost" end. */
const MAXIMUM_CUMULATIVE_LOST = 0x7fffff;
const MINIMUM_CUMULATIVE_LOST = -0x800000;

/** What one received source has done: sequence validation, loss and jitter of RFC 3550 A.1, A.3 and A.8. */
export class SourceStatistics {
  readonly ssrc: number;
  readonly #unitsPerMillisecond: number;
  /** Packets in sequence still missing before the source counts as valid. */
  #probation = MINIMUM_SEQUENTIAL;
  #highest: number;
  #cycles = 0;
  #first: number;
  /** The sequence number that would confirm that the sender restarted; none while undefined. */
  #expectedAfterJump: number | undefined;
  #received = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;
  #transit: number | undefined;
  #jitter = 0;
  #lastSenderReport = 0;
  #lastSenderReportAt: number | undefined;

  constructor(ssrc: number, firstSequenceNumber: number, clockRate: number) {
    this.ssrc = ssrc;
    this.#unitsPerMillisecond = clockRate / 1000;
    this.#first = firstSequenceNumber;
    this.#highest = (firstSequenceNumber - 1) & 0xffff;
  }

  /** Whether enough packets came in sequence to believe in this source. */
  get valid(): boolean {
    return this.#probation === 0;
  }

  get received(): number {
    return this.#received;
  }

  /** Packets that the sequence numbers say were sent. */
  get expected(): number {
    return this.valid ? this.#cycles + this.#highest - this.#first + 1 : 0;
  }

  /** Negative when duplicates outnumber losses. */
  get lost(): number {
    return this.expected - this.#received;
  }

  get jitterMilliseconds(): number {
    return this.#jitter / this.#unitsPerMillisecond;
  }

  /** `now` in monotonic milliseconds at arrival. Returns whether the packet counts. */
  handlePacket(now: number, sequenceNumber: number, timestamp: number): boolean {
    if (!this.#updateSequence(sequenceNumber)) return false;
    this.#updateJitter(now, timestamp);
    return true;
  }

  handleSenderReport(now: number, ntp: NtpTimestamp): void {
    this.#lastSenderReport = middleOf(ntp);
    this.#lastSenderReportAt = now;
  }

  /** The report on this source; what is lost is counted afresh from here to the next (RFC 3550 A.3). */
  takeReport(now: number): ReportBlock {
    const expected = this.expected;
    const expectedInterval = expected - this.#expectedBefore;
    const lostInterval = expectedInterval - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    const fraction =
      expectedInterval <= 0 || lostInterval <= 0 ? 0 : Math.floor((256 * lostInterval) / expectedInterval);
    const sinceSenderReport = this.#lastSenderReportAt === undefined ? 0 : now - this.#lastSenderReportAt;
    return {
      ssrc: this.ssrc,
      fractionLost: Math.min(fraction, 0xff),
      cumulativeLost: Math.max(MINIMUM_CUMULATIVE_LOST, Math.min(this.lost, MAXIMUM_CUMULATIVE_LOST)),
      highestSequenceNumber: (this.#cycles + this.#highest) % 0x1_0000_0000,
      jitter: Math.floor(this.#jitter),
      lastSenderReport: this.#lastSenderReport,
      delaySinceLastSenderReport: Math.min(Math.round(Math.max(0, sinceSenderReport) * 65.536), 0xffff_ffff),
    };
  }

  #updateSequence(sequenceNumber: number): boolean {
    const ahead = (sequenceNumber - this.#highest) & 0xffff;
    if (this.#probation > 0) {
      if (ahead === 1) {
        this.#probation--;
        this.#highest = sequenceNumber;
        if (this.#probation === 0) {
          this.#restart(sequenceNumber);
          this.#received = 1;
          return true;
        }
      } else {
        this.#probation = MINIMUM_SEQUENTIAL - 1;
        this.#highest = sequenceNumber;
      }
      return false;
    }
    if (ahead < MAXIMUM_DROPOUT) {
      if (sequenceNumber < this.#highest) this.#cycles += SEQUENCE_RANGE; // in order, with a permissible gap: wrapped
      this.#highest = sequenceNumber;
      this.#expectedAfterJump = undefined;
    } else if (ahead <= SEQUENCE_RANGE - MAXIMUM_MISORDER) {
      // A very large jump: two packets in a row make it a restart, a single one is dropped.
      if (sequenceNumber !== this.#expectedAfterJump) {
        this.#expectedAfterJump = (sequenceNumber + 1) & 0xffff;
        return false;
      }
      this.#restart(sequenceNumber);
    }
    this.#received++; // a duplicate or reordered packet counts as received
    return true;
  }

  #restart(sequenceNumber: number): void {
    this.#first = sequenceNumber;
    this.#highest = sequenceNumber;
    this.#cycles = 0;
    this.#received = 0;
    this.#expectedBefore = 0;
    this.#receivedBefore = 0;
    this.#expectedAfterJump = undefined;
    this.#transit = undefined;
  }

  #updateJitter(now: number, timestamp: number): void {
    const transit = now * this.#unitsPerMillisecond - timestamp;
    if (this.#transit !== undefined) {
      // Timestamps wrap at 2^32: the difference of two transits is small, whatever they are themselves.
      const difference = transit - this.#transit;
      const wrapped = difference - 0x1_0000_0000 * Math.round(difference / 0x1_0000_0000);
      this.#jitter += (Math.abs(wrapped) - this.#jitter) / 16;
    }
    this.#transit = transit;
  }
}

/** The middle 32 bits of an NTP timestamp, as LSR carries them (RFC 3550 §6.4.1). */
export function middleOf(ntp: NtpTimestamp): number {
  return (((ntp.seconds & 0xffff) << 16) | (ntp.fraction >>> 16)) >>> 0;
}

const NTP_EPOCH_OFFSET_SECONDS = 2_208_988_800;

/** NTP counts from 1900 and wraps in 2036 (RFC 3550 §4). */
export function ntpTimestampOf(unixMilliseconds: number): NtpTimestamp {
  const seconds = Math.floor(unixMilliseconds / 1000);
  const fraction = Math.floor(((unixMilliseconds - seconds * 1000) / 1000) * 0x1_0000_0000);
  return { seconds: (seconds + NTP_EPOCH_OFFSET_SECONDS) % 0x1_0000_0000, fraction };
}
