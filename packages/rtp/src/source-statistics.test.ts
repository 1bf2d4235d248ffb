import { describe, expect, test } from 'vitest';
import { SourceStatistics } from './source-statistics.ts';

const PACKET = 20;
/** A source that has sent `count` packets from `first` on, evenly. */
function running(first: number, count: number): SourceStatistics {
  const source = new SourceStatistics(1, first & 0xffff, 8000);
  for (let i = 0; i < count; i++) source.handlePacket(i * PACKET, (first + i) & 0xffff, i * 160);
  return source;
}

describe('source statistics (RFC 3550 A.1, A.3, A.8)', () => {
  test('a source is believed after two packets in sequence', () => {
    const source = new SourceStatistics(1, 10, 8000);
    expect([10, 20, 30, 31].map((sequenceNumber) => source.handlePacket(0, sequenceNumber, 0))).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(source.valid).toBe(true);
  });

  test('counts loss across the wrap of the sequence number', () => {
    const source = running(65_500, 100);
    for (let i = 105; i < 200; i++) source.handlePacket(i * PACKET, (65_500 + i) & 0xffff, i * 160);
    expect(source.lost).toBe(5);
    const report = source.takeReport(0);
    expect(report.cumulativeLost).toBe(5);
    expect(report.fractionLost).toBe(Math.floor((256 * 5) / 199));
    expect(report.highestSequenceNumber).toBe(65_536 + ((65_500 + 199) & 0xffff));
    expect(source.takeReport(0).fractionLost).toBe(0);
  });

  test('duplicates make the loss negative, and the fraction stays 0', () => {
    const source = running(0, 50);
    for (let i = 0; i < 3; i++) source.handlePacket(1000, 49, 49 * 160);
    expect(source.lost).toBe(-3);
    expect(source.takeReport(0)).toMatchObject({ cumulativeLost: -3, fractionLost: 0 });
  });

  test('a single wild sequence number is dropped, two in a row are a restart', () => {
    const source = running(0, 50);
    expect(source.handlePacket(0, 30_000, 0)).toBe(false);
    expect(source.handlePacket(0, 50, 0)).toBe(true);
    expect(source.handlePacket(0, 20_000, 0)).toBe(false);
    expect(source.handlePacket(0, 20_001, 0)).toBe(true);
    expect(source.lost).toBe(0);
  });

  test('even arrival has no jitter; an alternating 10 ms settles at 10 ms', () => {
    expect(running(0, 100).jitterMilliseconds).toBe(0);
    const source = new SourceStatistics(1, 0, 8000);
    for (let i = 0; i < 500; i++) source.handlePacket(i * PACKET + (i % 2) * 10, i, i * 160);
    expect(source.jitterMilliseconds).toBeCloseTo(10, 1);
  });

  test('the wrap of the timestamp is no jitter', () => {
    const source = new SourceStatistics(1, 0, 8000);
    for (let i = 0; i < 100; i++) source.handlePacket(i * PACKET, i, (0xffff_f000 + i * 160) % 2 ** 32);
    expect(source.jitterMilliseconds).toBeLessThan(1e-9);
  });

  test('reports the last sender report and the delay since (RFC 3550 §6.4.1)', () => {
    const source = running(0, 10);
    source.handleSenderReport(1000, { seconds: 0x1234_5678, fraction: 0x9abc_def0 });
    expect(source.takeReport(1500)).toMatchObject({
      lastSenderReport: 0x5678_9abc,
      delaySinceLastSenderReport: 32_768,
    });
  });
});
