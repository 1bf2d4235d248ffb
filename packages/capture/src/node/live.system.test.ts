import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingCapture } from '@trustline/testing/node';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { sectionHeaderBlock } from '../index.ts';
import { startLiveCapture } from './live.ts';
import { readCaptureSource } from './source.ts';

const folder = mkdtempSync(join(tmpdir(), 'live-capture-'));
const path = process.env['PATH'];
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.env['PATH'] = path;
});

/** A program of this name that runs these lines of sh is the only one there is. */
function onlyDumpcap(name: string, lines: readonly string[]): void {
  const bin = join(folder, name);
  mkdirSync(bin);
  writeFileSync(join(bin, 'head'), sectionHeaderBlock());
  writeFileSync(join(bin, 'dumpcap'), ['#!/bin/sh', ...lines].join('\n'));
  chmodSync(join(bin, 'dumpcap'), 0o755);
  process.env['PATH'] = bin;
}

describe.skipIf(missingCapture())('dumpcap', () => {
  test('of an interface that is not there, and of a filter that is none, says what to do', async () => {
    await expect(startLiveCapture('no-such-interface')).rejects.toMatchObject({
      code: 'capture.no-interface',
      nextStep: expect.stringContaining('dumpcap -D'),
    });
    await expect(startLiveCapture('lo', 'nonsense ((')).rejects.toMatchObject({
      code: 'capture.bad-filter',
      nextStep: expect.stringContaining('pcap-filter'),
    });
  });

  test('that is stopped ends its capture, of which nothing is to be said', async () => {
    const capture = await startLiveCapture('lo', 'udp port 9 and host 192.0.2.1');
    const reading = readCaptureSource(capture.source, () => {});
    capture.stop();
    expect(await reading).toMatchObject({
      format: 'pcapng',
      packets: 0,
      end: { kind: 'complete' },
      trouble: undefined,
    });
    expect(await capture.remarks()).toEqual([]);
  });
});

test('that it is not installed, and that this user may not capture, is said with what to do', async () => {
  process.env['PATH'] = join(folder, 'nowhere');
  await expect(startLiveCapture('lo')).rejects.toMatchObject({
    code: 'capture.no-dumpcap',
    nextStep: expect.stringMatching(/apt install wireshark-common.*tcpdump -w - \| trustline audit -/),
  });
  onlyDumpcap('forbidden', ['echo "dumpcap: You do not have permission to capture on device \'lo\'." >&2', 'exit 2']);
  await expect(startLiveCapture('lo')).rejects.toMatchObject({
    code: 'capture.not-allowed',
    nextStep: expect.stringContaining('group wireshark'),
  });
});

test('that it ended by itself, and lost packets, is remarked', async () => {
  onlyDumpcap('ended', [
    `/bin/cat '${join(folder, 'ended', 'head')}'`,
    'echo \'dumpcap: The network adapter "d0" is no longer attached; the capture has stopped.\' >&2',
    'echo "Packets received/dropped on interface \'d0\': 10/7 (pcap:7/dumpcap:0/flushed:0/ps_ifdrop:0) (58.8%)" >&2',
  ]);
  const capture = await startLiveCapture('d0');
  expect(await readCaptureSource(capture.source, () => {})).toMatchObject({ end: { kind: 'complete' } });
  expect(await capture.remarks()).toEqual([
    'The capture ended by itself: The network adapter "d0" is no longer attached; the capture has stopped.',
    'Packets that were dropped, as this machine did not keep up: 7.',
  ]);
});
