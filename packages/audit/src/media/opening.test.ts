import { describe, expect, test } from 'vitest';
import type { MediaKey } from '../model/media-key.ts';
import { correlateAtBestLag } from '../signal/correlate.ts';
import {
  called,
  caller,
  datagramsOf,
  encodings,
  flowOf,
  keyOf,
  Line,
  type SentStream,
  senderOf,
  speech,
} from './streams.fixture.ts';

const lags = { maximumLagSamples: 2_000 };
const pcmu = encodings.pcmu(speech);
const profile = 'AES_CM_128_HMAC_SHA1_80';

function sent(key: MediaKey, more: Partial<SentStream> = {}): Uint8Array[] {
  return datagramsOf({ payloads: pcmu, sender: senderOf(key), ...more });
}

/** That the whole voice was heard with the key. */
function expectOpened(line: Line, key: MediaKey, packets = 250): void {
  const stream = line.only();
  expect(stream).toMatchObject({ state: 'opened', openedPackets: packets, clearPackets: 0 });
  expect(stream.key).toBe(key);
  const heard = stream.audio?.samples?.() ?? [];
  expect(correlateAtBestLag(speech, heard, lags).correlation).toBeGreaterThan(0.99);
}

describe('SRTP whose key was read', () => {
  test.each([
    'AES_CM_128_HMAC_SHA1_80',
    'AES_CM_128_HMAC_SHA1_32',
    'AEAD_AES_128_GCM',
    'AEAD_AES_256_GCM',
    'AES_192_CM_HMAC_SHA1_80',
    'AES_256_CM_HMAC_SHA1_80',
    'AES_256_CM_HMAC_SHA1_32',
    'F8_128_HMAC_SHA1_80',
  ] as const)('of %s is opened and heard', (suite) => {
    const key = keyOf(suite);
    const line = new Line({ includeAudio: true });
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    line.send(sent(key));
    expectOpened(line, key);
    expect(line.only().because).toMatch(/the key of packet 1 opened it/);
  });

  test('with an MKI is opened, and also where the sender leaves out the MKI that was agreed', () => {
    const key = keyOf(profile, 1, { mki: Uint8Array.of(0, 0, 0, 1) });
    const { mki: _, ...bare } = key;
    for (const by of [key, bare]) {
      const line = new Line({ includeAudio: true });
      line.describe({ profile: 'RTP/SAVP', keys: [key] });
      line.send(sent(by));
      expectOpened(line, key);
    }
  });

  test('without tags is opened by what comes out', () => {
    const key = keyOf(profile, 1, { unauthenticatedSrtp: true });
    const wrong = keyOf(profile, 2, { unauthenticatedSrtp: true });
    const line = new Line({ includeAudio: true });
    line.describe({ profile: 'RTP/SAVP', keys: [wrong, key] });
    line.send(sent(key));
    expectOpened(line, key);
    const other = new Line();
    other.describe({ profile: 'RTP/SAVP', keys: [wrong] });
    other.send(sent(key));
    expect(other.only().openedPackets).toBe(0);
  });

  test('by no encryption at all is clear: nobody needs the key', () => {
    const key = keyOf(profile, 1, { unencryptedSrtp: true });
    const line = new Line();
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    line.send(sent(key));
    expect(line.only()).toMatchObject({ state: 'clear', clearPackets: 250, openedPackets: 0 });
  });

  test('is opened from its first packet on where the key is read later', () => {
    const key = keyOf(profile);
    const line = new Line({ includeAudio: true });
    const datagrams = sent(key);
    line.send(datagrams.slice(0, 120));
    expect(line.only().state).toBe('encrypted');
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    line.send(datagrams.slice(120));
    expectOpened(line, key);
  });

  test('is opened where the key is read after the last packet', () => {
    const key = keyOf(profile);
    const line = new Line({ includeAudio: true });
    line.send(sent(key));
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    expectOpened(line, key);
  });

  test('is opened by the key that the other end said, behind a NAT, and by one of a leg that nothing joins with it', () => {
    const key = keyOf(profile);
    const places = [
      { end: 'caller', receives: caller },
      { end: 'caller', receives: { ...caller, address: '10.0.0.7' } },
      { end: 'called', receives: { address: '198.51.100.9', port: 9_999 } },
    ] as const;
    for (const place of places) {
      const line = new Line({ includeAudio: true });
      line.describe({ profile: 'RTP/SAVP', keys: [key], ...place });
      line.send(sent(key));
      expectOpened(line, key);
    }
  });

  test('is opened by the key that the auditor gave, which says so', () => {
    const key = keyOf(profile, 3, { source: { kind: 'given', name: 'keys.txt line 4' } });
    const line = new Line({ includeAudio: true, givenKeys: [keyOf(profile, 9), key] });
    line.send(sent(key));
    expectOpened(line, key);
    expect(line.only().because).toMatch(/a key that was given opened it/);
  });

  test('is not opened by another key, nor without crypto', () => {
    const key = keyOf(profile);
    const line = new Line();
    line.describe({ profile: 'RTP/SAVP', keys: [keyOf(profile, 2), keyOf('AEAD_AES_128_GCM', 1)] });
    line.send(sent(key));
    expect(line.only()).toMatchObject({ state: 'encrypted', key: undefined });
  });

  test('that began long before the capture is opened, rollover counter or not', () => {
    const key = keyOf(profile);
    const sender = senderOf(key);
    sender.setRolloverCounter(0xcafe, 17);
    const line = new Line({ includeAudio: true });
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    line.send(sent(key, { sender, sequenceNumber: 65_400 }));
    expectOpened(line, key);
  });

  test('that rolled over before its key was read is opened on both sides of it', () => {
    const key = keyOf(profile);
    const sender = senderOf(key);
    sender.setRolloverCounter(0xcafe, 5);
    const line = new Line({ includeAudio: true });
    line.send(sent(key, { sender, sequenceNumber: 65_400 }));
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    expectOpened(line, key);
  });

  test('is opened through loss, repetition and another order', () => {
    const key = keyOf(profile);
    const datagrams = sent(key).flatMap((one, at) => (at % 10 === 3 ? [] : at % 7 === 0 ? [one, one] : [one]));
    for (let at = 20; at + 1 < datagrams.length; at += 20) {
      const [one, other] = [datagrams[at], datagrams[at + 1]];
      if (one !== undefined && other !== undefined) [datagrams[at], datagrams[at + 1]] = [other, one];
    }
    const line = new Line();
    line.describe({ profile: 'RTP/SAVP', keys: [key] });
    line.send(datagrams);
    expect(line.only()).toMatchObject({ state: 'opened', openedPackets: 225, closedPackets: 0, lost: 25 });
  });
});

describe('another key in the midst of a call', () => {
  const [first, second] = [keyOf(profile, 1), keyOf('AEAD_AES_128_GCM', 2)];

  test.each([0, 20])('takes over where the one before it fails, %i packets before it is read', (early) => {
    const line = new Line({ includeAudio: true });
    const before = sent(first, { payloads: pcmu.slice(0, 100) });
    const after = sent(second, { payloads: pcmu.slice(100), sequenceNumber: 1_100, timestamp: 5_000 + 100 * 160 });
    line.describe({ profile: 'RTP/SAVP', keys: [first] });
    line.send([...before, ...after.slice(0, early)]);
    line.describe({ profile: 'RTP/SAVP', keys: [second] });
    line.send(after.slice(early));
    const stream = line.only();
    expect(stream).toMatchObject({ state: 'opened', openedPackets: 250, closedPackets: 0 });
    expect(stream.openings).toMatchObject([
      { key: first, packets: 100 },
      { key: second, packets: 150 },
    ]);
  });

  test('that leaks alone opens what follows it, and nothing before', () => {
    const line = new Line();
    line.send(sent(first, { payloads: pcmu.slice(0, 100) }));
    line.describe({ profile: 'RTP/SAVP', keys: [second] });
    line.send(sent(second, { payloads: pcmu.slice(100), sequenceNumber: 1_100, timestamp: 5_000 + 100 * 160 }));
    const stream = line.only();
    expect(stream).toMatchObject({ state: 'opened', openedPackets: 150, closedPackets: 100, clearPackets: 0 });
    expect(stream.parts.map(({ state, packets }) => [state, packets])).toEqual([
      ['encrypted', 100],
      ['opened', 150],
    ]);
  });

  test('each direction has its own', () => {
    const line = new Line();
    line.describe({ end: 'caller', profile: 'RTP/SAVP', keys: [first] });
    line.describe({ end: 'called', profile: 'RTP/SAVP', keys: [second] });
    line.send(sent(first));
    line.send(sent(second, { ssrc: 7 }), flowOf(called, caller));
    expect(line.media.streams().map(({ ssrc, key, openedPackets }) => [ssrc, key, openedPackets])).toEqual([
      [0xcafe, first, 250],
      [7, second, 250],
    ]);
  });

  test('clear early media, then SRTP whose key was read: both are heard', () => {
    const line = new Line({ includeAudio: true });
    line.describe({ profile: 'RTP/SAVP', keys: [first] });
    line.send(datagramsOf({ payloads: pcmu.slice(0, 60) }));
    line.send(sent(first, { payloads: pcmu.slice(60), sequenceNumber: 1_060, timestamp: 5_000 + 60 * 160 }));
    const stream = line.only();
    expect(stream).toMatchObject({ state: 'clear', clearPackets: 60, openedPackets: 190, closedPackets: 0 });
    const heard = stream.audio?.samples?.() ?? [];
    expect(correlateAtBestLag(speech, heard, lags).correlation).toBeGreaterThan(0.99);
  });
});

test('no more is held back than the budget allows, and it is said', () => {
  const key = keyOf(profile);
  const line = new Line({ limits: { heldOctets: 40_000 } });
  line.send(sent(key));
  line.describe({ profile: 'RTP/SAVP', keys: [key] });
  const { openedPackets, closedPackets } = line.only();
  expect(openedPackets).toBeGreaterThan(50);
  expect(openedPackets + closedPackets).toBe(250);
  expect(line.media.limitsReached()).toEqual([
    expect.stringMatching(/^\d+ packets of media were too old to be opened, had a key for them come later$/),
  ]);
});
