import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type Crafted, craft, craftAuthority, craftedNow as now } from '../crafted-certificate.fixture.ts';
import { PkiError } from '../error.ts';
import { signingAlgorithmOf, signingKeyOf } from '../issue.ts';
import { encodePem } from '../pem.ts';
import { Extension, X509Document, X509RevocationListGenerator } from '../x509-library.ts';
import { checkRevocationList } from './check-revocation-list.ts';
import { issueRevocationList, type ListedRevocation } from './issue-revocation-list.ts';
import { OutsideRevocation } from './outside-revocation.ts';
import { revocationReasons } from './reasons.ts';
import { type RevocationList, readRevocationList, readRevocationListFile } from './revocation-list.ts';

const DAY = 86_400_000;
const keyUsage = ['keyCertSign', 'cRLSign', 'digitalSignature'] as const;

let authority: Crafted;
let sameName: Crafted;
let other: Crafted;
let lost: Crafted;
let kept: Crafted;
let list: RevocationList;

const signerOf = ({ certificate, privateKey }: Crafted) => ({ kind: 'authority', certificate, privateKey }) as const;
const lostEntry = (): ListedRevocation => ({
  serialNumber: lost.certificate.serialNumber,
  at: now - DAY,
  reason: 'keyCompromise',
});
const make = (issuer: Crafted, number: bigint, at: number, entries: readonly ListedRevocation[] = [lostEntry()]) =>
  issueRevocationList(signerOf(issuer), number, entries, at);

beforeAll(async () => {
  authority = await craftAuthority('Outside CA', { keyUsage });
  sameName = await craftAuthority('Outside CA', { keyUsage });
  other = await craftAuthority('Another CA', { keyUsage });
  lost = await craft({ issuer: authority, commonName: 'lost' });
  kept = await craft({ issuer: authority, commonName: 'kept' });
  list = await make(authority, 7n, now);
});

describe('a revocation list of ours', () => {
  test('RFC 5280 §5.1, §5.2: says its issuer, number, dates and each certificate with its reason', () => {
    expect(list).toMatchObject({
      issuer: 'CN=Outside CA',
      issuerHash: authority.certificate.subjectHash,
      number: 7n,
      thisUpdate: now,
      nextUpdate: now + 7 * DAY,
      unknownCriticalExtensions: [],
    });
    expect([...list.entries]).toEqual([
      [lost.certificate.serialNumber.replace(/^0+/, ''), { at: now - DAY, reason: 'keyCompromise' }],
    ]);
    expect(list.signedBy(authority.certificate)).toBe(true);
    expect(list.signedBy(sameName.certificate)).toBe(false);
  });

  test('RFC 5280 §4.2.1.3: is not made by an authority that lacks cRLSign', async () => {
    const without = await craftAuthority('Outside CA', { keyUsage: ['keyCertSign'] });
    await expect(make(without, 1n, now)).rejects.toMatchObject({ code: 'pki.refused-request' });
  });

  test('what is made is read again as the same (property)', async () => {
    const entry = fc.record({
      serialNumber: fc.integer({ min: 1, max: 2 ** 31 }).map((serial) => serial.toString(16).padStart(16, '0')),
      at: fc.integer({ min: 0, max: 1_000_000 }).map((seconds) => now - seconds * 1000),
      reason: fc.constantFrom(...(Object.keys(revocationReasons) as (keyof typeof revocationReasons)[])),
    });
    const entries = fc.uniqueArray(entry, { maxLength: 20, selector: ({ serialNumber }) => serialNumber });
    await fc.assert(
      fc.asyncProperty(entries, fc.bigInt({ min: 0n, max: 2n ** 150n }), async (revoked, number) => {
        const made = await make(authority, number, now, revoked);
        expect(made.number).toBe(number);
        const wanted = revoked.map(({ serialNumber, ...rest }) => [serialNumber.replace(/^0+/, ''), rest]);
        expect([...made.entries]).toEqual(wanted);
      }),
      { numRuns: 30 },
    );
  });

  test('is read from DER and from PEM, and nothing else', () => {
    expect(readRevocationListFile(list.der).fingerprint).toBe(list.fingerprint);
    const pem = encodePem('X509 CRL', list.der);
    expect(readRevocationListFile(new TextEncoder().encode(pem)).fingerprint).toBe(list.fingerprint);
    for (const text of ['', 'hello', pem + pem, pem.replace('\nM', '\n!'), encodePem('CERTIFICATE', list.der)]) {
      expect(() => readRevocationListFile(new TextEncoder().encode(text))).toThrow(PkiError);
    }
  });
});

describe('whatever the octets are, reading gives a list or the typed error', () => {
  test('any octets (property)', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => readOrTyped(octets) === undefined));
  });

  test('truncated at every offset', () => {
    for (let length = 0; length < list.der.length; length += 1) {
      expect(readOrTyped(list.der.subarray(0, length))).toBeUndefined();
    }
  });

  test('every single octet flipped: never believed', () => {
    for (let at = 0; at < list.der.length; at += 1) {
      const altered = Uint8Array.from(list.der);
      altered[at] = (altered[at] ?? 0) ^ 0x01;
      const read = readOrTyped(altered);
      if (read === undefined) continue;
      expect(() => checkRevocationList(read, [authority.certificate], [], now), `octet ${at}`).toThrow(PkiError);
    }
  });
});

function readOrTyped(octets: Uint8Array): RevocationList | undefined {
  try {
    return readRevocationList(octets);
  } catch (error) {
    expect(error).toMatchObject({ code: 'pki.malformed-revocation-list', nextStep: expect.stringMatching(/./) });
    return undefined;
  }
}

describe('a list of an outside authority', () => {
  const known = () => [authority.certificate, other.certificate];

  test('is taken when a known authority signed it, also in the place of an earlier one', async () => {
    expect(checkRevocationList(list, known(), [], now).fingerprint).toBe(authority.certificate.fingerprint);
    const next = await make(authority, 8n, now + 1000);
    expect(checkRevocationList(next, known(), [list], now + 1000)).toBe(authority.certificate);
    // Fetched twice: nothing is wrong with the same list again.
    expect(checkRevocationList(list, known(), [list], now)).toBe(authority.certificate);
  });

  test('is taken past its end: what it revokes is better known than not', () => {
    expect(checkRevocationList(list, known(), [], now + 90 * DAY)).toBe(authority.certificate);
  });

  const rows: readonly [title: string, offered: () => Promise<RevocationList>, reason: RegExp][] = [
    [
      'of an authority nobody here knows',
      () => craftAndMake('Stranger'),
      /Stranger has issued nothing that is believed/,
    ],
    [
      'of another key under the same name',
      () => make(sameName, 9n, now),
      /no key that is known under this name signed/,
    ],
    ['older by its date', () => make(authority, 9n, now - DAY), /older than the list held: made yesterday/],
    ['older by its number (RFC 5280 §5.2.3)', () => make(authority, 6n, now), /older than the list held/],
    ['from the future', () => make(authority, 9n, now + DAY), /not valid before tomorrow/],
    [
      'for a part only (RFC 5280 §5.2.5)',
      () => withExtension('2.5.29.28', '3003810101'),
      /critical extensions 2\.5\.29\.28/,
    ],
    [
      'that is a delta (RFC 5280 §5.2.4)',
      () => withExtension('2.5.29.27', '020101'),
      /critical extensions 2\.5\.29\.27/,
    ],
    ['by an authority that may not sign lists', () => byOneWithoutUsage(), /lacks cRLSign/],
  ];

  test.each(rows)('%s is refused, with a next step', async (_title, offered, reason) => {
    const one = await offered();
    const all = [...known(), withoutUsage.certificate];
    const error = thrown(() => checkRevocationList(one, all, [list], now));
    expect(error).toMatchObject({ code: 'pki.revocation-list-refused', nextStep: expect.stringMatching(/./) });
    expect(error.message).toMatch(reason);
  });

  let withoutUsage: Crafted;
  beforeAll(async () => {
    withoutUsage = await craftAuthority('No lists CA', { keyUsage: ['keyCertSign'] });
  });

  async function craftAndMake(name: string): Promise<RevocationList> {
    return make(await craftAuthority(name, { keyUsage }), 1n, now);
  }

  function byOneWithoutUsage(): Promise<RevocationList> {
    return generate(withoutUsage, []);
  }

  function withExtension(type: string, hex: string): Promise<RevocationList> {
    return generate(authority, [new Extension(type, true, Uint8Array.from(Buffer.from(hex, 'hex')))]);
  }

  async function generate({ certificate, privateKey }: Crafted, extensions: Extension[]): Promise<RevocationList> {
    const document = await X509RevocationListGenerator.create({
      issuer: new X509Document(Uint8Array.from(certificate.der)).subjectName,
      thisUpdate: new Date(now),
      nextUpdate: new Date(now + DAY),
      extensions,
      entries: [{ serialNumber: randomBytes(8).toString('hex'), revocationDate: new Date(now) }],
      signingKey: signingKeyOf(privateKey),
      signingAlgorithm: signingAlgorithmOf(privateKey),
    });
    return readRevocationList(new Uint8Array(document.rawData));
  }
});

describe('what is held of outside authorities', () => {
  const holding = (lists: readonly RevocationList[], stale: 'refuse' | 'warn' = 'refuse') =>
    new OutsideRevocation({ lists, answers: [], asked: [], stale });

  test('revokes what a list names, and that alone, also past the end of the list', () => {
    expect(holding([list]).revocationOf(lost.certificate)).toMatchObject({
      at: now - DAY,
      reason: "by its authority's list (keyCompromise)",
    });
    expect(holding([list]).revocationOf(kept.certificate)).toBeUndefined();
    expect(holding([list]).revocationOf(other.certificate)).toBeUndefined();
  });

  test('is stale once the list has ended, for the certificates of its issuer alone', () => {
    expect(holding([list]).staleReasonOf(kept.certificate, now + 7 * DAY)).toBeUndefined();
    expect(holding([list]).staleReasonOf(kept.certificate, now + 8 * DAY)).toMatch(
      /not known: the list of CN=Outside CA ended yesterday/,
    );
    expect(holding([list]).staleReasonOf(other.certificate, now + 8 * DAY)).toBeUndefined();
  });

  test('a responder that has not answered leaves it unknown, unless a list is current', () => {
    const asked = [kept.certificate.fingerprint];
    const without = new OutsideRevocation({ lists: [], answers: [], asked, stale: 'refuse' });
    expect(without.staleReasonOf(kept.certificate, now)).toMatch(/no responder of its authority has answered/);
    const withList = new OutsideRevocation({ lists: [list], answers: [], asked, stale: 'refuse' });
    expect(withList.staleReasonOf(kept.certificate, now)).toBeUndefined();
  });
});

function thrown(action: () => unknown): PkiError {
  try {
    action();
  } catch (error) {
    if (error instanceof PkiError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
