import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { SecurityEvent } from '@trustline/evidence';
import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import { artefactFolder, eventually, Lab, missingPrograms, type SecureDevice } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** A REGISTER that the manager answers 200 when it comes from the device whose line this is. */
function registerOf(line: string): string {
  return [
    'REGISTER sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TLS 127.0.0.1:5999;branch=z9hG4bK${crypto.randomUUID()};rport`,
    'Max-Forwards: 70',
    `From: <sip:${line}@127.0.0.1>;tag=${crypto.randomUUID()}`,
    `To: <sip:${line}@127.0.0.1>`,
    `Call-ID: ${crypto.randomUUID()}`,
    'CSeq: 1 REGISTER',
    `Contact: <sip:${line}@127.0.0.1:5999;transport=tls>`,
    'Expires: 300',
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** What became of one connection. */
interface Outcome {
  /** All that the manager said after the handshake, decrypted. */
  readonly said: string;
  /** What s_client reported of the connection itself. */
  readonly report: string;
}

/** Connects, sends the text at once, and listens until the manager has answered a whole message or closed. */
async function connectWithOpenssl(port: number, text: string, options: readonly string[]): Promise<Outcome> {
  const args = ['s_client', '-connect', `127.0.0.1:${port}`, '-ign_eof', ...options];
  const child = spawn('openssl', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let output = '';
  let report = '';
  child.stdin.on('error', () => undefined); // it may be closed before everything is written
  child.stdout.setEncoding('latin1').on('data', (chunk: string) => {
    output += chunk;
    if (/^SIP\/2\.0 [\s\S]*\r\n\r\n/m.test(output)) child.kill();
  });
  child.stderr.setEncoding('latin1').on('data', (chunk: string) => {
    report += chunk;
  });
  child.stdin.write(text);
  await once(child, 'close');
  const begin = output.indexOf('SIP/2.0');
  return {
    said: begin < 0 ? '' : output.slice(begin),
    report: report + output.slice(0, begin < 0 ? undefined : begin),
  };
}

describe.skipIf(missingPrograms('openssl'))('openssl s_client at the TLS listener', () => {
  const folder = artefactFolder('openssl');
  let lab: Lab;
  let phone: SecureDevice;
  let other: SecureDevice;
  /** With its certificate this phone registers. */
  let proof: string[];
  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'));
    phone = await lab.secureDevice('1001');
    other = await lab.secureDevice('1002');
    proof = certificateOptions(phone.certificateFile);
  });
  afterAll(() => lab?.stop());

  /** Makes a connection, and returns what it came to with the event that the manager wrote of it. */
  async function judged(kind: SecurityEvent['kind'], connection: () => Promise<Outcome>) {
    const seen = (await lab.events()).length;
    const { said, report } = await connection();
    const event = await eventually(`an event of kind ${kind}`, async () =>
      (await lab.events()).slice(seen).find((one) => one.kind === kind),
    );
    writeFileSync(join(folder, `${seen}.log`), `${report}\n${said}\n${JSON.stringify(event)}\n`);
    return { said, report, cause: event.cause, event };
  }

  /** Connects and registers line 1001; expects silence, and returns the sentence of the event. */
  async function refusal(options: readonly string[], port = lab.ports.tls): Promise<string> {
    const { said, cause } = await judged('handshake-refused', () =>
      connectWithOpenssl(port, registerOf('1001'), options),
    );
    expect(said).toBe('');
    return cause;
  }

  function keep(name: string, { certificatePem, privateKeyPem }: TestIdentity): string[] {
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, certificatePem + privateKeyPem, { mode: 0o600 });
    return certificateOptions(file);
  }

  /** A certificate for the phone's own key, made by OpenSSL with the key of one of the cluster's authorities. */
  function issue(authority: string, commonName: string, days: number): string[] {
    const identity = join(lab.dataFolder, 'pki');
    const file = (pattern: RegExp) => join(identity, readdirSync(identity).find((name) => pattern.test(name)) ?? '');
    const [request, certificate] = [join(folder, 'request.csr'), join(folder, `${authority}-${days}.pem`)];
    const run = (args: readonly string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    run(['req', '-new', '-key', phone.certificateFile, '-subj', `/O=Test/CN=${commonName}`, '-out', request]);
    const [issuer, key] = [
      file(new RegExp(`^${authority}-[0-9a-f]{16}\\.pem$`)),
      file(new RegExp(`^${authority}-.*\\.key\\.pem$`)),
    ];
    const signing = ['-CA', issuer, '-CAkey', key, '-set_serial', '4711', '-days', String(days)];
    run(['x509', '-req', '-in', request, ...signing, '-out', certificate]);
    return ['-cert', certificate, '-key', phone.certificateFile];
  }

  test.each(['-tls1_2', '-tls1_3'])('lets in the phone with its certificate (%s)', async (version) => {
    const { said } = await connectWithOpenssl(lab.ports.tls, registerOf('1001'), [...proof, version]);
    expect(said).toMatch(/^SIP\/2\.0 200 /);
  });

  test.each([
    ['RSA', 'ECDHE-RSA-AES256-GCM-SHA384', 'RSASSA-PSS|RSA'],
    ['ECDSA', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDSA'],
  ])('proves itself by its %s certificate to who asks for that', async (_key, cipher, type) => {
    const options = [...proof, '-CAfile', phone.trustFile, '-verify_return_error', '-tls1_2', '-cipher', cipher];
    const { said, report } = await connectWithOpenssl(lab.ports.tls, registerOf('1001'), options);
    expect(report).toMatch(new RegExp(`Peer signature type: (${type})`));
    expect(report).toMatch(/Verify return code: 0 \(ok\)/);
    expect(said).toMatch(/^SIP\/2\.0 200 /);
  });

  describe.each(['-tls1_2', '-tls1_3'])('closes with nothing answered, and says why (%s):', (version) => {
    test('no certificate', async () => {
      expect(await refusal([version])).toBe('no certificate was presented');
    });

    test('a certificate that expired yesterday', async () => {
      const cause = await refusal([...issue('capf-ca', phone.name, -1), version]);
      expect(cause).toMatch(new RegExp(`^the certificate .*CN=${phone.name}.*: expired yesterday \\(.* UTC\\)$`));
    });

    test('a certificate of an issuer that nobody here knows', async () => {
      const { strangerDevice } = await makeTestCertificates();
      const cause = await refusal([...keep('stranger', await strangerDevice(phone.name)), version]);
      expect(cause).toMatch(/^the certificate .*: unknown issuer .*CN=Stranger CAPF CA/);
    });

    test('a certificate of a trusted issuer that does not issue to devices', async () => {
      const cause = await refusal([...issue('operator-ca', phone.name, 1), version]);
      expect(cause).toMatch(/^the certificate .*: its issuer .* vouches for operators, not for devices$/);
    });

    test('a self-signed certificate', async () => {
      const { selfSignedDevice } = await makeTestCertificates();
      const cause = await refusal([...keep('self-signed', await selfSignedDevice(phone.name)), version]);
      expect(cause).toMatch(new RegExp(`^the certificate .*: self-signed: nobody vouches for .*CN=${phone.name}`));
    });

    test('a device that is none of this cluster', async () => {
      const cause = await refusal([...issue('capf-ca', 'SEPFFFFFFFFFFFF', 1), version]);
      expect(cause).toBe(
        'the certificate is of SEPFFFFFFFFFFFF, which is no device of this cluster; ' +
          'add it with: trustline device add SEPFFFFFFFFFFFF',
      );
    });

    test('the certificate of the factory, which enrols and does not register', async () => {
      const cause = await refusal([...issue('manufacturing-ca', phone.name, 1), version]);
      expect(cause).toMatch(/: a manufacturer installed certificate enrols a device but does not register it/);
    });

    test('a session begun with a certificate and taken up without', async () => {
      const session = join(folder, `session${version}`);
      writeFileSync(session, '');
      const first = [...proof, version, '-sess_out', session];
      expect((await connectWithOpenssl(lab.ports.tls, registerOf('1001'), first)).said).toMatch(/^SIP\/2\.0 200 /);
      const hasSession = statSync(session).size > 0;
      expect(await refusal([version, ...(hasSession ? ['-sess_in', session] : [])])).toBe(
        'no certificate was presented',
      );
    });
  });

  test('judges who comes back with a session like everybody else', async () => {
    const third = await lab.secureDevice('1003');
    const session = join(folder, 'session');
    const options = [...certificateOptions(third.certificateFile), '-tls1_2'];
    const first = await connectWithOpenssl(lab.ports.tls, registerOf('1003'), [...options, '-sess_out', session]);
    expect(first.said).toMatch(/^SIP\/2\.0 200 /);
    await lab.client.removeDevice(third.name);
    const { said, report, cause } = await judged('handshake-refused', () =>
      connectWithOpenssl(lab.ports.tls, registerOf('1003'), [...options, '-sess_in', session]),
    );
    expect(report).not.toMatch(/^Reused,/m);
    expect(said).toBe('');
    expect(cause).toMatch(/: revoked today \(.* UTC\): the device was removed$/);
  });

  test('closes with nothing answered, and says why: TLS 1.1', async () => {
    const cause = await refusal([...proof, '-tls1_1', '-cipher', 'ALL:@SECLEVEL=0']);
    expect(cause).toBe('the two ends have no TLS version in common (the far end may be older than TLS 1.2)');
  });

  test.each(['AES128-SHA', 'ECDHE-RSA-AES128-SHA', 'NULL-SHA256', 'AECDH-AES128-SHA'])(
    'closes with nothing answered, and says why: the weak cipher suite %s',
    async (cipher) => {
      const cause = await refusal([...proof, '-tls1_2', '-cipher', `${cipher}:@SECLEVEL=0`]);
      expect(cause).toBe('the two ends have no cipher suite or signature algorithm in common');
    },
  );

  test('closes with nothing answered, and says why: SIP without TLS', async () => {
    const { said, cause } = await judged('handshake-refused', async () => {
      const socket = connect(lab.ports.tls, '127.0.0.1');
      let answered = '';
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        answered += chunk;
      });
      socket.on('error', () => undefined);
      socket.write(registerOf('1001'));
      await once(socket, 'close');
      return { said: answered, report: '' };
    });
    expect(said).toBe('');
    expect(cause).toBe('the far end speaks plain SIP (REGISTER) on a TLS port');
  });

  test('refuses the line of another device, and says whose it is', async () => {
    const { said, cause, event } = await judged('registration-refused', () =>
      connectWithOpenssl(lab.ports.tls, registerOf('1002'), proof),
    );
    expect(said).toMatch(/^SIP\/2\.0 403 /);
    expect(cause).toBe(`the sender proved to be ${phone.name} but line 1002 belongs to ${other.name}`);
    expect(event).toMatchObject({ device: phone.name, reason: 'line-of-another-device' });
  });

  test('takes TLS 1.0 on the legacy listener only, and warned of it when it was opened', async () => {
    const old = [...proof, '-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0'];
    expect(await refusal(old)).toBe(
      'the two ends have no TLS version in common (the far end may be older than TLS 1.2)',
    );
    const { said, report } = await connectWithOpenssl(lab.ports.legacy, registerOf('1001'), old);
    expect(said).toMatch(/^SIP\/2\.0 200 /);
    expect(report).toMatch(/Protocol {2}: TLSv1$/m);
    const warning = await lab.event('the legacy listener', ({ kind }) => kind === 'legacy-listener-opened');
    expect(warning).toMatchObject({ severity: 'warning', reason: 'legacy-tls' });
    expect(warning.cause).toBe(
      `The listener on port ${lab.ports.legacy} takes TLS 1.0, SHA-1 and RSA-1024: anybody near it may read and forge.`,
    );
  });

  test('judges on the legacy listener, too: no certificate', async () => {
    expect(await refusal(['-tls1', '-cipher', 'AES128-SHA:@SECLEVEL=0'], lab.ports.legacy)).toBe(
      'no certificate was presented',
    );
  });
});

function certificateOptions(file: string): string[] {
  return ['-cert', file, '-key', file];
}
