import { rtpPacket } from './octets.ts';

/** 10^5 packets in the long run, enough for every rollover and every disturbance in the short one. */
export const TRAFFIC_PACKETS = process.env['TRUSTLINE_FULL'] === '1' ? 100_000 : 6_000;

/** Wider than anything below is moved about, so that only what came twice or damaged is refused. */
export const TRAFFIC_WINDOW = 1_024;

const SSRCS = [0x1234_5678, 0xcafe_babe, 0x0000_0001] as const;
/** Below 2^15: loss at the start cannot hide a rollover. */
const FIRST_SEQUENCE_NUMBERS = [30_000, 32_000, 100] as const;
const ROLLOVERS = 3;
const REPORT_EVERY = 25;

export interface Packet {
  readonly kind: 'rtp' | 'rtcp';
  readonly octets: Uint8Array;
}

/** Packets of three streams in turn, of all lengths up to 200 octets, with a report now and then, over three rollovers. */
export function traffic(count: number): Packet[] {
  const ofEach = Math.ceil(count / SSRCS.length);
  const step = Math.ceil((ROLLOVERS * 65_536) / ofEach);
  return Array.from({ length: count }, (_, i) => {
    const stream = i % SSRCS.length;
    const ssrc = SSRCS[stream] as number;
    if (i % REPORT_EVERY === 7) return { kind: 'rtcp', octets: senderReport(ssrc, i) };
    const sequenceNumber = (FIRST_SEQUENCE_NUMBERS[stream] as number) + Math.floor(i / SSRCS.length) * step;
    return { kind: 'rtp', octets: rtpPacket(ssrc, sequenceNumber, i % 200) };
  });
}

/** A sender report (RFC 3550 §6.4.1): its 20 octets after the SSRC are what SRTCP encrypts. */
function senderReport(ssrc: number, count: number): Uint8Array {
  const packet = new Uint8Array(28);
  const view = new DataView(packet.buffer);
  view.setUint32(0, 0x80c8_0006);
  view.setUint32(4, ssrc);
  for (let at = 8; at < packet.byteLength; at += 4) view.setUint32(at, count * at);
  return packet;
}

/** One packet on its way, and what has to become of it. */
export interface Delivery {
  readonly position: number;
  readonly what: 'fresh' | 'again' | 'damaged';
}

/**
 * What a bad network makes of a sequence of packets: loses some, lets some overtake others, repeats some at once and
 * some later, and shows some damaged before they come whole. The same every time.
 */
export function disturbed(count: number): Delivery[] {
  const due: { at: number; delivery: Delivery }[] = [];
  for (let position = 0; position < count; position++) {
    if (position % 17 === 3) continue;
    const late = (position % 11 === 0 ? 4 : 0) + (position % 101 === 50 ? 9 : 0);
    const at = position + late;
    if (position % 37 === 5) due.push({ at: at - 0.5, delivery: { position, what: 'damaged' } });
    due.push({ at, delivery: { position, what: 'fresh' } });
    if (position % 13 === 6) due.push({ at, delivery: { position, what: 'again' } });
    if (position % 29 === 8) due.push({ at: at + 20.5, delivery: { position, what: 'again' } });
  }
  return due.toSorted((one, other) => one.at - other.at).map(({ delivery }) => delivery);
}

/** Loss and damage alone: what is not lost keeps its order, and comes once. */
export function forwardOnly(count: number): Delivery[] {
  const deliveries: Delivery[] = [];
  for (let position = 0; position < count; position++) {
    if (position % 17 === 3) continue;
    if (position % 37 === 5) deliveries.push({ position, what: 'damaged' });
    deliveries.push({ position, what: 'fresh' });
  }
  return deliveries;
}

/** The packet as it arrives; damage is one bit, anywhere between the first octet and the last. */
export function arriving(delivery: Delivery, packets: readonly Uint8Array[]): Uint8Array {
  const packet = packets[delivery.position] as Uint8Array;
  if (delivery.what !== 'damaged') return packet;
  const bit = (delivery.position * 31) % (packet.byteLength * 8);
  const damaged = Uint8Array.from(packet); // not slice(), which shares the memory of a Buffer
  damaged[bit >>> 3] = (damaged[bit >>> 3] as number) ^ (1 << (bit & 7));
  return damaged;
}
