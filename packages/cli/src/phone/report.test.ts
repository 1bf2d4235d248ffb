import type { EndedCall } from '@trustline/phone';
import type { RunningCall } from '@trustline/phone/node';
import { expect, test } from 'vitest';
import { PhoneReport } from './report.ts';

const completed: EndedCall = { ending: 'completed', by: 'local', status: undefined, reason: 'hung up here' };

function resultOf(packetsReceived: number, refused: number, seconds: number, ended = completed): string {
  const written: string[] = [];
  const terminal = { out: (text: string) => written.push(text), error: () => {}, environment: {}, exitCode: 0 };
  const call = {
    direction: 'outgoing',
    number: '1002',
    state: 'ended',
    level: 'encrypted',
    lastMedia: { codec: 'PCMU', suite: 'AEAD_AES_256_GCM' },
    statistics: () => ({
      ...{ packetsSent: 100, packetsReceived, packetsLost: 0, lossRatio: 0, jitterMilliseconds: 0 },
      rejections: { 'not-authentic': refused },
    }),
  };
  new PhoneReport(terminal, 'SEP1', '1001', false, false).result(call as unknown as RunningCall, ended, seconds);
  return written.join('');
}

test('whoever heard nothing in an answered call is told so, with the next step', () => {
  expect(resultOf(0, 0, 3)).toMatch(/^No packet of the far end came\.\n {2}next: See what drops media/m);
});

test.each([
  ['packets came', () => resultOf(150, 0, 3)],
  ['they were refused', () => resultOf(0, 150, 3)],
  ['it was over at once', () => resultOf(0, 0, 0.4)],
  ['it was not answered', () => resultOf(0, 0, 0, { ...completed, ending: 'no-answer' })],
])('not where %s', (_, result) => {
  expect(result()).toContain('The call with 1002 ended');
  expect(result()).not.toContain('No packet');
});
