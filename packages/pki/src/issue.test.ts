import { createPublicKey, randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { newEcKey, newRsaKey } from './crafted-certificate.fixture.ts';
import { type IssueRequest, issueCertificate, type Signer } from './issue.ts';
import { type CertificateRole, profiles } from './profiles.ts';

const environment = { now: Date.UTC(2026, 10, 23, 12), random: (length: number) => randomBytes(length) };
const rsa = newRsaKey(2048);
let capf: Signer;

const request = (change: Partial<IssueRequest> = {}): IssueRequest => ({
  role: 'locally-significant',
  commonName: 'SEP001122334455',
  organization: 'Test',
  subjectNames: [],
  publicKey: createPublicKey(rsa),
  ...change,
});

beforeAll(async () => {
  const certificate = await issueCertificate(
    request({ role: 'capf-ca', commonName: 'CAPF CA' }),
    { kind: 'self', privateKey: rsa },
    environment,
  );
  capf = { kind: 'authority', certificate, privateKey: rsa };
});

describe('a request is refused before anything is signed', () => {
  const rows: readonly [string, Partial<IssueRequest>, RegExp][] = [
    ['with a weak key', { publicKey: createPublicKey(newRsaKey(1024)) }, /RSA-1024 is below/],
    [
      'with a key of another kind',
      { publicKey: createPublicKey(newEcKey()) },
      /needs a key of type RSA-2048, not ECDSA P-256/,
    ],
    ['for no device', { commonName: 'not a device' }, /"not a device" is not a device name/],
    ['with an empty subject', { organization: '' }, /1 to 64 printable characters/],
    ['with a line break in the subject', { organization: 'a\nb' }, /1 to 64 printable characters/],
    ['with names that its profile has not', { subjectNames: [{ kind: 'dns', value: 'x' }] }, /names .* are none/],
    ['for a token whose name is that of a phone', { role: 'sast', commonName: 'SAST-SEP001122334455' }, /not SAST-/],
    ['for a token without a serial number', { role: 'lab-sast', commonName: 'SAST-' }, /not SAST- and the serial/],
    ['for a MIC without a MAC address', { role: 'manufacturer-installed', commonName: 'phone' }, /does not end in SEP/],
  ];
  test.each(rows)('%s', async (_title, change, message) => {
    const refused = issueCertificate(request(change), capf, environment);
    await expect(refused).rejects.toMatchObject({
      code: 'pki.refused-request',
      message: expect.stringMatching(message),
    });
  });

  test('by a signer that is not its issuer', async () => {
    const selfSigned = issueCertificate(request(), { kind: 'self', privateKey: rsa }, environment);
    await expect(selfSigned).rejects.toThrow(/is issued by capf-ca only/);
    const subordinate = issueCertificate(request({ role: 'capf-ca', commonName: 'Sub' }), capf, environment);
    await expect(subordinate).rejects.toThrow(/is issued by self only/);
  });
});

describe('what was signed is checked again', () => {
  test('a constant in the place of random numbers is caught', async () => {
    const zero = { ...environment, random: (length: number) => new Uint8Array(length) };
    await expect(issueCertificate(request(), capf, zero)).rejects.toMatchObject({ code: 'pki.refused-result' });
  });

  test("a key that is not the issuer's is caught", async () => {
    const wrong: Signer = { ...capf, privateKey: newRsaKey(2048) };
    await expect(issueCertificate(request(), wrong, environment)).rejects.toThrow(
      /the key does not belong to its issuer/,
    );
  });
});

test('the table is sound: only authorities sign certificates, and what proves phones proves no server', () => {
  for (const [role, profile] of Object.entries(profiles) as [CertificateRole, (typeof profiles)[CertificateRole]][]) {
    expect(profile.keyUsage.includes('keyCertSign'), role).toBe(profile.authority);
    expect(profile.issuer === 'self', role).toBe(profile.authority);
    expect(profile.keyUsage, role).toContain('digitalSignature');
    expect(profile.sources.length, role).toBeGreaterThan(0);
    if (profile.issuer === 'manufacturing-ca' || role === 'locally-significant') {
      // A token's certificate is for no TLS at all.
      const isToken = role === 'sast' || role === 'lab-sast';
      expect(profile.extendedKeyUsage, role).toEqual([isToken ? 'trustAnchorConfigSigning' : 'clientAuth']);
    }
  }
});
