import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ctlRecords } from '../../trust/composition.ts';
import { type Cast, type ListSigner, makeCast, makeList, makeToken } from '../../trust/trust.fixture.ts';
import { listedServers } from './listed-servers.ts';
import { SimulatedCluster } from './simulated-fleet.fixture.ts';

const device = 'SEP001122330001';
const began = Date.now();
/** Where phones are, and where none is. */
const [here, elsewhere] = ['192.0.2.9', '192.0.2.66'];

let folder: string;
let home: SimulatedCluster;
let cast: Cast;
let tokens: readonly [ListSigner, ListSigner, ListSigner, ListSigner];

beforeAll(async () => {
  cast = await makeCast();
  const made = await Promise.all(['3', '4'].map((serial) => makeToken(cast.cluster, serial, false, began)));
  tokens = [...cast.tokens, ...(made as [ListSigner, ListSigner])];
}, 180_000);
afterAll(() => cast.dispose());

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'trustline-held-lists-'));
  home = await SimulatedCluster.make(join(folder, 'home'), 'Home', began);
  await home.addDevice(device);
}, 180_000);
afterEach(async () => {
  await home.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A CTL without TVS, so that nobody vouches for a signer whom a phone does not know. */
async function signed(listed: readonly ListSigner[], signer: ListSigner): Promise<Uint8Array> {
  home.later();
  const certificates = listed.map(({ certificate }) => certificate);
  const manufacturing = home.context.cluster.trust.issuersFor('manufacturer');
  const servers = { ...(await listedServers(home.context)), tvs: [] };
  const records = ctlRecords(servers, certificates, manufacturing, 'non-secure');
  return makeList(signer, records, { kind: 'CTL', timestamp: Math.floor(home.now / 1_000) });
}

async function offer(listed: readonly ListSigner[], signer: ListSigner, dryRun = false) {
  const outcome = await home.trust.offer({ octets: await signed(listed, signer), dryRun });
  if (outcome.kind !== 'judged') throw new Error(outcome.problem.message);
  const { problems, simulation } = outcome.publication;
  return { problems: problems.map(({ rule }) => rule), locked: simulation.locked, number: outcome.published?.number };
}

/** What the phone holds of the CTL, and to whom lists were given in its name. */
async function known() {
  await home.trust.held.settled();
  const ctl = (await home.context.store.phoneLists.heldBy(device)).get('CTL');
  const given = home.trust.held.openFor(device).filter(({ kind }) => kind === 'CTL');
  return { ctl, given: given.map(({ list, remoteAddress }) => `${list} ${remoteAddress}`) };
}

const fetchFrom = (address: string) => home.fetch(device, `CTL${device}.tlv`, address);
const register = () => home.register(device, 'udp');
/** The phone starts: it fetches its list, and registers. */
const start = async () => {
  await fetchFrom(here);
  await register();
};
const seen = (address: string, since = home.now) => home.trust.held.seen({ device, address, since, did: 'registered' });

async function eventsOf(kind: string) {
  await home.context.journal.flush();
  const entries = await home.context.store.evidence.latest(1_000, 'events');
  return entries.filter((entry) => JSON.stringify(entry).includes(`"${kind}"`)).map((entry) => JSON.stringify(entry));
}

describe('a list that was given in the name of a phone', () => {
  test('is held once the phone registers from there afterwards, and is told as that', async () => {
    const [one, two] = tokens;
    const { number } = await offer([one, two], one);
    await fetchFrom(here);
    expect(await known()).toEqual({ ctl: undefined, given: [`${number} ${here}`] });
    expect(await eventsOf('trust-list-given')).toEqual([
      expect.stringContaining(`CTL number ${number} was given to ${here} in the name of the phone.`),
    ]);
    await register();
    expect(await known()).toEqual({ ctl: number, given: [] });
    expect(await eventsOf('trust-list-taken')).toEqual([
      expect.stringContaining('as its first, and registered from there afterwards.'),
    ]);
    await fetchFrom(here);
    expect(await eventsOf('trust-list-given')).toHaveLength(1);
  });

  test('is not held by what the phone had begun before, nor by what it does elsewhere', async () => {
    const [one, two] = tokens;
    const { number } = await offer([one, two], one);
    const before = home.now;
    await fetchFrom(here);
    await seen(here, before);
    await seen(elsewhere);
    expect(await known()).toEqual({ ctl: undefined, given: [`${number} ${here}`] });
  });

  test('stays given over a restart, and a registration after it proves it', async () => {
    const [one, two] = tokens;
    const { number } = await offer([one, two], one);
    await fetchFrom(here);
    const again = await SimulatedCluster.over(home);
    expect(again.trust.held.openFor(device)).toMatchObject([{ list: number, remoteAddress: here }]);
    await again.trust.held.seen({ device, address: here, since: 0, did: 'registered' });
    expect((await again.context.store.phoneLists.heldBy(device)).get('CTL')).toBe(number);
  });

  test('is kept and told of eight addresses, and forgotten with the phone', async () => {
    const [one, two] = tokens;
    const { number } = await offer([one, two], one);
    for (let last = 1; last <= 10; last += 1) await fetchFrom(`192.0.2.${last}`);
    expect((await known()).given).toEqual(Array.from({ length: 8 }, (_, at) => `${number} 192.0.2.${at + 3}`));
    expect(await home.context.store.phoneLists.given()).toHaveLength(8);
    expect(await eventsOf('trust-list-given')).toHaveLength(8);
    await home.context.store.devices.remove(device);
    await home.trust.held.forget(device);
    expect(await known()).toEqual({ ctl: undefined, given: [] });
    await fetchFrom(here);
    expect(await known()).toEqual({ ctl: undefined, given: [] });
  });

  test('and that the phone refuses is an alarm when the phone was seen, and not before', async () => {
    const [one, two, three, four] = tokens;
    const { number } = await offer([one, two], one);
    await start();
    // As if the rules had been switched off.
    await home.context.store.trustLists.publish('CTL', await signed([three, four], three), home.now);
    await fetchFrom(here);
    expect(await eventsOf('trust-list-not-taken')).toEqual([]);
    await register();
    await start();
    expect(await eventsOf('trust-list-not-taken')).toEqual([expect.stringContaining('signer-unknown')]);
    expect(await known()).toEqual({ ctl: number, given: [] });
  });
});

describe('a stranger who fetches in the name of a phone', () => {
  test('makes nobody believe that the phone holds it, and what would lock the phone is refused still', async () => {
    const [one, two, three, four] = tokens;
    const first = await offer([one, two], one);
    await start();
    const second = await offer([one, three, four], one);
    await fetchFrom(elsewhere);
    await register();
    expect(await known()).toEqual({ ctl: first.number, given: [`${second.number} ${elsewhere}`] });
    // The phone knows neither of these two: it never fetched the list that names them.
    const third = await offer([three, four], three);
    expect(third).toMatchObject({ problems: ['phones-locked'], locked: [{ device, rule: 'signer-unknown' }] });
    // What the stranger may have been is judged too.
    expect((await offer([one, two], two, true)).locked).toMatchObject([
      { device, ourWords: expect.stringMatching(/^if it took what was given in its name: /) },
    ]);
    await start();
    expect(await known()).toEqual({ ctl: second.number, given: [] });
    expect(await offer([three, four], three)).toMatchObject({ problems: [], locked: [] });
  });

  test('of a phone that was never seen decides nothing: it may hold that list, or none', async () => {
    const [one, two, three, four] = tokens;
    const { number } = await offer([one, two], one);
    await fetchFrom(elsewhere);
    expect(await home.trust.held.phones()).toMatchObject([
      { device, held: { ctl: undefined }, mayHold: [{ ctl: { header: { fileName: 'CTLFile.tlv' } } }] },
    ]);
    await home.context.store.trustLists.publish('CTL', await signed([three, four], three), home.now);
    await start();
    // It took this one blindly, or refused it, holding the other: nobody can tell, and nothing is told.
    expect(await known()).toEqual({
      ctl: undefined,
      given: [`${number} ${elsewhere}`, `${Number(number) + 1} ${here}`],
    });
    expect([...(await eventsOf('trust-list-taken')), ...(await eventsOf('trust-list-not-taken'))]).toEqual([]);
  });

  test('does not keep the manager from knowing what the phone took', async () => {
    const [one, two] = tokens;
    await offer([one, two], one);
    await start();
    const { number } = await offer([one, two], one);
    await fetchFrom(elsewhere);
    await start();
    await fetchFrom(elsewhere);
    expect(await known()).toEqual({ ctl: number, given: [] });
    expect((await home.trust.held.phones())[0]?.mayHold).toEqual([]);
  });
});
