import { createPrivateKey } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type DetailedPeerCertificate } from 'node:tls';
import { artefactFolder, Lab, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';
import { type Issuance, OutsideAuthority } from './outside-authority.fixture.ts';

describe.skipIf(missingPrograms('openssl'))('an outside authority, made by openssl', () => {
  const folder = artefactFolder('cli-pki');
  let lab: Lab;
  let outside: OutsideAuthority;
  let stranger: OutsideAuthority;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), ['identity: { hosts: [cm.example] }']);
    outside = new OutsideAuthority(join(folder, 'outside'), 'Outside');
    stranger = new OutsideAuthority(join(folder, 'stranger'), 'Stranger');
  });
  afterAll(() => lab?.stop());

  const here = (...argv: string[]) => trustline([...argv, '--data', lab.dataFolder]);

  function write(name: string, ...pem: string[]): string {
    const file = join(folder, name);
    writeFileSync(file, pem.join(''), { mode: 0o600 });
    return file;
  }

  /** Every file of the identity with its contents: equal means that nothing was changed. */
  function identity(): Readonly<Record<string, string>> {
    const place = join(lab.dataFolder, 'pki');
    return Object.fromEntries(
      readdirSync(place)
        .sort()
        .map((file) => [file, readFileSync(join(place, file), 'utf8')]),
    );
  }

  async function requestFor(role: string): Promise<string> {
    const { code, out } = await here('pki', 'csr', role);
    expect(code).toBe(0);
    return out;
  }

  function importing(role: string, chain: readonly string[], roots: string) {
    return here('pki', 'import', role, '--chain', write('chain.pem', ...chain), '--roots', write('roots.pem', roots));
  }

  /** Another authority does not certify loopback addresses, so clients look for the manager by its name. */
  const server = () => ({ host: '127.0.0.1', port: lab.ports.tls, servername: 'cm.example' });

  /** What a TLS client that believes only these roots is shown, by a signature of this kind. */
  async function shown(roots: string, signature: 'rsa_pss_rsae_sha256' | 'ecdsa_secp256r1_sha256') {
    const socket = connect({ ...server(), ca: roots, sigalgs: signature });
    await once(socket, 'secureConnect');
    const subjects: string[] = [];
    let one: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true);
    while (one !== undefined && subjects.at(-1) !== one.subject.CN) {
      subjects.push(String(one.subject.CN));
      one = one.issuerCertificate;
    }
    socket.destroy();
    return subjects;
  }

  describe('refused, with nothing changed on disk:', () => {
    const codeSigning = ['keyUsage=digitalSignature', 'extendedKeyUsage=codeSigning', 'subjectAltName=IP:127.0.0.1'];
    const rows: readonly {
      readonly title: string;
      readonly how?: Issuance;
      readonly chain?: (leaf: string) => readonly string[];
      readonly roots?: () => string;
      readonly sentence: RegExp;
    }[] = [
      {
        title: 'a certificate for another key',
        chain: () => [
          outside.issue('/CN=other', ['keyUsage=digitalSignature']).certificatePem,
          outside.intermediatePem,
        ],
        sentence: /the first certificate \(CN=other\) is not for the key of the request/,
      },
      {
        title: 'a chain in the wrong order',
        chain: (leaf) => [outside.intermediatePem, leaf],
        sentence: /chain is out of order: certificate 2 .* did not issue certificate 1 \(CN=Outside Issuing CA/,
      },
      {
        title: 'an expired certificate',
        how: { days: -1 },
        sentence: /it expired yesterday \(\d{4}-\d\d-\d\d \d\d:\d\d UTC\)/,
      },
      {
        title: 'a certificate for another purpose',
        how: { extensions: codeSigning },
        sentence: /its extended key usage lacks serverAuth and clientAuth/,
      },
      {
        title: 'a chain that lacks its intermediate',
        chain: (leaf) => [leaf],
        sentence: /the chain does not reach a root of the bundle/,
      },
      {
        title: 'a chain to another root',
        roots: () => stranger.rootPem,
        sentence: /the chain does not reach a root of the bundle/,
      },
      {
        title: 'an intermediate as root',
        roots: () => outside.intermediatePem,
        sentence: /the root bundle holds CN=Outside Issuing CA.*, which is not self-signed and so no root/,
      },
      { title: 'no certificate at all', chain: () => ['nothing'], sentence: /the certificate file/ },
    ];
    test.each(rows)('$title', async ({ how, chain, roots, sentence }) => {
      const leaf = outside.sign(await requestFor('callmanager-rsa'), how);
      const before = identity();
      const outcome = await importing(
        'callmanager-rsa',
        chain?.(leaf) ?? [leaf, outside.intermediatePem],
        roots?.() ?? outside.rootPem,
      );
      expect(outcome).toMatchObject({ code: exitCodes.failed, out: '', error: expect.stringMatching(sentence) });
      expect(outcome.error).toMatch(/^trustline: [\s\S]*\n {2}next: /);
      expect(identity()).toEqual(before);
      const { out } = await here('events', '--limit', '1', '--json');
      expect(JSON.parse(out)).toMatchObject({ kind: 'certificate-refused', reason: 'callmanager-rsa' });
    });

    test('and a client still sees the certificate of the lab', async () => {
      const { trustFile } = await lab.secureDevice('1999');
      const subjects = await shown(readFileSync(trustFile, 'utf8'), 'rsa_pss_rsae_sha256');
      expect(subjects).not.toContain('Outside Root');
    });
  });

  test('replaces the identity of the call manager: clients see the new chain, phones get its root, status says so', async () => {
    for (const role of ['callmanager-rsa', 'callmanager-ecdsa']) {
      const leaf = outside.sign(await requestFor(role));
      const outcome = await importing(role, [leaf, outside.intermediatePem], outside.rootPem);
      expect(outcome).toMatchObject({
        code: 0,
        out: expect.stringMatching(`^In use as ${role}: .*, issued by CN=Outside Issuing CA, O=Outside\\.\\n$`),
      });
    }
    for (const signature of ['rsa_pss_rsae_sha256', 'ecdsa_secp256r1_sha256'] as const) {
      expect((await shown(outside.rootPem, signature)).slice(1)).toEqual(['Outside Issuing CA', 'Outside Root']);
    }
    await expect(shown(stranger.rootPem, 'rsa_pss_rsae_sha256')).rejects.toThrow(/self-signed|unable to/);

    const device = await lab.secureDevice('1998');
    expect(readFileSync(device.trustFile, 'utf8')).toContain(outside.rootPem.trim().split('\n')[1]);
    const { certificates } = JSON.parse((await here('pki', 'status', '--json')).out);
    for (const role of ['callmanager-rsa', 'callmanager-ecdsa']) {
      const inUse = certificates.find((one: { role: string; replaced: boolean }) => one.role === role && !one.replaced);
      expect(inUse).toMatchObject({ origin: 'imported', lab: false, requestPending: false });
    }
    expect((await here('pki', 'status')).out).toMatch(/callmanager-rsa +RSA-2048 +\d{4}-\d\d-\d\d +imported/);
  });

  describe('a device with a certificate of it', () => {
    const name = 'SEP00AABBCCDDEE';
    const purposes = ['keyUsage=digitalSignature', 'extendedKeyUsage=clientAuth'];
    let chainFile: string;
    let credentials: { readonly cert: string; readonly key: string };

    beforeAll(async () => {
      const { certificatePem, keyPem } = outside.issue('/O=Outside/CN=Desk phone of Ada', purposes);
      chainFile = write('device-chain.pem', certificatePem, outside.intermediatePem);
      credentials = { cert: certificatePem, key: keyPem };
      expect(createPrivateKey(keyPem).asymmetricKeyType).toBe('rsa');
      expect((await here('device', 'add', name, '--line', '1101')).code).toBe(0);
      expect((await here('device', 'add', 'SEP00AABBCCDDFF', '--line', '1102')).code).toBe(0);
    });

    /** The status of the answer to a REGISTER over TLS; undefined when the connection was closed without one. */
    async function register(line: string): Promise<number | undefined> {
      const socket = connect({ ...server(), ca: outside.rootPem, ...credentials });
      const local = 'SIP/2.0/TLS 127.0.0.1:5071;branch=z9hG4bK';
      const lines = [
        `REGISTER sip:127.0.0.1:${lab.ports.tls};transport=tls SIP/2.0`,
        `Via: ${local}${line}`,
        'Max-Forwards: 70',
        `From: <sip:${line}@127.0.0.1>;tag=1`,
        `To: <sip:${line}@127.0.0.1>`,
        `Call-ID: ${line}@127.0.0.1`,
        'CSeq: 1 REGISTER',
        `Contact: <sip:${line}@127.0.0.1:5071;transport=tls>`,
        'Content-Length: 0',
      ];
      let answer = '';
      socket.on('error', () => undefined).setEncoding('latin1');
      socket.write(`${lines.join('\r\n')}\r\n\r\n`);
      for await (const chunk of socket as AsyncIterable<string>) {
        answer += chunk;
        if (answer.includes('\r\n\r\n')) break;
      }
      const status = /^SIP\/2\.0 (\d{3}) /.exec(answer)?.[1];
      return status === undefined ? undefined : Number(status);
    }

    const pin = (device: string, roots = outside.rootFile) =>
      here('device', 'pin', device, '--chain', chainFile, '--roots', roots);

    test('is a stranger before it is pinned: nothing is answered, and an event names the issuer', async () => {
      expect(await register('1101')).toBeUndefined();
      const { kind, cause } = await lab.event('the refusal', (event) => event.cause.includes('CN=Desk phone of Ada'));
      expect(kind).toBe('handshake-refused');
      expect(cause).toMatch(/CN=Desk phone of Ada.*: .*CN=Outside Issuing CA/);
    });

    test('is not pinned by the roots of another authority, nor to a device that is not there', async () => {
      expect(await pin(name, stranger.rootFile)).toMatchObject({
        code: exitCodes.failed,
        error: expect.stringMatching(/the chain does not reach a root of the bundle[\s\S]*\n {2}next: /),
      });
      expect((await pin('SEP0000000000FF')).error).toMatch(/^trustline: There is no device SEP0000000000FF/);
      expect(await register('1101')).toBeUndefined();
    });

    test('once pinned registers its own line, and no other', async () => {
      expect(await pin(name)).toMatchObject({
        code: 0,
        out: `${name} may prove itself by CN=Desk phone of Ada, O=Outside of CN=Outside Issuing CA, O=Outside.\n`,
      });
      expect(await register('1101')).toBe(200);
      expect(await register('1102')).toBe(403);
      // Its connection is closed by now, which the manager may have seen or not.
      expect((await here('devices')).out).toMatch(/SEP00AABBCCDDEE +phone +encrypted +sip +1101 +tls/);
    });

    test('is a stranger again once the device is removed', async () => {
      expect((await here('device', 'remove', name)).code).toBe(0);
      expect(await register('1101')).toBeUndefined();
    });
  });
});
