import { decodeALaw, decodeMuLaw, RtpHeaderView } from '@trustline/rtp';
import { EventDigits } from '../media/event-digits.ts';
import type { FlowPacket } from './rtp-flows.ts';

export const SAMPLE_RATE = 8000;

/** Static payload types of RFC 3551 that are decoded. */
const decoders = new Map([
  [0, { codec: 'PCMU', decode: decodeMuLaw }],
  [8, { codec: 'PCMA', decode: decodeALaw }],
] as const);
/** Payload types are agreed by signalling from here on (RFC 3551 §6); a tap that saw none goes by what they hold. */
const FIRST_DYNAMIC_PAYLOAD_TYPE = 96;

/** A tap says what was pressed, not in which packets; and a flash of the hook is no digit to it. */
const NOWHERE = { number: 0, microseconds: 0 };
const FLASH = '!';

/** A jump of the timestamp beyond this (30 s) is a new beginning, and no silence is made for it. */
const MAXIMUM_GAP_SAMPLES = 30 * SAMPLE_RATE;
/** Two hours: what is kept of one flow's audio. */
const MAXIMUM_SAMPLES = 2 * 3600 * SAMPLE_RATE;

export interface FlowSound {
  /** Undefined when no packet was of a codec that is decoded. */
  readonly codec: 'PCMU' | 'PCMA' | undefined;
  /** At 8 kHz, each packet at the place its timestamp gives; silence where packets were lost. */
  readonly samples: Int16Array;
  /** Digits of RFC 4733 telephone-events. */
  readonly eventDigits: string;
}

/**
 * Decodes packets as they are: with clear packets that is what was said, with encrypted ones it is the noise that a
 * listener without keys hears.
 */
export function decodeFlow(packets: readonly FlowPacket[]): FlowSound {
  const header = new RtpHeaderView();
  const sound = new Timeline();
  let codec: FlowSound['codec'];
  const events = new EventDigits();
  for (const { datagram } of inSequence(packets)) {
    if (header.read(datagram) !== undefined) continue;
    const payload = datagram.subarray(header.payloadOffset, header.payloadOffset + header.payloadLength);
    const decoder = decoders.get(header.payloadType as 0 | 8);
    if (decoder !== undefined) {
      codec ??= decoder.codec;
      const decoded = new Int16Array(payload.byteLength);
      decoder.decode(payload, decoded);
      sound.place(header.timestamp, decoded);
    } else if (header.payloadType >= FIRST_DYNAMIC_PAYLOAD_TYPE) {
      events.handle(header.timestamp, payload, NOWHERE);
    }
  }
  return { codec, samples: sound.samples(), eventDigits: events.digits.replaceAll(FLASH, '') };
}

/** Without repetitions, in the order of their sequence numbers, which wrap. */
function inSequence(packets: readonly FlowPacket[]): FlowPacket[] {
  const bySequence = new Map<number, FlowPacket>();
  let highest: number | undefined;
  for (const packet of packets) {
    // Signed distance from the highest so far, so that late packets fall back into place.
    const distance = highest === undefined ? packet.sequenceNumber : ((packet.sequenceNumber - highest) << 16) >> 16;
    const extended: number = (highest ?? 0) + distance;
    if (highest === undefined || extended > highest) highest = extended;
    if (!bySequence.has(extended)) bySequence.set(extended, packet);
  }
  return [...bySequence].sort(([a], [b]) => a - b).map(([, packet]) => packet);
}

/** Samples put at the places their timestamps give. */
class Timeline {
  #samples = new Int16Array(SAMPLE_RATE);
  #length = 0;
  #last: { readonly timestamp: number; readonly at: number } | undefined;

  place(timestamp: number, decoded: Int16Array): void {
    const at = this.#placeOf(timestamp);
    const end = at + decoded.length;
    if (end > MAXIMUM_SAMPLES) return;
    if (end > this.#samples.length) {
      const larger = new Int16Array(Math.max(end, 2 * this.#samples.length));
      larger.set(this.#samples);
      this.#samples = larger;
    }
    this.#samples.set(decoded, at);
    this.#length = Math.max(this.#length, end);
    this.#last = { timestamp, at };
  }

  samples(): Int16Array {
    return this.#samples.slice(0, this.#length);
  }

  #placeOf(timestamp: number): number {
    if (this.#last === undefined) return 0;
    const distance = (timestamp - this.#last.timestamp) | 0; // signed: timestamps wrap
    const place = this.#last.at + distance;
    return Math.abs(distance) > MAXIMUM_GAP_SAMPLES || place < 0 ? this.#length : place;
  }
}
