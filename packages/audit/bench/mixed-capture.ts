/** A capture of any size, made on the spot: calls of every kind among other traffic, each octet the same for the same number of calls. */
import { addressOctets, type TransportAddress } from '@trustline/capture';
import { encodings } from '../src/media/streams.fixture.ts';
import { noise, speechLike } from '../src/signal/signals.fixture.ts';
import { controlOfCall } from '../src/signalling/h323/messages.fixture.ts';
import { callOfPhone } from '../src/signalling/skinny/messages.fixture.ts';
import { flags } from '../src/traffic/frames.fixture.ts';
import { describe, type Host, keyNumber, sender, sipMessage } from '../src/traps/capture-script.fixture.ts';

const CLEAR_CALLS = 16;
/** Their keys are nowhere in the capture. */
const SECURE_CALLS = 8;
/** Their keys lie open in SIP. */
const OPENED_CALLS = 2;
const TICKS_A_SECOND = 50;
const TLS_SEGMENTS = 4;
const SEGMENT = 1_448;
const TLS_RECORD = 11 * SEGMENT;
const RTP = 12;
/** 20 ms of G.711, and a tag of 80 bits. */
const SRTP_PAYLOAD = 170;
const CHUNK = 1 << 20;
const RECORD = 16;
const ETHERNET = 14;

/** What no one can tell from a cipher's output; each stream takes it from another place. */
const random = new Uint8Array(noise(9, 1 << 19).buffer);
const page = new TextEncoder().encode('<p>It is a page of a directory, and there are many of them.</p>\n'.repeat(24));

/** Who sends the packets of one direction of media. */
interface Way {
  readonly header: Uint8Array;
  readonly ssrc: number;
  readonly payloadAt: (tick: number) => Uint8Array;
  readonly isWhole: boolean;
}

export interface MixedContents {
  packets: number;
  octets: number;
  clearCalls: number;
  secureCalls: number;
  openedCalls: number;
}

export class MixedCapture {
  readonly contents: MixedContents = { packets: 0, octets: 0, clearCalls: 0, secureCalls: 0, openedCalls: 0 };
  #chunk = new Uint8Array(CHUNK);
  #view = new DataView(this.#chunk.buffer);
  #to = 0;
  #full: Uint8Array[] = [];
  #microseconds = 1_700_000_000_000_000;
  /** Packets of one direction of a call. */
  readonly #ticks: number;
  readonly #speech: readonly (readonly Uint8Array[])[];

  /** Calls of so many seconds go on side by side; then the next ones begin. */
  constructor(callSeconds: number) {
    this.#ticks = TICKS_A_SECOND * callSeconds;
    this.#speech = Array.from({ length: 4 }, (_, voice) => encodings.pcmu(speechLike(voice + 1, callSeconds * 8_000)));
  }

  /** A pcap file of Ethernet, in pieces: at least so many octets, and whole rounds of calls. */
  *chunks(octets: number): Generator<Uint8Array> {
    this.#fileHeader();
    for (let round = 0; this.contents.octets < octets; round++) yield* this.#round(round);
    yield this.#chunk.subarray(0, this.#to);
  }

  *#round(round: number): Generator<Uint8Array> {
    const calls = Array.from({ length: CLEAR_CALLS + OPENED_CALLS + SECURE_CALLS }, (_, at) => this.#call(round, at));
    const others = new OtherTraffic(round);
    this.#other(round);
    for (const call of calls) call.begin();
    for (let tick = 0; tick < this.#ticks; tick++) {
      for (const { ways } of calls) for (const way of ways) this.#media(way, tick);
      for (let at = 0; at < TLS_SEGMENTS; at++) this.#frame(others.tlsHeader(), others.tls());
      this.#frame(others.pageHeader(), page);
      this.#frame(others.datagramHeader, others.datagram());
      this.#microseconds += 20_000;
      yield* this.#full.splice(0);
    }
    for (const call of calls) call.end();
  }

  #call(round: number, at: number) {
    const isOpened = at >= CLEAR_CALLS && at < CLEAR_CALLS + OPENED_CALLS;
    const isSecure = at >= CLEAR_CALLS + OPENED_CALLS;
    const network = `10.${round >> 8}.${round & 0xff}`;
    const host = (name: string, own: number): Host => ({
      name,
      signalling: { address: `${network}.${own}`, port: 5_060 },
      media: { address: `${network}.${own}`, port: 20_000 + 2 * own },
    });
    const [caller, callee] = [host(`caller${at}`, 10 + 2 * at), host(`callee${at}`, 11 + 2 * at)];
    const keys = isOpened ? [keyNumber(2 * round + 7 * at), keyNumber(2 * round + 7 * at + 3)] : [];
    const callId = `call-${round}-${at}@bench`;
    const say = (from: Host, start: string, cseq: string, body = '') => {
      const to = from === caller ? callee : caller;
      const text = sipMessage({ start, caller, callee, cseq, body, callId });
      this.#frame(udp(from.signalling, to.signalling), new TextEncoder().encode(text));
    };
    const ways = [caller, callee].map((from, direction): Way => {
      const voice = this.#speech[(round + at + direction) % this.#speech.length] ?? [];
      const key = keys[direction];
      const ssrc = (0x10000 * (1 + round) + 2 * at + direction) >>> 0;
      const header = udp(from.media, (from === caller ? callee : caller).media);
      if (isSecure) {
        const start = Math.imul(ssrc, 40_503) >>> 0;
        const payloadAt = (tick: number) => {
          const from = (start + tick * SRTP_PAYLOAD) % (random.byteLength - SRTP_PAYLOAD);
          return random.subarray(from, from + SRTP_PAYLOAD);
        };
        return { header, ssrc, isWhole: false, payloadAt };
      }
      if (key === undefined) return { header, ssrc, isWhole: false, payloadAt: (tick) => voice[tick] ?? page };
      const protecting = sender(key);
      const packet = new Uint8Array(RTP + 160);
      const out = new Uint8Array(RTP + 160 + 32);
      const payloadAt = (tick: number) => {
        rtpHeader(packet, 0, tick, ssrc);
        packet.set(voice[tick] ?? packet.subarray(RTP), RTP);
        return out.subarray(0, protecting.protect(packet, out));
      };
      return { header, ssrc, isWhole: true, payloadAt };
    });
    if (isSecure) this.contents.secureCalls++;
    else if (isOpened) this.contents.openedCalls++;
    else this.contents.clearCalls++;
    const description = (from: Host, key = keys[0]) => describe(from, key === undefined ? {} : { key });
    return {
      ways,
      begin: () => {
        if (isSecure) return;
        say(caller, `INVITE sip:${callee.name}@example.com SIP/2.0`, '1 INVITE', description(caller));
        say(callee, 'SIP/2.0 180 Ringing', '1 INVITE');
        say(callee, 'SIP/2.0 200 OK', '1 INVITE', description(callee, keys[1]));
        say(caller, `ACK sip:${callee.name}@example.com SIP/2.0`, '1 ACK');
      },
      end: () => {
        if (isSecure) return;
        say(caller, `BYE sip:${callee.name}@example.com SIP/2.0`, '2 BYE');
        say(callee, 'SIP/2.0 200 OK', '2 BYE');
      },
    };
  }

  /** A phone of Skinny, and a gateway of H.323. */
  #other(round: number): void {
    for (const [at, said] of [callOfPhone(20, { reference: 17 + round }), controlOfCall()].entries()) {
      const client = { address: `10.${round >> 8}.${round & 0xff}.${200 + at}`, port: 49_000 + (round & 0xfff) };
      const server = { address: '10.255.255.1', port: at === 0 ? 2_000 : 11_720 };
      const sequences = { client: 1_000, server: 9_000 };
      this.#frame(tcp(client, server, 999, flags.syn), new Uint8Array(0));
      this.#frame(tcp(server, client, 8_999, flags.syn | flags.acknowledge), new Uint8Array(0));
      for (const [from, octets] of said) {
        if (typeof octets === 'number') continue;
        const [source, destination] = from === 'client' ? [client, server] : [server, client];
        this.#frame(tcp(source, destination, sequences[from], flags.acknowledge), octets);
        sequences[from] += octets.byteLength;
        this.#microseconds += 100;
      }
    }
  }

  #media({ header, ssrc, payloadAt, isWhole }: Way, tick: number): void {
    const payload = payloadAt(tick);
    if (isWhole) {
      this.#frame(header, payload);
      return;
    }
    const at = this.#room(header.byteLength + RTP + payload.byteLength);
    this.#put(at, header, RTP + payload.byteLength);
    rtpHeader(this.#chunk, at + header.byteLength, tick, ssrc);
    this.#chunk.set(payload, at + header.byteLength + RTP);
  }

  #frame(header: Uint8Array, payload: Uint8Array): void {
    const at = this.#room(header.byteLength + payload.byteLength);
    this.#put(at, header, payload.byteLength);
    this.#chunk.set(payload, at + header.byteLength);
  }

  #put(at: number, header: Uint8Array, payload: number): void {
    this.#chunk.set(header, at);
    this.#view.setUint16(at + ETHERNET + 2, header.byteLength - ETHERNET + payload);
    if (header[ETHERNET + 9] === 17) this.#view.setUint16(at + ETHERNET + 24, 8 + payload);
  }

  /** Room for a frame behind its record header, which is written. */
  #room(length: number): number {
    if (this.#to + RECORD + length > CHUNK) {
      this.#full.push(this.#chunk.subarray(0, this.#to));
      this.#chunk = new Uint8Array(CHUNK);
      this.#view = new DataView(this.#chunk.buffer);
      this.#to = 0;
    }
    const at = this.#to;
    this.#microseconds += 3;
    this.#view.setUint32(at, Math.floor(this.#microseconds / 1_000_000), true);
    this.#view.setUint32(at + 4, this.#microseconds % 1_000_000, true);
    this.#view.setUint32(at + 8, length, true);
    this.#view.setUint32(at + 12, length, true);
    this.#to += RECORD + length;
    this.contents.packets++;
    this.contents.octets += RECORD + length;
    return at + RECORD;
  }

  #fileHeader(): void {
    for (const [at, word] of [0xa1b2c3d4, 0x0004_0002, 0, 0, 262_144, 1].entries())
      this.#view.setUint32(4 * at, word, true);
    this.#to = 24;
    this.contents.octets += 24;
  }
}

/** A download by TLS, one of pages in the clear, and datagrams of nothing that is known. */
class OtherTraffic {
  readonly #tls: Uint8Array;
  readonly #page: Uint8Array;
  readonly datagramHeader: Uint8Array;
  #tlsSequence = 1_000;
  #pageSequence = 5_000;
  #left = 0;
  #at = 0;

  constructor(round: number) {
    const client = (port: number): TransportAddress => ({ address: `10.200.${round >> 8}.${round & 0xff}`, port });
    this.#tls = tcp({ address: '198.51.100.1', port: 443 }, client(50_000), 0, flags.acknowledge);
    this.#page = tcp({ address: '198.51.100.2', port: 80 }, client(50_001), 0, flags.acknowledge);
    this.datagramHeader = udp({ address: '198.51.100.3', port: 4_433 }, client(50_002));
  }

  tlsHeader(): Uint8Array {
    new DataView(this.#tls.buffer).setUint32(38, this.#tlsSequence);
    return this.#tls;
  }

  /** Segments of records that are as long as whole ones of them. */
  tls(): Uint8Array {
    const segment = random.slice(this.#next(), this.#at + SEGMENT);
    this.#tlsSequence = (this.#tlsSequence + SEGMENT) >>> 0;
    if (this.#left === 0) {
      segment.set([23, 3, 3, (TLS_RECORD - 5) >> 8, (TLS_RECORD - 5) & 0xff]);
      this.#left = TLS_RECORD;
    }
    this.#left -= SEGMENT;
    return segment;
  }

  pageHeader(): Uint8Array {
    new DataView(this.#page.buffer).setUint32(38, this.#pageSequence);
    this.#pageSequence = (this.#pageSequence + page.byteLength) >>> 0;
    return this.#page;
  }

  /** With the first octet that QUIC has (RFC 9000 §17.3). */
  datagram(): Uint8Array {
    const datagram = random.slice(this.#next(), this.#at + 1_200);
    datagram[0] = 0x40 | ((datagram[0] ?? 0) & 0x3f);
    return datagram;
  }

  #next(): number {
    this.#at = (this.#at + 7_919) % (random.byteLength - 2 * SEGMENT);
    return this.#at;
  }
}

function rtpHeader(into: Uint8Array, at: number, tick: number, ssrc: number): void {
  const [sequenceNumber, timestamp] = [1_000 + tick, 160 * tick];
  into[at] = 0x80;
  into[at + 1] = 0;
  into[at + 2] = sequenceNumber >> 8;
  into[at + 3] = sequenceNumber;
  for (let octet = 0; octet < 4; octet++) {
    into[at + 4 + octet] = timestamp >>> (24 - 8 * octet);
    into[at + 8 + octet] = ssrc >>> (24 - 8 * octet);
  }
}

function internet(from: TransportAddress, to: TransportAddress, protocol: number, transport: number): Uint8Array {
  const header = new Uint8Array(ETHERNET + 20 + transport);
  header.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45], 0);
  header.set([64, protocol], ETHERNET + 8);
  header.set(addressOctets(from.address), ETHERNET + 12);
  header.set(addressOctets(to.address), ETHERNET + 16);
  const view = new DataView(header.buffer);
  view.setUint16(34, from.port);
  view.setUint16(36, to.port);
  return header;
}

function udp(from: TransportAddress, to: TransportAddress): Uint8Array {
  return internet(from, to, 17, 8);
}

function tcp(from: TransportAddress, to: TransportAddress, sequence: number, given: number): Uint8Array {
  const header = internet(from, to, 6, 20);
  new DataView(header.buffer).setUint32(38, sequence);
  header[46] = 0x50;
  header[47] = given;
  header.set([0xff, 0xff], 48);
  return header;
}
