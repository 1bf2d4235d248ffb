import type { TracedMessage } from '@trustline/manager';
import { expect, test } from 'vitest';
import { rungOf } from './ladder.ts';

const message = (role: 'calling' | 'called', direction: 'sent' | 'received', words: string): TracedMessage => ({
  schema: 1,
  node: 'node-1',
  at: '2026-11-27T10:01:22.345Z',
  direction,
  protocol: 'sip',
  transport: 'tls',
  local: '192.0.2.10:5061',
  remote: '192.0.2.31:49152',
  device: 'SEP001122334455',
  words,
  media: words.startsWith('INVITE') ? 'RTP/SAVP AES_CM_128_HMAC_SHA1_80' : null,
  reason: null,
  callId: 'a',
  leg: { call: '3fa2b1c0ffee', role, line: role === 'calling' ? '1001' : '1002', level: 'encrypted' },
});

test('a call is a ladder: callers to the left of the manager, the called to the right, arrows as messages go', () => {
  const rungs = [
    message('calling', 'received', 'INVITE 1002'),
    message('called', 'sent', 'INVITE 1002'),
    message('called', 'received', '180 Ringing'),
    message('calling', 'sent', '180 Ringing'),
  ].map((one) => rungOf(one, false));
  const name = ' '.repeat(11);
  const nobody = ' '.repeat(15);
  expect(rungs).toEqual([
    `10:01:22.345 3fa2b1 encrypted     ${name}1001 ──▶ │     ${nobody} INVITE 1002  RTP/SAVP AES_CM_128_HMAC_SHA1_80\n`,
    `10:01:22.345 3fa2b1 encrypted     ${nobody}     │ ──▶ 1002${name} INVITE 1002  RTP/SAVP AES_CM_128_HMAC_SHA1_80\n`,
    `10:01:22.345 3fa2b1 encrypted     ${nobody}     │ ◀── 1002${name} 180 Ringing\n`,
    `10:01:22.345 3fa2b1 encrypted     ${name}1001 ◀── │     ${nobody} 180 Ringing\n`,
  ]);
});

test('a refusal says why, and a message of no call has none of its own', () => {
  const refused = {
    ...message('calling', 'sent', '404 Not Found'),
    reason: 'no line has this \u001b number',
    leg: null,
  };
  expect(rungOf(refused, false)).toMatch(/ SEP001122334455 ◀── │ +404 Not Found {2}\(no line has this . number\)\n$/u);
  expect(rungOf(refused, false)).not.toContain('\u001b');
});

test('the level has its colour on a terminal, and a stranger his address', () => {
  expect(rungOf(message('calling', 'sent', 'BYE'), true)).toContain('\u001b[32mencrypted    \u001b[0m');
  const stranger = {
    ...message('calling', 'received', 'OPTIONS'),
    leg: null,
    device: null,
    remote: '198.51.100.7:5060',
  };
  expect(rungOf(stranger, true)).toContain('198.51.100.7:50 ──▶ │');
});
