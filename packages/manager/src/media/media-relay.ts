import { clockRateOf, type OpusLibrary, RtpHeaderView } from '@trustline/rtp';
import { createSrtpBatch, type SrtpBatch, type SrtpCryptoProvider, type SrtpRejection } from '@trustline/srtp';
import { Conferences } from './conferences.ts';
import { DigitSender } from './digit-sender.ts';
import { FRAME_MILLISECONDS, type HoldAudio } from './hold-audio.ts';
import { readUint32 } from './octets.ts';
import { RelaySide } from './relay-side.ts';
import { translateRtcp } from './rtcp-translation.ts';
import type {
  Component,
  DialledDigit,
  MediaEndpoint,
  RelayNotice,
  SideCounts,
  SideId,
  SideSettings,
} from './settings.ts';

/** Packets that are opened, and protected, together. */
const BATCH = 128;
const RTP_HEADER_LENGTH = 12;
/** Octets that protection adds at most: a tag, an MKI, an SRTCP index. */
const MOST_OVERHEAD = 160;
/** Memory for outgoing packets is taken in pieces of this size; one goes back when all of its packets have gone. */
const SLAB = 0x10000;

export interface MediaRelayPorts {
  readonly crypto: SrtpCryptoProvider;
  readonly random: (length: number) => Uint8Array;
  /** Opus; absent where nobody is to be heard in it. */
  readonly opus?: OpusLibrary;
  /** What a held party hears; absent where that is nothing. */
  readonly hold?: HoldAudio;
  /** What a caller hears whose call leaves protection. */
  readonly announcement?: HoldAudio;
  /** Sends a datagram from the ports of a side. The octets are not touched again. */
  transmit(side: SideId, component: Component, datagram: Uint8Array, to: MediaEndpoint): void;
}

/** A packet that came, on its way through one turn. */
interface Arrival {
  side: RelaySide | undefined;
  datagram: Uint8Array;
  address: string;
  port: number;
}

/** A packet that goes out, in the same turn. */
interface Departure {
  side: RelaySide | undefined;
  out: Uint8Array;
}

/** Of their timestamps where nothing else was agreed on, in hertz. */
const RATE_OF_DIGITS = 8_000;
const NOTHING = new Uint8Array(0);

/**
 * The media relay without I/O: RTP and RTCP of one party go to the other, out of the SRTP of the one into that of the
 * other, or of one that has none. Datagrams go in with the time; what they came to goes out at `flush`, which works on them
 * in batches. A party is followed to where it sends from, only once what it sends has authenticated.
 */
export class MediaRelay {
  readonly #ports: MediaRelayPorts;
  readonly #sides = new Map<SideId, RelaySide>();
  readonly #opening: SrtpBatch;
  readonly #protecting: SrtpBatch;
  readonly #arrivals: readonly Arrival[];
  readonly #departures: readonly Departure[];
  readonly #notices: RelayNotice[] = [];
  #slab = NOTHING;
  #slabUsed = 0;
  /** Sides whose parties hear the sound for who is held. */
  readonly #playing = new Set<RelaySide>();
  /** Sides whose parties are being sent digits. */
  readonly #dialling = new Set<RelaySide>();
  readonly #header = new RtpHeaderView();
  readonly #conferences: Conferences;
  #nextFrame = 0;
  #arrived = 0;
  #departing = 0;

  constructor(ports: MediaRelayPorts) {
    this.#ports = ports;
    this.#conferences = new Conferences(ports.opus);
    this.#opening = createSrtpBatch({ crypto: ports.crypto, capacity: BATCH });
    this.#protecting = createSrtpBatch({ crypto: ports.crypto, capacity: BATCH });
    this.#arrivals = Array.from({ length: BATCH }, () => ({
      side: undefined,
      datagram: NOTHING,
      address: '',
      port: 0,
    }));
    this.#departures = Array.from({ length: BATCH }, () => ({ side: undefined, out: NOTHING }));
  }

  /** Opens a side, or tells what has changed of one that is open. */
  set(now: number, settings: SideSettings): void {
    this.flush(now);
    const known = this.#sides.get(settings.side);
    const notice = (said: RelayNotice) => this.#notices.push(said);
    const { crypto, random } = this.#ports;
    const side = known ?? new RelaySide(crypto, random, notice, settings);
    const played = side.plays;
    if (known === undefined) this.#sides.set(settings.side, side);
    else known.update(now, settings);
    this.#play(now, side, played);
    if (this.#isIdle) this.#nextFrame = now;
    this.#conferences.update(side);
    this.#arrange(side, side.partner);
  }

  /** From now on each hears the other, and nobody else. */
  bridge(now: number, one: SideId, other: SideId): void {
    const [first, second] = [this.#sides.get(one), this.#sides.get(other)];
    if (first === undefined || second === undefined || first === second || first.partner === second) return;
    this.flush(now);
    const left = [first.partner, second.partner];
    for (const side of left) if (side !== undefined) side.partner = undefined;
    for (const side of [first, second]) side.outbound.follow();
    first.partner = second;
    second.partner = first;
    this.#arrange(first, second, ...left);
  }

  /** Closes a side: its keys are cleared. Returns what it has counted. */
  close(now: number, id: SideId): SideCounts | undefined {
    this.flush(now);
    const side = this.#sides.get(id);
    if (side === undefined) return undefined;
    const { partner } = side;
    if (partner !== undefined) partner.partner = undefined;
    this.#arrange(partner);
    this.#sides.delete(id);
    this.#playing.delete(side);
    this.#dialling.delete(side);
    this.#conferences.leave(side);
    side.close();
    return side.counts;
  }

  counts(id: SideId): Readonly<SideCounts> | undefined {
    return this.#sides.get(id)?.counts;
  }

  get size(): number {
    return this.#sides.size;
  }

  /** What was noticed, oldest first; undefined when there is nothing. */
  poll(): RelayNotice | undefined {
    return this.#notices.shift();
  }

  /**
   * A datagram came to the ports of a side. It is the relay's from now on, and changed by it.
   *
   * @param component which of the two ports it came to
   */
  receive(now: number, id: SideId, component: Component, datagram: Uint8Array, address: string, port: number): void {
    const side = this.#sides.get(id);
    if (side === undefined) return;
    side.counts.received += 1;
    side.counts.octetsReceived += datagram.byteLength;
    if (datagram.byteLength < 8 || (datagram[0] as number) >> 6 !== 2) {
      side.counts.strange += 1;
      return;
    }
    // Whoever multiplexes both on one port (RFC 5761) is understood, though it was not offered.
    if (component === 'rtcp' || isRtcp(datagram)) {
      this.#receiveRtcp(now, side, datagram, address, port);
      return;
    }
    if (datagram.byteLength < RTP_HEADER_LENGTH) {
      side.counts.strange += 1;
      return;
    }
    if (side.inbound === undefined) {
      if (!this.#takesClear(side, 'rtp', address, port)) return;
      this.#forward(now, side, datagram);
      return;
    }
    const arrival = this.#arrivals[this.#arrived] as Arrival;
    arrival.side = side;
    arrival.datagram = datagram;
    arrival.address = address;
    arrival.port = port;
    this.#opening.unprotect(side.inbound.receiver, datagram, datagram);
    this.#arrived += 1;
    if (this.#arrived === BATCH) this.#openArrivals(now);
  }

  /** Sends what has come in since the last time. */
  flush(now: number): void {
    this.#openArrivals(now);
    this.#sendDepartures();
  }

  /** A digit for a party, in its voice, after those before it. What its partner says meanwhile it does not hear. */
  dial(now: number, id: SideId, digit: DialledDigit): void {
    const side = this.#sides.get(id);
    if (side === undefined || !side.settings.gives) return;
    if (this.#isIdle) this.#nextFrame = now;
    side.digits ??= new DigitSender(digit.payloadType, digit.clockRate, readUint32(this.#ports.random(4), 0));
    side.digits.enqueue(digit);
    this.#dialling.add(side);
  }

  /** When the next packet that the relay sends by itself is due; undefined while there is none. */
  nextDeadline(): number | undefined {
    return this.#isIdle ? undefined : this.#nextFrame;
  }

  get #isIdle(): boolean {
    return this.#playing.size === 0 && this.#dialling.size === 0 && this.#conferences.isEmpty;
  }

  /** Sends what is due of digits, of the sound for who is held and of conferences. Who comes late leaves out what nobody would wait for. */
  tick(now: number): void {
    if (this.#isIdle || now < this.#nextFrame) return;
    this.#nextFrame += FRAME_MILLISECONDS;
    if (now >= this.#nextFrame + FRAME_MILLISECONDS) this.#nextFrame = now + FRAME_MILLISECONDS;
    for (const side of this.#dialling) this.#sendDigits(now, side);
    for (const side of this.#playing) {
      const { audio, format } = this.#soundOf(side);
      if (audio === undefined || format === undefined || side.digits !== undefined) continue;
      const packet = audio.packet(side.played, format, side.soundSource);
      if (packet === undefined) continue;
      side.played += 1;
      this.#give(now, side, packet, clockRateOf[format.codec]);
    }
    this.#conferences.mix((side, packet, clockRate) => this.#give(now, side, packet, clockRate));
    this.flush(now);
  }

  #sendDigits(now: number, side: RelaySide): void {
    const { digits } = side;
    const packet = digits?.next();
    if (packet !== undefined) this.#give(now, side, packet, digits?.clockRate ?? RATE_OF_DIGITS);
    if (digits?.busy === true) return;
    side.digits = undefined;
    side.outbound.follow();
    this.#dialling.delete(side);
  }

  #play(now: number, side: RelaySide, played: boolean): void {
    const plays = side.plays && this.#soundOf(side).audio !== undefined;
    if (plays !== played) side.outbound.follow();
    if (!plays) {
      this.#playing.delete(side);
      return;
    }
    if (this.#isIdle) this.#nextFrame = now;
    this.#playing.add(side);
  }

  #soundOf({ settings: { plays, announces } }: RelaySide) {
    const { hold, announcement } = this.#ports;
    return announces === undefined ? { audio: hold, format: plays } : { audio: announcement, format: announces };
  }

  #openArrivals(now: number): void {
    const count = this.#arrived;
    if (count === 0) return;
    this.#opening.flush();
    this.#arrived = 0;
    for (let at = 0; at < count; at++) {
      const arrival = this.#arrivals[at] as Arrival;
      const { side, datagram } = arrival;
      let outcome: number | SrtpRejection = this.#opening.outcome(at);
      if (side?.inbound === undefined) continue;
      let underPresentKey = typeof outcome === 'number';
      if (outcome === 'authentication-failed') {
        const { receiver } = side.inbound;
        outcome = side.inbound.openOtherwise(now, 'rtp', datagram, datagram);
        underPresentKey = receiver !== side.inbound.receiver;
      }
      if (typeof outcome !== 'number') {
        side.refused(outcome, 'rtp', datagram, { address: arrival.address, port: arrival.port });
        continue;
      }
      if (underPresentKey) side.authentic(readUint32(datagram, 8));
      side.follow('rtp', arrival.address, arrival.port);
      this.#forward(now, side, datagram.subarray(0, outcome));
    }
  }

  #receiveRtcp(now: number, side: RelaySide, datagram: Uint8Array, address: string, port: number): void {
    let length: number | SrtpRejection = datagram.byteLength;
    if (side.inbound === undefined) {
      if (!this.#takesClear(side, 'rtcp', address, port)) return;
    } else {
      length = side.inbound.receiver.unprotectRtcp(datagram, datagram);
      if (length === 'authentication-failed') length = side.inbound.openOtherwise(now, 'rtcp', datagram, datagram);
      if (typeof length !== 'number') {
        side.refused(length, 'rtcp', datagram, { address, port });
        return;
      }
      side.follow('rtcp', address, port);
    }
    side.counts.taken += 1;
    const { partner } = side;
    if (partner === undefined) return;
    const translated = translateRtcp(datagram, length, side, partner);
    if (translated > 0) this.#sendRtcp(partner, datagram.subarray(0, translated));
  }

  #takesClear(side: RelaySide, component: Component, address: string, port: number): boolean {
    if (!side.mayComeFrom(address)) {
      side.counts.strange += 1;
      return false;
    }
    if (side.settings.clearSource !== undefined) side.follow(component, address, port);
    return true;
  }

  /** An RTP packet of a party, in the clear, goes to whoever hears it. */
  #forward(now: number, side: RelaySide, packet: Uint8Array): void {
    side.counts.taken += 1;
    if (this.#conferences.take(side, packet)) return;
    const { partner } = side;
    if (partner === undefined || !side.settings.takes) return;
    const listener = side.digitListener;
    if (listener !== undefined && this.#header.read(packet) === undefined) {
      if (listener.take(now, this.#header, packet)) return;
    }
    if (partner.hearsOther) return;
    if (side.transcoder === undefined) this.#give(now, partner, packet, side.settings.clockRate);
    else side.transcoder.take(packet, (made, clockRate) => this.#give(now, partner, made, clockRate));
  }

  #arrange(...sides: readonly (RelaySide | undefined)[]): void {
    for (const side of sides) side?.arrange(this.#ports.opus, () => readUint32(this.#ports.random(4), 0));
  }

  /** An RTP packet goes out to a party, as one of our stream towards it. */
  #give(now: number, to: RelaySide, packet: Uint8Array, clockRate: number): void {
    if (!to.settings.gives) return;
    to.outbound.renumber(now, packet, clockRate);
    const { sender } = to.outbound;
    if (sender === undefined) {
      this.#transmit(to, 'rtp', packet);
      return;
    }
    if (this.#departing === BATCH) this.#sendDepartures();
    const out = this.#room(packet.byteLength + MOST_OVERHEAD);
    try {
      this.#protecting.protect(sender, packet, out);
    } catch {
      to.counts.unsent += 1; // too late, or the key is at its end: nothing goes out under an index twice
      return;
    }
    const departure = this.#departures[this.#departing] as Departure;
    departure.side = to;
    departure.out = out;
    this.#departing += 1;
  }

  #sendDepartures(): void {
    const count = this.#departing;
    if (count === 0) return;
    this.#protecting.flush();
    this.#departing = 0;
    for (let at = 0; at < count; at++) {
      const { side, out } = this.#departures[at] as Departure;
      if (side !== undefined) this.#transmit(side, 'rtp', out.subarray(0, Number(this.#protecting.outcome(at))));
    }
  }

  #sendRtcp(side: RelaySide, packet: Uint8Array): void {
    const { sender } = side.outbound;
    if (sender === undefined) {
      this.#transmit(side, 'rtcp', packet);
      return;
    }
    const out = this.#room(packet.byteLength + MOST_OVERHEAD);
    try {
      this.#transmit(side, 'rtcp', out.subarray(0, sender.protectRtcp(packet, out)));
    } catch {
      side.counts.unsent += 1;
    }
  }

  #transmit(side: RelaySide, component: Component, datagram: Uint8Array): void {
    side.counts.sent += 1;
    side.counts.octetsSent += datagram.byteLength;
    this.#ports.transmit(side.settings.side, component, datagram, side[component]);
  }

  /** Memory for one packet, which stays untouched until the socket has sent it. */
  #room(octets: number): Uint8Array {
    if (this.#slabUsed + octets > this.#slab.byteLength) {
      this.#slab = new Uint8Array(Math.max(SLAB, octets));
      this.#slabUsed = 0;
    }
    const room = this.#slab.subarray(this.#slabUsed, this.#slabUsed + octets);
    this.#slabUsed += octets;
    return room;
  }
}

/** Packet types 192 to 223 are RTCP's (RFC 5761 §4). */
function isRtcp(datagram: Uint8Array): boolean {
  const type = datagram[1] as number;
  return type >= 192 && type <= 223;
}
