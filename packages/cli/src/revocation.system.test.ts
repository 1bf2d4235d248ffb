import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { promisify } from 'node:util';
import { artefactFolder, freeTcpPort, Lab, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';
import { OutsideAuthority } from './outside-authority.fixture.ts';

interface Proof {
  readonly cert: string;
  readonly key: string;
}

/** A phone that has registered and keeps its connection. */
interface Registered {
  /** Of the answer to REGISTER; undefined when the connection was closed without one. */
  readonly status: number | undefined;
  readonly socket: TLSSocket;
}

describe.skipIf(missingPrograms('openssl', 'curl'))(
  'what is revoked registers no more, and its connections end',
  () => {
    const folder = artefactFolder('cli-revocation');
    const ofPhones = ['keyUsage=digitalSignature', 'extendedKeyUsage=clientAuth', 'authorityKeyIdentifier=keyid'];
    const open: TLSSocket[] = [];
    let lab: Lab;
    let outside: OutsideAuthority;
    let trust: string;
    let lines = 2000;
    let registers = 0;

    beforeAll(async () => {
      lab = await Lab.start(join(folder, 'manager'), [
        'identity: { registrationProofs: [LSC, pinned, MIC], staleRevocation: refuse }',
        'provisioning: { host: 127.0.0.1, tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0 }',
      ]);
      outside = new OutsideAuthority(join(folder, 'outside'), 'Outside');
      trust = readFileSync((await lab.secureDevice('1999')).trustFile, 'utf8');
    });
    afterEach(() => {
      for (const socket of open.splice(0)) socket.destroy();
    });
    afterAll(() => lab?.stop());

    const here = (...argv: string[]) => trustline([...argv, '--data', lab.dataFolder]);

    function write(name: string, data: string | Uint8Array): string {
      const file = join(folder, name);
      writeFileSync(file, data, { mode: 0o600 });
      return file;
    }

    async function newPhone(name: string): Promise<string> {
      lines += 1;
      expect((await here('device', 'add', name, '--line', String(lines))).code).toBe(0);
      return String(lines);
    }

    async function register(line: string, proof: Proof): Promise<Registered> {
      const socket = connect({ host: '127.0.0.1', port: lab.ports.tls, ca: trust, ...proof });
      open.push(socket);
      const contact = '127.0.0.1:5071;transport=tls';
      registers += 1;
      const request = [
        `REGISTER sip:127.0.0.1:${lab.ports.tls};transport=tls SIP/2.0`,
        `Via: SIP/2.0/TLS 127.0.0.1:5071;branch=z9hG4bK${registers}`,
        'Max-Forwards: 70',
        `From: <sip:${line}@127.0.0.1>;tag=1`,
        `To: <sip:${line}@127.0.0.1>`,
        `Call-ID: ${registers}@127.0.0.1`,
        'CSeq: 1 REGISTER',
        `Contact: <sip:${line}@${contact}>`,
        'Content-Length: 0',
      ];
      socket.setEncoding('latin1').on('error', () => undefined);
      socket.write(`${request.join('\r\n')}\r\n\r\n`);
      const answer = await Promise.race([
        once(socket, 'data').then(([text]) => String(text)),
        once(socket, 'close').then(() => ''),
      ]);
      const status = /^SIP\/2\.0 (\d{3}) /.exec(answer)?.[1];
      return { status: status === undefined ? undefined : Number(status), socket };
    }

    async function closed({ socket }: Registered): Promise<void> {
      if (!socket.closed) await once(socket.resume(), 'close');
    }

    test('an LSC, when its device is removed: `pki crl` and the file by HTTP name it, and openssl agrees', async () => {
      const [name, other] = ['SEP0000000000A1', 'SEP0000000000A2'];
      const line = await newPhone(name);
      const otherLine = await newPhone(other);
      const proofOf = async (device: string): Promise<Proof> => {
        const { proof } = await lab.client.deviceCredentials(device);
        if (proof.kind !== 'certificate') throw new Error('no certificate was made');
        return { cert: proof.certificatePem, key: proof.privateKeyPem };
      };
      const [proof, otherProof] = [await proofOf(name), await proofOf(other)];
      const phone = await register(line, proof);
      const bystander = await register(otherLine, otherProof);
      expect([phone.status, bystander.status]).toEqual([200, 200]);

      expect((await here('device', 'remove', name)).code).toBe(0);
      await closed(phone);
      expect(bystander.socket.closed).toBe(false);
      expect((await register(line, proof)).status).toBeUndefined();
      const { cause } = await lab.event(
        'the refusal',
        ({ kind, cause }) => kind === 'handshake-refused' && cause.includes(name),
      );
      expect(cause).toMatch(/revoked today .*the device was removed/);

      const { out } = await here('pki', 'crl', 'capf-ca');
      const file = join(folder, 'capf-ca.crl');
      expect((await here('pki', 'crl', 'capf-ca', '--out', file)).out).toMatch(
        /: list \d+ of CN=.* CAPF CA .*, 1 certificate, until /,
      );
      const { provisioning } = await lab.client.status();
      const http = provisioning.find(({ service }) => service === 'HTTP')?.port;
      // Not in this process's way: the manager runs in it.
      await promisify(execFile)('curl', [
        '-sf',
        '-o',
        join(folder, 'fetched.crl'),
        `http://127.0.0.1:${http}/capf-ca.crl`,
      ]);
      expect(readFileSync(join(folder, 'fetched.crl'))).toEqual(readFileSync(file));

      const list = write('capf-ca.crl.pem', out);
      const issuer = write('capf-ca.pem', capfCertificate());
      const verify = ({ cert }: Proof) => {
        const args = ['verify', '-crl_check', '-CAfile', issuer, '-CRLfile', list, write('leaf.pem', cert)];
        return spawnSync('openssl', args, { encoding: 'utf8' });
      };
      expect(verify(otherProof).status).toBe(0);
      expect(verify(proof).stderr + verify(proof).stdout).toContain('certificate revoked');
    });

    test('a pinned certificate, when its own authority revokes it, and when its device is removed', async () => {
      const name = 'SEP0000000000B1';
      const line = await newPhone(name);
      const first = outside.issue('/CN=First phone', ofPhones);
      const second = outside.issue('/CN=Second phone', ofPhones);
      for (const { certificatePem } of [first, second]) {
        const chain = write('chain.pem', certificatePem + outside.intermediatePem);
        expect((await here('device', 'pin', name, '--chain', chain, '--roots', outside.rootFile)).code).toBe(0);
      }
      const proofOf = (one: typeof first): Proof => ({ cert: one.certificatePem, key: one.keyPem });
      const lost = await register(line, proofOf(first));
      expect(lost.status).toBe(200);

      const list = outside.revocationList(first.certificatePem);
      const altered = Uint8Array.from(list);
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
      expect(await here('pki', 'crl-import', write('altered.crl', altered))).toMatchObject({
        code: exitCodes.failed,
        error: expect.stringMatching(/no key that is known under this name signed it[\s\S]*\n {2}next: /),
      });
      expect(lost.socket.closed).toBe(false);

      const imported = await here('pki', 'crl-import', write('outside.crl', list));
      expect(imported.out).toMatch(
        /^In force: the list of CN=Outside Issuing CA, O=Outside of .*, 1 revoked\. It holds until /,
      );
      await closed(lost);
      expect((await register(line, proofOf(first))).status).toBeUndefined();
      const kept = await register(line, proofOf(second));
      expect(kept.status).toBe(200);

      expect((await here('device', 'remove', name)).code).toBe(0);
      await closed(kept);
      expect((await register(line, proofOf(second))).status).toBeUndefined();
    });

    test('with a responder that nobody answers at, the policy refuses, and an event says what to do', async () => {
      const name = 'SEP0000000000B2';
      const line = await newPhone(name);
      const stranger = new OutsideAuthority(join(folder, 'stranger'), 'Stranger');
      const access = `authorityInfoAccess=OCSP;URI:http://127.0.0.1:${await freeTcpPort()}`;
      const { certificatePem, keyPem } = stranger.issue('/CN=Asked about', [...ofPhones, access]);
      const chain = write('asked.pem', certificatePem + stranger.intermediatePem);
      expect((await here('device', 'pin', name, '--chain', chain, '--roots', stranger.rootFile)).code).toBe(0);
      const event = await lab.event('that nothing is known', ({ kind }) => kind === 'revocation-unknown');
      expect(event).toMatchObject({
        device: name,
        cause: expect.stringMatching(/no responder of its authority has answered .*did not answer: ECONNREFUSED/),
        nextStep: expect.stringContaining('trustline pki crl-import'),
      });
      expect((await register(line, { cert: certificatePem, key: keyPem })).status).toBeUndefined();
      // A current list says as much as a responder.
      const list = write('stranger.crl', stranger.revocationList());
      expect((await here('pki', 'crl-import', list)).out).toMatch(/, 0 revoked\. /);
      expect((await register(line, { cert: certificatePem, key: keyPem })).status).toBe(200);
    });

    test('MICs of a vendor, where policy lets them register: when the device is removed, and when the vendor is', async () => {
      const [name, other] = ['SEP0000000000C1', 'SEP0000000000C2'];
      const [line, otherLine] = [await newPhone(name), await newPhone(other)];
      const micOf = (device: string): Proof => {
        const { certificatePem, keyPem } = outside.issue(`/O=Vendor/CN=CP-8861-${device}`, ofPhones);
        return { cert: certificatePem, key: keyPem };
      };
      const [mic, otherMic] = [micOf(name), micOf(other)];
      expect((await register(line, mic)).status).toBeUndefined();
      const vendor = write('vendor.pem', outside.intermediatePem);
      expect((await here('pki', 'manufacturer', 'import', vendor)).out).toMatch(
        /^MICs of CN=Outside Issuing CA, O=Outside auth/,
      );
      expect((await here('pki', 'manufacturer', 'import', vendor)).out).toBe('All of them are believed already.\n');
      const listed = (await here('pki', 'manufacturer', 'list')).out;
      expect(listed).toMatch(/\n[0-9a-f]{16} {2}\d{4}-\d\d-\d\d {2}imported {3}CN=Outside Issuing CA/);
      expect(listed).toMatch(/ generated {2}CN=LAB STAND-IN/);
      // A proposal for a CTL holds it without being told.
      expect((await lab.client.trustServers()).manufacturing).toHaveLength(2);

      const phones = [await register(line, mic), await register(otherLine, otherMic)];
      expect(phones.map(({ status }) => status)).toEqual([200, 200]);
      const [removed, left] = phones as [Registered, Registered];
      expect((await here('device', 'remove', name)).code).toBe(0);
      await closed(removed);
      expect(left.socket.closed).toBe(false);
      expect((await register(line, mic)).status).toBeUndefined();

      // One MIC alone, which no ledger of ours holds.
      const file = write('other-mic.pem', otherMic.cert);
      expect((await here('pki', 'revoke', vendor)).error).toMatch(/is an authority[\s\S]*\n {2}next: /);
      expect((await here('pki', 'revoke', file, '--code', 'keyCompromise')).out).toMatch(
        /^CN=CP-8861-SEP0000000000C2, O=Vendor of .* proves nothing any more\.\n$/,
      );
      await closed(left);
      expect((await register(otherLine, otherMic)).status).toBeUndefined();
      const another = micOf(other);
      const last = await register(otherLine, another);
      expect(last.status).toBe(200);

      const fingerprint = /\n([0-9a-f]{16}) .*Outside Issuing CA/.exec(listed)?.[1] ?? '';
      const exported = await here('pki', 'manufacturer', 'export', fingerprint);
      expect(exported.out).toBe(outside.intermediatePem);
      expect((await here('pki', 'manufacturer', 'remove', fingerprint, '--dry-run')).out).toMatch(
        /^CN=Outside Issuing CA, O=Outside\n {2}No token in the CTL needs it\.\n {2}Phones that need it: SEP0000000000C2\.\nNothing/,
      );
      expect(last.socket.closed).toBe(false);
      expect((await here('pki', 'manufacturer', 'remove', fingerprint)).error).toMatch(
        / is needed: 1 phones could not enrol any more .SEP0000000000C2/,
      );
      expect((await here('pki', 'manufacturer', 'remove', fingerprint, '--force')).out).toMatch(
        /prove nothing any more/,
      );
      await closed(last);
      expect((await register(otherLine, another)).status).toBeUndefined();
      expect((await here('pki', 'manufacturer', 'remove', fingerprint)).error).toMatch(
        /\n {2}next: .*manufacturer list/,
      );
    });

    /** As it stands in the folder of the manager's identity. */
    function capfCertificate(): string {
      const place = join(lab.dataFolder, 'pki');
      const file = readdirSync(place).find((one) => /^capf-ca-[0-9a-f]{16}\.pem$/.test(one));
      return readFileSync(join(place, file ?? ''), 'utf8');
    }
  },
);
