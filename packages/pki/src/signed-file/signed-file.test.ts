import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  publicEncrypt,
  randomBytes,
} from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCertificate } from '../certificate.ts';
import { craft, craftedNow } from '../crafted-certificate.fixture.ts';
import { decodeCertificatesPem } from '../pem.ts';
import type { HeldTrust } from '../trust-list/acceptance-types.ts';
import { concatenate } from '../trust-list/header.ts';
import { judgeOfferedFile } from '../trust-list/judge-file.ts';
import { type Cast, holding, listNow, makeCast, makeList, signWith, vector } from '../trust-list/lists.fixture.ts';
import { trustRoles } from '../trust-list/roles.ts';
import { signFile } from '../trust-list/sign.ts';
import { fileRules } from '../trust-list/types.ts';
import { buildEncryptedFile, buildSignedFile } from './build.ts';
import { certificateHash } from './certificate-hash.ts';
import { decryptSignedFile } from './decrypt.ts';
import { unwrapKey, wrapKey } from './key-wrapping.ts';
import { parseSignedFile, serializeSignedFile } from './parse.ts';
import { verifySignedFile } from './verify.ts';

const now = Date.UTC(2027, 0, 1);
const text = (octets: Uint8Array) => new TextDecoder().decode(octets);
const octetsOf = (words: string) => new TextEncoder().encode(words);
const random = (length: number) => new Uint8Array(randomBytes(length));

const phone = 'SEP001122334455';
const names = {
  plain: `${phone}.cnf.xml.sgn`,
  encrypted: `${phone}.cnf.xml.enc.sgn`,
};
const samples = {
  stub: vector(names.plain),
  full: vector(`full.${names.plain}`),
  encrypted: vector(names.encrypted),
  plain: vector(`plain.${phone}.cnf.xml`),
};
const sampleKey = createPrivateKey({
  key: Buffer.from(JSON.parse(text(vector(`${phone}-lab-key.json`))).der, 'base64'),
  format: 'der',
  type: 'pkcs8',
});
const sampleHeld = holding(vector('CTLFile.tlv'), vector('ITLFile.tlv'));

const certificateOfPem = (name: string) => {
  const [der = new Uint8Array()] = decodeCertificatesPem(text(vector(name)));
  return readCertificate(der);
};

let cast: Cast;
let held: HeldTrust;
let phoneKey: KeyObject;
beforeAll(async () => {
  cast = await makeCast();
  phoneKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const itl = await makeList('ITL', cast.token1, [
    { role: 'TFTP', certificate: cast.node1.certificate },
    { role: 'CAPF', certificate: cast.capf.certificate },
    { role: 'TVS', certificate: cast.tvs.certificate },
  ]);
  held = holding(undefined, itl);
});

describe('files made by another implementation', () => {
  test('the stub is signed by the TFTP certificate of the lists', () => {
    const judged = judgeOfferedFile(sampleHeld, { requestedName: names.plain, octets: samples.stub }, { now });
    if (!judged.accepted) return expect.fail(judged.ourWords);
    expect(judged.signer.fingerprint).toBe(certificateOfPem('CCM.pem').fingerprint);
    expect(text(judged.plain)).toMatch(/<encrConfig>true<\/encrConfig>\n<\/device>\n$/);
    return undefined;
  });

  test('the whole configuration is the plain file behind a header', () => {
    const judged = judgeOfferedFile(sampleHeld, { requestedName: names.plain, octets: samples.full }, { now });
    expect(judged.accepted && judged.plain).toEqual(samples.plain);
  });

  test('the encrypted one opens with the key of the phone, and is the same configuration', () => {
    const offered = { requestedName: names.encrypted, octets: samples.encrypted };
    const judged = judgeOfferedFile(sampleHeld, offered, { now, privateKey: sampleKey });
    expect(judged.accepted && judged.plain).toEqual(samples.plain);
  });

  test.each(['stub', 'full', 'encrypted'] as const)('are written again octet for octet: %s', (name) => {
    const read = parseSignedFile(samples[name]);
    expect(read.ok && serializeSignedFile(read.file)).toEqual(samples[name]);
  });

  test('certHash in the stub is the MD5 of the certificate of the phone', () => {
    expect(text(samples.stub)).toContain(`<certHash>${certificateHash(certificateOfPem(`${phone}-LSC.pem`).der)}<`);
  });

  test.each([
    ['P0030801SR02.loads.hex', 'P0030801SR02.loads', 404],
    ['SCCP6901.9-2-1-a.loads.hex', 'SCCP6901.9-2-1-a.loads', 408],
  ])('headers of firmware are read and written too: %s', (file, fileName, headerLength) => {
    const hex = text(vector(file))
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .join('');
    const octets = new Uint8Array(Buffer.from(hex, 'hex'));
    const read = parseSignedFile(octets);
    if (!read.ok) return expect.fail(read.message);
    expect(read.file.header).toMatchObject({
      version: { major: 1, minor: 1 },
      fileName,
      timestamp: undefined,
      signer: { name: 'CN=someSigner;OU=someOrgUnit;O=someOrg', serialNumber: '1234567890abcdef' },
    });
    expect(read.layout.headerLength).toBe(headerLength);
    expect(serializeSignedFile(read.file)).toEqual(octets);
    return undefined;
  });
});

const request = (payload: Uint8Array, fileName = names.plain) => ({
  fileName,
  timestamp: listNow,
  digest: 'SHA-1' as const,
  signer: cast.node1.certificate,
  payload,
});
const sign = async (payload: Uint8Array, fileName?: string) =>
  signFile(buildSignedFile(request(payload, fileName)), signWith(cast.node1.privateKey));
const encrypt = async (payload: Uint8Array, digest: 'SHA-1' | 'SHA-512' = 'SHA-1') => {
  const unsigned = buildEncryptedFile({
    ...request(payload, names.encrypted),
    digest,
    recipient: createPublicKey(phoneKey),
    random,
  });
  return signFile(unsigned, signWith(cast.node1.privateKey));
};
const judge = (octets: Uint8Array, requestedName = names.plain, from = held, more = {}) =>
  judgeOfferedFile(from, { requestedName, octets }, { now: craftedNow, privateKey: phoneKey, ...more });

describe('a signed file', () => {
  test.each([0, 1, 15, 16, 17, 70_000])('of %i octets is taken as it was', async (length) => {
    const payload = random(length);
    const judged = judge(await sign(payload));
    expect(judged).toMatchObject({ accepted: true, by: 'lists', plain: payload });
  });

  test('has version 1.0, its name, its time, and an aligned header', async () => {
    const read = parseSignedFile(await sign(octetsOf('<device/>')));
    if (!read.ok) return expect.fail(read.message);
    expect(read.file.header).toMatchObject({
      version: { major: 1, minor: 0 },
      signerVersion: undefined,
      fileName: names.plain,
      timestamp: listNow,
      tags: [1, 2, 3, 7, 12, 14, 15],
    });
    expect(read.layout.headerLength % 4).toBe(0);
    return undefined;
  });

  test('of another phone is refused: wrong file name', async () => {
    const judged = judge(await sign(octetsOf('<device/>'), 'SEPAABBCCDDEEFF.cnf.xml.sgn'));
    expect(judged).toMatchObject({ accepted: false, rule: 'file-name', phoneWords: `File auth error: ${names.plain}` });
  });

  test.each([
    ['who is listed with another role', 'capf', 'signer-role'],
    ['who is in no list', 'node2', 'signer-unknown'],
  ] as const)('of a signer %s is refused', async (_who, name, rule) => {
    const { certificate, privateKey } = cast[name];
    const unsigned = buildSignedFile({ ...request(octetsOf('<device/>')), signer: certificate });
    expect(judge(await signFile(unsigned, signWith(privateKey)))).toMatchObject({ accepted: false, rule });
  });

  test('of a signer who has expired is refused', async () => {
    const octets = await sign(octetsOf('<device/>'));
    const later = { now: craftedNow + 2 * 365 * 86_400_000 };
    expect(judge(octets, names.plain, held, later)).toMatchObject({ accepted: false, rule: 'signer-expired' });
  });

  test('of a signer for whom TVS vouches as a TFTP server is taken', async () => {
    const { certificate, privateKey } = cast.node2;
    const octets = await signFile(
      buildSignedFile({ ...request(octetsOf('<device/>')), signer: certificate }),
      signWith(privateKey),
    );
    expect(judge(octets)).toHaveProperty('askTvs');
    const tvs = (...roles: readonly number[]) => ({ tvs: () => ({ certificate: certificate.der, roles }) });
    expect(judge(octets, names.plain, held, tvs(trustRoles.TFTP))).toMatchObject({ accepted: true, by: 'TVS' });
    expect(judge(octets, names.plain, held, tvs(trustRoles.CCM))).toMatchObject({ rule: 'signer-unknown' });
    const liar = { tvs: () => ({ certificate: Uint8Array.of(1), roles: [trustRoles.TFTP] }) };
    expect(judge(octets, names.plain, held, liar)).toMatchObject({ rule: 'signer-unknown' });
  });
});

describe('an encrypted file', () => {
  test.each([0, 1, 15, 16, 17, 70_000])('of %i octets opens as it was', async (length) => {
    const payload = random(length);
    expect(judge(await encrypt(payload), names.encrypted)).toMatchObject({ accepted: true, plain: payload });
  });

  test('holds the plain file nowhere, and another key and IV each time', async () => {
    const secret = octetsOf('<authenticationString>493817</authenticationString>');
    const [one, other] = [await encrypt(secret, 'SHA-512'), await encrypt(secret, 'SHA-512')];
    expect(Buffer.from(one).includes('493817')).toBe(false);
    const info = [one, other].map((octets) => {
      const read = parseSignedFile(octets);
      return (read.ok && read.file.header.encryption) || expect.fail('encrypted');
    });
    expect(info[0]?.initializationVector).not.toEqual(info[1]?.initializationVector);
    expect(info[0]?.wrappedKey).not.toEqual(info[1]?.wrappedKey);
    expect(info[0]).toMatchObject({ hash: 'SHA-512', paddingLength: 16 - (secret.length % 16) });
  });

  test('does not open with the key of another phone, nor without one', async () => {
    const octets = await encrypt(octetsOf('<device/>'));
    const others = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    for (const privateKey of [others, generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey, undefined]) {
      expect(judge(octets, names.encrypted, held, { privateKey })).toMatchObject({ rule: 'decryption' });
    }
  });

  test('is for RSA keys only', async () => {
    const { certificate } = await craft();
    const make = () =>
      buildEncryptedFile({ ...request(octetsOf('x'), names.encrypted), recipient: certificate.publicKey, random });
    expect(make).toThrow(expect.objectContaining({ code: 'pki.unsuited-recipient' }));
  });

  test('whose signature is wrong never reaches the private key', async () => {
    const octets = await encrypt(octetsOf('<device/>'));
    octets[octets.length - 1] = (octets[octets.length - 1] ?? 0) ^ 1;
    const key = new Proxy(phoneKey, {
      get: () => expect.fail('the key was used'),
    });
    expect(judge(octets, names.encrypted, held, { privateKey: key })).toMatchObject({ rule: 'signature' });
  });
});

describe('the wrapped key (RFC 8017 §7.2)', () => {
  const key = Uint8Array.from({ length: 16 }, (_, at) => at);
  const modulus = 256;

  test('is unwrapped, whether OpenSSL wrapped it or we', () => {
    const recipient = createPublicKey(phoneKey);
    const ours = wrapKey(key, recipient, random);
    const theirs = publicEncrypt({ key: recipient, padding: constants.RSA_PKCS1_PADDING }, key);
    expect([ours, theirs].map((wrapped) => unwrapKey(new Uint8Array(wrapped), phoneKey, 16))).toEqual([key, key]);
  });

  test('is filled with octets that are not zero, whatever the randomness gives', () => {
    let calls = 0;
    const often = (length: number) => {
      calls += 1;
      return Uint8Array.from({ length }, (_, at) => (calls === 1 ? at % 2 : 5));
    };
    expect(unwrapKey(wrapKey(key, createPublicKey(phoneKey), often), phoneKey, 16)).toEqual(key);
  });

  /** Messages as an attacker could have made them, who has the public key. */
  const encoded = (change: (message: Uint8Array) => void) => {
    const message = new Uint8Array(modulus).fill(9);
    message.set([0, 2]);
    message[modulus - 17] = 0;
    message.set(key, modulus - 16);
    change(message);
    return new Uint8Array(
      publicEncrypt({ key: createPublicKey(phoneKey), padding: constants.RSA_NO_PADDING }, message),
    );
  };
  const wrongs: readonly (readonly [string, (message: Uint8Array) => void])[] = [
    ['another block type', (message) => message.set([1], 1)],
    ['a first octet that is not zero', (message) => message.set([1], 0)],
    ['a zero in the first eight octets of filling', (message) => message.set([0], 4)],
    ['a zero before its place: a longer key', (message) => message.set([0], modulus - 18)],
    ['no zero in its place', (message) => message.set([7], modulus - 17)],
  ];

  test('that is right is unwrapped, as a check on those that are not', () => {
    expect(
      unwrapKey(
        encoded(() => undefined),
        phoneKey,
        16,
      ),
    ).toEqual(key);
  });

  test.each(wrongs)('that is wrong (%s) yields a key like any other: no oracle', (_what, change) => {
    const wrapped = encoded(change);
    const made = unwrapKey(wrapped, phoneKey, 16);
    expect(made).toHaveLength(16);
    expect(made).not.toEqual(key);
    expect(unwrapKey(wrapped, phoneKey, 16)).toEqual(made); // the same each time, like a right one
  });

  test.each(wrongs)('that is wrong (%s) has the answer of every file that does not open', async (_what, change) => {
    const read = parseSignedFile(await encrypt(octetsOf('<device/>')));
    const encryption = read.ok ? read.file.header.encryption : undefined;
    if (!read.ok || encryption === undefined) return expect.fail('encrypted');
    const answer = (more: Partial<typeof encryption>) => {
      const header = { ...read.file.header, encryption: { ...encryption, ...more } };
      return decryptSignedFile({ ...read.file, header }, read.layout, phoneKey);
    };
    const closed = answer({ wrappedKey: encoded(change) });
    expect(closed).toMatchObject({ ok: false, rule: 'decryption' });
    expect(answer({ plainHash: new Uint8Array(20) })).toEqual(closed);
    expect(answer({ wrappedKey: new Uint8Array(modulus).fill(0xff) })).toEqual(closed);
    expect(answer({ paddingLength: 16 })).toEqual(closed);
    return undefined;
  });
});

describe('a file that was tampered with is never taken', () => {
  const files = [
    ['.sgn', () => samples.full, names.plain],
    ['.enc.sgn', () => samples.encrypted, names.encrypted],
  ] as const;
  const expectRefused = (octets: Uint8Array, requestedName: string) => {
    const judged = judgeOfferedFile(sampleHeld, { requestedName, octets }, { now, privateKey: sampleKey });
    if (judged.accepted) throw new Error('taken');
    expect(judged.rule in fileRules || judged.rule === 'signer-role').toBe(true);
    expect(judged.offset >= 0 && judged.offset <= octets.byteLength).toBe(true);
    return judged;
  };

  test.each(files)('%s truncated, at every offset', (_kind, sample, name) => {
    const octets = sample();
    for (let length = 0; length < octets.byteLength; length += 1) expectRefused(octets.subarray(0, length), name);
  });

  test.each(files)('%s with any one octet flipped', (_kind, sample, name) => {
    const octets = sample();
    for (let offset = 0; offset < octets.byteLength; offset += 1) {
      for (const mask of [0x01, 0xff]) {
        const changed = Uint8Array.from(octets);
        changed[offset] = (changed[offset] ?? 0) ^ mask;
        expectRefused(changed, name);
      }
    }
  });

  test.each(files)('%s with an octet removed, doubled or added', (_kind, sample, name) => {
    const octets = sample();
    for (let offset = 0; offset < octets.byteLength; offset += 1) {
      expectRefused(concatenate(octets.subarray(0, offset), octets.subarray(offset + 1)), name);
      expectRefused(concatenate(octets.subarray(0, offset + 1), octets.subarray(offset)), name);
    }
    expectRefused(concatenate(octets, Uint8Array.of(13)), name);
  });

  test('.sgn with a record of the header a second time, or in another order', () => {
    const read = parseSignedFile(samples.full);
    if (!read.ok) return expect.fail(read.message);
    const { header } = read.file;
    for (const tag of header.tags.filter((one) => one > 2)) {
      const tags = header.tags.flatMap((one) => (one === tag ? [one, one] : [one]));
      const octets = serializeSignedFile({ ...read.file, header: { ...header, tags } });
      expect(expectRefused(octets, names.plain).rule).toBe('duplicate-tag');
    }
    const [version = 1, length = 2, ...others] = header.tags;
    const octets = serializeSignedFile({
      ...read.file,
      header: { ...header, tags: [version, length, ...others.reverse()] },
    });
    expect(expectRefused(octets, names.plain).rule).toBe('tag-order');
    return undefined;
  });

  const offsetOf = (octets: Uint8Array, tag: number) => {
    const read = parseSignedFile(octets);
    return (read.ok && read.layout.fields.get(tag)) || expect.fail(`field ${tag}`);
  };
  test.each([
    ['version 1.0 of an encrypted file', 3, [1], 'encryption'],
    ['an ENCRYPTION_INFO that ends past the header', 16, [16, 0xff, 0xff], 'short-input'],
    ['IV_INFO of another kind', 16, [16, 1, 0x32, 99], 'encryption'],
    ['an IV format that was never seen', 16, [16, 1, 0x32, 17, 0, 0x1c, 18, 0, 1, 1], 'encryption'],
    ['a hash of unknown kind', 26, [26, 0, 1, 9], 'digest'],
    ['a hash that is not as long as its kind', 26, [26, 0, 1, 3], 'encryption'],
  ] as const)('.enc.sgn: %s', (_what, tag, values, rule) => {
    const changed = Uint8Array.from(samples.encrypted);
    changed.set(values, tag === 3 ? 3 : offsetOf(samples.encrypted, tag));
    expect(expectRefused(changed, names.encrypted).rule).toBe(rule);
  });

  test('.enc.sgn: padding of 0 and of 17 octets, and ciphertext that is not whole blocks', () => {
    const at = offsetOf(samples.encrypted, 16) + 3 + 3 + 4 + 19 + 4;
    for (const count of [0, 17]) {
      const changed = Uint8Array.from(samples.encrypted);
      changed[at] = count;
      expect(expectRefused(changed, names.encrypted)).toMatchObject({ rule: 'encryption', offset: at - 4 });
    }
    const cut = samples.encrypted.subarray(0, -1);
    expect(expectRefused(cut, names.encrypted)).toMatchObject({ rule: 'encryption', offset: 756 });
  });

  test('.sgn by the hash that it does not say: wrong hash', () => {
    const changed = Uint8Array.from(samples.full);
    const digest = offsetOf(samples.full, 7) + 6;
    changed[digest] = 3;
    expect(expectRefused(changed, names.plain).rule).toBe('signature');
    expect(verifySignedFile(changed, [certificateOfPem('CCM.pem')], names.plain)).toMatchObject({ rule: 'signature' });
  });
});
