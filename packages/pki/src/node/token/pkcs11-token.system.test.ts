import { execFileSync } from 'node:child_process';
import { verify } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { Redacted } from '@trustline/base';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { missingPrograms } from '../../../../testing/src/node/programs.ts';
import { type FaultyModule, missingSoftHsm, SoftHsm, softHsmModule } from '../../../../testing/src/node/soft-hsm.ts';
import { judgeDeviceCertificate } from '../../judge.ts';
import { encodePem } from '../../pem.ts';
import { initialiseToken } from '../../token/initialise-token.ts';
import { describeSecurityToken } from '../../token/security-token.contract.ts';
import { tokenNameOf } from '../../token/token-name.ts';
import type { Cluster } from '../cluster.ts';
import { listPkcs11Tokens } from './pkcs11-slots.ts';
import { openPkcs11Token } from './pkcs11-token.ts';
import { issuerOf, newCluster, otherCertificate } from './token-issuer.fixture.ts';

const pin = new Redacted('canary-5521');
/** As many as all tests together use. */
const TOKENS = 25;

const wrongPin = new Redacted('canary-0000');

describe.skipIf(missingPrograms('pkcs11-tool', 'openssl', 'gcc') || missingSoftHsm())('PKCS#11', () => {
  let home: string;
  let cluster: Cluster;
  let hsm: SoftHsm;
  let faulty: FaultyModule;
  const formatted: string[] = [];

  beforeAll(async () => {
    home = mkdtempSync(join(tmpdir(), 'trustline-pkcs11-'));
    cluster = await newCluster(home);
    hsm = new SoftHsm(home);
    faulty = hsm.buildFaultyModule();
    // All beforehand: SoftHSM sees no token that is formatted after its module was initialised.
    for (let index = 0; index < TOKENS; index += 1) {
      hsm.formatToken(`token ${index}`, pin.reveal());
      formatted.push(`token ${index}`);
    }
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));
  afterEach(() => {
    faulty.fault = undefined;
  });

  /** The label of a formatted token that no test has had yet. */
  function format(): string {
    const label = formatted.pop();
    if (label === undefined) throw new Error('more tokens are needed than were formatted');
    return label;
  }

  async function ready(module = softHsmModule) {
    const label = format();
    const selection = { module, token: label };
    const token = await openPkcs11Token(selection, pin);
    const certificate = await initialiseToken(token, issuerOf(cluster));
    return { selection, token, certificate };
  }

  describeSecurityToken('a SoftHSM token', () => ({
    lab: false,
    issue: issuerOf(cluster),
    otherCertificate: () => otherCertificate(cluster),
    async newToken() {
      const selection = { module: softHsmModule, token: format() };
      return {
        pin,
        wrongPin,
        create: () => openPkcs11Token(selection, pin),
        open: (given) => openPkcs11Token(selection, given),
      };
    },
  }));

  test('openssl verifies what two tokens sign, and that the manufacturing CA vouches for both', async () => {
    const [one, other] = [await ready(), await ready()];
    const [authority] = cluster.trust.issuersFor('manufacturer');
    const file = (name: string, data: string | Uint8Array) => {
      const path = join(home, name);
      writeFileSync(path, data);
      return path;
    };
    const authorityFile = file('authority.pem', encodePem('CERTIFICATE', authority?.der ?? new Uint8Array()));
    const list = file('list', 'a trust list');
    for (const { token, certificate } of [one, other]) {
      const certificateFile = file('sast.pem', encodePem('CERTIFICATE', certificate.der));
      const key = execFileSync('openssl', ['x509', '-in', certificateFile, '-noout', '-pubkey']);
      const keyFile = file('sast.key', key);
      for (const [digest, option] of [
        ['SHA-1', '-sha1'],
        ['SHA-512', '-sha512'],
      ] as const) {
        const signature = file('signature', await token.sign(certificate, digest, Buffer.from('a trust list')));
        const verified = ['dgst', option, '-verify', keyFile, '-signature', signature, list];
        expect(execFileSync('openssl', verified, { encoding: 'utf8' })).toBe('Verified OK\n');
      }
      const vouched = ['verify', '-x509_strict', '-CAfile', authorityFile, certificateFile];
      expect(execFileSync('openssl', vouched, { encoding: 'utf8' })).toMatch(/: OK\n$/);
      await token.close();
    }
    expect(one.certificate.subject).not.toBe(other.certificate.subject);
  });

  test('the certificate of a token enrols and registers nothing, and stands in the ledger', async () => {
    const { token, certificate } = await ready();
    for (const purpose of ['registration', 'enrolment'] as const) {
      expect(judgeDeviceCertificate(cluster.trust, [certificate.der], Date.now(), { purpose }).accepted).toBe(false);
    }
    expect(cluster.issuedTo(tokenNameOf(token.serial))).toMatchObject([
      { role: 'sast', fingerprint: certificate.fingerprint },
    ]);
    await token.close();
  });

  test('the key was made on the token, is sensitive, and cannot be taken out', async () => {
    const { token, selection } = await ready();
    await token.close();
    const shown = execFileSync(
      'pkcs11-tool',
      [
        '--module',
        softHsmModule,
        '--token-label',
        selection.token,
        '--login',
        '--pin',
        pin.reveal(),
        '--list-objects',
        '--type',
        'privkey',
      ],
      { encoding: 'utf8', env: { ...process.env, ...hsm.environment } },
    );
    expect(shown).toMatch(/Access: +sensitive, always sensitive, never extractable, local/);
  });

  test('a list shows every token with its certificates, without any PIN', async () => {
    const { token, certificate, selection } = await ready();
    await token.close();
    const listed = await listPkcs11Tokens(softHsmModule);
    expect(listed.find(({ label }) => label === selection.token)).toMatchObject({
      serial: token.serial,
      formatted: true,
      pin: { set: true, countLow: false, finalTry: false, locked: false },
      attestation: {
        kind: 'pkcs11',
        lab: false,
        manufacturer: 'SoftHSM project',
        model: 'SoftHSM v2',
        firmware: '2.6',
      },
      certificates: [{ fingerprint: certificate.fingerprint }],
    });
    // SoftHSM always shows one more, to be formatted.
    expect(listed.filter(({ formatted }) => !formatted)).toHaveLength(1);
  });

  test('a token is named when there are several, and one that is not there is named too', async () => {
    await expect(openPkcs11Token({ module: softHsmModule }, pin)).rejects.toMatchObject({ code: 'token.ambiguous' });
    const absent = openPkcs11Token({ module: softHsmModule, token: 'nobody’s' }, pin);
    await expect(absent).rejects.toMatchObject({ code: 'token.absent', message: expect.stringContaining('nobody’s') });
  });

  test('a module that is not there, or is none, is an error with the next step', async () => {
    const missing = openPkcs11Token({ module: join(home, 'none.so') }, pin);
    await expect(missing).rejects.toMatchObject({
      code: 'token.module-missing',
      nextStep: expect.stringContaining('--module'),
    });
    const text = join(home, 'text.so');
    writeFileSync(text, 'no module');
    await expect(openPkcs11Token({ module: text }, pin)).rejects.toMatchObject({ code: 'token.module-failed' });
  });

  test('SoftHSM’s own warning after wrong PINs is shown, each was given once, and the right PIN clears it', async () => {
    const selection = { module: faulty.path, token: format() };
    for (const [count, message] of [
      [1, /the PIN of token .* is wrong; the token warns that few tries are left/],
      [2, /the token warns that few tries are left/],
    ] as const) {
      const before = faulty.logins;
      const failure = await openPkcs11Token(selection, wrongPin).catch((error: unknown) => error);
      expect(failure, `try ${count}`).toMatchObject({
        code: 'token.pin-wrong',
        message: expect.stringMatching(message),
      });
      expect(faulty.logins).toBe(before + 1);
    }
    const listed = await listPkcs11Tokens(softHsmModule);
    expect(listed.find(({ label }) => label === selection.token)?.pin.countLow).toBe(true);
    await (await openPkcs11Token(selection, pin)).close();
    const after = await listPkcs11Tokens(softHsmModule);
    expect(after.find(({ label }) => label === selection.token)?.pin.countLow).toBe(false);
  });

  test('on the final try a PIN is given only by who knows; a locked PIN is not given', async () => {
    const selection = { module: faulty.path, token: format() };
    const before = faulty.logins;
    faulty.fault = 'final';
    await expect(openPkcs11Token(selection, pin)).rejects.toMatchObject({ code: 'token.pin-final-try' });
    faulty.fault = 'locked';
    await expect(openPkcs11Token(selection, pin, { useFinalTry: true })).rejects.toMatchObject({
      code: 'token.pin-locked',
    });
    expect(faulty.logins).toBe(before);
    faulty.fault = 'final';
    const wrong = openPkcs11Token(selection, wrongPin, { useFinalTry: true });
    await expect(wrong).rejects.toMatchObject({
      code: 'token.pin-final-try',
      message: expect.stringMatching(/next wrong one/),
    });
    await (await openPkcs11Token(selection, pin, { useFinalTry: true })).close();
    expect(faulty.logins).toBe(before + 2);
  });

  test('a token that is pulled in the middle of signing is an error, and can be used again when it is back', async () => {
    const { token, certificate, selection } = await ready(faulty.path);
    faulty.fault = 'removed';
    await expect(token.sign(certificate, 'SHA-512', Uint8Array.of(1))).rejects.toMatchObject({ code: 'token.removed' });
    await token.close();
    faulty.fault = undefined;
    const again = await openPkcs11Token(selection, pin);
    expect(await again.sign(certificate, 'SHA-512', Uint8Array.of(1))).toHaveLength(256);
    await again.close();
  });

  test('pulled before its certificate came, its key is used when the initialisation is repeated', async () => {
    const selection = { module: softHsmModule, token: format() };
    const first = await openPkcs11Token(selection, pin);
    const { publicKey } = await first.makeKey();
    await first.close();
    const again = await openPkcs11Token(selection, pin);
    const certificate = await initialiseToken(again, issuerOf(cluster));
    expect(certificate.publicKey.equals(publicKey)).toBe(true);
    await again.close();
  });

  test('a signature that the certificate does not verify is never returned', async () => {
    const { token, certificate } = await ready(faulty.path);
    faulty.fault = 'wrong-key';
    await expect(token.sign(certificate, 'SHA-1', Uint8Array.of(1))).rejects.toMatchObject({
      code: 'token.signature-wrong',
    });
    await token.close();
  });

  test('two tokens of one module sign at the same time, each with its own key', async () => {
    const tokens = [await ready(), await ready()];
    const data = Uint8Array.of(1, 2, 3);
    const signed = await Promise.all(
      Array.from({ length: 20 }, (_, index) => tokens[index % 2]).map(async (one) => ({
        one,
        signature: await one?.token.sign(one.certificate, 'SHA-512', data),
      })),
    );
    for (const { one, signature } of signed) {
      const key = one?.certificate.publicKey ?? '';
      expect(verify('sha512', data, key, signature ?? new Uint8Array())).toBe(true);
    }
    await Promise.all(tokens.map(({ token }) => token.close()));
  });

  test('the same token twice in one process is an error, and the first goes on', async () => {
    const { token, certificate, selection } = await ready();
    const twice = await openPkcs11Token(selection, pin).catch((error: unknown) => error);
    expect(twice).toMatchObject({ code: 'token.in-use' });
    expect(inspect(twice, { depth: 9 })).not.toContain(pin.reveal());
    expect(await token.sign(certificate, 'SHA-1', new Uint8Array())).toHaveLength(256);
    await token.close();
  });
});
