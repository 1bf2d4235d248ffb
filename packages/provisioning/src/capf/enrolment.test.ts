import { Redacted } from '@trustline/base';
import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Enrolments } from './enrolment.ts';
import type { EnrolmentClaim, EnrolmentEvent, EnrolmentOperation } from './enrolment-types.ts';
import { type CapfProof, makeCapfProof } from './proof.ts';

const device = 'SEP001122334455';
const other = 'SEP001122334466';
const address = '192.0.2.7';

let mic: TestIdentity;
let proof: CapfProof;
let enrolments: Enrolments;

beforeAll(async () => {
  mic = await (await makeTestCertificates()).manufacturerInstalled(device);
  proof = makeCapfProof(device, { type: 2, der: mic.certificate.der }, mic.privateKey);
});

beforeEach(() => {
  enrolments = new Enrolments({
    isKnown: (name) => name === device || name === other,
    judge: (_certificate, name) =>
      name === device ? { accepted: true, kind: 'MIC' } : { accepted: false, reason: 'it is the MIC of another' },
  });
});

const install: EnrolmentOperation['action'] = { kind: 'install', key: { type: 'RSA', bits: 2048 } };
const byString = (string = '8675309', id = 'op-1'): EnrolmentOperation => ({
  id,
  action: install,
  authentication: { by: 'string', string: new Redacted(string) },
});
const byMic = (id = 'op-1'): EnrolmentOperation => ({
  id,
  action: install,
  authentication: { by: 'certificate', kinds: ['MIC'] },
});
const claim = (change: Partial<EnrolmentClaim> = {}): EnrolmentClaim => ({
  device,
  address,
  string: undefined,
  proof: undefined,
  ...change,
});
const shown = (string: string) => claim({ string: new Redacted(string) });

function events(): readonly EnrolmentEvent[] {
  const all: EnrolmentEvent[] = [];
  for (let event = enrolments.poll(); event !== undefined; event = enrolments.poll()) all.push(event);
  return all;
}

const proceeded = (operation: EnrolmentOperation) => ({ outcome: 'proceed', operation });

describe('an operation is pending', () => {
  test('once: the right string lets one session go on, and after it nothing is pending', () => {
    const operation = byString();
    enrolments.setOperation(device, operation);
    expect(enrolments.attempt(0, shown('8675309'))).toEqual(proceeded(operation));
    expect(enrolments.done(device, address, operation, 'certificate-issued', 'issued')).toBe(true);
    expect(enrolments.pendingOf(device)).toBeUndefined();
    expect(enrolments.attempt(1, shown('8675309'))).toEqual({ outcome: 'no-action' });
    expect(events().map(({ kind }) => kind)).toEqual([
      'operation-pending',
      'authenticated',
      'certificate-issued',
      'operation-closed',
      'refused',
    ]);
  });

  test('for one device: another finds nothing, and one that the cluster has not is told so', () => {
    enrolments.setOperation(device, byString());
    expect(enrolments.attempt(0, claim({ device: other, string: new Redacted('8675309') }))).toEqual({
      outcome: 'no-action',
    });
    expect(enrolments.attempt(0, claim({ device: 'SEP999999999999' }))).toEqual({ outcome: 'unknown-device' });
  });

  test('until it is taken back, also from a session under way', () => {
    const operation = byString();
    enrolments.setOperation(device, operation);
    enrolments.attempt(0, shown('8675309'));
    expect(enrolments.cancel(device)).toBe(true);
    expect(enrolments.isUnderWay(device, operation)).toBe(false);
    expect(enrolments.done(device, address, operation, 'certificate-issued', 'issued')).toBe(false);
    expect(enrolments.cancel(device)).toBe(false);
  });

  test('and a new one replaces it, with its own string', () => {
    enrolments.setOperation(device, byString('1111'));
    const next = byString('2222', 'op-2');
    enrolments.setOperation(device, next);
    expect(enrolments.attempt(0, shown('1111'))).toEqual({ outcome: 'declined' });
    expect(enrolments.attempt(0, shown('2222'))).toEqual(proceeded(next));
    expect(events().find(({ kind }) => kind === 'operation-closed')).toMatchObject({ end: 'replaced' });
  });

  const impossible: readonly [string, EnrolmentOperation][] = [
    ['a string of three digits', byString('123')],
    ['a string of 17 digits', byString('12345678901234567')],
    ['a string of letters', byString('secret')],
    ['RSA-512', { ...byMic(), action: { kind: 'install', key: { type: 'RSA', bits: 512 } } }],
    ['RSA-8192', { ...byMic(), action: { kind: 'install', key: { type: 'RSA', bits: 8192 } } }],
    ['a window without an end', { ...byMic(), authentication: { by: 'nothing', until: Number.POSITIVE_INFINITY } }],
  ];
  test.each(impossible)('never with %s', (_title, operation) => {
    expect(() => enrolments.setOperation(device, operation)).toThrow(
      expect.objectContaining({ code: 'capf.bad-operation' }),
    );
  });
});

describe('strings', () => {
  test('five wrong ones lock, the right one too is then refused, and unlocking gives five more', () => {
    enrolments.setOperation(device, byString());
    for (let tries = 0; tries < 5; tries += 1) {
      expect(enrolments.attempt(tries, shown('0000'))).toEqual({ outcome: 'declined' });
    }
    expect(events().filter(({ kind }) => kind === 'locked')).toMatchObject([{ severity: 'alarm', device, address }]);
    expect(enrolments.pendingOf(device)).toMatchObject({ locked: true });
    expect(enrolments.attempt(6, shown('8675309'))).toEqual({ outcome: 'declined' });
    expect(enrolments.unlock(device)).toBe(true);
    expect(enrolments.attempt(7, shown('8675309'))).toMatchObject({ outcome: 'proceed' });
  });

  test('a session without one is refused and costs no try', () => {
    enrolments.setOperation(device, byString());
    for (let tries = 0; tries < 6; tries += 1) enrolments.attempt(tries, claim());
    expect(enrolments.pendingOf(device)).toMatchObject({ locked: false });
  });

  test('stand in no event, neither the right one nor those that were tried', () => {
    enrolments.setOperation(device, byString('8675309'));
    enrolments.attempt(0, shown('31415926'));
    enrolments.attempt(1, shown('8675309'));
    const text = JSON.stringify([events(), enrolments.pendingOf(device)]);
    expect(text).not.toMatch(/8675309|31415926/);
  });
});

describe('certificates', () => {
  test('one proves a device while an operation wants it, and only once: the recording raises an alarm', () => {
    const operation = byMic();
    enrolments.setOperation(device, operation);
    expect(enrolments.attempt(0, claim({ proof }))).toEqual(proceeded(operation));
    enrolments.done(device, address, operation, 'certificate-issued', 'issued');
    events();
    expect(enrolments.attempt(1, claim({ proof, address: '203.0.113.9' }))).toEqual({ outcome: 'no-action' });
    expect(events()).toMatchObject([
      { kind: 'refused', severity: 'alarm', rule: 'replay-suspected', address: '203.0.113.9' },
    ]);
  });

  test('while its session is under way the same proof raises an alarm too', () => {
    enrolments.setOperation(device, byMic());
    enrolments.attempt(0, claim({ proof }));
    events();
    expect(enrolments.attempt(1, claim({ proof }))).toMatchObject({ outcome: 'later' });
    expect(events()).toMatchObject([{ severity: 'alarm', rule: 'replay-suspected' }]);
  });

  test('a recording raises the alarm after a restart too, and after another operation was set and taken back', () => {
    const restarted = new Enrolments({
      isKnown: () => true,
      judge: () => ({ accepted: true, kind: 'MIC' }),
      carriedOutBefore: (name) => (name === device ? 'certificate' : undefined),
    });
    restarted.setOperation(device, byString());
    restarted.cancel(device);
    restarted.attempt(0, claim({ proof }));
    restarted.attempt(0, claim({ device: other, proof }));
    const told: (string | undefined)[] = [];
    for (let event = restarted.poll(); event !== undefined; event = restarted.poll()) told.push(event.rule);
    expect(told.filter((rule) => rule !== undefined)).toEqual(['replay-suspected', 'nothing-pending']);
  });

  test('whoever comes after a window has closed behind another raises an alarm, whatever he shows', () => {
    const operation = { ...byMic(), authentication: { by: 'nothing', until: 60_000 } } as const;
    enrolments.setOperation(device, operation);
    enrolments.attempt(0, claim());
    enrolments.done(device, '192.0.2.66', operation, 'certificate-issued', 'a key was certified');
    events();
    expect(enrolments.attempt(1, claim())).toEqual({ outcome: 'no-action' });
    expect(enrolments.attempt(2, claim({ proof }))).toEqual({ outcome: 'no-action' });
    expect(events()).toMatchObject([
      {
        severity: 'alarm',
        rule: 'second-try',
        cause: expect.stringContaining('a window in which everybody was believed'),
      },
      { severity: 'alarm', rule: 'second-try' },
    ]);
  });

  test('with nothing pending it counts for nothing, and that is said without alarm', () => {
    expect(enrolments.attempt(0, claim({ proof }))).toEqual({ outcome: 'no-action' });
    expect(events()).toMatchObject([{ severity: 'information', rule: 'nothing-pending' }]);
  });

  test('one that the judge refuses, of a kind not asked for, or missing is refused with its rule', () => {
    enrolments.setOperation(device, { ...byMic(), authentication: { by: 'certificate', kinds: ['LSC'] } });
    enrolments.setOperation(other, byMic());
    enrolments.attempt(0, claim({ proof }));
    enrolments.attempt(0, claim());
    enrolments.attempt(0, claim({ device: other, proof }));
    const rules = events().flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
    expect(rules).toEqual(['wrong-kind-of-certificate', 'certificate-missing', 'certificate-refused']);
  });

  test('one without its key is refused', () => {
    enrolments.setOperation(device, byMic());
    const bare = { ...proof, sha1Signature: undefined, sha2Signature: undefined };
    expect(enrolments.attempt(0, claim({ proof: bare }))).toEqual({ outcome: 'declined' });
    expect(events().at(-1)).toMatchObject({ rule: 'proof-wrong' });
  });
});

describe('a window', () => {
  const window = (until: number): EnrolmentOperation => ({ ...byMic(), authentication: { by: 'nothing', until } });

  test('takes one that shows nothing before its end, and nobody from its end on', () => {
    enrolments.setOperation(device, window(1000));
    expect(enrolments.nextDeadline()).toBe(1000);
    expect(enrolments.attempt(999, claim())).toMatchObject({ outcome: 'proceed' });
    enrolments.setOperation(device, window(1000));
    expect(enrolments.attempt(1000, claim())).toEqual({ outcome: 'no-action' });
    expect(
      events()
        .filter(({ kind }) => kind === 'operation-closed')
        .at(-1),
    ).toMatchObject({ end: 'window-over' });
  });

  test('ends by itself when nobody comes', () => {
    enrolments.setOperation(device, window(1000));
    enrolments.expire(1000);
    expect(enrolments.pendingOf(device)).toBeUndefined();
    expect(enrolments.nextDeadline()).toBeUndefined();
  });
});

describe('sessions that break off', () => {
  test('may come again, and after the third the operation is given up', () => {
    const operation = byString();
    enrolments.setOperation(device, operation);
    for (let session = 0; session < 3; session += 1) {
      expect(enrolments.attempt(session, shown('8675309'))).toEqual(proceeded(operation));
      enrolments.release(session, device, address, operation, 'the far end closed the connection');
    }
    expect(enrolments.attempt(4, shown('8675309'))).toEqual({ outcome: 'no-action' });
    expect(events().filter(({ end }) => end !== undefined)).toMatchObject([{ end: 'given-up' }]);
  });

  test('of an authority that cannot issue leave the operation pending, with an alarm', () => {
    const operation = byString();
    enrolments.setOperation(device, operation);
    enrolments.attempt(0, shown('8675309'));
    enrolments.notIssued(device, address, operation, 'the disk is full');
    expect(events().at(-1)).toMatchObject({ kind: 'certificate-not-issued', severity: 'alarm' });
    expect(enrolments.attempt(1, shown('8675309'))).toEqual(proceeded(operation));
  });
});

describe('rates', () => {
  test('a device that fails ten times in a minute is told to come later, from whichever address', () => {
    enrolments.setOperation(device, byMic());
    for (let tries = 0; tries < 10; tries += 1) enrolments.attempt(tries, claim({ address: `192.0.2.${tries}` }));
    expect(enrolments.attempt(10, claim({ proof }))).toEqual({ outcome: 'later', after: 59_990 });
    expect(enrolments.attempt(60_000, claim({ proof }))).toMatchObject({ outcome: 'proceed' });
    expect(events().filter(({ rule }) => rule === 'device-rate')).toHaveLength(1);
  });

  test('an address that fails thirty times in a minute has to stay away, and others do not', () => {
    for (let tries = 0; tries < 30; tries += 1) {
      expect(enrolments.waitOf(tries, address)).toBe(0);
      enrolments.attempt(tries, claim({ device: `SEP0000000000${tries + 10}` }));
    }
    expect(enrolments.waitOf(30, address)).toBe(59_970);
    expect(enrolments.waitOf(30, '192.0.2.8')).toBe(0);
    expect(enrolments.waitOf(60_000, address)).toBe(0);
  });

  test('phones that find nothing to do are not counted: a thousand may share an address', () => {
    for (let phone = 0; phone < 1000; phone += 1) enrolments.attempt(phone, claim());
    expect(enrolments.waitOf(1000, address)).toBe(0);
  });
});
