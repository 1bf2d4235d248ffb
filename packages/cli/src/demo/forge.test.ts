import { RtpHeaderView } from '@trustline/rtp';
import { createSrtpReceiver } from '@trustline/srtp';
import { nodeCrypto } from '@trustline/srtp/node';
import { expect, test } from 'vitest';
import { forgePackets } from './forge.ts';
import { datagramsOf } from './line.fixture.ts';

const key = Uint8Array.from({ length: 16 }, (_, index) => index);
const salt = Uint8Array.from({ length: 14 }, (_, index) => index);
const address = { address: '127.0.0.1', port: 40_000 };
const sent = datagramsOf({
  speech: new Int16Array(1_600),
  source: address,
  destination: address,
  digits: [],
  srtp: { crypto: nodeCrypto, key, salt },
});
const last = sent.at(-1) ?? new Uint8Array();
let octet = 0;
const random = (length: number) => Uint8Array.from({ length }, () => (octet = (octet * 37 + 11) & 0xff));

test('a forged packet has the header that comes next, and nothing else of the sender', () => {
  const [before, header] = [new RtpHeaderView(), new RtpHeaderView()];
  before.read(last);
  for (const [index, forged] of forgePackets(last, 3, random).entries()) {
    expect(header.read(forged)).toBeUndefined();
    expect(forged.length).toBe(last.length);
    expect(header.ssrc).toBe(before.ssrc);
    expect(header.payloadType).toBe(before.payloadType);
    expect(header.sequenceNumber).toBe(before.sequenceNumber + 1 + index);
    expect(header.timestamp).toBe(before.timestamp + 160 * (1 + index));
    expect(forged.subarray(12)).not.toEqual(last.subarray(12));
  }
});

test('sequence number and timestamp wrap', () => {
  const wrapping = last.slice();
  wrapping.fill(0xff, 2, 8);
  const [forged = new Uint8Array()] = forgePackets(wrapping, 1, random);
  expect([...forged.subarray(2, 8)]).toEqual([0, 0, 0, 0, 0, 159]);
});

test('SRTP refuses it for its tag, and what came before when it comes again', () => {
  const receiver = createSrtpReceiver({
    profile: 'AES_CM_128_HMAC_SHA1_80',
    crypto: nodeCrypto,
    masterKeys: [{ key, salt }],
  });
  const out = new Uint8Array(2_000);
  for (const packet of sent) expect(receiver.unprotect(packet, out)).toBeTypeOf('number');
  for (const forged of forgePackets(last, 3, random)) {
    expect(receiver.unprotect(forged, out)).toBe('authentication-failed');
  }
  expect(receiver.unprotect(last, out)).toBe('replayed');
});
