/** Captures whose every word is known: who says what by SIP, and what voice goes where, how it is protected. */
import { type CapturedPacket, encapsulateUdp, linkTypes, type TransportAddress } from '@trustline/capture';
import { createSrtpSender, type SrtpProfileName, type SrtpSender } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import { Audit, type AuditOptions } from '../audit.ts';
import { datagramsOf, encodings } from '../media/streams.fixture.ts';
import type { AuditReport } from '../model/report.ts';
import type { Said } from '../secure-transport/tls/recorded-tls.fixture.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import { flags, tcpPacket } from '../traffic/frames.fixture.ts';

const LARGEST_SEGMENT = 1_400;

export interface Host {
  readonly name: string;
  readonly signalling: TransportAddress;
  readonly media: TransportAddress;
}

export const alice: Host = {
  name: 'alice',
  signalling: { address: '192.0.2.10', port: 5_062 },
  media: { address: '192.0.2.10', port: 40_000 },
};
export const bob: Host = {
  name: 'bob',
  signalling: { address: '192.0.2.20', port: 35_060 },
  media: { address: '192.0.2.20', port: 41_000 },
};

/** An SDES key as it stands in a session description, and what sends with it. */
export interface Key {
  readonly suite: string;
  readonly profile: SrtpProfileName;
  readonly master: Uint8Array;
  readonly salt: Uint8Array;
  readonly parameters?: readonly string[];
}

/** A key that is the same for the same number. */
export function keyNumber(seed: number, more: Partial<Key> = {}): Key {
  return {
    suite: 'AES_CM_128_HMAC_SHA1_80',
    profile: 'AES_CM_128_HMAC_SHA1_80',
    master: Uint8Array.from({ length: 16 }, (_, at) => (seed * 37 + at * 11) & 0xff),
    salt: Uint8Array.from({ length: 14 }, (_, at) => (seed * 53 + at * 7) & 0xff),
    ...more,
  };
}

export function sender({ profile, master, salt, parameters = [] }: Key): SrtpSender {
  return createSrtpSender({
    profile,
    crypto: nodeCrypto,
    masterKeys: [{ key: master, salt }],
    unencryptedRtp: parameters.includes('UNENCRYPTED_SRTP'),
    unauthenticatedRtp: parameters.includes('UNAUTHENTICATED_SRTP'),
  });
}

export interface Description {
  readonly key?: Key;
  /** `RTP/SAVP` where there is a key, by default. */
  readonly profile?: string;
  readonly format?: string;
  readonly lines?: readonly string[];
  readonly at?: TransportAddress;
}

/** A session description of a host. */
export function describe(host: Host, description: Description = {}): string {
  const { key, profile = key === undefined ? 'RTP/AVP' : 'RTP/SAVP', format = '0 101', lines = [] } = description;
  const { address, port } = description.at ?? host.media;
  const inline = (given: Key) => {
    const text = btoa(String.fromCharCode(...given.master, ...given.salt));
    return `a=crypto:1 ${[given.suite, `inline:${text}`, ...(given.parameters ?? [])].join(' ')}`;
  };
  return [
    'v=0',
    `o=${host.name} 1 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    `m=audio ${port} ${profile} ${format}`,
    ...(format.includes('101') ? ['a=rtpmap:101 telephone-event/8000'] : []),
    ...(key === undefined ? [] : [inline(key)]),
    ...lines,
    '',
  ].join('\r\n');
}

export interface Voice {
  readonly from?: TransportAddress;
  readonly to?: TransportAddress;
  readonly seconds?: number;
  readonly key?: Key;
  /** Goes on with what sent before, where a key is used in several stretches. */
  readonly sender?: SrtpSender;
  readonly ssrc?: number;
  readonly sequenceNumber?: number;
  /** Of the first packet, where not in step with its number. */
  readonly timestamp?: number;
  readonly payloadType?: number;
  /** Timestamp units from packet to packet, where not those of 20 ms: 0 within an event. */
  readonly step?: number;
  /** In place of speech. */
  readonly payloads?: readonly Uint8Array[];
  /** What is said, by number. */
  readonly speech?: number;
}

interface Sent {
  readonly frame: Uint8Array;
  readonly microseconds: number;
  readonly cutTo?: number;
}

/** Writes a capture as it happens: each thing said takes place 20 ms after the one before. */
export class CaptureScript {
  readonly sent: Sent[] = [];
  now = 1_700_000_000_000_000;
  callId = 'first-call@192.0.2.10';

  datagram(from: TransportAddress, to: TransportAddress, payload: Uint8Array): void {
    this.now += 20_000;
    this.sent.push({ frame: encapsulateUdp({ source: from, destination: to, payload }), microseconds: this.now });
  }

  /** A message of SIP by UDP. */
  sip(from: Host, to: Host, start: string, cseq: string, body = '', headers: readonly string[] = []): void {
    const caller = start.startsWith('SIP/2.0') ? to : from;
    const callee = caller === from ? to : from;
    const text = sipMessage({ start, caller, callee, cseq, body, headers, callId: this.callId });
    this.datagram(from.signalling, to.signalling, new TextEncoder().encode(text));
  }

  /** INVITE, 200 and ACK. */
  answered(offer: string, answer: string): void {
    this.sip(alice, bob, 'INVITE sip:bob@example.com SIP/2.0', '1 INVITE', offer);
    this.sip(bob, alice, 'SIP/2.0 180 Ringing', '1 INVITE');
    this.sip(bob, alice, 'SIP/2.0 200 OK', '1 INVITE', answer);
    this.sip(alice, bob, 'ACK sip:bob@example.com SIP/2.0', '1 ACK');
  }

  over(cseq = 9): void {
    this.sip(alice, bob, 'BYE sip:bob@example.com SIP/2.0', `${cseq} BYE`);
    this.sip(bob, alice, 'SIP/2.0 200 OK', `${cseq} BYE`);
  }

  /** What was said in a connection, from its SYNs to its end. */
  connection(client: TransportAddress, server: TransportAddress, said: readonly Said[]): void {
    const sequences = { client: 1_000, server: 9_000 };
    const segment = (from: ConnectionSide, given: number, octets: Uint8Array = new Uint8Array(0)) => {
      const [source, destination] = from === 'client' ? [client, server] : [server, client];
      const packet = tcpPacket({
        from: source,
        to: destination,
        sequence: sequences[from],
        ...(from === 'client' && given === flags.syn
          ? {}
          : { acknowledgement: sequences[from === 'client' ? 'server' : 'client'] }),
        flags: given,
        octets,
      });
      this.now += 5_000;
      this.sent.push({ frame: withEthernet(packet), microseconds: this.now });
      sequences[from] += octets.byteLength + (given === 0 ? 0 : 1);
    };
    segment('client', flags.syn);
    segment('server', flags.syn);
    for (const { from, octets } of said) {
      for (let at = 0; at < octets.byteLength; at += LARGEST_SEGMENT) {
        segment(from, 0, octets.subarray(at, at + LARGEST_SEGMENT));
      }
    }
    segment('client', flags.fin);
    segment('server', flags.fin);
  }

  /** Speech of G.711, and what both hear at once: the ways of one call take turns. */
  voices(...voices: readonly Voice[]): void {
    const ways = voices.map((voice) => ({ voice, datagrams: rtpOf(voice) }));
    const longest = Math.max(...ways.map(({ datagrams }) => datagrams.length));
    for (let at = 0; at < longest; at++) {
      for (const { voice, datagrams } of ways) {
        const payload = datagrams[at];
        if (payload === undefined) continue;
        this.now -= 20_000 * (1 - 1 / ways.length);
        this.datagram(voice.from ?? alice.media, voice.to ?? bob.media, payload);
      }
    }
  }

  /** Both ways of the call, each with its own key or none. */
  talk(seconds: number, fromAlice?: Key, fromBob?: Key): void {
    this.voices(
      { seconds, ...(fromAlice && { key: fromAlice }), ssrc: 0xa11ce },
      {
        seconds,
        ...(fromBob && { key: fromBob }),
        ssrc: 0xb0b,
        from: bob.media,
        to: alice.media,
        speech: 2,
      },
    );
  }

  packets(): readonly CapturedPacket[] {
    const shown = { linkType: linkTypes.ethernet, snapLength: 0, name: 'eth0' };
    return this.sent.map(({ frame, microseconds, cutTo }, at) => ({
      kind: 'packet',
      number: at + 1,
      interface: shown,
      time: { microseconds, nanoseconds: 0 },
      data: cutTo === undefined ? frame : frame.subarray(0, cutTo),
      originalLength: frame.byteLength,
      direction: undefined,
      comment: undefined,
    }));
  }

  /** What an auditor is told of it. */
  audited(options: AuditOptions = {}): AuditReport {
    return auditOf(this.packets(), options);
  }
}

export function auditOf(packets: Iterable<CapturedPacket>, options: AuditOptions = {}): AuditReport {
  const audit = new Audit({ crypto: nodeCrypto, ...options });
  for (const packet of packets) audit.handle(packet);
  audit.end();
  return audit.report({ madeAt: '2026-01-01T00:00:00.000Z', toolVersion: '0.0.0', captures: [] });
}

/** The text of a message between two hosts, whose caller said the first one. */
export function sipMessage(message: {
  readonly start: string;
  readonly caller: Host;
  readonly callee: Host;
  readonly cseq: string;
  readonly body?: string;
  readonly headers?: readonly string[];
  readonly callId?: string;
  readonly transport?: string;
}): string {
  const { start, caller, callee, cseq, body = '', headers = [], callId = 'first-call@192.0.2.10' } = message;
  const hasType = headers.some((header) => header.startsWith('Content-Type:'));
  return [
    start,
    `Via: SIP/2.0/${message.transport ?? 'UDP'} ${caller.signalling.address}:${caller.signalling.port};branch=z9hG4bK${cseq.replace(' ', '')}`,
    'Max-Forwards: 70',
    `From: "${caller.name}" <sip:${caller.name}@example.com>;tag=a1`,
    `To: <sip:${callee.name}@example.com>${cseq === '1 INVITE' && !start.startsWith('SIP') ? '' : ';tag=b1'}`,
    `Call-ID: ${callId}`,
    `CSeq: ${cseq}`,
    ...headers,
    ...(body === '' || hasType ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
    '',
    body,
  ].join('\r\n');
}

function rtpOf(voice: Voice): Uint8Array[] {
  const { seconds = 3, key, ssrc, sequenceNumber, timestamp, payloadType, step, speech = 1 } = voice;
  const payloads = voice.payloads ?? encodings.pcmu(speechLike(speech, seconds * 8_000));
  const protecting = voice.sender ?? (key === undefined ? undefined : sender(key));
  return datagramsOf({
    payloads,
    ...(ssrc === undefined ? {} : { ssrc }),
    ...(sequenceNumber === undefined ? {} : { sequenceNumber, timestamp: sequenceNumber * 160 }),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(payloadType === undefined ? {} : { payloadType }),
    ...(step === undefined ? {} : { step }),
    ...(protecting === undefined ? {} : { sender: protecting }),
  });
}

function withEthernet(packet: Uint8Array): Uint8Array {
  const frame = new Uint8Array(14 + packet.byteLength);
  frame[12] = 0x08;
  frame.set(packet, 14);
  return frame;
}
