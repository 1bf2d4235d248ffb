import { readFileSync } from 'node:fs';
import { CaptureReader } from '@trustline/capture';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Traffic } from '../../traffic/traffic.ts';
import { looksLikeIke } from '../recognise.ts';
import { EspReader } from './esp-reader.ts';
import { readIkeMessage } from './ike-message.ts';
import { IkeReader } from './ike-reader.ts';

interface Datagram {
  readonly octets: Uint8Array;
  readonly source: string;
  readonly destination: string;
}

/** The datagrams of a capture of two strongSwan. */
function datagramsOf(name: string): readonly Datagram[] {
  const datagrams: Datagram[] = [];
  const traffic = new Traffic({
    openDatagrams: ({ source, destination }) => ({
      datagram: (octets) =>
        void datagrams.push({ octets: octets.slice(), source: source.address, destination: destination.address }),
    }),
    openConnection: () => ({ data: () => {}, gap: () => {}, ended: () => {} }),
  });
  const reader = new CaptureReader();
  reader.push(readFileSync(new URL(`../../../vectors/${name}`, import.meta.url)));
  for (let item = reader.next(); item !== undefined; item = reader.next()) {
    if (item.kind === 'packet') traffic.handle(item);
  }
  return datagrams;
}

const place = { number: 1, microseconds: 0 };

function ikeOf(name: string) {
  const reader = new IkeReader();
  for (const { octets } of datagramsOf(name)) {
    if (looksLikeIke(octets) === 'yes') expect(reader.datagram(octets, place)).toBe(true);
  }
  return reader.facts();
}

describe('IKE between two strongSwan', () => {
  test('version 2: what was offered, what was chosen, and nothing weak', () => {
    const [association, ...others] = ikeOf('ikev2-ecdsa-child-sa-ping.pcap');
    expect(others).toEqual([]);
    expect(association).toMatchObject({
      version: 2,
      mode: 'IKE_SA_INIT',
      chosen: { encryption: ['AES-GCM-16 256'], integrity: [], groups: ['P-384'] },
      group: 'P-384',
      messages: 4,
      encryptedMessages: 2,
      weaknesses: [],
    });
    expect(association?.offered.map(({ encryption, groups }) => [...encryption, ...groups])).toEqual([
      ['AES-GCM-16 256', 'P-384'],
      ['AES-CBC 128', 'P-256'],
    ]);
  });

  test('version 1: main mode with a key given beforehand and a small group', () => {
    const association = ikeOf('ikev1-mainmode-psk-aes128-sha1-modp1024.pcap').find(({ version }) => version === 1);
    expect(association).toMatchObject({
      mode: 'main mode',
      chosen: {
        encryption: ['AES-CBC 128'],
        integrity: ['HMAC-SHA1'],
        groups: ['MODP-1024'],
        authentication: ['pre-shared key'],
      },
      encryptedMessages: 7,
    });
    expect(association?.offered).toHaveLength(2);
    expect(association?.weaknesses.map(({ code }) => code)).toEqual(['ike-version-1', 'ike-sha-1', 'ike-small-group']);
  });

  test('aggressive mode with a key given beforehand lets it be guessed', () => {
    const u16 = (value: number) => [value >> 8, value & 0xff];
    const payload = (next: number, body: readonly number[]) => [next, 0, ...u16(4 + body.length), ...body];
    // 3DES, MD5, a key given beforehand, the group of 1,024 bits.
    const attributes = [0x80, 1, 0, 5, 0x80, 2, 0, 1, 0x80, 3, 0, 1, 0x80, 4, 0, 2];
    const transform = payload(0, [1, 1, 0, 0, ...attributes]);
    const proposal = payload(0, [1, 1, 0, 1, ...transform]);
    const association = payload(5, [0, 0, 0, 1, 0, 0, 0, 1, ...proposal]);
    const identity = payload(0, [2, 0, 0, 0, ...new TextEncoder().encode('phone.example')]);
    const payloads = [...association, ...identity];
    const message = (responder: number) => {
      const spis = [1, 2, 3, 4, 5, 6, 7, 8, ...Array<number>(8).fill(responder)];
      return Uint8Array.of(...spis, 1, 0x10, 4, 0, 0, 0, 0, 0, 0, 0, ...u16(28 + payloads.length), ...payloads);
    };
    const reader = new IkeReader();
    for (const responder of [0, 9]) reader.datagram(message(responder), place);
    expect(reader.facts()).toMatchObject([{ mode: 'aggressive mode', identity: 'phone.example' }]);
    expect(reader.facts()[0]?.weaknesses.map(({ code }) => code)).toEqual([
      'ike-version-1',
      'ike-triple-des-cipher',
      'ike-md5',
      'ike-small-group',
      'ike-aggressive-mode-with-pre-shared-key',
    ]);
  });
});

test('a call in ESP that encrypts gives no packet', () => {
  const reader = new EspReader();
  for (const { octets, source, destination } of datagramsOf('h323-over-ipsec-wire-esp-in-udp.pcap')) {
    if (looksLikeIke(octets) === 'yes') continue; // it asks whether the other is still there
    expect(reader.packet(octets, source, destination, place)).toEqual([]);
  }
  expect(reader.facts().map(({ spi }) => spi)).toEqual(['1a584585', '0839bee9']);
  expect(reader.facts().map(({ verdict }) => verdict)).toContain('no-null-encryption');
  expect(reader.facts().map(({ verdict }) => verdict)).not.toContain('null-encryption');
});

test('every truncation and any change of a message is read without an exception', () => {
  const messages = datagramsOf('ikev1-mainmode-psk-aes128-sha1-modp1024.pcap').map(({ octets }) => octets);
  for (const message of messages) {
    for (let length = 0; length < message.byteLength; length++) readIkeMessage(message.subarray(0, length));
    fc.assert(
      fc.property(fc.nat({ max: message.byteLength - 1 }), fc.nat({ max: 255 }), (at, octet) => {
        readIkeMessage(message.with(at, octet));
      }),
    );
  }
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 80 })), (packets) => {
      const [ike, esp] = [new IkeReader(), new EspReader()];
      for (const packet of packets) {
        ike.datagram(packet, place);
        esp.packet(packet, '192.0.2.1', '192.0.2.2', place);
      }
      expect(esp.facts().every(({ verdict }) => verdict !== 'null-encryption')).toBe(true);
    }),
  );
});
