import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { GuardReading } from '../proof.ts';
import type { TunnelConfiguration } from '../tunnel-configuration.ts';
import type { GuardAccess } from './guard-keeper.ts';
import { Protection, type ProtectionEvent } from './protection.ts';

const tunnel: TunnelConfiguration = {
  name: 'gw1',
  localAddress: '10.98.0.1',
  remoteAddress: '10.98.0.2',
  mode: 'tunnel',
  profile: 'standard',
  authentication: {
    kind: 'certificate',
    localIdentity: 'manager.example',
    localCertificate: Uint8Array.of(0x30, 1),
    remoteIdentity: 'gw1.example',
    remote: { kind: 'certificate', certificate: Uint8Array.of(0x30, 2) },
  },
};
const signalling = {
  local: { address: '10.98.0.1', port: 40_000 },
  remote: { address: '10.98.0.2', port: 1720 },
};

test('without a daemon it starts, says so once, has closed the guard, and proves nothing; what was read before it is asked is read anew at once; a guard that hangs holds no call up', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'trustline-ipsec-'));
  const closed: string[] = [];
  let readings = 0;
  let read = async (): Promise<GuardReading> => {
    readings += 1;
    return { inPlace: true, dropped: new Map(), segments: [], probes: new Map() };
  };
  const guard: GuardAccess = {
    protect: async (peers) => void closed.push(...peers.map(({ address }) => address)),
    release: async () => {},
    read: () => read(),
  };
  const events: ProtectionEvent[] = [];
  const protection = await Protection.start(
    {
      viciSocket: join(folder, 'nobody.socket'),
      stack: 'kernel-libipsec',
      credentials: { privateKey: undefined, authorities: [] },
      guard,
      initiates: true,
      mediaPatience: 1_000,
      onEvent: (event) => events.push(event),
      onHold: () => {},
    },
    [{ tunnel }],
  );
  expect(closed).toEqual(['10.98.0.2']);
  const before = await protection.baseline('gw1');
  const soFar = readings;
  const proof = protection.prove('gw1', signalling, before, 10);
  for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  expect(readings).toBeGreaterThan(soFar);
  expect(await proof).toMatchObject({ failure: 'daemon-unreadable' });
  read = () => new Promise(() => {});
  expect(await protection.prove('gw1', signalling, before, 10)).toMatchObject({ failure: 'daemon-unreadable' });
  expect(events.map(({ kind }) => kind)).toEqual(['ipsec-unreachable']);
  expect(protection.isProtected('gw1')).toBe(false);
  await protection.stop();
  rmSync(folder, { recursive: true });
});

test('a hundred calls at once share readings: one that runs, and one after it for all who came meanwhile', async () => {
  let readings = 0;
  const waiting: (() => void)[] = [];
  const read = () =>
    new Promise<GuardReading>((resolve) => {
      readings += 1;
      waiting.push(() => resolve({ inPlace: true, dropped: new Map(), segments: [], probes: new Map() }));
    });
  const guard: GuardAccess = { protect: async () => {}, release: async () => {}, read };
  const starting = Protection.start(
    {
      viciSocket: '/nowhere',
      stack: 'kernel-libipsec',
      credentials: { privateKey: undefined, authorities: [] },
      guard,
      initiates: true,
      mediaPatience: 1_000,
      onEvent: () => {},
      onHold: () => {},
    },
    [],
  );
  const answerAll = () => {
    for (const answer of waiting.splice(0)) answer();
  };
  const turns = async () => {
    for (let turn = 0; turn < 5; turn += 1) await setImmediate();
  };
  await turns();
  answerAll();
  const protection = await starting;
  readings = 0;
  const first = protection.baseline('gw1');
  await turns();
  const others = Array.from({ length: 100 }, () => protection.baseline('gw1'));
  await turns();
  expect(readings).toBe(1);
  answerAll();
  await turns();
  expect(readings).toBe(2);
  answerAll();
  await Promise.all([first, ...others]);
  expect(readings).toBe(2);
  await protection.stop();
});

test('a guard that was lost and put back between two looks is told, once each, whoever asked for the reading', async () => {
  const events: ProtectionEvent[] = [];
  let repairs = 0;
  const read = async (): Promise<GuardReading> => ({
    inPlace: true,
    dropped: new Map(),
    segments: [],
    probes: new Map(),
    ...(repairs === 0 ? {} : { repairs: { count: repairs, problem: 'the table was gone', at: 5 } }),
  });
  const protection = await Protection.start(
    {
      viciSocket: '/nowhere',
      stack: 'kernel-libipsec',
      credentials: { privateKey: undefined, authorities: [] },
      guard: { protect: async () => {}, release: async () => {}, read },
      initiates: true,
      mediaPatience: 1_000,
      onEvent: (event) => events.push(event),
      onHold: () => {},
    },
    [{ tunnel }],
  );
  events.splice(0);
  repairs = 1;
  await protection.baseline('gw1');
  await protection.baseline('gw1');
  expect(events).toEqual([
    { kind: 'ipsec-guard-lost', problem: 'the table was gone', times: 1, at: 5 },
    { kind: 'ipsec-guard-restored' },
  ]);
  await protection.stop();
});

test('a tunnel that cannot be as it is written is refused at the start', async () => {
  const start = Protection.start(
    {
      viciSocket: '/nowhere',
      stack: 'kernel-libipsec',
      credentials: { privateKey: undefined, authorities: [] },
      guard: { protect: async () => {}, release: async () => {}, read: async () => ({ inPlace: false, problem: '' }) },
      initiates: true,
      mediaPatience: 1_000,
      onEvent: () => {},
      onHold: () => {},
    },
    [{ tunnel: { ...tunnel, mode: 'transport' } }],
  );
  await expect(start).rejects.toMatchObject({ code: 'ipsec.setting' });
});
