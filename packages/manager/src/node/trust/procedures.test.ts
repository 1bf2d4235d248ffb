import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildTrustList,
  type Certificate,
  type ClusterSecurityMode,
  encodeCertificatesPem,
  type IdentityRole,
  type SecurityToken,
  signFile,
} from '@trustline/pki';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ctlRecords } from '../../trust/composition.ts';
import { listedServers } from './listed-servers.ts';
import { manufacturerDependents } from './manufacturer-dependents.ts';
import { type BootEnd, SimulatedCluster, SimulatedPhone } from './simulated-fleet.fixture.ts';

type Token = SecurityToken & { readonly certificate: Certificate };

const isFull = process.env['TRUSTLINE_FULL'] === '1';
/** In memory where there is such a place: many phones write much, and none of it must outlive a power cut here. */
const scratch = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const fleetSize = isFull ? 50 : 12;
/** Milliseconds after which failed attempts at CAPF count no more. */
const failuresForgotten = 120_000;
const began = Date.parse('2026-11-23T18:42:00.000Z');

let folder: string;
let home: SimulatedCluster;
let tokens: readonly [Token, Token];
let phones: readonly SimulatedPhone[];
const open: SimulatedCluster[] = [];

async function makeCluster(name: string): Promise<SimulatedCluster> {
  const cluster = await SimulatedCluster.make(join(folder, name), name, began);
  open.push(cluster);
  return cluster;
}

beforeEach(async () => {
  folder = mkdtempSync(join(scratch, 'trustline-procedures-'));
  home = await makeCluster('Home');
  tokens = [await home.makeToken(folder, 'one'), await home.makeToken(folder, 'two')];
  phones = Array.from(
    { length: fleetSize },
    (_, index) => new SimulatedPhone(`SEP0011223300${index.toString(16).toUpperCase().padStart(2, '0')}`),
  );
  for (const { device } of phones) await home.addDevice(device);
  await publish(home, tokens, tokens[0]);
  expect(await boot(home)).toEqual({ encrypted: fleetSize });
}, 180_000);
afterEach(async () => {
  for (const cluster of open.splice(0)) await cluster.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Signs a CTL with the present certificates. */
async function signed(
  cluster: SimulatedCluster,
  listed: readonly Token[],
  signer: Token,
  mode: ClusterSecurityMode = 'mixed',
): Promise<Uint8Array> {
  cluster.later();
  const { cluster: identity } = cluster.context;
  const certificates = listed.map(({ certificate }) => certificate);
  const records = ctlRecords(
    await listedServers(cluster.context),
    certificates,
    identity.trust.issuersFor('manufacturer'),
    mode,
  );
  const unsigned = buildTrustList({
    kind: 'CTL',
    timestamp: Math.floor(cluster.now / 1_000),
    digest: 'SHA-512',
    signer: signer.certificate,
    records,
  });
  return signFile(unsigned, (digest, octets) => signer.sign(signer.certificate, digest, octets));
}

/** Publishes a CTL with the present certificates, by every rule. */
async function publish(
  cluster: SimulatedCluster,
  listed: readonly Token[],
  signer: Token,
  mode: ClusterSecurityMode = 'mixed',
): Promise<void> {
  const outcome = await cluster.trust.offer({ octets: await signed(cluster, listed, signer, mode), dryRun: false });
  const problems = outcome.kind === 'judged' ? outcome.publication.problems : [outcome.problem];
  expect(problems).toEqual([]);
}

/** Every phone has its power cut, and boots; how it ended, counted. */
async function boot(at: SimulatedCluster, some: readonly SimulatedPhone[] = phones) {
  at.later();
  const ends: Partial<Record<BootEnd, number>> = {};
  for (const end of await Promise.all(some.map((phone) => phone.boot(at)))) ends[end] = (ends[end] ?? 0) + 1;
  return ends;
}

async function renew(role: IdentityRole): Promise<void> {
  await home.context.cluster.stageRenewal(role, home.now);
  await home.trust.refresh();
  if (role === 'tvs') await boot(home); // its successor is vouched for by nobody: the lists go first
  expect((await home.trust.judgeRenewal(role))?.lost).toEqual([]);
  await home.context.cluster.activateRenewal(role);
  await home.trust.refresh();
}

/** What is renewed together: the call manager shows one certificate of each kind of key. */
const renewable = {
  CallManager: ['callmanager-rsa', 'callmanager-ecdsa'],
  CAPF: ['capf'],
  TFTP: ['tftp'],
  TVS: ['tvs'],
} as const satisfies Record<string, readonly IdentityRole[]>;
type Renewable = keyof typeof renewable;

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length === 0) return [[]];
  return items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
}

const allOrders = permutations(Object.keys(renewable) as Renewable[]);
/** The first and the last, each the other backwards, say most; the long run (`npm run test:full`) tries all 24. */
const orders = (isFull ? allOrders : [allOrders[0], allOrders.at(-1)]).map((order = []) => [order] as const);

describe(`no phone of ${fleetSize} is lost when`, () => {
  test.each(orders)(
    'certificates are renewed in the order %j, with the CTL signed anew once at the end',
    async (order) => {
      for (const service of order) {
        for (const role of renewable[service]) await renew(role);
        expect(await boot(home)).toEqual({ encrypted: fleetSize });
      }
      await publish(home, tokens, tokens[1]);
      expect(await boot(home)).toEqual({ encrypted: fleetSize });
    },
    120_000,
  );

  test('a token is lost: the other signs, and a third takes its place', async () => {
    const [, second] = tokens;
    const third = await home.makeToken(folder, 'three');
    await publish(home, [second, third], second);
    expect(await boot(home)).toEqual({ encrypted: fleetSize });
    await publish(home, [second, third], third);
    expect(await boot(home)).toEqual({ encrypted: fleetSize });
  }, 180_000);

  test('the cluster leaves mixed mode, where each proves itself by a password from its encrypted file, and comes back', async () => {
    await publish(home, tokens, tokens[0], 'non-secure');
    expect(home.context.cluster.trust.securityMode()).toBe('non-secure');
    expect(await boot(home)).toEqual({ 'non-secure': fleetSize });
    await publish(home, tokens, tokens[0], 'mixed');
    expect(await boot(home)).toEqual({ encrypted: fleetSize });
  }, 180_000);

  test('they move to another cluster and back: each lists the tokens of the other first', async () => {
    const away = await makeCluster('Away');
    for (const { device } of phones) await away.addDevice(device);
    const foreign = [await away.makeToken(folder, 'away one'), await away.makeToken(folder, 'away two')] as const;
    await publish(away, [...foreign, tokens[0]], foreign[0]);
    await publish(home, [...tokens, foreign[0]], tokens[0]);
    expect(await boot(home)).toEqual({ encrypted: fleetSize });
    away.later(3_600_000);
    await publish(away, [...foreign, tokens[0]], foreign[0]);
    expect(await boot(away)).toEqual({ encrypted: fleetSize });
    home.later(7_200_000);
    await publish(home, [...tokens, foreign[0]], tokens[0]);
    expect(await boot(home)).toEqual({ encrypted: fleetSize });
  }, 120_000);
});

test('both tokens are lost: the word of a trust officer, TVS vouches for two new ones, and no phone is lost', async () => {
  const next = [await home.makeToken(folder, 'three'), await home.makeToken(folder, 'four')] as const;
  const octets = await signed(home, next, next[0]);
  expect(await home.trust.offer({ octets, dryRun: false })).toMatchObject({ published: undefined });
  const outcome = await home.trust.offer({ octets, dryRun: false, recovery: true });
  expect(outcome).toMatchObject({ kind: 'judged', publication: { problems: [], simulation: { locked: [] } } });
  if (outcome.kind === 'judged') expect(outcome.publication.simulation.healing).toHaveLength(fleetSize);
  expect(await boot(home)).toEqual({ encrypted: fleetSize });
  await publish(home, next, next[1]);
  expect(await boot(home)).toEqual({ encrypted: fleetSize });
}, 180_000);

describe('the manufacturing authority is replaced:', () => {
  /** Phones from the box, which enrol once by their MIC. */
  async function fromTheBox(count: number, first: number): Promise<readonly SimulatedPhone[]> {
    const made: SimulatedPhone[] = [];
    for (let index = first; index < first + count; index += 1) {
      const device = `SEP0011223344${index.toString(16).toUpperCase().padStart(2, '0')}`;
      await home.addDevice(device);
      await home.openEnrolment(device);
      made.push(new SimulatedPhone(device, await home.manufacture(device)));
    }
    return made;
  }
  const standIns = () => home.context.cluster.manufacturers().map(({ certificate }) => certificate);
  const dependentsOf = (authority: Certificate) =>
    manufacturerDependents(home.context, home.trust.lists, home.context.cluster.manufacturer(authority.fingerprint));

  test('phones with MICs of either one enrol until the old one goes, tokens follow, and no phone is lost', async () => {
    const ofTheOld = await fromTheBox(fleetSize / 2, 0);
    const [old] = standIns() as [Certificate];
    await home.context.cluster.renewManufacturer(home.now);
    const ofTheNew = await fromTheBox(fleetSize / 2, fleetSize / 2);
    await publish(home, tokens, tokens[0]);
    expect(standIns()).toHaveLength(2);
    // The old one is needed by what it issued, and by nobody else.
    const needed = await dependentsOf(old);
    expect(needed.tokens.map(({ subject }) => subject)).toEqual(tokens.map(({ certificate }) => certificate.subject));
    expect(needed.phones).toEqual(ofTheOld.map(({ device }) => device));

    expect(await boot(home, [...ofTheOld, ...ofTheNew])).toEqual({ encrypted: fleetSize });
    expect((await dependentsOf(old)).phones).toEqual([]);
    const [third, fourth] = [await home.makeToken(folder, 'three'), await home.makeToken(folder, 'four')];
    await publish(home, [tokens[1], third], tokens[1]);
    expect(await boot(home)).toEqual({ encrypted: fleetSize });
    await publish(home, [third, fourth], third);
    expect(await dependentsOf(old)).toEqual({ tokens: [], phones: [] });
    await home.context.cluster.removeManufacturer(old.fingerprint);
    await publish(home, [third, fourth], fourth);
    expect(await boot(home, [...phones, ...ofTheOld, ...ofTheNew])).toEqual({ encrypted: 2 * fleetSize });
  }, 120_000);

  test('one that was removed too early loses the phones that have not enrolled, and taken back loses none', async () => {
    const waiting = await fromTheBox(fleetSize, 0);
    const [old] = standIns() as [Certificate];
    await home.context.cluster.renewManufacturer(home.now);
    await publish(home, tokens, tokens[0]);
    expect((await dependentsOf(old)).phones).toHaveLength(fleetSize);
    await home.context.cluster.removeManufacturer(old.fingerprint);
    expect(await boot(home, waiting)).toEqual({ lost: fleetSize });
    expect(await boot(home)).toEqual({ encrypted: fleetSize });

    await home.context.cluster.importManufacturers(encodeCertificatesPem([old]), home.now);
    home.later(failuresForgotten);
    expect(await boot(home, waiting)).toEqual({ encrypted: fleetSize });
  }, 120_000);
});

describe('with the simulation switched off a wrong order loses phones', () => {
  test('a new TVS certificate before the lists hold it, then a new call manager', async () => {
    await home.context.cluster.stageRenewal('tvs', home.now);
    expect(await home.trust.judgeRenewal('tvs')).toMatchObject({ knowing: [], healing: [] });
    expect((await home.trust.judgeRenewal('tvs'))?.lost).toHaveLength(fleetSize);
    await home.context.cluster.activateRenewal('tvs');
    await home.context.cluster.reissue('callmanager-rsa', home.now);
    expect(await boot(home)).toEqual({ lost: fleetSize });
  }, 180_000);

  test('a CTL by a token that no phone knows', async () => {
    const stranger = [await home.makeToken(folder, 'new one'), await home.makeToken(folder, 'new two')] as const;
    const octets = await signed(home, stranger, stranger[0]);
    const outcome = await home.trust.offer({ octets, dryRun: false });
    expect(outcome).toMatchObject({ kind: 'judged', published: undefined });
    if (outcome.kind !== 'judged') return;
    expect(outcome.publication.problems.map(({ rule }) => rule)).toEqual(['signer-unknown', 'phones-locked']);
    expect(outcome.publication.simulation.locked).toHaveLength(fleetSize);
    await home.context.store.trustLists.publish('CTL', octets, home.now);
    await home.context.cluster.reissue('callmanager-rsa', home.now);
    await home.context.cluster.reissue('tvs', home.now);
    expect(await boot(home)).toEqual({ lost: fleetSize });
  }, 180_000);
});
