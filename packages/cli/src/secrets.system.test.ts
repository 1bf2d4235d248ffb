import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { Redacted } from '@trustline/base';
import { ManagerClient } from '@trustline/manager/node';
import { type CallKeys, Phone, type PhoneConnection, silence } from '@trustline/phone/node';
import { artefactFolder, eventually } from '@trustline/testing/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { SecretScan } from './secret-scan.fixture.ts';

const folder = artefactFolder('cli-secrets');
const data = join(folder, 'data');
const main = new URL('./main.ts', import.meta.url).pathname;
const passphrase = 'a passphrase that nobody guesses';
const client = new ManagerClient({ kind: 'socket', path: join(data, 'api.sock') });

const scan = new SecretScan();
const phones: Phone[] = [];
let manager: ChildProcess;

const say = (where: string, text: string) => scan.say(where, text);
const here = async (...argv: string[]) => {
  const { out, error } = await trustline([...argv, '--data', data]);
  say(`trustline ${argv.slice(0, 2).join(' ')}`, out + error);
  return out;
};

/** The answer of the interface as it is on the socket. */
async function ask(path: string): Promise<string> {
  const asked = request({ socketPath: join(data, 'api.sock'), path: `/v1${path}` }).end();
  const [response] = await once(asked, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

async function start(line: string, name: string, connection: PhoneConnection, port: number): Promise<Phone> {
  const onKeys = (_: unknown, { send, receive }: CallKeys) => {
    for (const { key, salt } of [...send.masterKeys, ...receive.masterKeys]) {
      scan.plantOctets(`an SDES key (${scan.size})`, new Uint8Array([...key, ...salt]), key);
    }
  };
  const phone: Phone = Phone.start({
    line,
    connection,
    device: name,
    server: { host: '127.0.0.1', port },
    security: connection.kind === 'tls' ? 'require' : 'clear',
    onKeys,
    onEvent: (event) => {
      if (event.kind === 'incoming') void phone.answer(event.call, { source: silence });
    },
  });
  phones.push(phone);
  await phone.registered();
  return phone;
}

beforeAll(async () => {
  const listeners = ['{transport: tls, host: 127.0.0.1, port: 0}', '{transport: udp, host: 127.0.0.1, port: 0}'];
  const settings = [
    `listeners=[${listeners.join(', ')}]`,
    'provisioning.enabled=false',
    'log.level=debug',
    'drainSeconds=1',
    'api.metrics.port=0',
  ];
  const flags = settings.flatMap((setting) => ['--set', setting]);
  manager = spawn(process.execPath, [main, 'start', '--data', data, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', TRUSTLINE_PASSPHRASE: passphrase },
  });
  const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
  manager.once('exit', (code) => reject(new Error(`the manager ended with ${code}: ${scan.said.get('the log')}`)));
  manager.stdout?.setEncoding('utf8').on('data', (text: string) => {
    say('the output', text);
    if (scan.said.get('the output')?.includes('Ctrl-C stops it.')) resolve();
  });
  manager.stderr?.setEncoding('utf8').on('data', (text: string) => say('the log', text));
  await ready;
});
afterAll(async () => {
  for (const phone of phones) await phone.stop();
  if (manager.exitCode === null && manager.kill('SIGKILL')) await once(manager, 'exit');
});

test('no key, password or passphrase stands in anything that a manager says, through calls and refusals', async () => {
  scan.plant('the passphrase', passphrase);
  const keyFiles = () => readdirSync(join(data, 'pki')).filter((name) => name.endsWith('.key.pem'));
  // That of derived secrets is made once the listeners are there.
  await eventually('the key of secrets', async () => keyFiles().some((name) => name.startsWith('device-secrets')));
  for (const file of keyFiles()) {
    const pem = readFileSync(join(data, 'pki', file), 'utf8');
    scan.plantKeysOf(`the key of ${file}`, pem, passphrase);
  }
  expect(scan.size).toBeGreaterThan(5);

  // Two secure phones, whose credentials were shown once, and one with a password.
  const secure: Phone[] = [];
  let device: { readonly cert: string; readonly key: string } | undefined;
  for (const line of ['1001', '1002']) {
    const name = `SEP00112233${line}`;
    await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: line }] });
    const { proof, trustBundlePem, server } = await client.deviceCredentials(name);
    if (proof.kind !== 'certificate') throw new Error(`${name} was given no certificate`);
    const { certificatePem, privateKeyPem, pkcs12Password } = proof;
    scan.plantKeysOf(`the key of ${name}`, privateKeyPem);
    scan.plant(`the PKCS#12 password of ${name}`, pkcs12Password);
    secure.push(await start(line, name, { kind: 'tls', certificatePem, privateKeyPem, trustBundlePem }, server.port));
    device = { cert: certificatePem, key: privateKeyPem };
  }
  const user = 'SEP001122331003';
  const { password } = await client.addDevice({ name: user, securityMode: 'non-secure', lines: [{ number: '1003' }] });
  if (password === null) throw new Error('no password was made');
  const ha1 = ['sha256', 'md5'].map((one) => createHash(one).update(`${user}:trustline:${password}`).digest());
  scan.plant('a digest password', password);
  scan.plantOctets('an HA1', ...ha1);
  const ports = new Map((await client.status()).listeners.map(({ transport, port }) => [transport, port]));
  const udp = ports.get('udp') ?? 0;
  const clear = await start('1003', user, { kind: 'udp', user, password: new Redacted(password) }, udp);

  // A call with keys, one that renews them, one that is refused, one in the clear.
  const [caller] = secure;
  if (caller === undefined) throw new Error('no phone');
  const keysBefore = scan.size;
  const call = await caller.call('1002', { source: silence });
  await call.established;
  await eventually('an encrypted call', async () => (await client.calls()).calls[0]?.level === 'encrypted');
  say('calls, during one', await ask('/calls'));
  expect(call.renewKeys()).toBe(true);
  await eventually('new keys', () => scan.size >= keysBefore + 6);
  call.hangUp();
  await call.ended;
  await caller.call('1999').then(({ ended }) => ended);
  // Between a phone with keys and one without the relay has keys of its own.
  for (const mixed of [await caller.call('1003'), await clear.call('1002', { source: silence })]) {
    await mixed.established;
    mixed.hangUp();
    await mixed.ended;
  }

  // Keys in messages that are refused, and keys where they do not belong.
  const inline = randomBytes(30).toString('base64');
  scan.plant('the key of a broken offer', inline);
  scan.plantOctets('the octets of that key', Buffer.from(inline, 'base64'));
  for (const crypto of [
    `1 AES_CM_128_HMAC_SHA1_80 inline:${inline}|bad|bad`,
    `1 AES_CM_128_HMAC_SHA1_80 inline:${inline}${inline}`,
    `x ${inline}`,
    `1 NO_SUCH_SUITE inline:${inline}`,
  ]) {
    const body = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/SAVP 8\r\na=crypto:${crypto}\r\n`;
    say('the answer to a broken offer', await sendOffer(ports.get('tls') ?? 0, device, body));
    say(
      'the answer to a broken message',
      await sendOffer(ports.get('tls') ?? 0, device, `${body}\r\n\u0000`, `${inline}: ${inline}`),
    );
  }
  const key = device?.key ?? '';
  const refusal = await client.importCertificate('callmanager-rsa', key, key).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'pki.import-refused' });
  say('the refusal of an import', JSON.stringify(refusal, Object.getOwnPropertyNames(refusal)));
  await here('pki', 'import', 'capf', '--chain', join(data, 'pki', 'cluster.json'), '--roots', main);

  // An operator with a key, a backup with a passphrase, right and wrong, and alarms that go nowhere.
  const { privateKeyPem: operatorKey } = await client.addOperator('ada', 'trust-officer');
  scan.plantKeysOf('the key of an operator', operatorKey);
  const backupPassphrase = 'three words and one more';
  scan.plant('the passphrase of a backup', backupPassphrase);
  for (const passphraseGiven of [backupPassphrase, backupPassphrase.slice(0, 11), 12345678901]) {
    const given = new Redacted(passphraseGiven) as Redacted<string>;
    scan.plant(`what was given as one (${passphraseGiven})`, String(passphraseGiven));
    const octets: Uint8Array[] = [];
    try {
      for await (const chunk of client.backup(given)) octets.push(chunk);
      expect(octets.length).toBeGreaterThan(1);
    } catch (error) {
      expect(error).toMatchObject({ code: 'manager.backup-passphrase' });
      say('the refusal of a passphrase', JSON.stringify(error, Object.getOwnPropertyNames(error)));
    }
    say('a backup', Buffer.concat(octets).toString('latin1'));
  }
  await client.testAlarms().catch((error: unknown) => say('the refusal of alarms', String(error)));
  const { metrics } = await client.status();
  say('the metrics', await (await fetch(`http://127.0.0.1:${metrics?.port}/metrics`)).text());

  for (const path of [
    '/status',
    '/operators',
    '/devices',
    '/calls',
    '/events?limit=1000',
    '/pki',
    '/configuration',
    '/records/export',
    '/records/head',
    '/nothing',
  ]) {
    say(`the answer of ${path}`, await ask(path));
  }
  await here('status');
  await here('devices');
  await here('calls');
  await here('events', '--limit', '1000');
  await here('pki', 'status');
  await here('config', 'show', '--running');
  expect(await here('records', 'verify')).toMatch(/^Verified/);
  manager.kill('SIGTERM');
  await once(manager, 'close');

  // What is looked for is found where it is, so that not finding it means something.
  expect(scan.said.get('the answer of /records/export')).toContain('AEAD_AES_256_GCM');
  expect(scan.said.get('the output')).toContain('Stopping');
  const found = scan.leaks();
  say('a planted line', `inline:${inline}`);
  expect(scan.leaks()).toEqual([
    ...found,
    'a planted line holds the key of a broken offer',
    'a planted line holds the octets of that key',
  ]);
  expect(found).toEqual([]);
});

/** Sends an INVITE with this body over TLS as the device; what was answered. */
async function sendOffer(
  port: number,
  credentials: { readonly cert: string; readonly key: string } | undefined,
  body: string,
  header = 'Subject: offer',
): Promise<string> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...credentials });
  socket.on('error', () => undefined).setEncoding('latin1');
  const branch = randomBytes(6).toString('hex');
  const lines = [
    'INVITE sip:1001@127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TLS 127.0.0.1:5071;branch=z9hG4bK${branch}`,
    'Max-Forwards: 70',
    'From: <sip:1002@127.0.0.1>;tag=1',
    'To: <sip:1001@127.0.0.1>',
    `Call-ID: ${branch}`,
    'CSeq: 1 INVITE',
    'Contact: <sip:1002@127.0.0.1:5071;transport=tls>',
    header,
    'Content-Type: application/sdp',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.write(`${lines.join('\r\n')}\r\n\r\n${body}`);
  let answer = '';
  for await (const chunk of socket as AsyncIterable<string>) {
    answer += chunk;
    if (/SIP\/2\.0 [2-6]\d\d /.test(answer)) break;
  }
  return answer;
}
