import { describe, expect, test } from 'vitest';
import { associations } from './associations.fixture.ts';
import { explainProtection, type ProofPoint, tunnelProblem } from './explanation.ts';
import type { GuardReading, ProtectionReading } from './proof.ts';

const guard: GuardReading = {
  inPlace: true,
  dropped: new Map([['gw1', { inbound: 2, outbound: 0 }]]),
  segments: [],
  probes: new Map(),
};
const tunnel = {
  peer: { connection: 'gw1', remoteIdentity: 'gw1.example', mode: 'tunnel' as const },
  localAddress: '10.98.0.1',
  remoteAddress: '10.98.0.2',
};
const explain = (changes: Partial<ProtectionReading> = {}) =>
  explainProtection({ takenAt: 0, associations: associations(), guard, ...changes }, tunnel);
const failing = (points: readonly ProofPoint[]) =>
  points.filter(({ holds }) => holds === false).map(({ point }) => point);

describe('why no key would go', () => {
  const problem = (changes: Partial<ProtectionReading>, more: object = {}) =>
    tunnelProblem({ takenAt: 0, associations: associations(), guard, ...changes }, { ...tunnel, ...more });
  const into = (device: string | undefined) => ({ route: { tunnelDevice: 'ipsec0', device } });

  test('is the judgement of the proof, and nothing where a call would be proven', () => {
    expect(problem({})).toBeUndefined();
    expect(problem({}, into('ipsec0'))).toBeUndefined();
    expect(problem({ guard: { inPlace: false, problem: 'it is gone' } })).toMatchObject({ failure: 'no-guard' });
    expect(problem({ associations: associations({ 'remote-id': 'gw2.example' }) })).toMatchObject({
      failure: 'wrong-identity',
    });
  });

  test('where no association came up, is how the last attempt went', () => {
    expect(
      problem({ associations: [] }, { lastFailure: { reason: 'the far end does not answer', nextStep: 'start it' } }),
    ).toMatchObject({
      message:
        'IPsec to gw1 is not proven: no IKE association is established; the last attempt: the far end does not answer',
      nextStep: 'start it',
    });
  });

  test('where nothing leads into the tunnel, is that', () => {
    expect(problem({}, into('eth0'))).toMatchObject({
      failure: 'no-route',
      nextStep: expect.stringMatching(/restart/),
    });
    expect(problem({}, into(undefined))?.message).toContain('have no way');
  });

  test('is one of the points that are explained, whatever it is', () => {
    for (const changes of [{ associations: [] }, { guard: { inPlace: false as const, problem: 'gone' } }, {}]) {
      const points = explainProtection(
        { takenAt: 0, associations: associations(), guard, ...changes },
        { ...tunnel, ...into('eth0') },
      );
      expect(failing(points)).not.toEqual([]);
    }
  });
});

describe('what would happen to a call now', () => {
  test('is said for each of the points', () => {
    const points = explain();
    expect(points.map(({ point, holds }) => [point, holds])).toEqual([
      ['child', true],
      ['selectors', true],
      ['identity', true],
      ['guard', true],
      ['clear-packets', true],
      ['counters', null],
    ]);
    expect(points[4]?.message).toContain('2 packets in and 0 out');
  });

  test.each<[string, Partial<ProtectionReading>, ProofPoint['point'][]]>([
    ['there is no daemon', { associations: { unreadable: 'it is gone' } }, ['child', 'selectors', 'identity']],
    ['there is no association', { associations: [] }, ['child', 'selectors', 'identity']],
    ['there is IKE alone', { associations: associations({}, { state: 'DELETED' }) }, ['child', 'selectors']],
    ['nothing is encrypted', { associations: associations({}, { 'encr-alg': 'NULL' }) }, ['child']],
    [
      'another port is protected',
      { associations: associations({}, { 'remote-ts': ['10.98.0.2/32[tcp/5061]'] }) },
      ['selectors'],
    ],
    ['it is somebody else', { associations: associations({ 'remote-id': 'gw2.example' }) }, ['identity']],
    ['there is no guard', { guard: { inPlace: false, problem: 'it is gone' } }, ['guard', 'clear-packets']],
  ])('where %s', (_, changes, points) => {
    expect(failing(explain(changes))).toEqual(points);
    for (const { holds, nextStep } of explain(changes)) expect(nextStep === undefined).toBe(holds !== false);
  });
});
