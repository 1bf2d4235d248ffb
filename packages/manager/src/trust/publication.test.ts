import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  judgePublication,
  modeOf,
  type Publication,
  type PublicationContext,
  type PublicationRule,
  publicationRules,
  unlistedCertificates,
} from './publication.ts';
import { type Cast, makeCast, makeCtl, phone, read, vouchingFor } from './trust.fixture.ts';

let cast: Cast;
let seconds: number;
let published: Uint8Array;
let context: PublicationContext;
beforeAll(async () => {
  cast = await makeCast();
  seconds = Math.floor(cast.now / 1_000);
  published = await makeCtl(cast);
  context = {
    servers: cast.servers,
    published: read(published),
    phones: [phone('SEP000000000001', published), phone('SEP000000000002', undefined)],
    verification: undefined,
    now: cast.now + 100_000,
  };
}, 60_000);
afterAll(() => cast.dispose());

function judged(octets: Uint8Array, more: Partial<PublicationContext> = {}): Publication {
  const publication = judgePublication(octets, { ...context, ...more });
  if ('rule' in publication) throw new Error(publication.message);
  return publication;
}
const broken = (octets: Uint8Array, more?: Partial<PublicationContext>) =>
  judged(octets, more).problems.map(({ rule }) => rule);

describe('a CTL that keeps every rule', () => {
  test('may be published: the next one of the same tokens, by the second of them too', async () => {
    for (const signer of cast.tokens) {
      const next = judged(await makeCtl(cast, { timestamp: seconds + 60, signer }));
      expect(next).toMatchObject({ mode: 'mixed', lab: false, problems: [] });
      expect(next.simulation).toEqual({
        accepting: ['SEP000000000001', 'SEP000000000002'],
        healing: [],
        locked: [],
      });
    }
  });

  test('may be the first one, by whichever token', async () => {
    expect(broken(published, { published: undefined, phones: [] })).toEqual([]);
  });

  test('may leave mixed mode, and needs no certificate of a server then', async () => {
    const next = judged(await makeCtl(cast, { timestamp: seconds + 60, mode: 'non-secure' }));
    expect(next).toMatchObject({ mode: 'non-secure', problems: [] });
    expect(next.changes.join(' ')).toMatch(/^The cluster goes from mixed to non-secure mode\. /);
  });

  test('says so when one of its tokens is one for labs', async () => {
    const tokens = [...cast.tokens, cast.labToken];
    expect(judged(await makeCtl(cast, { timestamp: seconds + 60, tokens })).lab).toBe(true);
  });
});

describe('a CTL that breaks one rule is refused for it alone:', () => {
  const cases: Readonly<Record<Exclude<PublicationRule, 'list-broken'>, () => Promise<readonly PublicationRule[]>>> = {
    'file-name': async () =>
      broken(await makeCtl(cast, { timestamp: seconds + 60, fileName: 'CTLSEP1.tlv' }), { phones: [] }),
    timestamp: async () => broken(published),
    tokens: async () => broken(await makeCtl(cast, { timestamp: seconds + 60, tokens: [cast.tokens[0]] })),
    'signer-unknown': async () => {
      const tokens = [cast.strangersToken, cast.tokens[0]];
      return broken(await makeCtl(cast, { timestamp: seconds + 60, tokens }), { phones: [] });
    },
    'recovery-needless': async () =>
      broken(await makeCtl(cast, { timestamp: seconds + 60 }), { recovery: true, newSignerAllowed: true }),
    'server-missing': async () => {
      const servers = { ...cast.servers, capf: [] };
      return broken(await makeCtl(cast, { timestamp: seconds + 60, servers }));
    },
    'server-expired': async () => {
      const [tvs] = cast.servers.tvs;
      if (tvs === undefined) throw new Error('the cast has a TVS');
      const servers = { ...cast.servers, tvs: [{ ...tvs, notAfter: context.now }] };
      return broken(await makeCtl(cast, { timestamp: seconds + 60 }), { servers });
    },
    'phones-locked': async () => {
      const theirs = await makeCtl(cast, { signer: cast.strangersToken, tokens: [cast.strangersToken] });
      const phones = [phone('SEP00000000000A', theirs)];
      return broken(await makeCtl(cast, { timestamp: seconds + 60 }), { phones });
    },
  };
  test.each(Object.keys(cases) as (keyof typeof cases)[])('%s', async (rule) => {
    expect(await cases[rule]()).toEqual([rule]);
  });

  test('and no rule is without its case', () => {
    expect(['list-broken', ...Object.keys(cases)].sort()).toEqual(Object.keys(publicationRules).sort());
  });

  test('list-broken: whatever octet is changed, the list is refused whole', async () => {
    const good = await makeCtl(cast, { timestamp: seconds + 60 });
    for (let offset = 0; offset < good.length; offset += 97) {
      const octets = good.slice();
      octets[offset] = (octets[offset] ?? 0) ^ 0x40;
      const publication = judgePublication(octets, context);
      const rules = 'rule' in publication ? [publication.rule] : publication.problems.map(({ rule }) => rule);
      expect({ offset, rules }).not.toEqual({ offset, rules: [] });
    }
    const cut = judgePublication(good.slice(0, -1), context);
    expect(cut).toMatchObject({ rule: 'list-broken', message: expect.stringMatching(/at octet \d+/) });
  });
});

test('timestamp: a list from the future is refused, but clocks run ahead a little', async () => {
  const at = Math.floor(context.now / 1_000);
  expect(broken(await makeCtl(cast, { timestamp: at + 299 }))).toEqual([]);
  const problems = judged(await makeCtl(cast, { timestamp: at + 400 })).problems;
  expect(problems).toMatchObject([{ rule: 'timestamp', message: expect.stringContaining('has not come yet') }]);
});

test('phones-locked names five phones, and how many more there are', async () => {
  const theirs = await makeCtl(cast, { signer: cast.strangersToken, tokens: [cast.strangersToken] });
  const phones = Array.from({ length: 7 }, (_, index) => phone(`SEP00000000000${index}`, theirs));
  const { problems, simulation } = judged(await makeCtl(cast, { timestamp: seconds + 60 }), { phones });
  expect(problems[0]?.message).toMatch(/^7 phones would refuse the list: SEP000000000000, .* and 2 more \(/);
  expect(simulation.locked).toHaveLength(7);
});

test('a phone that asks TVS is not locked out', async () => {
  const held = await makeCtl(cast, { tokens: [cast.strangersToken] });
  const phones = [phone('SEP00000000000A', held)];
  const octets = await makeCtl(cast, { timestamp: seconds + 60 });
  expect(broken(octets, { phones })).toEqual(['phones-locked']);
  const healed = judged(octets, { phones, verification: vouchingFor(cast, cast.tokens[0]) });
  expect(healed).toMatchObject({ problems: [], simulation: { healing: ['SEP00000000000A'] } });
});

test('mixed mode is a certificate of the call manager, and what servers show beyond a list is found', async () => {
  const mixed = read(published);
  expect([modeOf(mixed), unlistedCertificates(mixed, cast.servers)]).toEqual(['mixed', []]);
  const without = read(await makeCtl(cast, { servers: { ...cast.servers, callManager: [] } }));
  expect(modeOf(without)).toBe('non-secure');
  expect(unlistedCertificates(without, cast.servers).map(({ service }) => service)).toEqual(['CCM', 'CCM']);
});
