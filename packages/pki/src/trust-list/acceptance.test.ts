import { beforeAll, describe, expect, test } from 'vitest';
import { type Crafted, craftedNow } from '../crafted-certificate.fixture.ts';
import { judgeOfferedList } from './acceptance.ts';
import type { AcceptanceOptions, HeldTrust, TvsVerdict } from './acceptance-types.ts';
import type { RecordRequest, TrustListRequest } from './build.ts';
import { signerIdentityOf } from './certificate-fields.ts';
import { nothingHeld } from './held.ts';
import { type Cast, holding, listNow, makeCast, makeList, parsed, tokenRecord } from './lists.fixture.ts';
import { trustRoles } from './roles.ts';

let cast: Cast;
/** The lists of a cluster in mixed mode: two tokens, two nodes, CAPF and TVS. */
let ctl: Uint8Array;
let itl: Uint8Array;
let servers: readonly RecordRequest[];
let held: HeldTrust;

beforeAll(async () => {
  cast = await makeCast();
  servers = [
    tokenRecord(cast.token2),
    { role: 'CCM+TFTP', dnsName: 'node-1', certificate: cast.node1.certificate },
    { role: 'CAPF', dnsName: 'node-1', certificate: cast.capf.certificate },
  ];
  ctl = await makeList('CTL', cast.token1, servers);
  itl = await makeList('ITL', cast.node1, [{ role: 'TFTP', certificate: cast.node1.certificate }, tvsRecord()]);
  held = holding(ctl, itl);
});

const tvsRecord = (): RecordRequest => ({ role: 'TVS', dnsName: 'node-1', certificate: cast.tvs.certificate });
const now = craftedNow;

const offer = (
  kind: TrustListRequest['kind'],
  octets: Uint8Array,
  from: HeldTrust,
  options: Partial<AcceptanceOptions> = {},
) => judgeOfferedList(from, { kind, requestedName: `${kind}SEP001122334455.tlv`, octets }, { now, ...options });

const newCtl = (signer: Crafted, more: Partial<TrustListRequest> = {}) =>
  makeList('CTL', signer, servers, { timestamp: listNow + 60, ...more });
const newItl = (signer: Crafted, more: Partial<TrustListRequest> = {}) =>
  makeList('ITL', signer, [tvsRecord()], { timestamp: listNow + 60, ...more });

const vouchesFor =
  ({ certificate }: Crafted, ...roles: readonly number[]) =>
  (): TvsVerdict => ({ certificate: certificate.der, roles });

describe('a CTL', () => {
  test('that is the first is taken blindly, and it is said', async () => {
    const judged = offer('CTL', ctl, nothingHeld);
    expect(judged).toMatchObject({ accepted: true, blind: true, by: 'blind', unchanged: false });
    expect(judged.ourWords).toMatch(/taken blindly/);
    expect(judged.accepted && judged.held).toEqual({ ctl: parsed(ctl), itl: undefined });
  });

  test('that is the first is taken blindly where an ITL is held: tokens stand in no ITL', () => {
    expect(offer('CTL', ctl, holding(undefined, itl))).toMatchObject({ accepted: true, blind: true });
  });

  test.each(['token1', 'token2'] as const)('signed by a token that the one held knows is taken: %s', async (name) => {
    const octets = await newCtl(cast[name]);
    const judged = offer('CTL', octets, held);
    expect(judged).toMatchObject({ accepted: true, blind: false, by: 'CTL', held: { itl: parsed(itl) } });
    expect(judged.ourWords).toMatch(/whom the CTL that is held knows/);
  });

  test('signed by a token that the one held does not know is refused', async () => {
    const octets = await newCtl(cast.strangersToken);
    expect(offer('CTL', octets, holding(ctl))).toEqual({
      accepted: false,
      rule: 'signer-unknown',
      offset: 10,
      phoneWords: 'Trust List update failed (CTL)',
      ourWords: expect.stringMatching(/^CN=SAST-9 is not in the CTL that is held\. /),
    });
  });

  test('signed by a server of the CTL is refused: it is known, but signs no lists', async () => {
    expect(offer('CTL', await newCtl(cast.node1), holding(ctl))).toMatchObject({
      accepted: false,
      rule: 'signer-role',
    });
  });

  test('signed by the signer of the ITL is refused: the ITL never vouches for a CTL', async () => {
    const octets = await newCtl(cast.node2);
    const itlOfNode2 = await makeList('ITL', cast.node2, []);
    expect(offer('CTL', octets, holding(ctl, itlOfNode2))).toMatchObject({ accepted: false, rule: 'signer-unknown' });
  });

  test('of a stranger whose certificate has the serial number of a known token is refused', async () => {
    const octets = await newCtl(cast.strangersToken);
    const list = parsed(ctl);
    const { serialNumber } = cast.strangersToken.certificate;
    const [token, ...others] = list.records;
    const alike = { ...list, records: [{ ...(token ?? expect.fail('a token')), serialNumber }, ...others] };
    expect(offer('CTL', octets, { ctl: alike, itl: undefined })).toMatchObject({
      accepted: false,
      rule: 'signer-unknown',
    });
  });

  test('older than the one held is refused, one of the same moment is not', async () => {
    const older = offer('CTL', await newCtl(cast.token1, { timestamp: listNow - 1 }), held);
    expect(older).toMatchObject({ accepted: false, rule: 'older-than-held' });
    expect(older.ourWords).toMatch(/^it was made 2026-11-23T11:59:59/);
    expect(offer('CTL', await newCtl(cast.token1, { timestamp: listNow }), held).accepted).toBe(true);
  });

  test('that is held already changes nothing, whatever has expired since', () => {
    const later = now + 10 * 365 * 86_400_000;
    expect(offer('CTL', ctl, held, { now: later })).toMatchObject({ accepted: true, unchanged: true, blind: false });
  });

  test.each([
    ['expired', 'expiredToken', 'signer-expired'],
    ['not yet valid', 'futureToken', 'signer-not-yet-valid'],
  ] as const)('whose signer is %s is refused, also as the first', async (_when, name, rule) => {
    expect(offer('CTL', await newCtl(cast[name]), nothingHeld)).toMatchObject({ accepted: false, rule });
  });

  test('under another name is refused, and so is an ITL in its place', async () => {
    const renamed = await newCtl(cast.token1, { fileName: 'CTLSEPAABBCCDDEEFF.tlv' });
    expect(offer('CTL', renamed, held)).toMatchObject({ accepted: false, rule: 'file-name' });
    expect(offer('CTL', itl, nothingHeld)).toMatchObject({ accepted: false, rule: 'file-name' });
    const own = await newCtl(cast.token1, { fileName: 'CTLSEP001122334455.tlv' });
    expect(offer('CTL', own, held).accepted).toBe(true);
  });

  test('that was tampered with is refused by the rule of the file', () => {
    const changed = Uint8Array.from(ctl);
    changed[changed.length - 1] = 0;
    expect(offer('CTL', changed, nothingHeld)).toMatchObject({ accepted: false, rule: 'signature' });
  });

  test('without octets is refused, and what is held stays', () => {
    expect(offer('CTL', new Uint8Array(), held)).toMatchObject({ accepted: false, rule: 'version', offset: 0 });
  });
});

describe('TVS', () => {
  test('is asked for a signer that no list knows, and heals a change of tokens', async () => {
    const octets = await newCtl(cast.strangersToken);
    const first = offer('CTL', octets, held);
    expect(first).toMatchObject({ accepted: false, askTvs: signerIdentityOf(cast.strangersToken.certificate) });
    const second = offer('CTL', octets, held, { tvs: vouchesFor(cast.strangersToken, trustRoles.SAST, 3) });
    expect(second).toMatchObject({ accepted: true, by: 'TVS', blind: false });
  });

  test('does not help a phone that knows no TVS: it could not tell one from anyone', async () => {
    const octets = await newCtl(cast.strangersToken);
    const tvs = vouchesFor(cast.strangersToken, trustRoles.SAST);
    const judged = offer('CTL', octets, holding(ctl), { tvs });
    expect(judged).toMatchObject({ accepted: false, rule: 'signer-unknown' });
    expect(judged).not.toHaveProperty('askTvs');
  });

  test('that vouches for another certificate, or for another role, does not help either', async () => {
    const octets = await newCtl(cast.strangersToken);
    for (const tvs of [vouchesFor(cast.token1, 0), vouchesFor(cast.strangersToken, trustRoles.TFTP)]) {
      const judged = offer('CTL', octets, held, { tvs });
      expect(judged).toMatchObject({ accepted: false, rule: 'signer-unknown' });
      expect(judged).not.toHaveProperty('askTvs');
    }
  });

  test('does not make an old list young', async () => {
    const octets = await newCtl(cast.strangersToken, { timestamp: listNow - 1 });
    const tvs = vouchesFor(cast.strangersToken, trustRoles.SAST);
    expect(offer('CTL', octets, held, { tvs })).toMatchObject({ accepted: false, rule: 'older-than-held' });
  });
});

describe('an ITL', () => {
  test('that is the first is taken blindly where there is no CTL', () => {
    expect(offer('ITL', itl, nothingHeld)).toMatchObject({ accepted: true, blind: true });
  });

  test.each(['node1', 'token1', 'token2'] as const)(
    'is authenticated by the CTL where there is one: %s',
    async (name) => {
      expect(offer('ITL', await newItl(cast[name]), holding(ctl))).toMatchObject({
        accepted: true,
        by: 'CTL',
        blind: false,
      });
    },
  );

  test.each([
    ['node2', 'signer-unknown'],
    ['capf', 'signer-role'],
  ] as const)('is refused where the CTL does not name its signer: %s', async (name, rule) => {
    expect(offer('ITL', await newItl(cast[name]), holding(ctl))).toMatchObject({ accepted: false, rule });
  });

  test('is authenticated by the ITL before it where there is no CTL', async () => {
    const onlyItl = holding(undefined, itl);
    expect(offer('ITL', await newItl(cast.node1), onlyItl)).toMatchObject({ accepted: true, by: 'ITL' });
    expect(offer('ITL', await newItl(cast.node2), onlyItl)).toMatchObject({ accepted: false, rule: 'signer-unknown' });
    expect(offer('ITL', await newItl(cast.tvs), onlyItl)).toMatchObject({ accepted: false, rule: 'signer-role' });
  });

  test('of another cluster is taken after a releasing one, unless a CTL is held', async () => {
    const releasing = await makeList('ITL', cast.node1, [], { timestamp: listNow + 1 });
    const released = offer('ITL', releasing, holding(undefined, itl));
    if (!released.accepted) return expect.fail(released.ourWords);
    const elsewhere = await newItl(cast.node2);
    const taken = offer('ITL', elsewhere, released.held);
    expect(taken).toMatchObject({ accepted: true, blind: true });
    expect(taken.ourWords).toMatch(/^The ITL after a releasing one was taken blindly/);
    expect(offer('ITL', elsewhere, { ...released.held, ctl: parsed(ctl) })).toMatchObject({ rule: 'signer-unknown' });
    return undefined;
  });

  test('older than the one held is refused', async () => {
    const octets = await newItl(cast.node1, { timestamp: listNow - 1 });
    expect(offer('ITL', octets, held)).toMatchObject({ accepted: false, rule: 'older-than-held' });
  });
});
