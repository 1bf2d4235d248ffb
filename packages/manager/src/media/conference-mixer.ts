/** A conference: each hears the sum of the others. G.711 in frames of 20 ms (RFC 3551 §4.5.14). */
import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw, RtpHeaderView } from '@trustline/rtp';
import { FRAME_SAMPLES } from './hold-audio.ts';
import { writeUint16, writeUint32 } from './octets.ts';

const PCMU = 0;
const PCMA = 8;
const HEADER = 12;
/** What a talker's packets may vary by in their arrival: two frames, by which his voice is late. */
const DELAY = 2 * FRAME_SAMPLES;
/** Of his voice at most, in samples; a clock that runs ahead of ours is set back here. */
const MOST_BUFFERED = 8 * FRAME_SAMPLES;
const MOST_SAMPLE = 0x7fff;

/** One who takes part: what he has said and the others have not heard yet, and the packets for him. */
export class ConferenceMember {
  /** The payload type in which he hears the others. */
  readonly payloadType: number;
  readonly #ssrc: number;
  readonly #ring = new Int16Array(MOST_BUFFERED);
  readonly #header = new RtpHeaderView();
  readonly #decoded = new Int16Array(MOST_BUFFERED);
  /** What he says in the present frame, and whether it is anything but silence. */
  readonly frame = new Int16Array(FRAME_SAMPLES);
  speaks = false;
  #at = 0;
  #source: number | undefined;
  /** The timestamp of what is mixed next, and the newest that has come. */
  #plays = 0;
  #newest = 0;
  #packets = 0;

  constructor(payloadType: number, ssrc: number) {
    this.payloadType = payloadType;
    this.#ssrc = ssrc;
  }

  /** Takes an RTP packet of his; what is no G.711 and what comes too late is nothing to the others. */
  take(packet: Uint8Array): void {
    const header = this.#header;
    if (header.read(packet) !== undefined) return;
    const { payloadType, payloadLength, payloadOffset, ssrc, timestamp } = header;
    if (payloadLength === 0 || payloadLength > MOST_BUFFERED - DELAY) return;
    const samples = this.#decoded.subarray(0, payloadLength);
    const octets = packet.subarray(payloadOffset, payloadOffset + payloadLength);
    if (payloadType === PCMU) decodeMuLaw(octets, samples);
    else if (payloadType === PCMA) decodeALaw(octets, samples);
    else return;
    if (ssrc !== this.#source) this.#begin(ssrc, timestamp);
    const isNewest = ((timestamp - this.#newest) | 0) >= 0;
    if (isNewest) this.#newest = timestamp;
    const early = (timestamp - this.#plays) | 0;
    if (early < 0 || early + payloadLength > MOST_BUFFERED) {
      if (!isNewest) return; // it was reordered by more than the delay
      this.#begin(ssrc, timestamp);
    }
    const from = this.#at + ((timestamp - this.#plays) | 0);
    for (let at = 0; at < payloadLength; at++) this.#ring[(from + at) % MOST_BUFFERED] = samples[at] as number;
  }

  /** Goes on to his next frame; where nothing has come, that is silence. */
  advance(): void {
    this.speaks = false;
    for (let at = 0; at < FRAME_SAMPLES; at++) {
      const place = (this.#at + at) % MOST_BUFFERED;
      const sample = this.#ring[place] as number;
      this.frame[at] = sample;
      this.#ring[place] = 0;
      if (sample !== 0) this.speaks = true;
    }
    this.#at = (this.#at + FRAME_SAMPLES) % MOST_BUFFERED;
    this.#plays = (this.#plays + FRAME_SAMPLES) >>> 0;
  }

  /** His next packet, with these octets of G.711. */
  packet(octets: Uint8Array): Uint8Array {
    const number = this.#packets++;
    const packet = new Uint8Array(HEADER + octets.length);
    packet[0] = 0x80;
    packet[1] = this.payloadType;
    writeUint16(packet, 2, number);
    writeUint32(packet, 4, number * FRAME_SAMPLES);
    writeUint32(packet, 8, this.#ssrc);
    packet.set(octets, HEADER);
    return packet;
  }

  /** His voice begins anew here, with nothing of before it. */
  #begin(ssrc: number, timestamp: number): void {
    this.#source = ssrc;
    this.#newest = timestamp;
    this.#plays = (timestamp - DELAY) >>> 0;
    this.#ring.fill(0);
  }
}

/** The conference, frame by frame, by the clock of whoever calls {@link mix}. */
export class ConferenceMixer {
  readonly #members = new Set<ConferenceMember>();
  readonly #sum = new Int32Array(FRAME_SAMPLES);
  readonly #heard = new Int16Array(FRAME_SAMPLES);

  add(member: ConferenceMember): void {
    this.#members.add(member);
  }

  remove(member: ConferenceMember): void {
    this.#members.delete(member);
  }

  get size(): number {
    return this.#members.size;
  }

  /** The next frame, in a packet for each. Whoever says nothing hears the same as all others who do not: it is encoded once. */
  mix(give: (member: ConferenceMember, packet: Uint8Array) => void): void {
    this.#sum.fill(0);
    for (const member of this.#members) {
      member.advance();
      if (!member.speaks) continue;
      for (let at = 0; at < FRAME_SAMPLES; at++) (this.#sum[at] as number) += member.frame[at] as number;
    }
    const ofListeners = new Map<number, Uint8Array>();
    for (const member of this.#members) {
      const { payloadType, speaks } = member;
      const known = speaks ? undefined : ofListeners.get(payloadType);
      const octets = known ?? this.#encoded(member);
      if (!speaks) ofListeners.set(payloadType, octets);
      give(member, member.packet(octets));
    }
  }

  /** The sum without his own voice, no louder than samples can be. */
  #encoded({ payloadType, frame }: ConferenceMember): Uint8Array {
    const octets = new Uint8Array(FRAME_SAMPLES);
    for (let at = 0; at < FRAME_SAMPLES; at++) {
      const others = (this.#sum[at] as number) - (frame[at] as number);
      this.#heard[at] = Math.max(-MOST_SAMPLE, Math.min(MOST_SAMPLE, others));
    }
    if (payloadType === PCMA) encodeALaw(this.#heard, octets);
    else encodeMuLaw(this.#heard, octets);
    return octets;
  }
}
