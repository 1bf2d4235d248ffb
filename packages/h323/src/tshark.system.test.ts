import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CapturedMessage, capturedMessages } from './captured.fixture.ts';
import { dissect, type Reading, writeCapture } from './dissected.fixture.ts';
import { decodeCallSignalling } from './h225/call-signalling.ts';
import { rasCodec } from './h225/ras.ts';
import { decodeH245, h245Codec } from './h245/messages.ts';
import { agrees, type Expected, readings } from './readings.fixture.ts';
import { revealed } from './revealed.fixture.ts';
import { ValueMaker } from './value-maker.fixture.ts';

const missing = spawnSync('tshark', ['--version']).status !== 0;
const folder = mkdtempSync(join(tmpdir(), 'h323-'));
afterAll(() => rmSync(folder, { recursive: true }));

/**
 * tshark 4.0 aligns after the empty callIdentity of a callTransferInitiate, and then reads 263 addresses where there are
 * two. OPAL does not align, nor do we (X.691 §30.5.6: what is aligned is the bits of the characters, and there are none).
 */
const misread = /00028107000a63000406b801806333/;

test.skipIf(!missing)('skipped for want of tshark: scripts/install-peers.sh', ({ skip }) => {
  if (process.env['CI'] === 'true') throw new Error('tshark is needed (scripts/install-peers.sh)');
  skip('tshark is not installed');
});

describe.skipIf(missing)('tshark', () => {
  const messages = distinct(capturedMessages());
  const path = join(folder, 'messages.pcap');
  writeCapture(path, messages);
  const dissected = missing ? [] : dissect(path);

  test('reads every message of the captures as we do, field by field, alternative by alternative, list by list', () => {
    expect(dissected.length).toBe(messages.length);
    let fields = 0;
    const differences = messages.flatMap((message, i) => {
      const expected = expectedOf(message);
      const found = dissected[i] ?? [];
      fields += expected.length;
      return misread.test(hex(message.octets)) ? [] : difference(message, expected, found);
    });
    expect(differences).toEqual([]);
    expect(messages.length).toBeGreaterThan(300);
    expect(fields).toBeGreaterThan(6_500);
  });

  test('marks nothing as malformed but the one message that it misreads', () => {
    const malformed = messages.filter((_, i) => dissected[i]?.some(({ name }) => name === '_ws.malformed'));
    expect(malformed.map(({ octets }) => misread.test(hex(octets)))).toEqual([true]);
  });

  test('reads 400 messages that we write, of values grown from random octets, as we do', () => {
    const grown = growMessages(400);
    const file = join(folder, 'grown.pcap');
    writeCapture(file, grown);
    const found = dissect(file);
    const differences = grown.flatMap((message, i) => difference(message, expectedOf(message), found[i] ?? []));
    expect(differences).toEqual([]);
  });
});

/**
 * Messages of RAS and H.245 that tshark 4.0 can show: it knows no later versions and no numbers of more than 31 bits, and
 * does not look into what is signed.
 */
function growMessages(count: number): CapturedMessage[] {
  const messages: CapturedMessage[] = [];
  let seed = 12_345;
  const draw = () => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return seed >>> 16;
  };
  while (messages.length < count) {
    const octets = Uint8Array.from({ length: 30 + (draw() % 120) }, () => draw() & 0xff);
    const kind = messages.length % 2 === 0 ? 'ras' : 'h245';
    const value =
      kind === 'ras'
        ? new ValueMaker(octets).value('H323-MESSAGES', 'RasMessage')
        : new ValueMaker(octets).value('MULTIMEDIA-SYSTEM-CONTROL', 'MultimediaSystemControlMessage');
    if (!isShown(revealed(value))) continue;
    const written = (kind === 'ras' ? rasCodec : h245Codec).encode(value as never);
    if (written.byteLength <= 1_200)
      messages.push({ capture: `grown ${messages.length}`, kind, octets: written, from: '', to: '' });
  }
  return messages;
}

function isShown(value: unknown): boolean {
  if (typeof value === 'bigint') return false;
  if (typeof value === 'number') return value >= -(2 ** 31) && value < 2 ** 31;
  if (typeof value !== 'object' || value === null) return true;
  if ('...' in value || 'toBeSigned' in value || ('kind' in value && value.kind === '...')) return false;
  return Object.values(value).every(isShown);
}

/** The first place where the two differ. */
function difference(
  { capture, kind }: CapturedMessage,
  expected: readonly Expected[],
  found: readonly Reading[],
): string[] {
  const length = Math.max(expected.length, found.length);
  for (let i = 0; i < length; i++) {
    const [ours, theirs] = [expected[i], found[i]];
    if (ours !== undefined && theirs !== undefined && agrees(ours, theirs)) continue;
    return [`${capture}, ${kind}, ${i}: ${JSON.stringify(ours)} is ${JSON.stringify(theirs)} to tshark`];
  }
  return [];
}

function expectedOf({ kind, octets }: CapturedMessage): Expected[] {
  if (kind === 'h245') {
    const module = 'MULTIMEDIA-SYSTEM-CONTROL';
    return decodeH245(octets).messages.flatMap((one) => readings(module, 'MultimediaSystemControlMessage', one));
  }
  if (kind === 'ras') {
    const result = rasCodec.decode(octets);
    if (!result.ok) throw result.error;
    return readings('H323-MESSAGES', 'RasMessage', result.value);
  }
  const result = decodeCallSignalling(octets);
  if (!result.ok) throw result.error;
  const { userInformation } = result.message;
  return userInformation === undefined ? [] : readings('H323-MESSAGES', 'H323-UserInformation', userInformation);
}

function distinct(messages: readonly CapturedMessage[]): readonly CapturedMessage[] {
  return [...new Map(messages.map((message) => [`${message.kind} ${hex(message.octets)}`, message])).values()];
}

function hex(octets: Uint8Array): string {
  return Buffer.from(octets).toString('hex');
}
