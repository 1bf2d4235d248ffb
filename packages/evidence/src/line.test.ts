import { describe, expect, test } from 'vitest';
import { eventKinds, securityEvent } from './event.ts';
import { eventLine, recordLine } from './line.ts';
import type { CallRecord } from './record.ts';

const at = '2026-11-23T18:42:00.000Z';

describe('an event', () => {
  test('takes its severity and schema from the table', () => {
    const event = securityEvent('level-changed', {
      at,
      node: 'node-1',
      call: 'c1',
      from: 'encrypted',
      to: 'non-secure',
      cause: 'Line 1002 answered without SRTP.',
    });
    expect(event).toMatchObject({ kind: 'level-changed', severity: eventKinds['level-changed'].severity, schema: 1 });
  });

  test('reads as one line with who, where, why and what next', () => {
    const event = securityEvent('handshake-refused', {
      at,
      node: 'node-1',
      device: 'SEP001122334455',
      remoteAddress: '192.0.2.7:49152',
      cause: 'Its certificate expired yesterday.',
      nextStep: 'Write new credentials for it.',
    });
    expect(eventLine(event)).toBe(
      '2026-11-23T18:42:00.000Z warning handshake-refused SEP001122334455 192.0.2.7:49152: ' +
        'Its certificate expired yesterday. Next: Write new credentials for it.',
    );
  });

  test('says who asked for it, and why', () => {
    const event = securityEvent('device-added', { at, node: 'n', cause: 'It was added.', actor: 'operator ada' });
    expect(eventLine(event)).toBe(`${at} notice device-added: It was added. By operator ada.`);
    expect(eventLine({ ...event, statedReason: 'a new desk' })).toMatch(/ By operator ada: a new desk\.$/);
  });

  test('cannot forge another line or drive a terminal with text that a stranger chose', () => {
    const event = securityEvent('malformed-input', { at, node: 'n', cause: 'a\r\nforged \u001b[2J\u202eb\u2028c' });
    expect(eventLine(event)).toMatch(/: a��forged �\[2J�b�c$/u);
  });
});

test('a call record reads as one line', () => {
  const leg = {
    leg: 'a',
    role: 'calling',
    protocol: 'sip',
    signalling: 'tls-mutual',
    proof: 'certificate',
    keying: 'sdes',
    suite: 'AES_CM_128_HMAC_SHA1_80',
    level: 'encrypted',
    party: { device: 'SEP001122334455', line: '1001' },
  } as const;
  const { suite: _, ...clear } = leg;
  const record: CallRecord = {
    schema: 1,
    node: 'node-1',
    call: 'c1',
    policy: 'prefer',
    startedAt: at,
    answeredAt: '2026-11-23T18:42:01.000Z',
    endedAt: '2026-11-23T18:42:08.400Z',
    outcome: 'answered',
    cause: 'The caller hung up.',
    level: 'non-secure',
    levels: [],
    legs: [leg, { ...clear, role: 'called', keying: 'none', party: {} }],
  };
  expect(recordLine(record)).toBe(
    '2026-11-23T18:42:00.000Z call c1 1001 (sip, tls-mutual, AES_CM_128_HMAC_SHA1_80) -> ' +
      'called (sip, tls-mutual, no SRTP) non-secure answered 7 s: The caller hung up.',
  );
});
