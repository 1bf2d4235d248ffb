import { describe, expect, test } from 'vitest';
import { associations } from './associations.fixture.ts';
import { explainProtection, type ProofPoint } from './explanation.ts';
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

describe('what would happen to a call now', () => {
  test('is said for each of the six points', () => {
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
    ['there is IKE alone', { associations: associations({}, { state: 'DELETED' }) }, ['child']],
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
