import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, describe, expect, test } from 'vitest';
import { AccessPair } from './access-pair.fixture.ts';
import { causeOf } from './call-control/messages.ts';

const folder = mkdtempSync(join(tmpdir(), 'trustline-isdn-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Frames of Q.921 without check sequence, as a capture file has them. */
const LINKTYPE_LAPD = 203;
/** What tshark gives for an expert's remark that is an error. */
const EXPERT_ERROR = '8388608';

function capture(frames: readonly Uint8Array[]): string {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(LINKTYPE_LAPD, 20);
  const records = frames.flatMap((frame, i) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(i, 0);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  const path = join(folder, 'd-channel.pcap');
  writeFileSync(path, Buffer.concat([header, ...records]));
  return path;
}

function fields(path: string, ...names: readonly string[]): string[][] {
  const args = ['-r', path, '-T', 'fields', ...names.flatMap((name) => ['-e', name])];
  const { status, stdout, stderr } = spawnSync('tshark', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`tshark: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('\t'));
}

describe.skipIf(missingPrograms('tshark'))('tshark reads the D channel', () => {
  test('every frame of calls, refusals, overlap, restart and status, without a malformed mark, and as what it was meant', () => {
    const pair = new AccessPair({ restartAtStart: true }).start();
    pair.exchange.react = (event, call, now) => {
      if (event.kind !== 'setup') return;
      if (!event.complete) call.wantDigits(now, true);
      else if (event.called.digits === '17') call.clear(now, causeOf(17, 2));
      else {
        call.proceed(now);
        call.progress(now, causeOf(1, 2));
        call.alert(now, true);
        call.connect(now, { connected: { typeOfNumber: 2, numberingPlan: 1, digits: '5551234' } });
      }
    };
    const calling = {
      typeOfNumber: 2,
      numberingPlan: 1,
      presentation: { indicator: 1, screening: 3 },
      digits: '2125550100',
    };
    const redirecting = {
      typeOfNumber: 2,
      numberingPlan: 1,
      presentation: { indicator: 0, screening: 0 },
      reason: 1,
      digits: '77',
    };
    const call = pair.call(pair.user, '5551234', { calling, redirecting, display: 'Ada Lovelace' });
    pair.run(50);
    call.enquire(pair.clock.now);
    call.keypad('5');
    pair.run(50);
    call.clear(pair.clock.now, causeOf(16, 0));
    pair.call(pair.user, '17');
    const overlap = pair.call(pair.user, '5', { complete: false });
    pair.run(50);
    overlap.sendDigits(pair.clock.now, '6', true);
    pair.exchange.access.layer.restart(pair.clock.now, 5);
    pair.run(50);

    const path = capture(pair.frames);
    const rows = fields(
      path,
      'frame.protocols',
      '_ws.malformed',
      '_ws.expert.severity',
      'q931.message_type',
      'q931.calling_party_number.digits',
      'q931.called_party_number.digits',
      'q931.cause_value',
      'q931.channel.number',
    );
    expect(rows).toHaveLength(pair.frames.length);
    for (const [protocols, malformed, severities] of rows) {
      expect(protocols).toMatch(/^lapd/);
      expect(malformed).toBe('');
      expect(severities).not.toContain(EXPERT_ERROR);
    }
    const messages = rows.filter(([protocols]) => protocols?.includes('q931') === true);
    const types = new Set(messages.map(([, , , type]) => Number(type)));
    expect([...types].toSorted((a, b) => a - b)).toEqual([
      0x01, 0x02, 0x03, 0x05, 0x07, 0x0d, 0x0f, 0x45, 0x46, 0x4d, 0x4e, 0x5a, 0x75, 0x7b, 0x7d,
    ]);
    const setup = messages.find(([, , , type]) => Number(type) === 0x05);
    expect(setup?.slice(4, 6)).toEqual(['2125550100', '5551234']);
    expect(messages.some(([, , , type, , , cause]) => Number(type) === 0x5a && Number(cause) === 17)).toBe(true);
  });
});
