import type { TransportAddress } from '@trustline/capture';
import type { PacketPlace } from '../traffic/place.ts';

/** What is looked at of a header, which is clear whether the payload is or not. */
export interface StreamHeader {
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
}

/** Clock rates of the payload types that RFC 3551 §6 fixes, in hertz, 0 for others: the dynamic ones are for signalling to say. */
const staticClockRates = new Uint32Array(128);
for (const type of [0, 3, 4, 5, 7, 8, 9, 12, 13, 15, 18]) staticClockRates[type] = 8_000;
staticClockRates[6] = 16_000;
staticClockRates[16] = 11_025;
staticClockRates[17] = 22_050;
for (const type of [10, 11]) staticClockRates[type] = 44_100;
for (const type of [14, 25, 26, 28, 31, 32, 33, 34]) staticClockRates[type] = 90_000;
const USUAL_CLOCK_RATE = 8_000;

/** Steps of the sequence number from packet to packet that a stream of RTP has: mostly one, more where some were lost. */
const LONGEST_STEP = 100;
/** Behind by so much a packet is late, beyond it the sender has begun anew (RFC 3550 A.1). */
const MAXIMUM_MISORDER = 100;
/** Packets of which order is to be seen at all. */
const FEWEST_IN_ORDER = 5;
/** Packets of one payload type that are more than octets which look like a header by accident. */
export const FEWEST_WITHOUT_ORDER = 20;

/** What the packets of one SSRC from one address to another say of themselves, protected or not: their headers are clear. */
export interface RtpStreamReport {
  readonly source: TransportAddress;
  readonly destination: TransportAddress;
  readonly ssrc: number;
  /** In the order of their first packets. */
  readonly payloadTypes: readonly number[];
  readonly packets: number;
  /** Sequence numbers that never came, of those between the first and the last. RFC 3550 A.3 counts repeated packets against it. */
  readonly lost: number;
  /** Packets that came twice or more, each time but the first counted. */
  readonly repeated: number;
  /** Packets that came after one with a higher number. */
  readonly late: number;
  /** Of payload, header and all. */
  readonly octets: number;
  readonly first: PacketPlace;
  readonly last: PacketPlace;
  /** Milliseconds between two packets, at the most and on average. */
  readonly delta: { readonly mean: number; readonly most: number };
  /** Interarrival jitter (RFC 3550 §6.4.1) in milliseconds, on average and at the most; undefined for a single packet. */
  readonly jitter: { readonly mean: number; readonly most: number } | undefined;
}

/** One stream while it is read. Holds no packet. */
export class RtpStream {
  readonly ssrc: number;
  readonly #ends: { readonly source: TransportAddress; readonly destination: TransportAddress };
  readonly #first: PacketPlace;
  readonly #payloadTypes: number[] = [];
  /** Which of the last 64 sequence numbers were seen: the highest is bit 0 of the first word. */
  #seen = 0;
  #seenBefore = 0;
  #last: PacketPlace;
  #base: number;
  /** Extended by the times that the number began again. */
  #highest: number;
  #packets = 0;
  #repeated = 0;
  #late = 0;
  #octets = 0;
  #forwardSteps = 0;
  /** Numbers that were expected before the sender began anew. */
  #expectedBefore = 0;
  #lastTimestamp = 0;
  /** As far as timestamps went up; a packet that is sent again is not beyond it. */
  #newestTimestamp: number;
  readonly #firstTimestamp: number;
  #mostDelta = 0;
  #jitter = 0;
  #jitterSum = 0;
  #jitterCount = 0;
  #mostJitter = 0;

  constructor(
    ends: { readonly source: TransportAddress; readonly destination: TransportAddress },
    header: StreamHeader,
    place: PacketPlace,
  ) {
    this.ssrc = header.ssrc;
    this.#ends = ends;
    this.#first = place;
    this.#last = place;
    this.#base = header.sequenceNumber;
    this.#highest = header.sequenceNumber - 1;
    this.#newestTimestamp = header.timestamp;
    this.#firstTimestamp = header.timestamp;
  }

  /** Whether it goes forward as RTP does; octets that look like a header by accident do not. */
  get isCredible(): boolean {
    return this.#packets >= FEWEST_IN_ORDER && this.isInOrder;
  }

  /** Whether what there is of it goes forward, few as they may be. */
  get isInOrder(): boolean {
    return this.#forwardSteps >= 0.8 * (this.#packets - this.#repeated - 1);
  }

  /** Many packets of one payload type whose time goes on, in whatever order: media of somebody who numbers in his own way. */
  get isLikely(): boolean {
    const isOfOneType = this.#payloadTypes.length === 1;
    return isOfOneType && this.#packets >= FEWEST_WITHOUT_ORDER && this.#newestTimestamp !== this.#firstTimestamp;
  }

  get packets(): number {
    return this.#packets;
  }

  get payloadTypes(): readonly number[] {
    return this.#payloadTypes;
  }

  /**
   * `clockRate` where signalling said one for dynamic payload types. Whether it goes under a number that is behind and was or may
   * have been used before, though its timestamp says that it is no packet of before.
   */
  handle(header: StreamHeader, octets: number, place: PacketPlace, clockRate?: number): boolean {
    const isLater = ((header.timestamp - this.#newestTimestamp) | 0) > 0;
    const isRenumbered = !this.#order(header.sequenceNumber, isLater);
    if (isLater) this.#newestTimestamp = header.timestamp;
    if (!this.#payloadTypes.includes(header.payloadType)) this.#payloadTypes.push(header.payloadType);
    if (this.#packets > 0) this.#time(header, place, clockRate);
    this.#packets++;
    this.#octets += octets;
    this.#last = place;
    this.#lastTimestamp = header.timestamp;
    return isRenumbered;
  }

  report(): RtpStreamReport {
    const expected = this.#expectedBefore + this.#highest - this.#base + 1;
    const between = this.#packets - 1;
    const span = (this.#last.microseconds - this.#first.microseconds) / 1_000;
    return {
      ...this.#ends,
      ssrc: this.ssrc,
      payloadTypes: this.#payloadTypes,
      packets: this.#packets,
      lost: Math.max(0, expected - (this.#packets - this.#repeated)),
      repeated: this.#repeated,
      late: this.#late,
      octets: this.#octets,
      first: this.#first,
      last: this.#last,
      delta: { mean: between === 0 ? 0 : span / between, most: this.#mostDelta },
      jitter:
        this.#jitterCount === 0 ? undefined : { mean: this.#jitterSum / this.#jitterCount, most: this.#mostJitter },
    };
  }

  /** False for a number that goes not forward in a packet that does. */
  #order(sequenceNumber: number, isLater: boolean): boolean {
    const ahead = ((sequenceNumber - this.#highest) << 16) >> 16;
    if (ahead > 0) {
      if (ahead <= LONGEST_STEP) this.#forwardSteps++;
      this.#highest += ahead;
      this.#shift(ahead);
      return true;
    }
    const behind = -ahead;
    if (behind > MAXIMUM_MISORDER) {
      this.#expectedBefore += this.#highest - this.#base + 1;
      this.#base = sequenceNumber;
      this.#highest = sequenceNumber;
      this.#seen = 1;
      this.#seenBefore = 0;
      return true;
    }
    if (!this.#wasSeen(behind)) this.#late++;
    else if (!isLater) this.#repeated++;
    return !isLater;
  }

  #shift(ahead: number): void {
    const seen = this.#seen;
    this.#seen = ahead >= 32 ? 1 : (seen << ahead) | 1;
    if (ahead >= 64) this.#seenBefore = 0;
    else if (ahead >= 32) this.#seenBefore = seen << (ahead - 32);
    else this.#seenBefore = (this.#seenBefore << ahead) | (seen >>> (32 - ahead));
  }

  /** Marks it as seen; beyond 64 numbers one is taken as late. */
  #wasSeen(behind: number): boolean {
    if (behind >= 64) return false;
    const bit = 1 << (behind & 31);
    if (behind < 32) {
      const known = (this.#seen & bit) !== 0;
      this.#seen |= bit;
      return known;
    }
    const known = (this.#seenBefore & bit) !== 0;
    this.#seenBefore |= bit;
    return known;
  }

  #time({ payloadType, timestamp }: StreamHeader, place: PacketPlace, clockRate: number | undefined): void {
    const delta = (place.microseconds - this.#last.microseconds) / 1_000;
    this.#mostDelta = Math.max(this.#mostDelta, delta);
    const rate = staticClockRates[payloadType] || (clockRate ?? USUAL_CLOCK_RATE);
    const media = ((timestamp - this.#lastTimestamp) | 0) / (rate / 1_000);
    this.#jitter += (Math.abs(delta - media) - this.#jitter) / 16;
    this.#jitterSum += this.#jitter;
    this.#jitterCount++;
    this.#mostJitter = Math.max(this.#mostJitter, this.#jitter);
  }
}
