import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { NetworkBoot, StateFolder } from '@trustline/phone/node';
import { artefactFolder, Lab, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';
import { OutsideAuthority } from './outside-authority.fixture.ts';
import { phoneExitCodes } from './phone/exit-codes.ts';

const folder = artefactFolder('cli-outside-ca');
const profile = [
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature,keyEncipherment',
  'extendedKeyUsage=clientAuth',
];

describe.skipIf(missingPrograms('openssl'))('an outside authority issues the certificates of phones', () => {
  let lab: Lab;
  let outside: OutsideAuthority;
  let strangers: OutsideAuthority;
  let place: readonly string[];
  let capfPort: number;

  beforeAll(async () => {
    const ports = 'tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0';
    lab = await Lab.start(join(folder, 'manager'), [
      `provisioning: { host: 127.0.0.1, ${ports}, capfIssuer: outside, encryptConfigurations: true }`,
    ]);
    const { provisioning } = await lab.client.status();
    const port = (service: string) => provisioning.find((one) => one.service === service)?.port ?? 0;
    place = ['--tftp', `127.0.0.1:${port('TFTP')}`, '--http-port', String(port('HTTP'))];
    capfPort = port('CAPF');
    outside = new OutsideAuthority(join(folder, 'outside'), 'Outside');
    strangers = new OutsideAuthority(join(folder, 'strangers'), 'Strangers');
  });
  afterAll(() => lab?.stop());

  const here = (...argv: string[]) => trustline([...argv, '--data', lab.dataFolder]);
  const openssl = (...args: string[]) =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  function write(name: string, data: string): string {
    const file = join(folder, name);
    writeFileSync(file, data, { mode: 0o600 });
    return file;
  }

  async function addPhone(digits: string, line: string): Promise<string> {
    const name = `SEP${digits}`;
    await lab.client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: line }] });
    return name;
  }

  const boot = (digits: string, ...words: string[]) =>
    trustline([
      'phone',
      'boot',
      ...place,
      '--mac',
      digits,
      '--state',
      join(folder, `phone-${digits}`),
      '--once',
      ...words,
    ]);

  /** Boots by its MIC until it waits; returns its request as the command wrote it. */
  async function waitingPhone(digits: string, line: string): Promise<{ readonly name: string; readonly csr: string }> {
    const name = await addPhone(digits, line);
    const mic = join(folder, `mic-${digits}`);
    await here('phone', 'mic', name, '--out', mic);
    await here('enrolment', 'open', name, '--by', 'mic');
    const booted = await boot(digits, '--mic', mic);
    expect(booted).toMatchObject({
      code: phoneExitCodes.notEnrolled,
      error: expect.stringContaining('trustline capf csr'),
    });
    expect((await here('capf', 'csr', name, '--out', folder)).code).toBe(0);
    return { name, csr: readFileSync(join(folder, `${name}.csr`), 'utf8') };
  }

  async function registered(name: string): Promise<boolean> {
    const { devices } = await lab.client.devices();
    return devices.some((one) => one.name === name && one.registrations.some(({ transport }) => transport === 'tls'));
  }

  test('from boot to registration: the phone waits, openssl signs its request, the phone gets it and registers by TLS', async () => {
    const digits = '0200000000A1';
    const nobody = await here('pki', 'lsc-authority', 'list');
    expect(nobody.out).toBe('No outside authority may issue LSCs.\n');
    const { name, csr } = await waitingPhone(digits, '2001');

    // Where it stands, and what is next.
    const listed = await here('enrolment', 'list');
    expect(listed.out).toMatch(/SEP0200000000A1 +install +MIC +waits for the outside authority +trustline capf csr/);
    expect((await here('status')).out).toMatch(/awaited +1 phone waits .*trustline capf csr/);
    const written = await here('capf', 'csr', '--out', folder);
    expect(written.out).toMatch(/SEP0200000000A1\.csr\n {2}RSA-2048, key SHA-256 [0-9a-f]{64}\n/);
    expect(openssl('req', '-in', `${name}.csr`, '-noout', '-verify', '-subject')).toMatch(
      /OU ?= ?Devices, CN ?= ?SEP0200000000A1/,
    );
    const fingerprint = /SHA-256 ([0-9a-f]{64})/.exec(written.out)?.[1];
    const key = execFileSync(
      'sh',
      ['-c', `openssl req -in ${name}.csr -noout -pubkey | openssl pkey -pubin -outform DER | openssl dgst -sha256`],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(key).toContain(fingerprint);
    // What is pending is bound to that key.
    expect((await here('enrolment', 'open', name, '--by', 'mic')).error).toMatch(/next: .*trustline enrolment cancel/);

    // The authority: nobody may issue yet, then a trust officer lets one.
    const chain = write('phone.pem', outside.sign(csr) + outside.intermediatePem);
    const early = await here('capf', 'import', chain);
    expect(early).toMatchObject({
      code: exitCodes.failed,
      error: expect.stringContaining('trustline pki lsc-authority import'),
    });
    const let_ = await here('pki', 'lsc-authority', 'import', outside.rootFile, '--reason', 'the company CA');
    expect(let_.out).toMatch(/CN=Outside Root, O=Outside may issue LSCs/);
    const waits = await boot(digits);
    expect([waits.code, (await here('enrolment', 'list')).out]).toEqual([phoneExitCodes.notEnrolled, listed.out]);

    openssl('crl2pkcs7', '-nocrl', '-certfile', chain, '-out', 'phone.p7b');
    const imported = await here('capf', 'import', join(folder, 'phone.p7b'), '--reason', 'signed today');
    expect(imported).toMatchObject({ code: 0, out: expect.stringContaining(`${name} gets it when it asks again`) });
    expect((await here('enrolment', 'list')).out).toContain('certificate is there');

    const state = join(folder, `phone-${digits}`);
    const booted = await boot(digits, '--json');
    expect(booted).toMatchObject({ code: 0, error: '' });
    expect(await here('enrolment', 'list')).toMatchObject({ out: 'No enrolment is pending.\n' });
    const kept = JSON.parse(readFileSync(join(state, 'state.json'), 'utf8')) as {
      lsc?: { certificate: string };
      newKey?: string;
    };
    const lsc = new X509Certificate(Buffer.from(kept.lsc?.certificate ?? '', 'base64'));
    expect([lsc.issuer, kept.newKey]).toEqual(['O=Outside\nCN=Outside Issuing CA', undefined]);
    expect(readFileSync(join(state, 'state.json'), 'utf8')).not.toContain('BEGIN');

    // Who and why.
    const { out: events } = await here('events', '--json', '--limit', '200');
    const said = events
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(said).toContainEqual(
      expect.objectContaining({
        kind: 'certificate-imported',
        device: name,
        actor: expect.stringMatching(/^local user/),
        statedReason: 'signed today',
      }),
    );
    expect(said).toContainEqual(
      expect.objectContaining({ kind: 'lsc-authority-imported', statedReason: 'the company CA' }),
    );
    expect(said).toContainEqual(expect.objectContaining({ kind: 'certificate-refused' }));
  });

  /** A connection to the registrar with the LSC that a phone keeps; `closed` resolves when the manager ends it. */
  async function connected(digits: string) {
    const { lsc } = new StateFolder(join(folder, `phone-${digits}`)).load();
    if (lsc === undefined) throw new Error('the phone has an LSC');
    const cert = `-----BEGIN CERTIFICATE-----\n${Buffer.from(lsc.certificate).toString('base64')}\n-----END CERTIFICATE-----\n`;
    const key = createPrivateKey({ key: Buffer.from(lsc.privateKey.reveal()), format: 'der', type: 'pkcs8' });
    const socket = connect({
      host: '127.0.0.1',
      port: lab.ports.tls,
      rejectUnauthorized: false,
      cert,
      key: key.export({ type: 'pkcs8', format: 'pem' }),
    });
    const closed = once(
      socket.resume().on('error', () => undefined),
      'close',
    );
    await once(socket, 'secureConnect');
    return { socket, closed };
  }
  const resumed = (digits: string) => {
    const name = `SEP${digits}`;
    const files = { host: '127.0.0.1', httpPort: 1, tftpPort: 1 };
    return NetworkBoot.resume({ device: name, files, memory: new StateFolder(join(folder, `phone-${digits}`)) });
  };

  test('it registers like any other, and no more once its device is removed: its connection ends at once', async () => {
    const [digits, name] = ['0200000000A1', 'SEP0200000000A1'];
    const phone = resumed(digits);
    await phone.registered();
    expect(await registered(name)).toBe(true);
    const connection = await connected(digits);
    expect((await here('device', 'remove', name)).code).toBe(0);
    await connection.closed;
    await phone.stop();
    // The device is there again; its former certificate proves nothing.
    await addPhone(digits, '2001');
    const again = resumed(digits);
    await expect(again.registered()).rejects.toMatchObject({ code: 'phone.closed-without-a-word' });
    await again.stop();
  });

  test('what does not fit is refused with all that is wrong, and what to do: key, name, date, authority, purpose', async () => {
    const { name, csr } = await waitingPhone('0200000000A2', '2002');
    const other = outside.issue(`/O=x/OU=Devices/CN=${name}`, profile);
    const cases: readonly [string, string, RegExp][] = [
      ['key', other.certificatePem + outside.intermediatePem, /another key \(SHA-256 [0-9a-f]{64}\)/],
      [
        'nobody',
        outside.issue('/O=x/CN=SEP0200000000FF', profile).certificatePem + outside.intermediatePem,
        /no phone waits/,
      ],
      ['expired', outside.sign(csr, { days: -1 }) + outside.intermediatePem, /it expired/],
      ['authority', strangers.sign(csr) + strangers.intermediatePem, /leads to no outside authority/],
      ['chain', outside.sign(csr), /unknown issuer/],
      [
        'purpose',
        outside.sign(csr, { extensions: ['extendedKeyUsage=serverAuth'] }) + outside.intermediatePem,
        /clientAuth/,
      ],
      [
        'usage',
        outside.sign(csr, { extensions: ['keyUsage=digitalSignature'] }) + outside.intermediatePem,
        /keyEncipherment/,
      ],
      [
        'ca',
        outside.sign(csr, { extensions: ['basicConstraints=CA:TRUE'] }) + outside.intermediatePem,
        /of authorities/,
      ],
      ['rubbish', 'rubbish', /neither PEM, nor DER/],
    ];
    for (const [what, pem, problem] of cases) {
      const refused = await here('capf', 'import', write(`${what}.pem`, pem));
      expect({ what, ...refused }).toMatchObject({
        what,
        code: exitCodes.failed,
        error: expect.stringMatching(problem),
      });
      expect(refused.error).toMatch(/\n {2}next: /);
    }
    // openssl ca makes out what it likes: a request in one name is certified in another.
    const wrongName = write('name.csr', csr);
    mkdirSync(join(folder, 'ca'), { recursive: true });
    writeFileSync(join(folder, 'ca', 'index.txt'), '');
    writeFileSync(
      join(folder, 'ca', 'ca.cnf'),
      [
        '[ca]',
        'default_ca=mine',
        '[mine]',
        'database=ca/index.txt',
        'new_certs_dir=ca',
        'default_md=sha256',
        'rand_serial=yes',
        'policy=any',
        'copy_extensions=copyall',
        '[any]',
        'commonName=supplied',
        '',
      ].join('\n'),
    );
    const ca = ['ca', '-config', 'ca/ca.cnf', '-batch', '-notext', '-days', '9', '-cert', 'outside/intermediate.pem'];
    const issuing = [...ca, '-keyfile', 'outside/intermediate.key', '-in', wrongName];
    const named = openssl(...issuing, '-subj', '/CN=SEP0200000000FF');
    const refused = await here('capf', 'import', write('name.pem', named + outside.intermediatePem));
    expect(refused.error).toMatch(/SEP0200000000A2 has made, and it is made out to CN=SEP0200000000FF/);
    expect((await here('enrolment', 'list')).out).toContain('waits for the outside authority');
    // As it was asked for it is taken, from openssl ca too.
    const good = await here('capf', 'import', write('good.pem', openssl(...issuing) + outside.intermediatePem));
    expect(good).toMatchObject({ code: 0, error: '' });
    expect((await boot('0200000000A2')).code).toBe(0);

    // What the authority revokes registers no more.
    const pem = readFileSync(join(folder, 'good.pem'), 'utf8');
    const list = join(folder, 'outside.crl');
    writeFileSync(list, outside.revocationList(pem));
    expect((await here('pki', 'crl-import', list)).code).toBe(0);
    const revoked = resumed('0200000000A2');
    await expect(revoked.registered()).rejects.toMatchObject({ code: 'phone.closed-without-a-word' });
    await revoked.stop();
  });

  test('a phone that does not know SIGN_CERT: its public key is certified by the command that is shown', async () => {
    const name = await addPhone('0200000000A3', '2003');
    await here('enrolment', 'open', name, '--by', 'nothing', '--minutes', '10', '--key-kind', 'EC-P-256');
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    expect(await oldPhone(name, spki)).toEqual({ commands: [1, 3, 22, 16], retryDelay: 300, certificate: undefined });
    expect(await oldPhone(name, spki)).toEqual({ commands: [1, 16], retryDelay: 300, certificate: undefined });
    const written = await here('capf', 'csr', name, '--out', join(folder, 'keys'));
    expect(readdirSync(join(folder, 'keys'))).toEqual([`${name}.pub.pem`]);
    const command = written.out
      .split('\n')
      .filter((line) => line.startsWith('  printf') || line.startsWith('  openssl') || line.startsWith('    -CA'))
      .join('\n')
      .replace('-CA authority.pem', '-CA outside/intermediate.pem')
      .replace('-CAkey authority.key', '-CAkey outside/intermediate.key')
      .replace('-days 1825', '-days 9');
    execFileSync('sh', ['-ec', command], { cwd: folder, stdio: 'pipe' });
    const file = write('old.pem', readFileSync(join(folder, `${name}.pem`), 'utf8') + outside.intermediatePem);
    expect(await here('capf', 'import', file)).toMatchObject({ code: 0, error: '' });
    const last = await oldPhone(name, spki);
    expect(last).toMatchObject({ commands: [1, 9, 15], retryDelay: undefined });
    expect(new X509Certificate(last.certificate ?? new Uint8Array()).publicKey.equals(publicKey)).toBe(true);
    expect((await here('enrolment', 'list')).out).toBe('No enrolment is pending.\n');
  });

  test('an authority that is removed takes its LSCs with it; the help has examples', async () => {
    const listed = (await here('pki', 'lsc-authority', 'list')).out;
    expect(listed).toMatch(/SHA-256 +UNTIL +PHONES +SUBJECT\n[0-9a-f]{16} .*CN=Outside Root/);
    const fingerprint = /^([0-9a-f]{16})/m.exec(listed)?.[1] ?? '';
    expect((await here('pki', 'lsc-authority', 'remove', fingerprint)).out).toMatch(/is believed any more/);
    expect((await here('capf', 'import', join(folder, 'good.pem'))).code).toBe(exitCodes.failed);
    for (const command of [
      ['capf', 'csr'],
      ['capf', 'import'],
      ['pki', 'lsc-authority', 'import'],
    ]) {
      expect((await here(...command, '--help')).out).toMatch(/Examples?:\n {2}trustline/);
    }
    expect((await here('capf', 'csr')).out).toBe('No phone waits for a certificate of an outside authority.\n');
    expect((await here('capf', 'csr', 'SEP0200000000A9')).error).toMatch(/\n {2}next: /);
  });

  /** One visit of a phone that was written from the layout alone, and ends the session at a command that it does not know. */
  async function oldPhone(name: string, spki: Uint8Array) {
    const socket = connect({ host: '127.0.0.1', port: capfPort, rejectUnauthorized: false });
    const commands: number[] = [];
    let retryDelay: number | undefined;
    let certificate: Uint8Array | undefined;
    let held = Buffer.alloc(0);
    const element = (tag: number, value: Uint8Array) =>
      Buffer.from([tag, value.length >> 8, value.length & 255, ...value]);
    const send = (command: number, id: Uint8Array, ...elements: Uint8Array[]) => {
      const body = Buffer.concat(elements);
      socket.write(Buffer.from([0x55, command, ...id, body.length >> 8, body.length & 255, ...body]));
    };
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 8 && held.length >= 8 + held.readUInt16BE(6)) {
        const [command = 0, id, body] = [held[1], held.subarray(2, 6), held.subarray(8, 8 + held.readUInt16BE(6))];
        held = held.subarray(8 + body.length);
        commands.push(command);
        if (command === 1) {
          const named = element(13, Buffer.from(`${name}\0`));
          send(2, id, element(7, Uint8Array.of(3)), named, element(1, Uint8Array.of(1)));
        }
        if (command === 3) send(4, id, element(9, spki));
        if (command === 22) send(15, id, element(1, Uint8Array.of(7)));
        if (command === 16) retryDelay = body.readUInt16BE(3);
        if (command === 9) {
          // CERT_TYPE, then CERTIFICATE: 5 octets of its own precede the DER.
          certificate = Uint8Array.from(body.subarray(4 + 3 + 5));
          send(10, id, element(1, Uint8Array.of(1)));
        }
      }
    });
    await once(socket, 'close');
    return { commands, retryDelay, certificate };
  }
});
