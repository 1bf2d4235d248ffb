import type { ProtectionEvent } from '@trustline/ipsec/node';
import { beforeEach, describe, expect, test } from 'vitest';
import { IpsecEvents } from './events.ts';

interface Told {
  readonly kind: string;
  readonly device?: string;
  readonly cause: string;
  readonly nextStep?: string;
}

let told: Told[];
let events: IpsecEvents;
beforeEach(() => {
  told = [];
  events = new IpsecEvents({
    event: async (kind, fields) => {
      told.push({ ...fields, kind });
      return '';
    },
  });
});

const failed = (reason: string): ProtectionEvent => ({
  kind: 'ipsec-failed',
  connection: 'gw1',
  reason,
  retryIn: 1_000,
});
const up = (...weak: string[]): ProtectionEvent => ({
  kind: 'ipsec-up',
  connection: 'gw1',
  remoteIdentity: '192.0.2.2',
  encryption: 'AES_GCM_16-256',
  weak,
});

describe('what happens to tunnels is said', () => {
  test('a tunnel that is tried again and again is told once for each reason, and anew after it was up', async () => {
    for (const reason of ['nobody answers', 'nobody answers', 'it is refused', 'it is refused'])
      await events.tell(failed(reason));
    await events.tell(up());
    await events.tell(failed('it is refused'));
    expect(told.map(({ kind }) => kind)).toEqual(['ipsec-failed', 'ipsec-failed', 'ipsec-up', 'ipsec-failed']);
    expect(told.every(({ device }) => device === 'gw1')).toBe(true);
  });

  test('weak algorithms are a warning of their own', async () => {
    await events.tell(up('HMAC_SHA1_96', 'MODP_1024'));
    expect(told[1]).toMatchObject({ kind: 'ipsec-weak', cause: expect.stringContaining('HMAC_SHA1_96, MODP_1024') });
  });

  test('when protection goes in a call it says that new keys stop, and until when media go on', async () => {
    const lost = { kind: 'lost', cause: 'no child association is installed', mediaUntil: 30_000 } as const;
    await events.tellHold('gw1', lost, 30);
    await events.tellHold('gw1', { kind: 'given-up', cause: lost.cause }, 30);
    await events.tellHold('gw1', { kind: 'returned' }, 30);
    expect(told.map(({ kind }) => kind)).toEqual(['ipsec-keys-stopped', 'ipsec-media-ended', 'ipsec-keys-resumed']);
    expect(told[0]?.cause).toBe(
      'Calls over gw1 get no new keys and no signalling, for no child association is installed; media already keyed go on for 30 seconds.',
    );
  });

  test.each<ProtectionEvent>([
    { kind: 'ipsec-down', connection: 'gw1', reason: 'no child association is installed' },
    { kind: 'ipsec-unreachable', reason: 'No IPsec helper answers', nextStep: undefined },
    { kind: 'ipsec-guard-lost', problem: 'the table is gone', times: 1 },
    { kind: 'ipsec-guard-lost', problem: 'the table is gone', times: 2, at: 1_800_000_000_000 },
    { kind: 'ipsec-clear-packets', connection: 'gw1', dropped: { inbound: 2, outbound: 0 } },
  ])('$kind names a next step', async (event) => {
    await events.tell(event);
    expect(told).toEqual([expect.objectContaining({ kind: event.kind, nextStep: expect.stringMatching(/./) })]);
  });
});
