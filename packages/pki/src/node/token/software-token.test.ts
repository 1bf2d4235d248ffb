import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { initialiseToken } from '../../token/initialise-token.ts';
import { describeSecurityToken } from '../../token/security-token.contract.ts';
import type { Cluster } from '../cluster.ts';
import { createSoftwareToken, openSoftwareToken, readSoftwareToken } from './software-token.ts';
import { issuerOf, newCluster, otherCertificate } from './token-issuer.fixture.ts';

const pin = new Redacted('canary-382915');

let home: string;
let cluster: Cluster;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'trustline-token-'));
  cluster = await newCluster(home);
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Another file of the same token: to derive a key from a PIN takes long, which is its purpose. */
function copyOf({ path }: { readonly path: string }): string {
  const copy = newPath();
  writeFileSync(copy, readFileSync(path), { mode: 0o600 });
  return copy;
}

const newPath = () => join(home, `${randomBytes(4).toString('hex')}.token`);

describeSecurityToken('a software token', () => ({
  lab: true,
  issue: issuerOf(cluster),
  otherCertificate: () => otherCertificate(cluster),
  async newToken() {
    const path = newPath();
    return {
      pin,
      wrongPin: new Redacted('canary-000000'),
      create: async () => createSoftwareToken(path, 'blue', pin),
      open: (given) => openSoftwareToken(path, given),
    };
  },
}));

async function made() {
  const path = newPath();
  const token = createSoftwareToken(path, 'blue', pin);
  const certificate = await initialiseToken(token, issuerOf(cluster));
  await token.close();
  return { path, certificate, serial: token.serial };
}

describe('the file of a software token', () => {
  let one: Awaited<ReturnType<typeof made>>;
  beforeAll(async () => {
    one = await made();
  });

  test('is its owner’s alone, says what it is, and shows neither key nor PIN', () => {
    const { path } = one;
    const text = readFileSync(path, 'utf8');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(text).toContain('LAB SOFTWARE TOKEN');
    expect(text).not.toContain(pin.reveal());
    expect(text).not.toContain('PRIVATE KEY');
  });

  test('shows its certificate without the PIN', async () => {
    const { path, certificate, serial } = one;
    expect(await readSoftwareToken(path)).toMatchObject({
      label: 'blue',
      serial,
      attestation: { kind: 'software', lab: true, module: path },
      certificate: { fingerprint: certificate.fingerprint },
    });
  });

  test('is never opened when others can read it', async () => {
    const path = copyOf(one);
    chmodSync(path, 0o640);
    await expect(openSoftwareToken(path, pin)).rejects.toMatchObject({ code: 'pki.key-file-exposed' });
  });

  test.each(['notice', 'label', 'serial', 'key'] as const)('with another %s it does not open', async (field) => {
    const path = copyOf(one);
    const file = JSON.parse(readFileSync(path, 'utf8'));
    const text: string = file[field];
    const changed = (text.startsWith('A') ? 'B' : 'A') + text.slice(1);
    writeFileSync(path, JSON.stringify({ ...file, [field]: changed }), { mode: 0o600 });
    await expect(openSoftwareToken(path, pin)).rejects.toMatchObject({ code: 'token.pin-wrong' });
  });

  test('with the certificate of another token it does not open', async () => {
    const [path, other] = [copyOf(one), await made()];
    const certificateOf = (path: string): string => JSON.parse(readFileSync(path, 'utf8')).certificate;
    const file = { ...JSON.parse(readFileSync(path, 'utf8')), certificate: certificateOf(other.path) };
    writeFileSync(path, JSON.stringify(file), { mode: 0o600 });
    await expect(openSoftwareToken(path, pin)).rejects.toMatchObject({ code: 'token.pin-wrong' });
  });

  test.each(['', '{', '[]', 'null', '{"format":"trustline-software-token","version":2}'])(
    'as %j is refused',
    async (text) => {
      const path = newPath();
      writeFileSync(path, text, { mode: 0o600 });
      await expect(openSoftwareToken(path, pin)).rejects.toMatchObject({ code: 'token.file-damaged' });
    },
  );

  test('is not there until its certificate is stored, is never overwritten, and wants a PIN of some length', async () => {
    const path = newPath();
    const token = createSoftwareToken(path, 'blue', pin);
    await token.makeKey();
    await token.close();
    await expect(openSoftwareToken(path, pin)).rejects.toMatchObject({ code: 'token.absent' });
    expect(() => createSoftwareToken(path, 'blue', new Redacted('12345'))).toThrow(/at least 6 characters/);
    expect(() => createSoftwareToken(one.path, 'blue', pin)).toThrow(/not overwritten/);
  });
});
