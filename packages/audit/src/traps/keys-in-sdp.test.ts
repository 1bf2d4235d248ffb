import fc from 'fast-check';
import { expect, describe as group, test } from 'vitest';
import { clear } from '../model/exposure.ts';
import type { ReportCall } from '../model/report.ts';
import { readMikey } from '../signalling/sdp/mikey.ts';
import { alice, bob, CaptureScript, describe, type Key, keyNumber } from './capture-script.fixture.ts';

const [a, b] = [keyNumber(1), keyNumber(2)];
const source = { kind: 'signalling', how: 'sdes', place: { number: 1, microseconds: 0 }, exposure: clear } as const;
const base64 = (octets: readonly number[]) => btoa(String.fromCharCode(...octets));

/** A MIKEY message of one SRTP session (RFC 3830 §6) whose KEMAC is not encrypted, as GStreamer writes it. */
function mikey({ master, salt }: Key, { encryption = 0, type = 2 } = {}): number[] {
  const header = [1, 0, 5, 0, 1, 2, 3, 4, 1, 0, ...[0, 0, 0, 0xa1, 0x1c, 0, 0, 0, 0]];
  const timestamp = [10, 0, 1, 2, 3, 4, 5, 6, 7, 8];
  const policy = [1, 0, 0, 0, 9, 0, 1, 1, 1, 1, 16, 11, 1, 10];
  const data = [0, type << 4, 0, 30, ...master, ...salt];
  return [...header, ...timestamp, ...policy, 0, encryption, 0, data.length, ...data, 0];
}

/** A call whose descriptions have these lines, and whose media is SRTP by the keys. */
function callWith(lineOf: (key: Key) => string): ReportCall | undefined {
  const script = new CaptureScript();
  const description = (key: Key) => ({ profile: 'RTP/SAVP', lines: [lineOf(key)] });
  script.answered(describe(alice, description(a)), describe(bob, description(b)));
  script.talk(3, a, b);
  script.over();
  const { calls } = script.audited();
  expect(calls).toHaveLength(1);
  return calls[0];
}

group('keys of SRTP that stand in a description otherwise than by a=crypto', () => {
  test.each([
    ['a=key-mgmt with MIKEY that encrypts nothing', (key: Key) => `a=key-mgmt:mikey ${base64(mikey(key))}`],
    ['k=base64', ({ master, salt }: Key) => `k=base64:${base64([...master, ...salt])}`],
  ])('%s: the call is heard', (_, lineOf) => {
    const call = callWith(lineOf);
    expect(call?.verdict).toBe('heard');
    expect(call?.findings.map(({ code }) => code)).toContain('sdes-key-in-clear');
  });

  test('MIKEY that encrypts its keys, or has such as others are derived from, gives none away', () => {
    for (const terms of [{ encryption: 1 }, { type: 0 }]) {
      const call = callWith((key) => `a=key-mgmt:mikey ${base64(mikey(key, terms))}`);
      expect(call?.verdict).toBe('metadata-only');
      expect(call?.findings.map(({ code }) => code)).toContain('mikey-seen');
    }
  });

  test('MIKEY that is cut or is none is no exception', () => {
    const whole = mikey(a);
    for (let length = 0; length < whole.length; length++) {
      expect(readMikey(`mikey ${base64(whole.slice(0, length))}`, source)?.keys ?? []).toEqual([]);
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (octets) => {
        readMikey(`mikey ${base64([...octets])}`, source);
      }),
    );
  });
});

test('media at a candidate that trickled in by INFO is of the call (RFC 8840)', () => {
  const elsewhere = { address: '198.51.100.7', port: 50_000 };
  const script = new CaptureScript();
  script.answered(describe(alice, { at: { address: '192.0.2.10', port: 9 } }), describe(bob));
  const fragment = [
    'a=ice-ufrag:abcd',
    'm=audio 9 RTP/AVP 0',
    'a=mid:1',
    'a=candidate:1 1 UDP 2130706431 198.51.100.7 50000 typ srflx raddr 10.0.0.1 rport 4000',
    '',
  ].join('\r\n');
  script.sip(alice, bob, 'INFO sip:bob@example.com SIP/2.0', '2 INFO', fragment, [
    'Content-Type: application/trickle-ice-sdpfrag',
  ]);
  const relayed = { address: '198.51.100.99', port: 60_000 };
  script.voices({ from: relayed, to: elsewhere, ssrc: 0xb0b, seconds: 3 });
  script.over();
  const { calls } = script.audited();
  expect(calls).toHaveLength(1);
  expect(calls[0]?.streams).toHaveLength(1);
});
