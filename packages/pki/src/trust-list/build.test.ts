import { generateKeyPairSync } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { craft } from '../crafted-certificate.fixture.ts';
import { buildTrustList, type TrustListRequest } from './build.ts';
import { certificateFieldsOf, publicKeyOctets } from './certificate-fields.ts';
import { type Cast, listNow, makeCast, makeList, parsed, signWith, tokenRecord } from './lists.fixture.ts';
import { parseTrustList, serializeTrustList } from './parse.ts';
import { describeRole, trustRoleNames, trustRoles } from './roles.ts';
import { signFile } from './sign.ts';
import { verifyTrustList } from './verify.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

describe('a list that is made', () => {
  test('is in the layout of CUCM: version 1.2, no signer version, order of tags, aligned header', async () => {
    const octets = await makeList('CTL', cast.token1, [
      {
        role: 'CCM+TFTP',
        dnsName: 'node-1',
        ipAddress: '192.0.2.1',
        certificate: cast.node1.certificate,
        withSignature: true,
      },
    ]);
    const verified = verifyTrustList(octets);
    if (!verified.ok) return expect.fail(verified.message);
    const { header, records } = verified.list;
    expect(header.version).toEqual({ major: 1, minor: 2 });
    expect(header.tags).toEqual([1, 2, 3, 7, 12, 14, 15]);
    expect(header.signerTags).toEqual([4, 5, 6]);
    expect(header.fileName).toBe('CTLFile.tlv');
    expect(verified.layout.headerLength % 4).toBe(0);
    expect(records[1]?.tags).toEqual([2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(records[1]).toMatchObject({ dnsName: 'node-1', ipAddress: '192.0.2.1', subject: 'CN=node-1', role: 2 });
    expect(records[0]?.tags).toEqual([2, 3, 4, 5, 6, 7, 9]); // of a token: no address, no signature
    expect(verified.signer.fingerprint).toBe(cast.token1.certificate.fingerprint);
    return undefined;
  });

  test.each(['SHA-1', 'SHA-512'] as const)('is signed with %s and says its signer version', async (digest) => {
    const octets = await makeList('ITL', cast.token1, [], { digest, signerVersion: { major: 1, minor: 1 } });
    expect(verifyTrustList(octets)).toMatchObject({
      ok: true,
      list: { header: { digest, signerVersion: { major: 1, minor: 1 }, fileName: 'ITLFile.tlv' } },
    });
  });

  test('carries every role, and numbers without a name', async () => {
    const { certificate } = cast.node1;
    const records = [...trustRoleNames, 6, 99, 65_535].map((role) => ({ role, certificate }) as const);
    const octets = await makeList('CTL', cast.token1, records);
    const numbers = parsed(octets).records.map(({ role }) => role);
    expect(numbers.slice(1)).toEqual([0, 1, 2, 3, 4, 5, 7, 21, 6, 99, 65_535]);
    expect([trustRoles.TVS, 99].map(describeRole)).toEqual(['TVS', 'role 99']);
    expect(verifyTrustList(octets).ok).toBe(true);
  });

  test.each([
    ['prime256v1', 65],
    ['secp384r1', 97],
    ['secp521r1', 133],
  ])('carries EC keys as uncompressed points: %s', (namedCurve, length) => {
    const point = publicKeyOctets(generateKeyPairSync('ec', { namedCurve }).publicKey);
    expect([point[0], point.byteLength]).toEqual([4, length]);
  });

  test('carries servers with EC keys', async () => {
    const server = await craft({ commonName: 'node-1' });
    const octets = await makeList('ITL', cast.token1, [{ role: 'TFTP', certificate: server.certificate }]);
    expect(verifyTrustList(octets).ok).toBe(true);
    expect(parsed(octets).records[1]?.publicKey).toHaveLength(65);
  });

  test('marks a server of a non-secure cluster by 33 octets', async () => {
    const without = await makeList('CTL', cast.token1, []);
    const marked = await makeList('CTL', cast.token1, [
      { role: 'CCM+TFTP', dnsName: '10.48.47.153', ipAddress: '10.48.47.153' },
    ]);
    expect(marked.byteLength - without.byteLength).toBe(33);
    expect(verifyTrustList(marked).ok).toBe(true);
  });

  test('is never finished with a signature of another key: it would lock phones out', async () => {
    const unsigned = buildTrustList({
      kind: 'CTL',
      timestamp: listNow,
      digest: 'SHA-1',
      signer: cast.token1.certificate,
      records: [tokenRecord(cast.token1)],
    });
    await expect(signFile(unsigned, signWith(cast.token2.privateKey))).rejects.toMatchObject({
      code: 'pki.wrong-signature',
    });
    const fault = new Error('the token was pulled out');
    await expect(signFile(unsigned, () => Promise.reject(fault))).rejects.toBe(fault);
  });

  test('names its signer as a SAST, and is signed by RSA', async () => {
    const request = { kind: 'CTL', timestamp: listNow, digest: 'SHA-1' } as const;
    expect(() => buildTrustList({ ...request, signer: cast.token1.certificate, records: [] })).toThrow(/role SAST/);
    const ec = await craft({ commonName: 'EC token' });
    expect(() => buildTrustList({ ...request, signer: ec.certificate, records: [tokenRecord(ec)] })).toThrow(
      expect.objectContaining({ code: 'pki.unsuited-signer' }),
    );
  });

  test.each<readonly [string, Partial<TrustListRequest>]>([
    ['a time beyond 32 bits', { timestamp: 2 ** 32 }],
    ['a broken second', { timestamp: listNow + 0.5 }],
    ['an address that is none', { records: [{ role: 'CCM', ipAddress: '192.0.2.256' }] }],
    ['a NUL in a name', { records: [{ role: 'CCM', dnsName: 'node\0-1' }] }],
    ['a role beyond 16 bits', { records: [{ role: 65_536 }] }],
  ])('is refused before a token is asked: %s', async (_what, more) => {
    const records = [tokenRecord(cast.token1), ...(more.records ?? [])];
    const made = makeList('CTL', cast.token1, [], { ...more, records });
    await expect(made).rejects.toMatchObject({ code: 'pki.invalid-file-value' });
  });
});

describe('names', () => {
  test('are written most specific first, with semicolons, as TVS looks them up', async () => {
    const octets = await makeList('CTL', cast.token1, []);
    expect(parsed(octets).header.signer).toMatchObject({ name: 'CN=SAST-1', issuer: 'CN=SAST-1' });
    const several = await craft({ commonName: ['most general', 'most specific'] });
    expect(certificateFieldsOf(several.certificate).subject).toBe('CN=most specific;CN=most general');
  });

  test('that could be misread stand in quotation marks, as CUCM prints those of tokens', async () => {
    const spaced = await craft({ commonName: 'SAST-ADN0054f509        ' });
    expect(certificateFieldsOf(spaced.certificate).subject).toBe('CN="SAST-ADN0054f509        "');
  });
});

describe('fields that nothing here knows', () => {
  test('survive in their places, in header and record', async () => {
    const list = parsed(await makeList('CTL', cast.token1, []));
    const [record] = list.records;
    if (record === undefined) return expect.fail('no record');
    const unknown = { tag: 200, value: Uint8Array.of(1, 2, 3) };
    const changed = {
      header: { ...list.header, tags: [...list.header.tags, 200, 201], unknown: [unknown, { ...unknown, tag: 201 }] },
      records: [{ ...record, tags: [200, ...record.tags, 200], unknown: [unknown, unknown] }],
    };
    const octets = serializeTrustList(changed);
    const read = parseTrustList(octets);
    expect(read.ok && read.list).toEqual(changed);
    return undefined;
  });

  test('cannot be written where the order does not name them', async () => {
    const list = parsed(await makeList('CTL', cast.token1, []));
    const unknown = [{ tag: 200, value: new Uint8Array() }];
    expect(() => serializeTrustList({ ...list, header: { ...list.header, unknown } })).toThrow(/order/);
  });
});
