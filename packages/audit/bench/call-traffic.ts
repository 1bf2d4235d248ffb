import { encapsulateUdp } from '@trustline/capture';
import { encodeMuLaw } from '@trustline/rtp';

/** Calls at the same time; each lasts three minutes, and one that ends makes room for another. */
const CALLS = 200;
const PACKETS_OF_A_CALL = 50 * 180;
const VOICE = 160;
const CHUNK = 1 << 20;

/** A capture (pcap) of so many megabytes: calls with SIP and G.711 in both directions, a third of them with what SRTP looks like. */
export function* callTraffic(megabytes: number): Generator<Uint8Array> {
  yield fileHeader();
  const calls = Array.from({ length: CALLS }, (_, at) => new Call(at));
  let number = CALLS;
  let written = 0;
  let chunk = new Uint8Array(CHUNK);
  let used = 0;
  for (let tick = 0; written < megabytes * 1e6; tick++) {
    for (const [at, call] of calls.entries()) {
      for (const frame of call.frames(tick)) {
        if (used + 16 + frame.byteLength > CHUNK) {
          yield chunk.subarray(0, used);
          chunk = new Uint8Array(CHUNK);
          used = 0;
        }
        used += putRecord(chunk, used, 20_000 * tick + 90 * at, frame);
        written += 16 + frame.byteLength;
      }
      if (call.isOver) calls[at] = new Call(number++);
    }
  }
  yield chunk.subarray(0, used);
}

class Call {
  readonly #number: number;
  readonly #frames: readonly [Uint8Array, Uint8Array];
  readonly #voice: Uint8Array;
  #packets = 0;

  constructor(number: number) {
    this.#number = number;
    const isSrtp = number % 3 === 0;
    this.#voice = isSrtp ? noise(4_096) : speech(4_096);
    const frame = (isForth: boolean) => this.#udp(isForth, 20_000, new Uint8Array(12 + VOICE + (isSrtp ? 10 : 0)));
    this.#frames = [frame(true), frame(false)];
    for (const [at, made] of this.#frames.entries()) {
      const rtp = made.subarray(42);
      rtp[0] = 0x80;
      new DataView(rtp.buffer, rtp.byteOffset).setUint32(8, 0x10000 * (at + 1) + number);
    }
  }

  get isOver(): boolean {
    return this.#packets >= PACKETS_OF_A_CALL;
  }

  /** Those of 20 milliseconds. They are written over with the next ones. */
  *frames(tick: number): Generator<Uint8Array> {
    if (this.#packets === 0) yield* this.#signalling(['INVITE sip:b@example.com SIP/2.0', 'SIP/2.0 200 OK']);
    for (const made of this.#frames) {
      const view = new DataView(made.buffer, made.byteOffset + 42);
      view.setUint16(2, this.#packets & 0xffff);
      view.setUint32(4, VOICE * this.#packets);
      const from = (97 * this.#packets + tick) % (this.#voice.byteLength - VOICE - 10);
      made.set(this.#voice.subarray(from, from + made.byteLength - 54), 54);
      yield made;
    }
    this.#packets++;
    if (this.isOver) yield* this.#signalling(['BYE sip:b@example.com SIP/2.0', 'SIP/2.0 200 OK']);
  }

  *#signalling(starts: readonly string[]): Generator<Uint8Array> {
    for (const [at, start] of starts.entries()) {
      const port = 10_000 + 4 * (this.#number % 10_000);
      const host = at === 0 ? this.#host(true) : this.#host(false);
      const sdp =
        start.startsWith('BYE') || (this.isOver && at === 1)
          ? ''
          : `v=0\r\no=- 1 1 IN IP4 ${host}\r\ns=-\r\nc=IN IP4 ${host}\r\nt=0 0\r\nm=audio ${port} RTP/${this.#number % 3 === 0 ? 'S' : ''}AVP 0\r\n`;
      const method = starts[0]?.split(' ')[0] ?? '';
      const head = `${start}\r\nVia: SIP/2.0/UDP ${this.#host(true)};branch=z9hG4bK${this.#number}${method}\r\nFrom: <sip:a${this.#number}@example.com>;tag=1\r\nTo: <sip:b@example.com>;tag=2\r\nCall-ID: ${this.#number}\r\nCSeq: 1 ${method}\r\nContent-Type: application/sdp\r\nContent-Length: ${sdp.length}\r\n\r\n`;
      yield this.#udp(at === 0, 5_060, new TextEncoder().encode(head + sdp));
    }
  }

  #host(isForth: boolean): string {
    return `10.${isForth ? 1 : 2}.${(this.#number >> 8) & 255}.${this.#number & 255}`;
  }

  #udp(isForth: boolean, kind: number, payload: Uint8Array): Uint8Array {
    const port = kind === 5_060 ? 5_060 : 10_000 + 4 * (this.#number % 10_000);
    const source = { address: this.#host(isForth), port };
    return encapsulateUdp({ source, destination: { address: this.#host(!isForth), port }, payload });
  }
}

function fileHeader(): Uint8Array {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 65_535);
  view.setUint32(20, 1);
  return header;
}

function putRecord(chunk: Uint8Array, at: number, microseconds: number, frame: Uint8Array): number {
  const view = new DataView(chunk.buffer, at);
  view.setUint32(0, 1_790_000_000 + Math.floor(microseconds / 1e6));
  view.setUint32(4, microseconds % 1e6);
  view.setUint32(8, frame.byteLength);
  view.setUint32(12, frame.byteLength);
  chunk.set(frame, at + 16);
  return 16 + frame.byteLength;
}

function speech(length: number): Uint8Array {
  const samples = Int16Array.from({ length }, (_, n) => 6_000 * Math.sin(n / 5) * Math.sin(n / 700));
  const encoded = new Uint8Array(length);
  encodeMuLaw(samples, encoded);
  return encoded;
}

/** As even as a cipher's octets (xorshift). */
function noise(length: number): Uint8Array {
  let state = 0x9e3779b9;
  return Uint8Array.from({ length }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state & 0xff;
  });
}
