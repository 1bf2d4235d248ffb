import { describe, expect, test } from 'vitest';
import { readAssociations } from './association.ts';
import { associations } from './associations.fixture.ts';
import {
  baselineOf,
  type ClearSegments,
  type GuardReading,
  judgeProtection,
  type ProofFailure,
  type ProtectionReading,
  proofFailures,
  unprotected,
} from './proof.ts';
import { viciMessage } from './vici/message.ts';

const inPlace = (inbound = 0, outbound = 0, segments: readonly ClearSegments[] = []): GuardReading => ({
  inPlace: true,
  dropped: new Map([['gw1', { inbound, outbound }]]),
  segments,
  probes: new Map(),
});
const reading = (list = associations(), guard = inPlace(), takenAt = 1_000): ProtectionReading => ({
  takenAt,
  associations: list,
  guard,
});
/** What no reading shows: there is nothing to read. */
const unreadFailures: readonly string[] = ['no-tunnel', 'no-route'];
const peer = { connection: 'gw1', remoteIdentity: 'gw1.example', mode: 'tunnel' as const };
const signalling = {
  local: { address: '10.98.0.1', port: 40_000 },
  remote: { address: '10.98.0.2', port: 1720 },
};
const before = baselineOf(reading(associations({}, { 'bytes-out': 4_000 })), 'gw1');
const question = { peer, signalling, before, octetsSent: 900 };

describe('a key may leave', () => {
  test('where everything holds, and the record of the call says what was seen', () => {
    expect(judgeProtection(1_100, reading(), question)).toEqual({
      proven: true,
      evidence: {
        connection: 'gw1',
        remoteIdentity: 'gw1.example',
        spiIn: '784e9bd9',
        spiOut: 'cce4c6ba',
        encryption: 'AES_GCM_16-256',
        integrity: undefined,
        octetsThroughTunnel: 1_000,
        octetsSent: 900,
      },
    });
  });

  test('while a child is replaced: the new one is counted from zero', () => {
    const [old] = associations({}, { state: 'REKEYED', 'bytes-out': 4_100 });
    const [next] = associations({}, { 'spi-out': '00000002', 'bytes-out': 850 });
    if (old === undefined || next === undefined) throw new Error('no association');
    const both = [{ ...next, children: [...old.children, ...next.children] }];
    expect(judgeProtection(1_100, reading(both), question)).toMatchObject({
      proven: true,
      evidence: { spiOut: '00000002', octetsThroughTunnel: 950 },
    });
  });

  test('whatever a stranger sends in the name of the gateway: it was dropped, and carries no key of ours', () => {
    const other = { ...signalling, remote: { ...signalling.remote, port: 4_000 }, packets: 1_000 };
    expect(judgeProtection(1_100, reading(undefined, inPlace(1_000, 0, [other])), question).proven).toBe(true);
  });

  test('where its own packets in the clear were dropped before it was looked at first', () => {
    const guard = inPlace(3, 0, [{ ...signalling, packets: 3 }]);
    const earlier = baselineOf(reading(associations({}, { 'bytes-out': 4_000 }), guard), 'gw1');
    expect(judgeProtection(1_100, reading(undefined, guard), { ...question, before: earlier }).proven).toBe(true);
  });

  test('under legacy algorithms too, which both encrypt and authenticate', () => {
    const legacy = associations({ version: 1 }, { 'encr-alg': 'AES_CBC', 'integ-alg': 'HMAC_SHA1_96' });
    expect(judgeProtection(1_100, reading(legacy), question)).toMatchObject({ proven: true });
  });
});

describe('a key stays here', () => {
  const cases: readonly (readonly [ProofFailure, string, ProtectionReading, Partial<typeof question>])[] = [
    ['reading-too-old', 'what was read is 251 ms old', reading(undefined, undefined, 849), {}],
    ['daemon-unreadable', 'the daemon is gone', { ...reading(), associations: { unreadable: 'it is gone' } }, {}],
    ['no-association', 'there is none', reading([]), {}],
    [
      'no-association',
      'it is of another connection',
      reading(associations().map((one) => ({ ...one, connection: 'gw2' }))),
      {},
    ],
    ['no-association', 'IKE is going', reading(associations({ state: 'DELETING' })), {}],
    [
      'wrong-identity',
      'another certificate of the same authority',
      reading(associations({ 'remote-id': 'gw2.example' })),
      {},
    ],
    ['wrong-identity', 'no identity at all', reading(associations({ 'remote-id': '' })), {}],
    [
      'wrong-address',
      'the association is with another host',
      reading(associations({ 'remote-host': '10.98.0.3' })),
      {},
    ],
    [
      'wrong-address',
      'the socket has another address',
      reading(),
      { signalling: { ...signalling, local: { address: '10.98.0.9', port: 1 } } },
    ],
    ['no-child', 'IKE is up and the child being deleted', reading(associations({}, { state: 'DELETING' })), {}],
    ['no-child', 'only a child that was replaced is left', reading(associations({}, { state: 'REKEYED' })), {}],
    ['no-child', 'transport in place of tunnel', reading(associations({}, { mode: 'TRANSPORT' })), {}],
    [
      'not-encrypting',
      'ESP with NULL',
      reading(associations({}, { 'encr-alg': 'NULL', 'integ-alg': 'HMAC_SHA2_256_128' })),
      {},
    ],
    ['not-encrypting', 'AH', reading(associations({}, { protocol: 'AH' })), {}],
    ['not-encrypting', 'CBC without integrity', reading(associations({}, { 'encr-alg': 'AES_CBC' })), {}],
    [
      'outside-selectors',
      'only port 1720 of ours',
      reading(associations({}, { 'local-ts': ['10.98.0.1/32[tcp/1720]'] })),
      {},
    ],
    ['outside-selectors', 'UDP alone', reading(associations({}, { 'remote-ts': ['10.98.0.2/32[udp]'] })), {}],
    [
      'outside-selectors',
      'a selector that cannot be read',
      reading(associations({}, { 'remote-ts': ['dynamic'] })),
      {},
    ],
    ['no-guard', 'the table is gone', reading(undefined, { inPlace: false, problem: 'the table is gone' }), {}],
    ['clear-packets-seen', 'one would have left in the clear', reading(undefined, inPlace(0, 1)), {}],
    [
      'answered-in-the-clear',
      'one of this very connection came in the clear',
      reading(undefined, inPlace(1, 0, [{ ...signalling, packets: 1 }])),
      {},
    ],
    ['not-through-tunnel', 'the counter stands still', reading(), { before: baselineOf(reading(), 'gw1') }],
    ['not-through-tunnel', 'less went through than was sent', reading(), { octetsSent: 1_001 }],
    [
      'not-through-tunnel',
      'nothing was sent and nothing seen',
      reading(),
      { before: baselineOf(reading(), 'gw1'), octetsSent: 0 },
    ],
  ];

  test.each(cases)('%s: %s', (failure, _, read, changed) => {
    const proof = judgeProtection(1_100, read, { ...question, ...changed });
    expect(proof).toMatchObject({ proven: false, failure, nextStep: proofFailures[failure] });
    expect(proof.proven || proof.message).toMatch(/^IPsec to gw1 is not proven: \S/);
  });

  test('for every reason that there is', () => {
    expect([...new Set(cases.map(([failure]) => failure))].sort()).toEqual(
      Object.keys(proofFailures)
        .filter((failure) => !unreadFailures.includes(failure))
        .sort(),
    );
    expect(unprotected('gw9')).toMatchObject({ proven: false, failure: 'no-tunnel' });
  });

  test('one good association beside a wrong one is enough, in whatever order', () => {
    const list = [...associations({ 'remote-id': 'gw2.example' }), ...associations()];
    expect(judgeProtection(1_100, reading(list), question).proven).toBe(true);
    expect(judgeProtection(1_100, reading(list.reverse()), question).proven).toBe(true);
  });
});

test.each(['uniqueid', 'version', 'state', 'local-host', 'remote-host'])(
  'without %s an association cannot be read',
  (field) => {
    const { [field]: _, ...rest } = {
      uniqueid: '1',
      version: '2',
      state: 'A',
      'local-host': 'h',
      'remote-host': 'h',
    } as Record<string, string>;
    expect(() => readAssociations(viciMessage({ gw1: rest }))).toThrow(`without ${field}`);
  },
);
