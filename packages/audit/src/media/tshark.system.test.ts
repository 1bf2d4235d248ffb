import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encapsulateUdp, linkTypes, timeFromMilliseconds } from '@trustline/capture';
import { CaptureFile, readCaptureFile } from '@trustline/capture/node';
import { serializeRtpPacket } from '@trustline/rtp';
import { SeededRandom } from '@trustline/testing';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, describe, expect, test } from 'vitest';
import { Observations } from '../model/observations.ts';
import { Traffic } from '../traffic/traffic.ts';
import { MediaStreams } from './media-streams.ts';
import type { RtpStreamReport } from './rtp-stream.ts';

const folder = mkdtempSync(join(tmpdir(), 'rtp-streams-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function ours(file: string): Promise<readonly RtpStreamReport[]> {
  const streams = new MediaStreams({ observations: new Observations() });
  const traffic = new Traffic({
    openDatagrams: (key) => {
      const watch = streams.watch(key);
      return { datagram: (octets, place, isCut) => void watch.datagram(octets, place, isCut) };
    },
    openConnection: () => ({ data: () => {}, gap: () => {}, ended: () => {} }),
  });
  for await (const item of readCaptureFile(file)) if (item.kind === 'packet') traffic.handle(item);
  traffic.end();
  return streams.streams();
}

/** SSRC, packets, lost, and in milliseconds: mean and most delta, mean and most jitter. */
type Row = readonly [number, number, number, number, number, number, number];

/** tshark's own list, which it makes of what signalling or its guesses say is RTP. */
function theirs(file: string): readonly Row[] {
  const list = execFileSync('tshark', ['-n', '-q', '-r', file, '-z', 'rtp,streams', '--enable-heuristic', 'rtp_udp'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const row =
    /(0x[0-9A-F]{8})\s+.+?\s+(\d+)\s+(-?\d+) \([-\d.]+%\)\s+[-\d.]+\s+([-\d.]+)\s+([-\d.]+)\s+[-\d.]+\s+([-\d.]+)\s+([-\d.]+)/;
  return list.split('\n').flatMap((line) => {
    const found = row.exec(line);
    if (found === null) return [];
    const [, ssrc = '', ...numbers] = found;
    const [packets = 0, lost = 0, meanDelta = 0, delta = 0, mean = 0, most = 0] = numbers.map(Number);
    return [[Number(ssrc), packets, lost, meanDelta, delta, mean, most] as const];
  });
}

const bySsrc = ([a]: Row, [b]: Row) => a - b;

/** Both lists, equal to a hundredth of a millisecond; returns ours. */
async function expectTheSame(file: string): Promise<readonly RtpStreamReport[]> {
  const reports = await ours(file);
  // Telephone-events are no audio, and tshark leaves their jitter out: their timestamps stand still.
  const audio = (ssrc: number) => reports.find((one) => one.ssrc === ssrc)?.payloadTypes.every((type) => type < 96);
  const found = reports.map(
    ({ ssrc, packets, lost, repeated, delta, jitter }): Row => [
      ssrc,
      packets,
      // It takes all that came from what was expected, as RFC 3550 A.3 does: a packet that came twice makes up for a loss.
      lost - repeated,
      delta.mean,
      delta.most,
      jitter?.mean ?? 0,
      jitter?.most ?? 0,
    ],
  );
  const [mine, tsharks] = [found.toSorted(bySsrc), theirs(file).toSorted(bySsrc)];
  expect(mine.map(([ssrc, packets, lost]) => [ssrc, packets, lost])).toEqual(
    tsharks.map(([ssrc, packets, lost]) => [ssrc, packets, lost]),
  );
  for (const [at, [ssrc, , , ...figures]] of mine.entries()) {
    if (audio(ssrc) !== true) continue;
    for (const [which, figure] of figures.entries()) {
      expect(Math.abs(figure - Number(tsharks[at]?.[3 + which])), `${ssrc} figure ${which}`).toBeLessThan(0.01);
    }
  }
  return reports;
}

/** Writes a stream as a bad network delivers it: late by up to 15 ms, some lost, some twice, some after the next. */
async function writeDamaged(file: string, seed: number): Promise<void> {
  const random = new SeededRandom(seed);
  const chance = () => (random.bytes(1)[0] ?? 0) / 256;
  const capture = await CaptureFile.open(file, { section: { application: 'a bad network' } });
  const at = capture.addInterface({ linkType: linkTypes.ethernet, name: 'wire' });
  const frames: { readonly milliseconds: number; readonly data: Uint8Array }[] = [];
  for (const [ssrc, payloadType] of [
    [0x1111_1111, 0],
    [0x2222_2222, 8],
    [0x3333_3333, 9],
  ] as const) {
    for (let nth = 0; nth < 600; nth++) {
      const rtp = serializeRtpPacket({
        marker: nth === 0,
        payloadType,
        sequenceNumber: (65_400 + nth) & 0xffff,
        timestamp: 160 * nth,
        ssrc,
        csrcs: [],
        extension: undefined,
        payload: random.bytes(160),
        paddingLength: 0,
      });
      const data = encapsulateUdp({
        source: { address: '192.0.2.1', port: 40_000 + 2 * payloadType },
        destination: { address: '192.0.2.2', port: 50_000 + 2 * payloadType },
        payload: rtp,
      });
      const milliseconds = 20 * nth + 15 * chance();
      const fate = nth < 5 || nth > 590 ? 1 : chance();
      if (fate >= 0.03) frames.push({ milliseconds, data });
      if (fate >= 0.03 && fate < 0.04) frames.push({ milliseconds: milliseconds + 1, data });
      if (fate >= 0.04 && fate < 0.06) frames[frames.length - 1] = { milliseconds: milliseconds + 25, data };
    }
  }
  for (const { milliseconds, data } of frames.toSorted((a, b) => a.milliseconds - b.milliseconds)) {
    capture.write({ interface: at, time: timeFromMilliseconds(1_795_460_786_000 + milliseconds), data });
  }
  await capture.close();
}

describe.skipIf(missingPrograms('tshark'))('the same streams, loss and jitter as tshark finds', () => {
  test('in what another stack sent, telephone-events among it', async () => {
    const file = fileURLToPath(new URL('../../vectors/opal-dtmf-rfc2833.pcap', import.meta.url));
    expect(await expectTheSame(file)).toHaveLength(2);
  });

  test('where packets are late, lost and repeated, by another way and twice', async () => {
    const file = join(folder, 'damaged.pcapng');
    await writeDamaged(file, 7);
    const reports = await expectTheSame(file);
    expect(reports).toHaveLength(3);
    for (const { lost, late, repeated } of reports) expect(Math.min(lost, late, repeated)).toBeGreaterThan(0);
  });
});
