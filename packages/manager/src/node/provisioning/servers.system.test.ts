import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { Redacted } from '@trustline/base';
import type { SecurityEvent } from '@trustline/evidence';
import {
  decodeCertificatesPem,
  type HeldTrust,
  judgeOfferedFile,
  judgeOfferedList,
  type ListAccepted,
  nothingHeld,
  readCertificate,
} from '@trustline/pki';
import { parseConfiguration } from '@trustline/provisioning';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ManagerFolder, phoneKey } from './running-manager.fixture.ts';

const device = 'SEP001122334455';
const manager = new ManagerFolder(['provisioning.encryptConfigurations=true']);
beforeAll(async () => {
  await manager.start();
  await manager.addPhone(device, '1001');
}, 60_000);
afterAll(() => manager.remove());

const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 100 });
const ours = async (kind: string) => (await manager.events()).filter((event) => event.kind === kind);

/** How many requests these events stand for. */
const countOf = (events: readonly SecurityEvent[]) =>
  events.reduce((sum, { cause }) => sum + Number(/\((\d+) such requests/.exec(cause)?.[1] ?? 1), 0);

/** What a program says, whatever its exit code; the manager runs in this process and must have its turn meanwhile. */
function outputOf(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program, args, { timeout: 30_000 }, (_, stdout) => resolve(stdout));
    child.stdin?.end();
  });
}

/** A path as it is written, with dots and all. */
async function curl(
  name: string,
  way: 'HTTP' | 'HTTPS' = 'HTTP',
  method = 'GET',
): Promise<{ status: string; body: Buffer }> {
  const url = `${way.toLowerCase()}://127.0.0.1:${await manager.port(way)}/${name}`;
  const out = join(manager.path, 'body');
  const options = ['-s', '-k', '--path-as-is', ...(method === 'HEAD' ? ['-I'] : ['-X', method]), '-w', '%{http_code}'];
  const status = await outputOf('curl', [...options, '-o', out, url]);
  return { status, body: readFileSync(out) };
}

async function tftp(name: string): Promise<Buffer | string> {
  const out = join(manager.path, 'tftp.out');
  const args = ['-m', 'binary', '127.0.0.1', String(await manager.port('TFTP')), '-c', 'get', name, out];
  const stdout = await outputOf('tftp', args);
  return /error/i.test(stdout) ? stdout : readFileSync(out);
}

/** What a phone holds that took the lists which the manager serves. */
async function heldLists(): Promise<HeldTrust> {
  let held = nothingHeld;
  for (const kind of ['CTL', 'ITL'] as const) {
    const requestedName = `${kind}${device}.tlv`;
    const { body } = await curl(requestedName);
    const judgment = judgeOfferedList(held, { kind, requestedName, octets: new Uint8Array(body) }, { now: Date.now() });
    if (!judgment.accepted) throw new Error(judgment.ourWords);
    held = (judgment as ListAccepted).held;
  }
  return held;
}
const configurationOf = (octets: Uint8Array) => {
  const read = parseConfiguration(octets);
  if (!read.ok) throw new Error(read.message);
  return read.file;
};

describe.skipIf(missingPrograms('curl', 'tftp'))('the files of a phone', () => {
  test('come by HTTP and by TFTP, the same octets', async () => {
    for (const name of [`CTL${device}.tlv`, `ITL${device}.tlv`, `${device}.cnf.xml`]) {
      const { status, body } = await curl(name);
      expect([name, status]).toEqual([name, '200']);
      expect(await tftp(name)).toEqual(body);
    }
    expect(configurationOf((await curl(`${device}.cnf.xml`)).body)).toMatchObject({ deviceSecurityMode: 'encrypted' });
  });

  test('a phone takes the lists, and by them the signed configuration', async () => {
    const held = await heldLists();
    const requestedName = `${device}.cnf.xml.sgn`;
    const octets = new Uint8Array((await curl(requestedName)).body);
    const judgment = judgeOfferedFile(held, { requestedName, octets }, { now: Date.now() });
    expect(judgment).toMatchObject({ accepted: true, by: 'lists' });
  });

  test('by HTTPS the signed name gives the file without a signature: TLS stands for it', async () => {
    const { status, body } = await curl(`${device}.cnf.xml.sgn`, 'HTTPS');
    expect(status).toBe('200');
    expect(body.toString('utf8')).toMatch(/^<\?xml/);
  });

  test.each([
    'SEP0000000000AA.cnf.xml',
    'SEP0000000000AA.cnf.xml.sgn',
    'XMLDefault.cnf.xml',
    'ringlist.xml',
    `${device}.cnf.xml.enc.sgn`,
  ])('%s is not found: no such device, no such file, nobody to encrypt it for', async (name) => {
    expect((await curl(name)).status).toBe('404');
    expect(String(await tftp(name))).toMatch(/not found/i);
  });

  test('names that leave the folder, or are none, are refused: the first is an event, the others are one with their number', async () => {
    const names = [
      '../pki/lab-tokens.pin',
      '..%2fpki%2flab-tokens.pin',
      'a/../../store.sqlite',
      '.hidden',
      `sep001122334455.cnf.xml`,
      `${device}.CNF.XML`,
      `ctl${device}.tlv`,
    ];
    for (const name of names) expect([name, (await curl(name)).status]).toEqual([name, expect.stringMatching(/^4/)]);
    await soon(async () => expect(countOf(await ours('file-refused'))).toBe(names.length));
    expect((await ours('file-refused')).map(({ reason }) => reason)).toEqual(expect.arrayContaining(['bad-name']));
  });

  test('a flood of refused requests by TFTP and HTTP is some events and not hundreds, and none is uncounted', async () => {
    const before = await ours('file-refused');
    const http = await manager.port('HTTP');
    const tftpPort = await manager.port('TFTP');
    const socket = createSocket('udp4');
    const agent = new Agent({ keepAlive: true, maxSockets: 8 });
    let refusedByTftp = 0;
    socket.on('message', () => {
      refusedByTftp += 1;
    });
    const asked = (at: number) =>
      new Promise<number | undefined>((resolve, reject) => {
        const path = `/.flood-${at}`;
        const request = get({ host: '127.0.0.1', port: http, path, agent }, (response) => {
          response.resume().once('end', () => resolve(response.statusCode));
        });
        request.once('error', reject);
      });
    // A request to write is refused without a transfer, so that nothing bounds how often it may be asked.
    const write = Buffer.from('\0\u0002flood\0octet\0', 'latin1');
    for (let round = 0; round < 20; round += 1) {
      for (let turn = 0; turn < 50; turn += 1) socket.send(write, tftpPort, '127.0.0.1');
      const answers = await Promise.all(Array.from({ length: 50 }, (_, at) => asked(at)));
      expect(answers.every((status) => status === 400)).toBe(true);
    }
    await soon(async () => expect(refusedByTftp).toBeGreaterThan(500));
    await manager.restart(); // What is still being counted is said when it stops.
    socket.close();
    agent.destroy();
    const said = (await ours('file-refused')).slice(before.length);
    expect(countOf(said)).toBeGreaterThanOrEqual(1_000 + refusedByTftp);
    expect(said.length).toBeLessThan(20);
    expect(said.some(({ cause }) => /\(\d+ such requests in \d+ s, all from 127\.0\.0\.1\)$/.test(cause))).toBe(true);
  });

  test('a list is noted as given once it was given whole, and told once for each list', async () => {
    const name = 'SEP001122334456';
    await manager.addPhone(name, '1002');
    const given = async () => (await ours('trust-list-given')).filter((event) => event.device === name);
    await curl(`CTL${name}.tlv`, 'HTTP', 'HEAD');
    await curl('CTLSEP0000000000AA.tlv');
    const held = async () => (await manager.client.trust()).phones.find((phone) => phone.device === name);
    expect(await held()).toMatchObject({ state: 'unknown', ctl: null, given: [] });
    for (let turn = 0; turn < 2; turn += 1) await curl(`CTL${name}.tlv`);
    await tftp(`CTL${name}.tlv`);
    await soon(async () => expect(await given()).toMatchObject([{ reason: 'CTL' }]));
    expect(await held()).toMatchObject({ state: 'unknown', ctl: null, given: [{ kind: 'CTL', number: 2 }] });
    await curl(`ITL${name}.tlv`);
    await soon(async () => expect(await given()).toMatchObject([{ reason: 'CTL' }, { reason: 'ITL' }]));
    await manager.client.openEnrolment(name, { by: 'mic' });
    expect((await manager.enrol(name, (await manager.micOf(name)).recorded)).result).toMatchObject({
      outcome: 'installed',
    });
    await soon(async () =>
      expect(await held()).toMatchObject({ state: 'up-to-date', ctl: { number: 2 }, itl: { number: 1 }, given: [] }),
    );
    expect(
      (await manager.events()).filter((event) => event.device === 'SEP0000000000AA' && event.kind !== 'file-refused'),
    ).toEqual([]);
  });

  test('the configuration is encrypted once the phone has a certificate, and its key alone opens it', async () => {
    await manager.client.openEnrolment(device, { by: 'string', string: '12345678' });
    const string = new Redacted('12345678');
    expect((await manager.enrol(device, { by: 'string', string })).result).toMatchObject({ outcome: 'installed' });
    const requestedName = `${device}.cnf.xml.enc.sgn`;
    const octets = new Uint8Array((await curl(requestedName)).body);
    const how = { now: Date.now(), privateKey: phoneKey };
    const judgment = judgeOfferedFile(await heldLists(), { requestedName, octets }, how);
    if (!judgment.accepted) throw new Error(judgment.ourWords);
    expect(configurationOf(judgment.plain)).toMatchObject({ kind: 'full', deviceSecurityMode: 'encrypted' });
    // In the clear there is nothing but where the rest is.
    const stub = (await curl(`${device}.cnf.xml`)).body.toString('utf8');
    expect(stub).not.toContain('1001');
    expect(Buffer.from(octets).toString('latin1')).not.toContain('1001</');
  });
});

/** SHA-256 of the certificate that a server shows; it may go on to refuse whoever has none. */
async function shownAt(port: number): Promise<string> {
  const [certificate] = decodeCertificatesPem(await outputOf('openssl', ['s_client', '-connect', `127.0.0.1:${port}`]));
  if (certificate === undefined) throw new Error(`nothing is shown on port ${port}`);
  return readCertificate(certificate).fingerprint;
}

async function everyListener(): Promise<Readonly<Record<string, string>>> {
  const { listeners, provisioning } = await manager.client.status();
  const shown: Record<string, string> = {};
  for (const { transport, port } of listeners) {
    if (transport === 'tls' || transport === 'https') shown[transport] = await shownAt(port);
  }
  for (const { service, port } of provisioning) {
    if (service !== 'TFTP' && service !== 'HTTP') shown[service] = await shownAt(port);
  }
  return shown;
}

test.skipIf(missingPrograms('openssl'))(
  'openssl s_client meets at each service the certificate of its role',
  async () => {
    for (const [service, name] of [
      ['CAPF', 'CAPF'],
      ['TVS', 'TVS'],
      ['HTTPS', 'TFTP'],
    ] as const) {
      const where = `127.0.0.1:${await manager.port(service)}`;
      const stdout = await outputOf('openssl', ['s_client', '-connect', where]);
      expect(stdout).toMatch(new RegExp(`subject=.*${name}`));
      expect(stdout).toMatch(/Protocol *: TLSv1\.[23]|TLSv1\.3/);
    }
  },
);

test.skipIf(missingPrograms('openssl'))(
  'a renewed certificate is served at every listener without a restart, and a registered phone stays',
  async () => {
    const { proof } = await manager.client.deviceCredentials(device);
    if (proof.kind !== 'certificate') throw new Error('a secure phone has a certificate');
    const tls = (await manager.client.status()).listeners.find(({ transport }) => transport === 'tls');
    const phone = connect({
      host: '127.0.0.1',
      port: tls?.port ?? 0,
      cert: proof.certificatePem,
      key: proof.privateKeyPem,
      rejectUnauthorized: false,
    });
    expect(await registered(phone)).toMatch(/^SIP\/2.0 200/);

    const before = await everyListener();
    const { cluster } = manager.context;
    for (const role of ['callmanager-rsa', 'callmanager-ecdsa', 'capf', 'tftp', 'tvs'] as const)
      await cluster.reissue(role, Date.now());
    // Whatever changes trust has them served.
    await manager.addPhone('SEP0011223344AA', '1999');
    await manager.client.removeDevice('SEP0011223344AA');
    const after = await everyListener();
    expect(Object.keys(after).sort()).toEqual(['CAPF', 'HTTPS', 'TVS', 'https', 'tls']);
    const same = Object.keys(after).filter((listener) => after[listener] === before[listener]);
    expect(same).toEqual([]);
    const listed = new Set((await manager.client.trustServers()).servers.map(({ fingerprint }) => fingerprint));
    expect(Object.entries(after).filter(([, fingerprint]) => !listed.has(fingerprint))).toEqual([]);
    // The lab has signed lists that hold them.
    const { lists } = await manager.client.trust();
    expect(lists.map(({ kind, number }) => `${kind} ${number > 2}`).sort()).toEqual(['CTL true', 'ITL true']);
    expect(await registered(phone)).toMatch(/^SIP\/2.0 200/);
    phone.destroy();
  },
);

let registers = 0;
/** Registers on this connection, and returns the answer. */
function registered(socket: TLSSocket): Promise<string> {
  registers += 1;
  const request = [
    'REGISTER sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TLS 127.0.0.1:5999;branch=z9hG4bK${registers};rport`,
    'Max-Forwards: 70',
    `From: <sip:1001@127.0.0.1>;tag=${registers}`,
    'To: <sip:1001@127.0.0.1>',
    'Call-ID: one@phone',
    `CSeq: ${registers} REGISTER`,
    'Contact: <sip:1001@127.0.0.1:5999;transport=tls>',
    'Expires: 300',
    'Content-Length: 0',
    '',
    '',
  ];
  return new Promise((resolve, reject) => {
    socket.once('error', reject).once('close', () => reject(new Error('the connection was closed')));
    socket.once('data', (chunk) => resolve(String(chunk)));
    socket.write(request.join('\r\n'));
  });
}

test('a port that is in use is told with the option to change, and nothing stays open', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as { readonly port: number };
  for (const service of ['http', 'tvs']) {
    const other = new ManagerFolder([`provisioning.${service}Port=${port}`]);
    await expect(other.start()).rejects.toMatchObject({
      code: 'manager.port-in-use',
      nextStep: expect.stringContaining(`provisioning.${service}Port`),
    });
    await other.remove();
  }
  taken.close();
}, 120_000);

test('switched off it opens nothing, and says so to whoever asks for an enrolment', async () => {
  const other = new ManagerFolder(['provisioning.enabled=false']);
  const client = await other.start();
  expect((await client.status()).provisioning).toEqual([]);
  expect((await client.trust()).lists).toEqual([]);
  await other.addPhone(device, '1001');
  const opened = client.openEnrolment(device, { by: 'mic' });
  await expect(opened).rejects.toMatchObject({
    code: 'manager.no-listener',
    nextStep: expect.stringContaining('provisioning.enabled'),
  });
  await other.remove();
});
