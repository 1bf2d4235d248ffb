import { secretsTypes } from '@trustline/capture';
import { nodeCrypto } from '@trustline/srtp/node';
import { makeTestCertificates, schemaViolations } from '@trustline/testing';
import { expect, describe as group, test } from 'vitest';
import { Audit } from '../audit.ts';
import { KeyMaterial } from '../keys/key-material.ts';
import { encodings } from '../media/streams.fixture.ts';
import type { AuditReport, ReportCall } from '../model/report.ts';
import { auditReportSchema } from '../report/schema/report-schema.ts';
import { recordTls } from '../secure-transport/tls/recorded-tls.fixture.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { alice, bob, CaptureScript, describe, keyNumber, sender, sipMessage } from './capture-script.fixture.ts';

function only(report: AuditReport): ReportCall {
  expect(schemaViolations(auditReportSchema, report)).toEqual([]);
  const { calls } = report;
  const [call, ...others] = calls;
  if (call === undefined || others.length > 0) {
    throw new Error(`there are ${calls.length} calls: ${calls.map(({ because }) => because).join(' ')}`);
  }
  return call;
}
const codes = ({ findings }: ReportCall) => findings.map(({ code }) => code);
const [a, b] = [keyNumber(1), keyNumber(2)];
const { rsa } = (await makeTestCertificates(1_700_000_000_000)).callManager;
const authority = { cert: rsa.certificatePem, key: rsa.privateKeyPem };

group('what a tap gets of a call, exactly', () => {
  test('clear voice is heard, all of it, both ways', () => {
    const script = new CaptureScript();
    script.answered(describe(alice), describe(bob));
    script.talk(3);
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('heard');
    expect(call.streams.map(({ state }) => state)).toEqual(['clear', 'clear']);
    expect(call.heardSeconds).toBeCloseTo(3, 0);
    expect(call).toMatchObject({ caller: { name: 'alice' }, called: { uri: 'sip:bob@example.com' } });
  });

  test('SDES in clear SIP: the key lies open, and what it protects is heard', () => {
    const script = new CaptureScript();
    script.answered(describe(alice, { key: a }), describe(bob, { key: b }));
    script.talk(3, a, b);
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('heard');
    expect(call.streams.map(({ state, key }) => [state, key?.exposed])).toEqual([
      ['opened', true],
      ['opened', true],
    ]);
    expect(call.keyPath.map(({ packet }) => packet).toSorted()).toEqual([1, 3]);
  });

  test('SDES in clear SIP, and the media is not there: keys exposed', () => {
    const script = new CaptureScript();
    script.answered(describe(alice, { key: a }), describe(bob, { key: b }));
    script.over();
    expect(only(script.audited()).verdict).toBe('keys-exposed');
  });

  test('DTLS-SRTP with clear SIP: metadata only', () => {
    const script = new CaptureScript();
    const lines = ['a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'];
    const profile = 'UDP/TLS/RTP/SAVP';
    script.answered(describe(alice, { profile, lines }), describe(bob, { profile, lines }));
    script.talk(3, a, b);
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('metadata-only');
    expect(call.streams.map(({ state }) => state)).toEqual(['encrypted', 'encrypted']);
  });

  test('a NULL cipher encrypts nothing, whatever its name', () => {
    // RFC 3711 §4.1.3: its packets are as those of UNENCRYPTED_SRTP: clear, with a tag.
    const unencrypted = keyNumber(3, { parameters: ['UNENCRYPTED_SRTP'] });
    const named = { ...unencrypted, suite: 'NULL_HMAC_SHA1_80', parameters: [] };
    const script = new CaptureScript();
    script.answered(describe(alice, { key: named }), describe(bob, { key: named }));
    script.talk(3, unencrypted, unencrypted);
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('heard');
    expect(call.findings.map(({ code }) => code).join()).toMatch(/null-cipher/);
  });

  test('UNENCRYPTED_SRTP (RFC 4568 §6.3.2) is heard, though its keys are good and every packet has its tag', () => {
    const [c, d] = [1, 2].map((seed) => keyNumber(seed, { parameters: ['UNENCRYPTED_SRTP'] }));
    const script = new CaptureScript();
    script.answered(describe(alice, { ...(c && { key: c }) }), describe(bob, { ...(d && { key: d }) }));
    script.talk(3, c, d);
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('heard');
    expect(codes(call).join()).toMatch(/unencrypted-srtp/);
  });

  test('clear early media before SRTP begins', () => {
    const script = new CaptureScript();
    const lines = ['a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'];
    const profile = 'UDP/TLS/RTP/SAVP';
    script.sip(alice, bob, 'INVITE sip:bob@example.com SIP/2.0', '1 INVITE', describe(alice, { profile, lines }));
    script.sip(bob, alice, 'SIP/2.0 183 Session Progress', '1 INVITE', describe(bob, { profile, lines }));
    const early = { from: bob.media, to: alice.media, ssrc: 0xb0b };
    script.voices({ ...early, seconds: 2, sequenceNumber: 1_000 });
    script.sip(bob, alice, 'SIP/2.0 200 OK', '1 INVITE', describe(bob, { profile, lines }));
    script.sip(alice, bob, 'ACK sip:bob@example.com SIP/2.0', '1 ACK');
    script.voices(
      { seconds: 3, key: a, ssrc: 0xa11ce },
      { ...early, seconds: 3, key: b, sequenceNumber: 1_100, speech: 2 },
    );
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('heard');
    expect(call.heardSeconds).toBeGreaterThan(1.5);
    expect(call.heardSeconds).toBeLessThan(2.5);
  });

  test('a key that a later re-INVITE tells opens what follows', () => {
    const script = new CaptureScript();
    const lines = ['a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'];
    const profile = 'UDP/TLS/RTP/SAVP';
    script.answered(describe(alice, { profile, lines }), describe(bob, { profile, lines }));
    script.talk(2, a, b);
    const [c, d] = [keyNumber(5), keyNumber(6)];
    script.sip(alice, bob, 'INVITE sip:bob@example.com SIP/2.0', '2 INVITE', describe(alice, { key: c }));
    script.sip(bob, alice, 'SIP/2.0 200 OK', '2 INVITE', describe(bob, { key: d }));
    script.sip(alice, bob, 'ACK sip:bob@example.com SIP/2.0', '2 ACK');
    script.voices(
      { seconds: 2, key: c, ssrc: 0xa11ce, sequenceNumber: 1_100 },
      { seconds: 2, key: d, ssrc: 0xb0b, sequenceNumber: 1_100, from: bob.media, to: alice.media },
    );
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('heard');
    expect(call.heardSeconds).toBeLessThan(2.6);
  });

  test('keystream used twice: the same key for a stream that begins anew', () => {
    const script = new CaptureScript();
    const lines = ['a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'];
    const profile = 'UDP/TLS/RTP/SAVP';
    script.answered(describe(alice, { profile, lines }), describe(bob, { profile, lines }));
    script.voices(
      { seconds: 5, key: a, ssrc: 0xa11ce },
      { seconds: 5, key: b, ssrc: 0xb0b, from: bob.media, to: alice.media },
    );
    script.voices({ seconds: 5, key: a, ssrc: 0xa11ce, speech: 7 });
    script.over();
    const call = only(script.audited());
    expect(call.verdict).toBe('keys-exposed');
    expect(codes(call).join()).toMatch(/keystream/);
  });

  test('digits by INFO in clear SIP beside SRTP', () => {
    const script = new CaptureScript();
    const lines = ['a=fingerprint:sha-256 AB:CD', 'a=setup:actpass'];
    const profile = 'UDP/TLS/RTP/SAVP';
    script.answered(describe(alice, { profile, lines }), describe(bob, { profile, lines }));
    script.talk(2, a, b);
    for (const [at, digit] of [...'4111111111111111'].entries()) {
      script.sip(
        alice,
        bob,
        'INFO sip:bob@example.com SIP/2.0',
        `${at + 2} INFO`,
        `Signal=${digit}\r\nDuration=160\r\n`,
        ['Content-Type: application/dtmf-relay'],
      );
      script.sip(bob, alice, 'SIP/2.0 200 OK', `${at + 2} INFO`);
    }
    script.over(40);
    const call = only(script.audited());
    expect(call.verdict).toBe('digits-heard');
    expect(call.digits.some(({ looksLikeCard }) => looksLikeCard)).toBe(true);
    expect(JSON.stringify(call)).not.toContain('4111111111111111');
  });

  test('events in the clear within the SRTP of the voice, of the same source: their digits are heard', () => {
    const script = new CaptureScript();
    const payloads = encodings.pcmu(speechLike(1, 24_000));
    const [voice, other] = [sender(a), sender(b)];
    const both = (from: number, to: number) =>
      script.voices(
        { payloads: payloads.slice(from, to), sender: voice, ssrc: 0xa11ce, sequenceNumber: 1_000 + from },
        {
          payloads: payloads.slice(from, to),
          sender: other,
          ssrc: 0xb0b,
          sequenceNumber: 1_000 + from,
          from: bob.media,
          to: alice.media,
        },
      );
    both(0, 75);
    // RFC 4733 §2.3: a digit, whether it ends here, how loud and how long it was.
    for (const [at, digit] of [4, 7, 1, 1].entries()) {
      const event = (tail: number, duration: number) => Uint8Array.of(digit, tail, duration >> 8, duration & 0xff);
      const payloads = [160, 320, 480].map((duration) => event(0x0a, duration));
      script.voices({
        payloads: [...payloads, ...[0, 1, 2].map(() => event(0x8a, 640))],
        payloadType: 101,
        step: 0,
        ssrc: 0xa11ce,
        sequenceNumber: 1_075 + 6 * at,
      });
    }
    both(99, 150);
    const call = only(script.audited());
    expect(call.verdict).toBe('digits-heard');
    expect(codes(call)).toContain('digits-in-clear-media');
  });

  test('an unknown codec in the clear cannot be told, and is never called protected', () => {
    const script = new CaptureScript();
    const description = { format: '97', lines: ['a=rtpmap:97 X-SECRET/8000'] };
    script.answered(describe(alice, description), describe(bob, description));
    const payloads = Array.from({ length: 150 }, (_, at) =>
      Uint8Array.from({ length: 33 + (at % 3) }, (_, i) => (i * 73 + at * 31) & 0xff),
    );
    script.voices(
      { payloads, payloadType: 97, ssrc: 0xa11ce },
      { payloads, payloadType: 97, ssrc: 0xb0b, from: bob.media, to: alice.media },
    );
    script.over();
    expect(only(script.audited()).verdict).toBe('cannot-tell');
  });

  test('SRTP of a known frame size with nothing readable of its signalling: protected', () => {
    const script = new CaptureScript();
    script.talk(4, a, b);
    const call = only(script.audited());
    expect(call.verdict).toBe('protected');
  });

  test('noise in the clear is not called protected', () => {
    const script = new CaptureScript();
    const payloads = Array.from({ length: 200 }, (_, at) =>
      Uint8Array.from({ length: 160 }, (_, i) => (Math.imul(i * 7919 + at * 104_729, 2_654_435_761) >>> 13) & 0xff),
    );
    script.voices({ payloads, ssrc: 1 }, { payloads, ssrc: 2, from: bob.media, to: alice.media });
    expect(only(script.audited()).verdict).not.toBe('protected');
  });

  test('encrypted signalling, and a codec of no fixed size: cannot be told', () => {
    const script = new CaptureScript();
    const payloads = Array.from({ length: 200 }, (_, at) =>
      Uint8Array.from(
        { length: 60 + (at % 40) },
        (_, i) => (Math.imul(i * 7919 + at * 104_729, 2_654_435_761) >>> 13) & 0xff,
      ),
    );
    script.voices(
      { payloads, payloadType: 111, ssrc: 1 },
      { payloads, payloadType: 111, ssrc: 2, from: bob.media, to: alice.media },
    );
    expect(only(script.audited()).verdict).toBe('cannot-tell');
  });

  /** The call as alice and bob hold it by TLS, and what crossed the wire. */
  async function byTls(ciphers: string | undefined) {
    const message = (start: string, cseq: string, body = '') =>
      sipMessage({ start, caller: alice, callee: bob, cseq, body, transport: 'TLS' });
    const options = ciphers === undefined ? {} : { ciphers, maxVersion: 'TLSv1.2' as const };
    return recordTls({
      server: { ...authority, ...options },
      client: options,
      words: [
        message('INVITE sip:bob@example.com SIP/2.0', '1 INVITE', describe(alice, { key: a })),
        message('SIP/2.0 200 OK', '1 INVITE', describe(bob, { key: b })),
        message('ACK sip:bob@example.com SIP/2.0', '1 ACK'),
      ],
    });
  }

  test('TLS, and SRTP whose keys it carries: protected', async () => {
    const { said } = await byTls(undefined);
    const script = new CaptureScript();
    script.connection(alice.signalling, bob.signalling, said);
    script.talk(3, a, b);
    const report = script.audited();
    expect(only(report).verdict).toBe('protected');
    expect(report.secureConnections).toMatchObject([{ version: 'TLS 1.3', forwardSecrecy: true, opened: 'no' }]);
  });

  test('TLS whose suite encrypts nothing: its keys lie open, and the call is heard', async () => {
    const { said } = await byTls('NULL-SHA256:@SECLEVEL=0');
    const script = new CaptureScript();
    script.connection(alice.signalling, bob.signalling, said);
    script.talk(3, a, b);
    const report = script.audited();
    expect(report.secureConnections).toMatchObject([{ opened: 'null-cipher' }]);
    expect(only(report).verdict).toBe('heard');
  });

  test('a key log that the auditor gives: heard, and it is said with whose key', async () => {
    const { said, keyLog } = await byTls(undefined);
    const script = new CaptureScript();
    script.connection(alice.signalling, bob.signalling, said);
    script.talk(3, a, b);
    const keys = new KeyMaterial();
    keys.add(keyLog);
    const call = only(script.audited({ keys }));
    expect(call.verdict).toBe('heard');
    expect(call.streams.map(({ state, key }) => [state, key?.exposed])).toEqual([
      ['opened', false],
      ['opened', false],
    ]);
    expect(call.because).toMatch(/key that you gave/);
  });

  test.each([
    ['before the packets, as editcap puts it', 0],
    ['while they come, as who captures live may', 1],
  ])('a key log in the capture itself counts as one that was given: %s', async (_, before) => {
    const { said, keyLog } = await byTls(undefined);
    const script = new CaptureScript();
    script.connection(alice.signalling, bob.signalling, said);
    script.talk(3, a, b);
    const audit = new Audit({ crypto: nodeCrypto });
    for (const [at, packet] of [...script.packets()].entries()) {
      if (at === before)
        audit.handleSecrets({ kind: 'secrets', type: secretsTypes.tlsKeyLog, data: new TextEncoder().encode(keyLog) });
      audit.handle(packet);
    }
    audit.end();
    const call = only(audit.report({ madeAt: '2026-01-01T00:00:00.000Z', toolVersion: '', captures: [] }));
    expect({ verdict: call.verdict, exposed: call.streams.map(({ key }) => key?.exposed) }).toEqual({
      verdict: 'heard',
      exposed: [false, false],
    });
  });
});
