import { readFileSync } from 'node:fs';
import { type CapturedPacket, CaptureReader, encapsulateUdp } from '@trustline/capture';
import { describe, expect, test } from 'vitest';
import { Audit } from '../audit.ts';
import { captured } from '../traffic/frames.fixture.ts';
import { ESP_PROTOCOL, IpsecDatagrams } from './ipsec-datagrams.ts';

const [alice, bob] = ['192.0.2.1', '192.0.2.2'];

function vector(name: string): readonly CapturedPacket[] {
  const reader = new CaptureReader();
  reader.push(readFileSync(new URL(`../../vectors/${name}`, import.meta.url)));
  const packets: CapturedPacket[] = [];
  for (let item = reader.next(); item !== undefined; item = reader.next())
    if (item.kind === 'packet') packets.push(item);
  return packets;
}

/** Raw IP, version 4. */
function ip(protocol: number, payload: Uint8Array): Uint8Array {
  const packet = new Uint8Array(20 + payload.byteLength);
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.byteLength);
  packet.set([64, protocol], 8);
  packet.set([192, 0, 2, 1, 192, 0, 2, 2], 12);
  packet.set(payload, 20);
  return packet;
}

const datagram = (words: string, ports: readonly [number, number] = [5_060, 5_060]) =>
  encapsulateUdp({
    source: { address: alice, port: ports[0] },
    destination: { address: bob, port: ports[1] },
    payload: new TextEncoder().encode(words),
  }).subarray(14 + 20);

/** ESP by RFC 4303 with NULL and a tag of 96 bits, in transport mode. */
function espNull(sequence: number, payload: Uint8Array, nextHeader = 17): Uint8Array {
  const padding = (4 - ((payload.byteLength + 2) % 4)) % 4;
  const packet = new Uint8Array(8 + payload.byteLength + padding + 2 + 12);
  const view = new DataView(packet.buffer);
  view.setUint32(0, 0xc0ffee01);
  view.setUint32(4, sequence);
  packet.set(payload, 8);
  for (let at = 0; at < padding; at++) packet[8 + payload.byteLength + at] = at + 1;
  packet.set([padding, nextHeader], 8 + payload.byteLength + padding);
  packet.fill(0xa5, packet.byteLength - 12);
  return packet;
}

function audited(packets: Iterable<CapturedPacket>) {
  const audit = new Audit();
  for (const packet of packets) audit.handle(packet);
  audit.end();
  return audit.report({ madeAt: '', toolVersion: '', captures: [] });
}

const options = (call: number) =>
  `OPTIONS sip:b@c SIP/2.0\r\nVia: SIP/2.0/UDP ${alice}\r\nFrom: <sip:a@c>;tag=1\r\nTo: <sip:b@c>\r\nCall-ID: ${call}@a\r\nCSeq: 1 OPTIONS\r\n\r\n`;

describe('IKE and ESP of a capture stand in its report', () => {
  test('two strongSwan by version 2: the association with its ends and suite, then ESP each way', () => {
    const { secureConnections } = audited(vector('ikev2-ecdsa-child-sa-ping.pcap'));
    const [ike, ...esp] = secureConnections;
    expect(ike).toMatchObject({
      number: 1,
      protocol: 'ike',
      client: expect.stringMatching(/:500$/),
      server: expect.stringMatching(/:500$/),
      version: 'IKE version 2, IKE_SA_INIT',
      suite: 'AES-GCM-16 256, P-384',
      weaknesses: [],
      opened: 'no',
    });
    expect(esp.map(({ protocol, number }) => [protocol, number])).toEqual(esp.map((_, at) => ['esp', at + 2]));
    for (const { suite, opened, weaknesses } of esp)
      expect({ suite, opened, weaknesses }).toEqual({ suite: null, opened: 'no', weaknesses: [] });
  });

  test('ESP in UDP (RFC 3948) on its port, and nothing of it is taken for anything else', () => {
    const { secureConnections, calls, protocols } = audited(vector('h323-over-ipsec-wire-esp-in-udp.pcap'));
    expect(secureConnections.filter(({ protocol }) => protocol === 'esp').length).toBeGreaterThanOrEqual(2);
    expect(calls).toEqual([]);
    expect(protocols.map(({ name }) => name)).toContain('esp');
  });
});

describe('what ESP carries without encryption (RFC 5879)', () => {
  test('is read as if it lay there by itself, and said to lie open', () => {
    const packets = Array.from({ length: 4 }, (_, at) => ip(ESP_PROTOCOL, espNull(at + 1, datagram(options(at)))));
    const { secureConnections, protocols } = audited(captured(packets));
    expect(secureConnections).toMatchObject([
      {
        protocol: 'esp',
        client: alice,
        server: bob,
        suite: 'NULL encryption',
        opened: 'null-cipher',
        weaknesses: ['esp-null-encryption: SPI c0ffee01'],
      },
    ]);
    expect(protocols.find(({ name }) => name === 'sip')?.packets).toBe(4);
  });

  test('and which carries ESP again, without an end, is read to a depth and no further', () => {
    let inner = espNull(1, datagram(options(1)));
    for (let depth = 0; depth < 60; depth++) inner = espNull(depth + 1, inner, ESP_PROTOCOL);
    expect(() => audited(captured(Array.from({ length: 5 }, () => ip(ESP_PROTOCOL, inner))))).not.toThrow();
  });
});

describe('ESP is told from other datagrams', () => {
  const { readers } = new IpsecDatagrams(() => {});
  const [ike, esp] = readers;
  const key = (ports: readonly [number, number], protocol = 17) => ({
    source: { address: alice, port: ports[0] },
    destination: { address: bob, port: ports[1] },
    protocol,
    tunnel: 0,
    interface: 0,
  });
  const octets = espNull(1, datagram('hello'));

  test.each([
    ['by its protocol of IP', octets, key([0, 0], ESP_PROTOCOL), true],
    ['by the port of RFC 3948', octets, key([40_000, 4_500]), true],
    ['not on another port between hosts without IKE', octets, key([40_000, 40_002]), false],
    ['not a message of IKE, which zeros mark', Uint8Array.of(0, 0, 0, 0, ...octets), key([4_500, 4_500]), false],
    ['not a keep-alive', Uint8Array.of(0xff), key([4_500, 4_500]), false],
    ['not what is too short', octets.subarray(0, 19), key([0, 0], ESP_PROTOCOL), false],
  ])('%s', (_, payload, flow, isEsp) => {
    expect(esp?.recogniseDatagram(payload, flow)).toBe(isEsp);
  });

  test('on any port between hosts that spoke IKE, either way', () => {
    const message = new Uint8Array(28);
    message.set([1, 2, 3, 4, 5, 6, 7, 8]);
    message.set([33, 0x20, 34, 8], 16);
    new DataView(message.buffer).setUint32(24, 28);
    expect(ike?.recogniseDatagram(message, key([500, 500]))).toBe(true);
    ike?.reader.datagram(
      key([500, 500]).source,
      key([500, 500]).destination,
      message,
      { number: 1, microseconds: 1 },
      false,
    );
    expect(esp?.recogniseDatagram(octets, key([40_000, 40_002]))).toBe(true);
    const { source, destination, ...others } = key([40_000, 40_002]);
    expect(esp?.recogniseDatagram(octets, { ...others, source: destination, destination: source })).toBe(true);
  });
});
