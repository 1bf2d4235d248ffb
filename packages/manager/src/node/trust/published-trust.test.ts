import { expectsSecureSignalling, isLabTokenCertificate, type TrustList } from '@trustline/pki';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ctlRecords, type ListedServers } from '../../trust/composition.ts';
import { type ListSigner, makeList, makeToken } from '../../trust/trust.fixture.ts';
import { listedServers } from './listed-servers.ts';
import { type RunningTrust, TrustFolder } from './running.fixture.ts';

const first = 'SEP001122334455';
const second = 'SEP001122334456';
let folder: TrustFolder;
let running: RunningTrust;

beforeEach(() => {
  folder = new TrustFolder();
});
afterEach(async () => {
  await running.close();
  folder.remove();
});

async function start(kind: 'lab' | 'production', set: readonly string[] = []): Promise<RunningTrust> {
  running = await folder.start(kind, set);
  await running.trust.refresh();
  return running;
}
async function restart(kind: 'lab' | 'production', set: readonly string[] = []): Promise<RunningTrust> {
  await running.close();
  return start(kind, set);
}
const numbers = async (kind: 'CTL' | 'ITL') =>
  (await running.store.trustLists.list(kind)).map(({ number, state }) => `${number} ${state}`);
const kinds = async () => (await running.events()).map(({ kind }) => kind);
const stampOf = (list: TrustList | undefined) => list?.header.timestamp ?? 0;

async function addPhones(): Promise<void> {
  for (const name of [first, second]) {
    await running.store.devices.add({
      name,
      kind: 'phone',
      securityMode: 'encrypted',
      protocol: 'sip',
      description: '',
      lines: [],
      digest: undefined,
      addedAt: 0,
    });
  }
}

let stamp = 0;
/** A CTL of the present servers, made where the tokens are. */
async function ctlOf(
  tokens: readonly ListSigner[],
  mode: 'mixed' | 'non-secure' = 'mixed',
  signer = tokens[0],
  servers: Partial<ListedServers> = {},
): Promise<Uint8Array> {
  const { context, cluster } = running;
  if (signer === undefined) throw new Error('a token signs');
  const certificates = tokens.map(({ certificate }) => certificate);
  const present = await listedServers(context);
  const records = ctlRecords({ ...present, ...servers }, certificates, cluster.trust.issuersFor('manufacturer'), mode);
  stamp = Math.max(Math.floor(context.clock.now() / 1_000), stamp + 1);
  return makeList(signer, records, { kind: 'CTL', timestamp: stamp });
}
const offer = async (octets: Uint8Array, wave?: readonly string[], dryRun = false) => {
  const outcome = await running.trust.offer({ octets, wave, dryRun });
  if (outcome.kind === 'no-list') throw new Error(outcome.problem.message);
  return { problems: outcome.publication.problems.map(({ rule }) => rule), published: outcome.published };
};
const seen = (device: string, address = '192.0.2.7') =>
  running.trust.held.seen({ device, address, since: running.context.clock.monotonic(), did: 'registered' });
/** A phone fetches its list and registers; what is said of it then. */
const give = async (device: string, kind: 'CTL' | 'ITL' = 'CTL') => {
  const published = await running.trust.lists.forDevice(kind, device);
  if (published === undefined) throw new Error(`no ${kind} is published`);
  const before = (await running.events()).length;
  await running.trust.held.given(kind, device, '192.0.2.7', published.stored.hash);
  await seen(device);
  const said = (await running.events()).slice(before).filter((event) => event.kind !== 'trust-list-given');
  return said.map((event) => `${event.kind}: ${event.cause}`);
};
const makeTokens = () =>
  Promise.all(['1', '2'].map((serial) => makeToken(running.cluster, serial, false, running.context.clock.now())));

describe('a lab', () => {
  test('signs its CTL with two tokens of its own and its ITL at the first start, and neither at the second', async () => {
    await start('lab');
    const ctl = await running.trust.lists.current('CTL');
    const tokens = ctl?.list.records.filter(({ role }) => role === 0) ?? [];
    expect(tokens).toHaveLength(2);
    expect(ctl && expectsSecureSignalling({ ctl: ctl.list, itl: undefined })).toBe(true);
    expect(running.cluster.trust.statusNotice()).toBe('lab trust');
    expect(await kinds()).toEqual(['trust-list-published', 'trust-list-published']);
    await restart('lab');
    expect([...(await numbers('ITL')), ...(await numbers('CTL'))]).toEqual(['1 current', '2 current']);
    expect(await kinds()).toHaveLength(2);
  });

  test('signs both anew when its servers show other certificates, newer though the clock went back', async () => {
    await start('lab');
    const before = [await running.trust.lists.current('CTL'), await running.trust.lists.current('ITL')];
    folder.ahead = -86_400_000;
    await running.cluster.reissue('callmanager-rsa', Date.now());
    await running.trust.refresh();
    expect(await numbers('CTL')).toEqual(['2 earlier', '3 current']);
    // The call manager stands in no ITL.
    expect(await numbers('ITL')).toEqual(['1 current']);
    await running.cluster.reissue('tftp', Date.now());
    await running.trust.refresh();
    expect(await numbers('ITL')).toEqual(['1 earlier', '4 current']);
    const after = [await running.trust.lists.current('CTL'), await running.trust.lists.current('ITL')];
    for (const [index, list] of after.entries())
      expect(stampOf(list?.list)).toBeGreaterThan(stampOf(before[index]?.list));
    expect(await kinds()).not.toContain('trust-list-outdated');
  });

  test('signs by another hash once the configuration says so', async () => {
    await start('lab');
    await restart('lab', ['provisioning.digest=SHA-1']);
    for (const kind of ['CTL', 'ITL'] as const) {
      expect((await running.trust.lists.current(kind))?.list.header.digest).toBe('SHA-1');
    }
  });

  test('of non-secure mode publishes a list that says so', async () => {
    await start('lab', ['securityMode=non-secure']);
    const ctl = await running.trust.lists.current('CTL');
    expect(ctl && expectsSecureSignalling({ ctl: ctl.list, itl: undefined })).toBe(false);
    expect(running.cluster.trust.securityMode()).toBe('non-secure');
    expect(ctl?.list.records.some(({ certificate }) => certificate && isLabTokenCertificate)).toBe(true);
  });

  test('ends no wave by a list of its own', async () => {
    await start('lab');
    await addPhones();
    const { content } = (await running.store.trustLists.current('CTL')) ?? { content: new Uint8Array() };
    await running.store.trustLists.publish('CTL', content, 0, [first]);
    await running.cluster.reissue('callmanager-rsa', Date.now());
    await running.trust.refresh();
    expect(await running.store.trustLists.inWave('CTL')).toBeDefined();
    expect(await kinds()).toContain('trust-list-outdated');
  });
});

describe('a production cluster', () => {
  test('begins non-secure; its mode follows the CTL there and back, each change an event', async () => {
    await start('production');
    expect([running.cluster.trust.securityMode(), await running.trust.lists.current('CTL')]).toEqual([
      'non-secure',
      undefined,
    ]);
    const tokens = await makeTokens();
    expect(await offer(await ctlOf(tokens))).toMatchObject({ problems: [], published: { state: 'current' } });
    expect(running.cluster.trust.securityMode()).toBe('mixed');
    await offer(await ctlOf(tokens, 'non-secure'));
    expect(running.cluster.trust.securityMode()).toBe('non-secure');
    await restart('production');
    expect(running.cluster.trust.securityMode()).toBe('non-secure');
    await offer(await ctlOf(tokens));
    expect(running.cluster.trust.securityMode()).toBe('mixed');
    const changes = (await running.events()).filter(({ kind }) => kind === 'configuration-changed');
    expect(changes.map(({ cause }) => /in (\S+) mode/.exec(cause)?.[1])).toEqual(['mixed', 'non-secure', 'mixed']);
  });

  test('refuses what breaks a rule: an event with its next step, and nothing changes', async () => {
    await start('production');
    const [token] = await makeTokens();
    if (token === undefined) throw new Error('a token was made');
    const alone = await ctlOf([token]);
    expect(await offer(alone, undefined, true)).toEqual({ problems: ['tokens'], published: undefined });
    expect(await kinds()).not.toContain('trust-list-refused');
    expect(await offer(alone)).toEqual({ problems: ['tokens'], published: undefined });
    const broken = await running.trust.offer({ octets: alone.slice(1), wave: undefined, dryRun: false });
    expect(broken).toMatchObject({ kind: 'no-list', problem: { rule: 'list-broken' } });
    const refusals = (await running.events()).filter(({ kind }) => kind === 'trust-list-refused');
    expect(refusals).toMatchObject([
      { nextStep: expect.stringContaining('trustline ctl add-token') },
      { nextStep: expect.stringContaining('trustline ctl verify') },
    ]);
    expect([await numbers('CTL'), running.cluster.trust.securityMode()]).toEqual([[], 'non-secure']);
  });

  test('a dry run publishes nothing and is no event', async () => {
    await start('production');
    const before = await kinds();
    expect(await offer(await ctlOf(await makeTokens()), undefined, true)).toEqual({
      problems: [],
      published: undefined,
    });
    expect([await numbers('CTL'), await kinds()]).toEqual([[], before]);
  });

  test('a token that is pulled in the middle of signing leaves the list that is published', async () => {
    await start('production');
    const tokens = await makeTokens();
    await offer(await ctlOf(tokens));
    const [held] = tokens;
    if (held === undefined) throw new Error('a token was made');
    const pulled: ListSigner = { ...held, sign: () => Promise.reject(new Error('the token was removed')) };
    await expect(ctlOf(tokens, 'mixed', pulled)).rejects.toThrow('removed');
    expect(await numbers('CTL')).toEqual(['2 current']);
  });

  test('a wave gets a list first; it goes to all when nobody would be locked out by it', async () => {
    await start('production');
    await addPhones();
    const tokens = await makeTokens();
    await offer(await ctlOf(tokens));
    for (const device of [first, second])
      expect(await give(device)).toEqual([
        'trust-list-taken: The phone was given CTL number 2, which it takes by its rules as its first, and registered from there afterwards.',
      ]);
    const [one, two] = tokens;
    expect((await offer(await ctlOf(tokens, 'mixed', two), [first, first])).published).toMatchObject({ state: 'wave' });
    expect(await running.trust.wave()).toMatchObject({
      list: { number: 3 },
      phones: [{ device: first, back: undefined }],
    });
    await expect(running.trust.completeWave([])).rejects.toMatchObject({
      code: 'manager.wave-not-back',
      message: `1 of the 1 phones of the wave are not known to hold its list: ${first}.`,
      nextStep: expect.stringContaining('--without'),
    });
    expect((await running.events()).at(-1)).toMatchObject({ kind: 'trust-list-refused', reason: 'wave-not-back' });
    expect(await give(first)).toEqual([
      'trust-list-taken: The phone was given CTL number 3, which it takes by its rules, and registered from there afterwards.',
    ]);
    expect(await give(second)).toEqual([]);
    expect(await running.trust.wave()).toMatchObject({ phones: [{ device: first, back: { list: 3 } }] });
    await running.trust.completeWave([]);
    expect(await numbers('CTL')).toEqual(['2 earlier', '3 current']);
    expect((await running.events()).at(-1)).toMatchObject({
      kind: 'trust-list-published',
      cause: expect.stringContaining('from its wave to all phones'),
    });
    await expect(running.trust.completeWave([])).rejects.toMatchObject({ code: 'manager.no-wave' });
    expect(await running.trust.wave()).toBeUndefined();
    expect(one).toBeDefined();
  });

  test('a wave goes to all without phones that somebody has given up, who are named, and no others', async () => {
    await start('production');
    await addPhones();
    const tokens = await makeTokens();
    await offer(await ctlOf(tokens));
    await offer(await ctlOf(tokens), [first, second]);
    await running.trust.held.given('CTL', first, '192.0.2.66');
    expect(await running.trust.wave()).toMatchObject({
      phones: [
        { device: first, back: undefined, given: { remoteAddress: '192.0.2.66' } },
        { device: second, back: undefined, given: undefined },
      ],
    });
    await expect(running.trust.completeWave(['SEP0000000000FF'])).rejects.toMatchObject({
      code: 'manager.not-in-wave',
      message: expect.stringContaining('SEP0000000000FF'),
    });
    await expect(running.trust.completeWave([first])).rejects.toMatchObject({
      code: 'manager.wave-not-back',
      message: expect.stringContaining(`1 of the 2 phones of the wave are not known to hold its list: ${second}.`),
    });
    await give(second);
    await running.trust.completeWave([first]);
    expect(await numbers('CTL')).toEqual(['2 earlier', '3 current']);
    expect((await running.events()).at(-1)).toMatchObject({
      kind: 'trust-list-published',
      cause: expect.stringMatching(`from its wave to all phones, without waiting for ${first}\\.$`),
    });
  });

  test('a wave does not go to all while a phone outside it would refuse the list', async () => {
    await start('production');
    await addPhones();
    const [one, two] = await makeTokens();
    const [stranger] = await makeTokens();
    if (one === undefined || two === undefined || stranger === undefined) throw new Error('tokens were made');
    await offer(await ctlOf([one, two]));
    await give(first);
    // The second one comes from elsewhere: it holds a list of a token that nobody has here, and knows no TVS.
    const held = await ctlOf([stranger, one], 'mixed', stranger, { tvs: [] });
    const theirs = await running.store.trustLists.publish('CTL', held, 0, [second]);
    const holds = { device: second, kind: 'CTL', list: theirs.number, takenAt: 0, remoteAddress: '' } as const;
    await running.store.phoneLists.noteHeld(second, [holds], []);
    expect((await offer(await ctlOf([two, one]), [first])).published).toMatchObject({ state: 'wave' });
    await give(first);
    await expect(running.trust.completeWave([])).rejects.toMatchObject({
      code: 'manager.wave-refused',
      message: expect.stringContaining(second),
      nextStep: expect.any(String),
    });
    expect(await running.store.trustLists.inWave('CTL')).toBeDefined();
    expect((await running.events()).at(-1)?.kind).toBe('trust-list-refused');
  });

  test('what a phone refuses it does not hold, and the status goes on by what it holds', async () => {
    await start('production');
    await addPhones();
    // The phone knows no TVS, which would vouch for whoever stands in the published list.
    await offer(await ctlOf(await makeTokens(), 'non-secure', undefined, { tvs: [] }));
    expect(await give(first)).toEqual([
      'trust-list-taken: The phone was given CTL number 2, which it takes by its rules as its first, and registered from there afterwards.',
    ]);
    // As if the rules had been switched off.
    await running.store.trustLists.publish('CTL', await ctlOf(await makeTokens(), 'non-secure'), 0);
    const refused = await give(first);
    expect(refused).toEqual([
      expect.stringMatching(/^trust-list-not-taken: .*number 3 and refuses it: .*not in the CTL/),
    ]);
    expect(await give(first)).toEqual([]);
    expect(await running.store.phoneLists.heldBy(first)).toEqual(new Map([['CTL', 2]]));
    expect(await give(second)).toEqual([
      'trust-list-taken: The phone was given CTL number 3, which it takes by its rules as its first, and registered from there afterwards.',
    ]);
  });

  test('tells once, at the start too, that a server shows what the CTL lacks, and how to mend it', async () => {
    await start('production');
    const tokens = await makeTokens();
    await offer(await ctlOf(tokens));
    await running.trust.refresh();
    const outdated = async () => (await running.events()).filter(({ kind }) => kind === 'trust-list-outdated');
    expect(await outdated()).toEqual([]);
    await running.cluster.reissue('capf', Date.now());
    for (let turn = 0; turn < 2; turn += 1) await running.trust.refresh();
    expect(await outdated()).toMatchObject([
      { cause: expect.stringContaining('CAPF'), nextStep: expect.stringContaining('trustline ctl update') },
    ]);
    await restart('production');
    expect(await outdated()).toHaveLength(2);
    await offer(await ctlOf(tokens));
    await running.trust.refresh();
    expect(await outdated()).toHaveLength(2);
  });

  test('a full disk refuses a list with nothing changed', async () => {
    await start('production');
    const tokens = await makeTokens();
    await offer(await ctlOf(tokens));
    const next = await ctlOf(tokens, 'non-secure');
    running.store.setMaximumPages(1); // SQLite raises it to what the file has already
    const large = new Uint8Array(200_000);
    await expect(running.store.trustLists.publish('CTL', large, 0)).rejects.toThrow(/full/);
    const attempts = await Promise.allSettled(
      Array.from({ length: 50 }, () => running.store.trustLists.publish('CTL', next, 0)),
    );
    expect(attempts.some(({ status }) => status === 'rejected')).toBe(true);
    const current = await numbers('CTL');
    expect(current.filter((one) => one.endsWith('current'))).toHaveLength(1);
    await expect(offer(await ctlOf(tokens, 'non-secure'))).rejects.toThrow(/full/);
    expect([await numbers('CTL'), running.cluster.trust.securityMode()]).toEqual([current, 'mixed']);
    running.store.setMaximumPages(1_000_000);
    expect(await offer(await ctlOf(tokens, 'non-secure'))).toMatchObject({ problems: [] });
  });

  test('a list that cannot be read is told with what to do', async () => {
    await start('production');
    await running.store.trustLists.publish('CTL', Uint8Array.of(1, 2, 3), 0);
    await expect(running.trust.lists.current('CTL')).rejects.toMatchObject({
      code: 'manager.trust-list-unreadable',
      nextStep: expect.stringContaining('restore'),
    });
  });
});
