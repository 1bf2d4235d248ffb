import { sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import {
  buildTrustList,
  type HeldTrust,
  judgeOfferedList,
  parseTrustList,
  type RecordRequest,
  serializeTrustList,
  signFile,
  type TrustList,
  type TrustListKind,
  type TrustListRequest,
  type TvsVerdict,
  verifyTrustList,
} from '@trustline/pki';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeTestCertificates, type TestIdentity } from '../certificates.ts';
import { checkTrustList } from './check-list.ts';
import { checkOffer } from './check-offer.ts';

const vector = (name: string) =>
  new Uint8Array(readFileSync(new URL(`../../../pki/vectors/trust-files/${name}`, import.meta.url)));
const samples = ['CTLFile.tlv', 'ITLFile.tlv'].map(vector);

const now = Date.UTC(2026, 11, 1);
const DAY = 86_400_000;

/** Three who may sign, two servers, one whose time is over. */
let cast: Record<'one' | 'two' | 'three' | 'server' | 'tvs' | 'expired', TestIdentity>;
let names: readonly (keyof typeof cast)[];

beforeAll(async () => {
  const certificates = await makeTestCertificates(now);
  cast = {
    one: await certificates.device('SEP000000000001'),
    two: certificates.callManager.rsa,
    three: await certificates.device('SEP000000000003'),
    server: certificates.callManager.ecdsa,
    tvs: await certificates.device('SEP000000000005'),
    expired: await certificates.expiredDevice('SEP000000000006', 40),
  };
  names = Object.keys(cast) as (keyof typeof cast)[];
});

const signOctets =
  ({ privateKey }: TestIdentity) =>
  async (digest: string, octets: Uint8Array) =>
    new Uint8Array(sign(digest === 'SHA-1' ? 'sha1' : 'sha512', octets, privateKey));

async function make(
  kind: TrustListKind,
  signer: keyof typeof cast,
  records: readonly RecordRequest[],
  more: Partial<TrustListRequest> = {},
): Promise<Uint8Array> {
  const { certificate } = cast[signer];
  const request: TrustListRequest = {
    kind,
    timestamp: now / 1000,
    digest: 'SHA-1',
    signer: certificate,
    records: [{ role: 'SAST', dnsName: '', certificate }, ...records],
    ...more,
  };
  return signFile(buildTrustList(request), signOctets(cast[signer]));
}

/** Both say the same of a list, and what it is. */
function agreed(octets: Uint8Array): boolean {
  const ours = verifyTrustList(octets);
  const theirs = checkTrustList(octets);
  const words = JSON.stringify([ours.ok ? 'sound' : [ours.rule, ours.offset], theirs.sound ? 'sound' : theirs.because]);
  expect(ours.ok, words).toBe(theirs.sound);
  return ours.ok;
}

describe('two readers, of which neither knows the other, agree', () => {
  test('on the samples: sound', () => {
    expect(samples.map(agreed)).toEqual([true, true]);
  });

  test('on samples that are cut, changed, or have octets put in or taken out: not sound', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.constantFrom('cut', 'change', 'put in', 'take out'),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (sample, how, place, octet) => {
          // Twice as often in the header, where most rules are.
          const at = place % 2 === 0 ? place % sample.length : place % 408;
          const [head, tail] = [sample.subarray(0, at), sample.subarray(at)];
          const variants = {
            cut: head,
            change: Uint8Array.of(...head, (tail[0] ?? 0) ^ octet, ...tail.subarray(1)),
            'put in': Uint8Array.of(...head, octet, ...tail),
            'take out': Uint8Array.of(...head, ...tail.subarray(1)),
          };
          expect(agreed(variants[how])).toBe(false);
        },
      ),
      { numRuns: 600 },
    );
  });

  const record = fc.record({
    role: fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 21, 99),
    who: fc.constantFrom('one', 'two', 'three', 'server', 'tvs', 'expired', undefined),
    dnsName: fc.option(
      fc.string({ maxLength: 10 }).filter((text) => !text.includes('\0')),
      { nil: undefined },
    ),
    ipAddress: fc.option(fc.ipV4(), { nil: undefined }),
    withSignature: fc.boolean(),
  });

  test('on lists that are made, of any records', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('one', 'two', 'three'),
        fc.array(record, { maxLength: 5 }),
        fc.constantFrom('SHA-1', 'SHA-512'),
        async (signer, wanted, digest) => {
          const records = wanted.map(({ role, who, dnsName, ipAddress, withSignature }) => ({
            role,
            withSignature,
            ...(who === undefined ? {} : { certificate: cast[who].certificate }),
            ...(dnsName === undefined ? {} : { dnsName }),
            ...(ipAddress === undefined ? {} : { ipAddress }),
          }));
          expect(agreed(await make('CTL', signer, records, { digest }))).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('on lists whose fields were moved, doubled, left out or made up, and which were signed again', async () => {
    const server = {
      role: 'CCM+TFTP',
      dnsName: 'node-1',
      ipAddress: '192.0.2.1',
      certificate: cast.server.certificate,
    };
    const octets = await make('CTL', 'two', [server as RecordRequest], { signerVersion: { major: 1, minor: 0 } });
    const list = parsed(octets);
    const outcomes = { sound: 0, unsound: 0 };
    const unknownTag = 200;
    const anyOrder = (tags: readonly number[]) =>
      fc.oneof(
        fc.constant(tags),
        fc.shuffledSubarray([...tags], { minLength: tags.length - 1 }),
        fc.constantFrom(...tags).map((tag) => tags.flatMap((one) => (one === tag ? [one, one] : [one]))),
        fc.nat(tags.length).map((at) => [...tags.slice(0, at), unknownTag, ...tags.slice(at)]),
      );
    const [first, second] = list.records;
    if (first === undefined || second === undefined) return expect.fail('two records');
    fc.assert(
      fc.property(
        anyOrder(list.header.tags),
        anyOrder(list.header.signerTags),
        anyOrder(second.tags),
        fc.nat(6),
        fc.boolean(),
        (tags, signerTags, recordTags, padding, onlyRecord) => {
          const unknown = [{ tag: unknownTag, value: Uint8Array.of(1, 2) }];
          const of = (order: readonly number[]) => (order.includes(unknownTag) ? unknown : []);
          const header = onlyRecord
            ? { ...list.header, padding }
            : { ...list.header, tags, signerTags, padding, unknown: of(tags) };
          const changed = { header, records: [first, { ...second, tags: recordTags, unknown: of(recordTags) }] };
          const written = tryToWrite(changed);
          if (written === undefined) return;
          outcomes[agreed(signedAgain(written)) ? 'sound' : 'unsound'] += 1;
        },
      ),
      { numRuns: 600 },
    );
    expect(Math.min(outcomes.sound, outcomes.unsound)).toBeGreaterThan(20);
    return undefined;
  });

  function parsed(octets: Uint8Array): TrustList {
    const read = parseTrustList(octets);
    return read.ok ? read.list : expect.fail(read.message);
  }

  /** Nothing for orders that no file can have. */
  function tryToWrite(list: TrustList): Uint8Array | undefined {
    try {
      return serializeTrustList(list);
    } catch {
      return undefined;
    }
  }

  /** The file with a signature over what it now is. Where it cannot be read, no signature would make it sound. */
  function signedAgain(octets: Uint8Array): Uint8Array {
    const read = parseTrustList(octets);
    if (!read.ok) return octets;
    const { offset, length } = read.layout.signature;
    const covered = Buffer.concat([octets.subarray(0, offset), octets.subarray(offset + length)]);
    const signature = sign('sha1', covered, cast.two.privateKey);
    return Uint8Array.from(
      Buffer.concat([octets.subarray(0, offset + 3), signature, octets.subarray(offset + length)]),
    );
  }
});

describe('two judges, of which neither knows the other, agree on what a phone takes', () => {
  test('whatever it holds, whatever it is offered, whatever TVS says', async () => {
    const tvsRecord: RecordRequest = { role: 'TVS', certificate: cast.tvs.certificate };
    const also = (who: keyof typeof cast, role: RecordRequest['role']): RecordRequest => ({
      role,
      certificate: cast[who].certificate,
    });
    const made: Record<TrustListKind, Uint8Array[]> = { CTL: [], ITL: [] };
    for (const kind of ['CTL', 'ITL'] as const) {
      for (const signer of ['one', 'two', 'three'] as const) {
        made[kind].push(
          await make(kind, signer, []),
          await make(kind, signer, [tvsRecord], { timestamp: now / 1000 + 1 }),
          await make(kind, signer, [also('one', 'SAST'), also('three', 'TFTP')], { timestamp: now / 1000 - 1 }),
          await make(kind, signer, [also('two', 'CCM+TFTP'), also('three', 'CAPF'), tvsRecord]),
          await make(kind, signer, [also('two', 'CCM')], { fileName: `${kind}SEP000000000001.tlv` }),
        );
      }
      made[kind].push(await make(kind, 'expired', [also('one', 'SAST')]));
    }
    const held = (list: Uint8Array | undefined) => {
      const read = list === undefined ? undefined : parseTrustList(list);
      return read?.ok === true ? read.list : undefined;
    };
    const outcomes = { taken: 0, blindly: 0, refused: 0 };
    const offers = fc
      .record({ kind: fc.constantFrom('CTL', 'ITL'), right: fc.nat(15), which: fc.nat() })
      .map(({ kind, right, which }) => {
        const other = kind === 'CTL' ? made.ITL : made.CTL;
        const lists = right === 0 ? other : made[kind]; // now and then a list of the other kind
        return { kind, octets: lists[which % lists.length] ?? expect.fail('a list') };
      });
    fc.assert(
      fc.property(
        fc.constantFrom(undefined, ...made.CTL),
        fc.constantFrom(undefined, ...made.ITL),
        offers,
        fc.constantFrom(now, now + 10 * 365 * DAY, now - 10 * 365 * DAY),
        fc.constantFrom<readonly number[] | undefined>(undefined, [0], [3], [0, 3]),
        fc.constantFrom(...names),
        fc.boolean(),
        (ctl, itl, { kind, octets }, at, roles, vouchedFor, late) => {
          const time = late ? at : now;
          const requestedName = `${kind}SEP000000000001.tlv`;
          const certificate = cast[vouchedFor].certificate.der;
          const phone: HeldTrust = { ctl: held(ctl), itl: held(itl) };
          const tvs = (): TvsVerdict | undefined => (roles === undefined ? undefined : { certificate, roles });
          const ours = judgeOfferedList(phone, { kind, requestedName, octets }, { now: time, tvs });
          const theirs = checkOffer(
            { ctl, itl, tvs: (der) => (Buffer.from(der).equals(certificate) ? roles : undefined) },
            { kind, requestedName, octets, now: time },
          );
          const words = `${ours.ourWords} / ${theirs.takes ? 'takes' : theirs.because}`;
          expect(ours.accepted, words).toBe(theirs.takes);
          if (ours.accepted && theirs.takes) expect(ours.blind, words).toBe(theirs.blindly);
          outcomes[!ours.accepted ? 'refused' : ours.blind ? 'blindly' : 'taken'] += 1;
        },
      ),
      { numRuns: 2500 },
    );
    expect(Math.min(outcomes.taken, outcomes.blindly, outcomes.refused)).toBeGreaterThan(20);
  });

  test('on a list that was changed: nobody takes it, not even blindly', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (place, mask) => {
        const octets = Uint8Array.from(samples[0] ?? expect.fail('a sample'));
        octets[place % octets.length] = (octets[place % octets.length] ?? 0) ^ mask;
        const offer = { kind: 'CTL', requestedName: 'CTLFile.tlv', octets } as const;
        expect(judgeOfferedList({ ctl: undefined, itl: undefined }, offer, { now }).accepted).toBe(false);
        expect(checkOffer({ ctl: undefined, itl: undefined, tvs: () => [0] }, { ...offer, now }).takes).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
