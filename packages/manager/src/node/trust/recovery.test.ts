import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildTrustList,
  type Certificate,
  type ClusterSecurityMode,
  type RecordRequest,
  type SecurityToken,
  signFile,
} from '@trustline/pki';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ctlRecords } from '../../trust/composition.ts';
import { listedServers } from './listed-servers.ts';
import { SimulatedCluster, SimulatedPhone } from './simulated-fleet.fixture.ts';

type Token = SecurityToken & { readonly certificate: Certificate };

let folder: string;
let home: SimulatedCluster;
let lost: readonly [Token, Token];
let found: readonly [Token, Token];
let phone: SimulatedPhone;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trustline-recovery-'));
  home = await SimulatedCluster.make(join(folder, 'home'), 'Home', Date.parse('2026-11-23T18:42:00.000Z'));
  lost = [await home.makeToken(folder, 'one'), await home.makeToken(folder, 'two')];
  found = [await home.makeToken(folder, 'three'), await home.makeToken(folder, 'four')];
  phone = new SimulatedPhone('SEP001122330001');
  await home.addDevice(phone.device);
}, 120_000);
afterEach(async () => {
  await home.close();
  rmSync(folder, { recursive: true, force: true });
});

async function signed(
  tokens: readonly Token[],
  isWanted: (record: RecordRequest) => boolean = () => true,
  mode: ClusterSecurityMode = 'mixed',
): Promise<Uint8Array> {
  home.later();
  const [signer] = tokens as readonly [Token];
  const { cluster } = home.context;
  const certificates = tokens.map(({ certificate }) => certificate);
  const servers = await listedServers(home.context);
  const unsigned = buildTrustList({
    kind: 'CTL',
    timestamp: Math.floor(home.now / 1_000),
    digest: 'SHA-512',
    signer: signer.certificate,
    records: ctlRecords(servers, certificates, cluster.trust.issuersFor('manufacturer'), mode).filter(isWanted),
  });
  return signFile(unsigned, (digest, octets) => signer.sign(signer.certificate, digest, octets));
}

async function offered(octets: Uint8Array, options: { readonly dryRun?: boolean; readonly recovery?: boolean } = {}) {
  const outcome = await home.trust.offer({ octets, dryRun: false, ...options });
  if (outcome.kind !== 'judged') throw new Error(outcome.problem.message);
  const { problems, simulation } = outcome.publication;
  return { rules: problems.map(({ rule }) => rule), simulation, published: outcome.published?.number };
}

test('all tokens are lost: by a trust officer’s word TVS vouches for new ones, and phones follow', async () => {
  expect((await offered(await signed(lost))).rules).toEqual([]);
  expect(await phone.boot(home)).toBe('encrypted');
  const octets = await signed(found);
  expect(await offered(octets)).toMatchObject({ rules: ['signer-unknown', 'phones-locked'], published: undefined });
  const dry = await offered(octets, { recovery: true, dryRun: true });
  expect(dry).toMatchObject({ rules: [], simulation: { healing: [phone.device], locked: [] }, published: undefined });
  // What was only asked about is vouched for by nobody.
  expect((await home.trust.vouching.entries()).some(({ certificate }) => isSame(certificate, found[0]))).toBe(false);
  expect((await offered(octets, { recovery: true })).published).toBeDefined();
  expect((await home.trust.vouching.entries()).some(({ certificate }) => isSame(certificate, found[0]))).toBe(true);
  home.later();
  expect(await phone.boot(home)).toBe('encrypted');
  expect((await offered(await signed(found))).simulation.accepting).toEqual([phone.device]);
}, 120_000);

test('a token of the published list signs: that is no recovery, also where it is only asked about', async () => {
  await offered(await signed(lost));
  const octets = await signed(lost);
  for (const dryRun of [true, false]) {
    expect(await offered(octets, { recovery: true, dryRun })).toMatchObject({
      rules: ['recovery-needless'],
      published: undefined,
    });
  }
  expect((await offered(octets)).published).toBeDefined();
}, 120_000);

test('a phone whose lists name no TVS is locked by it, and named; nothing is published', async () => {
  const { trustLists, phoneLists } = home.context.store;
  const withoutTvs = await signed(lost, ({ role }) => role !== 'TVS');
  const { number } = await trustLists.publish('CTL', withoutTvs, home.now);
  const { device } = phone;
  await phoneLists.noteHeld(device, [{ device, kind: 'CTL', list: number, takenAt: home.now, remoteAddress: '' }], []);
  const outcome = await offered(await signed(found), { recovery: true });
  expect(outcome).toMatchObject({ rules: ['phones-locked'], published: undefined });
  expect(outcome.simulation.locked).toMatchObject([{ device: phone.device, rule: 'signer-unknown' }]);
}, 120_000);

test('the signer of a wave is vouched for too, for the phones of the wave', async () => {
  await offered(await signed(lost));
  expect(await phone.boot(home)).toBe('encrypted');
  const wave = await home.trust.offer({
    octets: await signed(found),
    wave: [phone.device],
    dryRun: false,
    recovery: true,
  });
  expect(wave).toMatchObject({ kind: 'judged', publication: { simulation: { healing: [phone.device] } } });
  expect((await home.trust.lists.current('CTL'))?.list.header.signer.name).toContain(
    lost[0].certificate.commonNames[0],
  );
  expect((await home.trust.vouching.entries()).some(({ certificate }) => isSame(certificate, found[0]))).toBe(true);
}, 120_000);

test('a phone whose first list is of a cluster that left mixed mode takes its ITL too', async () => {
  expect((await offered(await signed(lost, () => true, 'non-secure'))).rules).toEqual([]);
  // From the box it has no LSC to which its digest password could be encrypted.
  expect(await phone.boot(home)).toBe('no-password');
  // It was given its lists, takes them, and cannot show that it has.
  const known = (await home.trust.held.phones()).find(({ device }) => device === phone.device);
  expect(known?.held).toEqual({ ctl: undefined, itl: undefined });
  expect(known?.mayHold.some(({ ctl, itl }) => ctl !== undefined && itl !== undefined)).toBe(true);
}, 120_000);

function isSame(octets: Uint8Array, { certificate }: Token): boolean {
  return Buffer.from(octets).equals(certificate.der);
}
