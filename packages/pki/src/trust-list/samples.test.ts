import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readCertificate } from '../certificate.ts';
import { decodeCertificatesPem } from '../pem.ts';
import { displayedHashes } from './displayed-hash.ts';
import { unsignedHeader, writeHeader } from './header.ts';
import { parsed, vector } from './lists.fixture.ts';
import { parseTrustList, serializeTrustList } from './parse.ts';
import { writeRecord } from './record.ts';
import { trustRoles } from './roles.ts';
import { octetsOfHex } from './tlv.ts';
import type { TrustList, TrustRecord } from './types.ts';
import { verifyTrustList } from './verify.ts';

const pem = (name: string) => {
  const [der = new Uint8Array()] = decodeCertificatesPem(new TextDecoder().decode(vector(name)));
  return readCertificate(der);
};

describe('lists made by another implementation', () => {
  test.each([
    ['CTLFile.tlv', 'SHA-1', { major: 1, minor: 0 }, [0, 2, 4]],
    ['ITLFile.tlv', 'SHA-512', { major: 1, minor: 1 }, [0, 2, 4, 21]],
  ] as const)('%s is verified, and written again octet for octet', (name, digest, signerVersion, roles) => {
    const octets = vector(name);
    const verified = verifyTrustList(octets);
    if (!verified.ok) return expect.fail(verified.message);
    const { list, layout, signer } = verified;
    expect(list.header).toMatchObject({ version: { major: 1, minor: 2 }, digest, signerVersion, fileName: name });
    expect(list.records.map(({ role }) => role)).toEqual(roles);
    expect(signer.fingerprint).toBe(pem('SAST.pem').fingerprint);
    expect(layout.headerLength).toBe(408);
    expect(serializeTrustList(list)).toEqual(octets);
    return undefined;
  });

  test('certificates stand in the records as they stand in their PEM files', () => {
    const { records } = parsed(vector('ITLFile.tlv'));
    const files = ['SAST.pem', 'CCM.pem', 'CAPF.pem', 'TVS.pem'];
    expect(records.map(({ certificate }) => certificate)).toEqual(files.map((file) => pem(file).der));
  });

  test('the hashes that a phone shows are those of md5sum and sha1sum', () => {
    expect(displayedHashes(new TextEncoder().encode('abc'))).toEqual({
      md5: '900150983cd24fb0d6963f7d28e17f72', // RFC 1321 §A.5
      sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d', // RFC 3174 §7.3
    });
  });
});

interface ShownList {
  readonly file_length: number;
  readonly header_length: number;
  readonly signerid_len: number;
  readonly serial: string;
  readonly signature_len: number;
  readonly padding_bytes: number;
  readonly records: readonly ShownRecord[];
}

interface ShownRecord {
  readonly record_length: number;
  readonly dns: number;
  readonly subject?: number;
  readonly function: 'SAST' | 'CCM+TFTP' | 'CAPF';
  readonly issuer?: number;
  readonly serial?: number;
  readonly pubkey?: number;
  readonly signature?: number | null;
  readonly cert?: number;
  readonly ip: number;
}

const shown = JSON.parse(
  readFileSync(new URL('../../vectors/trust-files/show-ctl-cucm-10.json', import.meta.url), 'utf8'),
);

/** Values as long as those that `show ctl` printed; only their lengths are known. */
function recordOf({ dns, subject, issuer, serial, pubkey, signature, cert, ...record }: ShownRecord): TrustRecord {
  const text = (length: number | undefined) => (length === undefined ? undefined : 'x'.repeat(length - 1));
  const filled = (length: number | null | undefined) =>
    typeof length === 'number' ? new Uint8Array(length).fill(7) : undefined;
  const fields = {
    role: trustRoles[record.function],
    dnsName: text(dns),
    subject: text(subject),
    issuer: text(issuer),
    serialNumber: serial === undefined ? undefined : '07'.repeat(serial),
    publicKey: filled(pubkey),
    signature: filled(signature),
    certificate: filled(cert),
    ipAddress: '10.48.47.153',
  };
  const tags = Object.entries({
    2: fields.dnsName,
    3: fields.subject,
    4: fields.role,
    5: fields.issuer,
    6: fields.serialNumber,
    7: fields.publicKey,
    8: fields.signature,
    9: fields.certificate,
    10: fields.ipAddress,
  });
  return {
    ...fields,
    certificateHash: undefined,
    hashAlgorithm: undefined,
    unknown: [],
    tags: tags.filter(([, value]) => value !== undefined).map(([tag]) => Number(tag)),
  };
}

describe('what `show ctl` of CUCM printed adds up, octet for octet', () => {
  test.each([
    [
      'tokenless_10_5_1',
      'CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL',
      'CN=cucm-1051-a-pub;OU=TAC;O=Cisco;L=Krakow;ST=Malopolska;C=PL',
    ],
    [
      'etoken_non_secure_10_0_1',
      'cn="SAST-ADN0054f509        ";ou=IPCBU;o="Cisco Systems',
      'cn=Cisco Manufacturing CA;o=Cisco Systems',
    ],
  ])('%s', (name, signerName, issuer) => {
    const shownList: ShownList = shown[name];
    const header = unsignedHeader({
      version: { major: 1, minor: 2 },
      signerVersion: undefined,
      signer: { name: signerName, serialNumber: shownList.serial.toLowerCase(), issuer },
      digest: 'SHA-1',
      signatureLength: shownList.signature_len,
      fileName: 'CTLFile.tlv',
      timestamp: 1_400_000_000,
      encryption: undefined,
    });
    const list: TrustList = { header, records: shownList.records.map(recordOf) };
    const octets = serializeTrustList(list);
    expect(writeHeader(header)).toHaveLength(shownList.header_length);
    expect(header.padding).toBe(shownList.padding_bytes);
    expect(list.records.map((record) => writeRecord(record).byteLength)).toEqual(
      shownList.records.map(({ record_length }) => record_length),
    );
    expect(octets).toHaveLength(shownList.file_length);
    expect(parsed(octets)).toEqual(list);
  });

  test('the signature of the tokenless list is as long as its key', () => {
    expect(octetsOfHex(shown.tokenless_10_5_1.signature_hex.replace(' ', ''))).toHaveLength(128);
  });

  test('the marker of a non-secure cluster is 33 octets, without certificate', () => {
    const records = (shown.etoken_non_secure_10_0_1 as ShownList).records.map(recordOf);
    const markers = records.filter(({ certificate }) => certificate === undefined);
    expect(markers.map((marker) => writeRecord(marker).byteLength)).toEqual([33, 33]);
  });
});

test('a list that names one signer and holds another key says so', () => {
  const octets = vector('CTLFile.tlv');
  const list = parsed(octets);
  const others = { ...list, records: list.records.slice(1) };
  expect(verifyTrustList(serializeTrustList(others))).toMatchObject({ ok: false, rule: 'signer-missing', offset: 15 });
  expect(parseTrustList(serializeTrustList(others)).ok).toBe(true);
});
