import type { CallExplanation } from '@trustline/manager';
import { expect, test } from 'vitest';
import { explanation } from './call-explanation.ts';

const at = '2026-11-27T15:31:40.120Z';
const running = (isMediaKnown: boolean): CallExplanation => ({
  schema: 1,
  node: 'node-1',
  running: {
    call: '5bc308',
    state: 'answered',
    startedAt: '2026-11-27T15:30:00.000Z',
    answeredAt: '2026-11-27T15:30:02.000Z',
    level: 'encrypted',
    policy: 'prefer',
    destination: '1002',
    levels: [],
    protection: [],
    route: [],
    relayed: null,
    recovered: { at, isMediaKnown },
    transcoded: null,
    legs: [],
  },
  record: null,
  events: [],
});

test('a call that was taken up again after a restart says so, and what is not known of it', () => {
  expect(explanation(running(false))).toContain(
    [
      'Its recovery',
      '  taken up again 2026-11-27 15:31:40.120 UTC: the call manager had ended and has started anew',
      '  its media went on straight between its ends, with keys that nobody here knows any more',
      '  nothing was agreed since then: its level and its keys are said as they were before',
    ].join('\n'),
  );
  expect(explanation(running(true))).toContain('have agreed on media since then, and its level is that of these');
});

test('its record says so too', () => {
  const record = {
    schema: 1,
    node: 'node-1',
    call: '5bc308',
    policy: 'prefer',
    startedAt: '2026-11-27T15:30:00.000Z',
    answeredAt: '2026-11-27T15:30:02.000Z',
    endedAt: '2026-11-27T15:35:00.000Z',
    outcome: 'answered',
    cause: 'the call was hung up',
    level: 'encrypted',
    levels: [],
    legs: [],
    recoveredAt: at,
  } as const;
  const said = explanation({ schema: 1, node: 'node-1', running: null, record, events: [] });
  expect(said).toMatch(/Its recovery\n {2}taken up again 2026-11-27 15:31:40\.120 UTC: .*\n\nWhy it ended/);
});

test('a relayed call that is not encrypted says which leg makes it so, though the other has SRTP', () => {
  const leg = {
    leg: 'a',
    role: 'calling',
    device: 'SEP1',
    line: '1001',
    proof: 'certificate',
    unprotected: null,
    lost: null,
  } as const;
  const said = explanation({
    ...running(true),
    running: {
      ...(running(true).running as NonNullable<CallExplanation['running']>),
      level: 'non-secure',
      relayed: 'one-end-without-srtp',
      recovered: null,
      legs: [
        {
          ...leg,
          signalling: 'tls-mutual',
          keying: 'sdes',
          suite: 'AES_CM_128_HMAC_SHA1_80',
          level: 'encrypted',
          demarcation: null,
        },
        {
          ...leg,
          role: 'called',
          line: '1003',
          signalling: 'none',
          proof: 'digest',
          keying: 'none',
          suite: null,
          level: 'non-secure',
          demarcation: 'trunk c: no TLS and no SRTP to 192.0.2.1, beyond is theirs',
        },
      ],
    },
  });
  expect(said).toContain(
    'What holds it down\n  the leg of 1003 is non-secure: its signalling is not protected, its media have no SRTP; 1001 has SRTP, which protects the way to the relay alone\n',
  );
  expect(said).toContain('Where protection ends\n  trunk c: no TLS');
  expect(explanation(running(true))).not.toContain('What holds it down');
});

test('what became of the protection of a gateway in a call stands there with its times', () => {
  const call = running(true);
  const protection = [
    { at: '2026-11-27T15:31:41.500Z', leg: 'b', state: 'lost', cause: 'IPsec to gw1 is gone' },
    { at: '2026-11-27T15:31:43.250Z', leg: 'b', state: 'returned', cause: 'IPsec to gw1 is back' },
    { at: '2026-11-27T15:32:00.000Z', leg: 'b', state: 'given-up', cause: 'IPsec to gw1 did not come back' },
  ] as const;
  expect(explanation({ ...call, running: call.running && { ...call.running, protection } })).toContain(
    [
      'Its protection',
      '  15:31:41.500  IPsec to gw1 is gone: no new keys and no signalling; the media go on with the keys that they have',
      '  15:31:43.250  IPsec to gw1 is back: new keys may go, once that is proven',
      '  15:32:00.000  IPsec to gw1 did not come back: the call was ended',
    ].join('\n'),
  );
});
