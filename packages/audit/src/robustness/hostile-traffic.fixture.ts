/** Traffic that was made to fill memory: a program that audits one kind of it, and says what became of it and how much memory it took. */
import { type CapturedPacket, encapsulateUdp, linkTypes, type TransportAddress } from '@trustline/capture';
import { hybridCrypto } from '@trustline/srtp/node';
import { Audit } from '../audit.ts';
import { flags, tcpPacket } from '../traffic/frames.fixture.ts';
import { alice, bob, describe, sipMessage } from '../traps/capture-script.fixture.ts';

const text = (words: string) => new TextEncoder().encode(words);
const client: TransportAddress = { address: '192.0.2.1', port: 40_000 };
const server: TransportAddress = { address: '192.0.2.2', port: 5_060 };
const raw = { linkType: linkTypes.raw, snapLength: 0, name: undefined };
const ethernet = { linkType: linkTypes.ethernet, snapLength: 0, name: undefined };

type Frames = Generator<Uint8Array>;

/** An address for each number. */
const numbered = (number: number) => `10.${(number >> 16) & 0xff}.${(number >> 8) & 0xff}.${number & 0xff}`;
const datagram = (source: TransportAddress, destination: TransportAddress, payload: Uint8Array) =>
  encapsulateUdp({ source, destination, payload });

function rtp(ssrc: number, sequenceNumber: number): Uint8Array {
  const packet = new Uint8Array(172).fill(0xd5);
  const view = new DataView(packet.buffer);
  packet[0] = 0x80;
  packet[1] = 8;
  view.setUint16(2, sequenceNumber);
  view.setUint32(4, 160 * sequenceNumber);
  view.setUint32(8, ssrc);
  return packet;
}

/** Each kind, of so many packets. */
const kinds: Readonly<Record<string, (count: number) => Frames>> = {
  *flows(count) {
    for (let at = 0; at < count; at++) yield datagram({ address: numbered(at), port: at & 0xffff }, server, text('?'));
  },
  *connections(count) {
    for (let at = 0; at < count; at++) {
      const from = { address: numbered(at), port: 1_024 + (at & 0x7fff) };
      yield tcpPacket({ from, to: server, sequence: 1, text: 'INVITE sip:' });
    }
  },
  /** A megabyte and more of one message. */
  *'segments of one octet'(count) {
    const from = client;
    const begin = text(
      `${sipMessage({ start: 'INVITE sip:b@c SIP/2.0', caller: alice, callee: bob, cseq: '1 INVITE' }).trimEnd()}\r\nX: `,
    );
    for (let at = 0; at < count; at++)
      yield tcpPacket({ from, to: server, sequence: at, octets: Uint8Array.of(begin[at] ?? 0x61) });
  },
  *'segments that contradict each other'(count) {
    for (let at = 0; at < count; at++) {
      yield tcpPacket({
        from: client,
        to: server,
        sequence: 1 + ((at * 7_919) % 200_000),
        octets: text(`${at} `.repeat(20)),
      });
    }
  },
  *fragments(count) {
    for (let at = 0; at < count; at++) {
      const packet = new Uint8Array(20 + 1_400);
      const view = new DataView(packet.buffer);
      packet.set([0x45, 0], 0);
      view.setUint16(2, packet.byteLength);
      view.setUint16(4, at >> 3);
      view.setUint16(6, 0x2000 | (((at & 7) + 1) * 175));
      packet[9] = 17;
      packet.set([10, 0, at >> 19, 1, 10, 0, 0, 2], 12);
      yield packet;
    }
  },
  *'one message without an end'(count) {
    yield tcpPacket({ from: client, to: server, sequence: 0, flags: flags.syn });
    const begin = sipMessage({
      start: 'INVITE sip:b@c SIP/2.0',
      caller: alice,
      callee: bob,
      cseq: '1 INVITE',
      headers: ['Content-Length: 4000000000'],
    });
    let sequence = 1;
    for (let at = 0; at < count; at++) {
      const octets = at === 0 ? text(begin) : new Uint8Array(1_400).fill(0x61);
      yield tcpPacket({ from: client, to: server, sequence, octets });
      sequence += octets.byteLength;
    }
  },
  *'a frame of 2^63 octets'(count) {
    const key = 'dGhlIHNhbXBsZSBub25jZQ==';
    const hello = `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: sip\r\n\r\n`;
    const frame = Uint8Array.of(0x82, 0xff, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4);
    let sequence = 1;
    for (const octets of [
      text(hello),
      frame,
      ...Array.from({ length: count }, () => new Uint8Array(1_400).fill(0x49)),
    ]) {
      yield tcpPacket({ from: client, to: server, sequence, octets });
      sequence += octets.byteLength;
    }
  },
  *'many sources at one port'(count) {
    for (let at = 0; at < count; at++) yield datagram(client, server, rtp(at + 1, 1));
  },
  *streams(count) {
    for (let at = 0; at < count; at++) {
      const stream = Math.floor(at / 10);
      yield datagram({ address: numbered(stream), port: 4_000 }, server, rtp(stream, at % 10));
    }
  },
  *calls(count) {
    for (let at = 0; at < count; at++) {
      const body = describe(alice, { at: { address: numbered(at), port: 4_000 } });
      yield datagram(
        client,
        server,
        text(
          sipMessage({
            start: 'INVITE sip:b@c SIP/2.0',
            caller: alice,
            callee: bob,
            cseq: '1 INVITE',
            body,
            callId: `${at}@a`,
          }),
        ),
      );
    }
  },
};

/** Kinds, each with its count behind it, one after the other. */
const asked = process.argv.slice(2);
function* frames(): Frames {
  for (let at = 0; at < asked.length; at += 2) yield* kinds[asked[at] ?? '']?.(Number(asked[at + 1])) ?? [];
}

const before = process.resourceUsage().maxRSS;
const audit = new Audit({ crypto: hybridCrypto() });
let number = 0;
for (const data of frames()) {
  number++;
  const packet: CapturedPacket = {
    kind: 'packet',
    number,
    interface: data[0] === 0x45 ? raw : ethernet,
    time: { microseconds: 1_700_000_000_000_000 + 100 * number, nanoseconds: 0 },
    data,
    originalLength: data.byteLength,
    direction: undefined,
    comment: undefined,
  };
  audit.handle(packet);
}
audit.end();
const { calls, limits, counts } = audit.report({ madeAt: '', toolVersion: '', captures: [] });
const megabytes = (process.resourceUsage().maxRSS - before) / 1_024;
process.stdout.write(
  JSON.stringify({
    packets: number,
    calls: calls.length,
    counts,
    limits,
    megabytes: Math.round(megabytes),
    of: Math.round(before / 1_024),
  }),
);
