/** What strangers and broken phones send to the ports of a running manager: it says so, and everybody else goes on. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect as connectTcp, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { connect as connectTls } from 'node:tls';
import { artefactFolder, eventually, Lab, type SecureDevice } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

/** With TRUSTLINE_FULL the numbers of the field; else as many as a small machine takes in passing. */
const isFull = process.env['TRUSTLINE_FULL'] === '1';
const idlers = isFull ? 10_000 : 500;
const unauthenticatedLimit = isFull ? 4_000 : 200;

const folder = artefactFolder('bad-input');
const opened: { destroy(): void }[] = [];
const children: ChildProcess[] = [];
let lab: Lab;
let phone: SecureDevice;

beforeAll(async () => {
  lab = await Lab.start(join(folder, 'manager'), [
    `limits: { halfMessageSeconds: 1, unauthenticatedConnections: ${unauthenticatedLimit}, handshakeSeconds: 120 }`,
  ]);
  phone = await lab.secureDevice('1001');
});
afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill();
    await once(child, 'exit');
  }
  // Whatever came in, phones are served.
  expect(await register()).toMatch(/^SIP\/2\.0 200 /);
  for (const socket of opened.splice(0)) socket.destroy();
});
afterAll(() => lab?.stop());

/** A connection with the phone's certificate, its handshake over. */
async function secureSocket(): Promise<Socket> {
  const credentials = readFileSync(phone.certificateFile);
  const socket = connectTls({
    host: '127.0.0.1',
    port: lab.ports.tls,
    cert: credentials,
    key: credentials,
    rejectUnauthorized: false,
  });
  opened.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  return socket;
}

async function plainSocket(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  opened.push(socket);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

function request(method: string, headers: readonly string[] = []): string {
  return [
    `${method} sip:127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/TLS 127.0.0.1:5999;branch=z9hG4bK${crypto.randomUUID()};rport`,
    'Max-Forwards: 70',
    `From: <sip:1001@127.0.0.1>;tag=${crypto.randomUUID()}`,
    'To: <sip:1001@127.0.0.1>',
    `Call-ID: ${crypto.randomUUID()}`,
    `CSeq: 1 ${method}`,
    'Contact: <sip:1001@127.0.0.1:5999;transport=tls>',
    ...headers,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

async function answer(socket: Socket): Promise<string> {
  const [bytes] = (await once(socket, 'data')) as [Uint8Array];
  return new TextDecoder().decode(bytes);
}

async function register(): Promise<string> {
  const socket = await secureSocket();
  socket.write(request('REGISTER'));
  return answer(socket);
}

/** A new event whose sentence is like this. */
async function event(since: number, sentence: RegExp) {
  return eventually(`an event like ${sentence}`, async () =>
    (await lab.events()).slice(since).find(({ cause }) => sentence.test(cause)),
  );
}

const garbage = Uint8Array.from({ length: 3_000 }, (_, at) => (at * 131 + 7) & 255);

test('garbage at each listener closes that connection, and the event says what came', async () => {
  const since = (await lab.events()).length;
  for (const port of [lab.ports.tls, lab.ports.legacy]) {
    const socket = await plainSocket(port);
    socket.end(garbage);
    await once(socket.resume(), 'close');
  }
  await event(since, /^the far end sent something that is not TLS$/);
  for (const socket of [await plainSocket(lab.ports.tcp), await secureSocket()]) {
    const before = (await lab.events()).length;
    socket.write(garbage);
    socket.write('\r\n\r\n');
    await once(socket.resume(), 'close');
    await event(before, /^A message could not be read: /);
  }
  const before = (await lab.events()).length;
  const udp = createSocket('udp4');
  udp.send(garbage, lab.ports.udp, '127.0.0.1');
  await event(before, /^A message could not be read: /);
  udp.close();
});

test('TLS on the port of plain TCP: the connection is closed at once, and the event names the port for TLS', async () => {
  const since = (await lab.events()).length;
  const socket = connectTls({ host: '127.0.0.1', port: lab.ports.tcp, rejectUnauthorized: false });
  opened.push(socket);
  await expect(once(socket, 'secureConnect')).rejects.toThrow();
  const { cause, kind } = await event(since, /^the far end speaks TLS on port/);
  expect(kind).toBe('handshake-refused');
  expect(cause).toBe(
    `the far end speaks TLS on port ${lab.ports.tcp}, which takes SIP without TLS; TLS is taken on port ${lab.ports.tls}`,
  );
});

test('half a message, then silence: the connection is closed, and the event says so', async () => {
  for (const socket of [await plainSocket(lab.ports.tcp), await secureSocket()]) {
    const since = (await lab.events()).length;
    socket.write(request('OPTIONS').slice(0, 150));
    await once(socket.resume(), 'close');
    await event(since, /^the far end began a message and did not finish it \(limits\.halfMessageSeconds\)$/);
  }
});

test('a header of 10 MB is not waited for: it is refused, and the event says which limit', async () => {
  const since = (await lab.events()).length;
  const socket = await secureSocket();
  const chunk = 'x'.repeat(65_536);
  socket.write(request('OPTIONS', ['Subject: ']).split('Content-Length')[0]?.trimEnd() ?? '');
  const closed = once(socket.resume(), 'close');
  for (let sent = 0; sent < 10_000_000 && !socket.destroyed; sent += chunk.length) {
    if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), closed]);
  }
  await closed;
  expect(socket.bytesWritten).toBeLessThan(10_000_000);
  expect((await event(since, /exceeds its limit/)).kind).toBe('malformed-input');
});

test(`${idlers} idle TLS connections: at the limit the oldest unauthenticated go first, phones are served`, async () => {
  const since = (await lab.events()).length;
  const proven = await secureSocket();
  const script = new URL('./idle-clients.fixture.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, [script, String(lab.ports.tls), String(idlers)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  await lines.next();
  expect(await register()).toMatch(/^SIP\/2\.0 200 /);
  await eventually('only as many idle ones as may be', async () => {
    child.stdin.write('\n');
    const { open, oldest } = JSON.parse((await lines.next()).value ?? '{}');
    return open <= unauthenticatedLimit && oldest >= idlers - unauthenticatedLimit;
  });
  await event(
    since,
    new RegExp(`^the limit of ${unauthenticatedLimit} unauthenticated connections is reached, and this`),
  );
  proven.write(request('REGISTER'));
  expect(await answer(proven)).toMatch(/^SIP\/2\.0 200 /);
  // A flood fills no log: the first closure is an event, and the others are counted.
  await event(since, /, and this was .* \(\d+ such connections in \d+ s, all from 127\.0\.0\.1\)$/);
  const closures = (await lab.events()).slice(since).filter(({ kind }) => kind === 'connection-closed');
  expect(closures.length).toBeLessThan((idlers - unauthenticatedLimit) / 10);
});

test('50 parallel handshakes all come through', async () => {
  const second = await lab.secureDevice('1050');
  const credentials = [phone, second].map(({ certificateFile }) => readFileSync(certificateFile));
  const sockets = Array.from({ length: 50 }, (_, at) => {
    const pem = credentials[at % 2] ?? '';
    const socket = connectTls({
      host: '127.0.0.1',
      port: lab.ports.tls,
      cert: pem,
      key: pem,
      rejectUnauthorized: false,
    });
    opened.push(socket);
    return socket.on('error', () => undefined);
  });
  await Promise.all(sockets.map((socket) => once(socket, 'secureConnect')));
  // One phone keeps as many connections as it needs; the oldest go.
  const closed = await event(0, /has more than 4 connections: the oldest was closed$/);
  expect(closed.kind).toBe('connection-closed');
});
