import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeCrypto } from './node/index.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, octets, rtcpPacket, rtpPacket } from './testing/octets.ts';

// The peer is libsrtp itself, in a small C program compiled here.
const folder = mkdtempSync(join(tmpdir(), 'trustline-libsrtp-'));
const program = join(folder, 'libsrtp-peer');
let missing: string | undefined;

beforeAll(() => {
  try {
    const source = join(import.meta.dirname, 'testing/libsrtp-peer.c');
    execFileSync('gcc', ['-O1', '-o', program, source, '-lsrtp2'], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    missing = `gcc and libsrtp2-dev are needed (scripts/install-peers.sh): ${error}`;
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function libsrtp(direction: 'protect' | 'unprotect', tagBits: '80' | '32', lines: readonly string[]): string[] {
  const key = hexadecimal(masterKey.key) + hexadecimal(masterKey.salt);
  const output = execFileSync(program, [direction, tagBits, key], {
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  return output.trimEnd().split('\n');
}

/** Across two rollovers, with a loss of every 17th packet and neighbours swapped every so often. */
function disturbed<T>(items: readonly T[]): T[] {
  const kept = items.filter((_, i) => i % 17 !== 3);
  for (let i = 0; i + 1 < kept.length; i += 11) {
    [kept[i], kept[i + 1]] = [kept[i + 1] as T, kept[i] as T];
  }
  return kept;
}

const SSRC = 0x1234_5678;
const PACKETS = 80_000;
const plain = Array.from({ length: PACKETS }, (_, i) => rtpPacket(SSRC, 30_000 + i * 2, i % 200));
const reports = Array.from({ length: 50 }, () => rtcpPacket(SSRC));

describe.each(['80', '32'] as const)('against libsrtp, AES_CM_128_HMAC_SHA1_%s', (tagBits) => {
  const options = {
    profile: `AES_CM_128_HMAC_SHA1_${tagBits}`,
    crypto: nodeCrypto,
    masterKeys: [masterKey],
  } as const;

  test('libsrtp opens what we protect, byte for byte, through loss, reordering and rollovers', (context) => {
    skipWithoutPeer(context);
    const sender = createSrtpSender(options);
    const out = new Uint8Array(2048);
    const protectedPackets = plain.map((packet) => `rtp ${hexadecimal(out.subarray(0, sender.protect(packet, out)))}`);
    const protectedReports = reports.map(
      (report) => `rtcp ${hexadecimal(out.subarray(0, sender.protectRtcp(report, out)))}`,
    );
    const opened = libsrtp('unprotect', tagBits, [...disturbed(protectedPackets), ...protectedReports]);
    expect(opened).toEqual([...disturbed(plain), ...reports].map(hexadecimal));
    expect(sender.rolloverCounter(SSRC)).toBe(2);
  });

  test('we open what libsrtp protects, byte for byte, through loss, reordering and rollovers', (context) => {
    skipWithoutPeer(context);
    const lines = [
      ...plain.map((packet) => `rtp ${hexadecimal(packet)}`),
      ...reports.map((report) => `rtcp ${hexadecimal(report)}`),
    ];
    const received = libsrtp('protect', tagBits, lines).map(octets);
    const receiver = createSrtpReceiver(options);
    const out = new Uint8Array(2048);
    const opened = [
      ...disturbed(received.slice(0, PACKETS)).map((packet) => read(receiver.unprotect(packet, out))),
      ...received.slice(PACKETS).map((report) => read(receiver.unprotectRtcp(report, out))),
    ];
    function read(length: number | string): string {
      return typeof length === 'number' ? hexadecimal(out.subarray(0, length)) : length;
    }
    expect(opened).toEqual([...disturbed(plain), ...reports].map(hexadecimal));
  });
});

function skipWithoutPeer(context: { skip: (reason: string) => never }): void {
  if (missing === undefined) return;
  if (process.env['CI'] === 'true') throw new Error(missing);
  context.skip(missing);
}
