import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Redacted } from '@trustline/base';
import type { Signer } from '@trustline/pki';
import { beforeAll, describe, expect, test } from 'vitest';
import { element } from '../elements/elements.ts';
import {
  type CapfClientInput,
  type CapfClientOptions,
  type CapfClientResult,
  CapfClientSession,
} from './client-session.ts';
import { type CapfKeyRequest, capfElement, readCapfElements } from './elements.ts';
import { type CapfMessage, capfCommand, encodeCapfMessage } from './message.ts';
import { opensslCurve } from './public-key.ts';
import { CapfServerSession } from './server-session.ts';
import {
  address,
  authentication,
  decoded,
  device,
  install,
  issuedBy,
  reasonOf,
  ServerEnd,
  sessionId,
  spki,
  string,
  testAuthority,
} from './sessions.fixture.ts';

let capf: Signer;

beforeAll(async () => {
  capf = await testAuthority();
});

const rsaKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const issued = (publicKey: Uint8Array) => issuedBy(capf, publicKey);

describe('the server speaks as a call manager does to Jabber', () => {
  test('octet by octet, from AUTH_REQ to END_SESSION', async () => {
    const server = new ServerEnd();
    server.authenticate();
    server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(rsaKey))]);
    const [publicKey] = server.issue;
    expect(publicKey).toEqual(spki(rsaKey));
    const certificate = await issued(spki(rsaKey));
    server.handle({ kind: 'issued', certificate });
    server.receive(capfCommand.STORE_CERT_RES, [element(capfElement.reason, 1)]);
    const written = server.sent.map((message) => Buffer.from(encodeCapfMessage(message)).toString('hex'));
    const length = (octets: number) => octets.toString(16).padStart(4, '0');
    const size = certificate.byteLength;
    expect(written).toEqual([
      '5501c0ffee01000407000103',
      '5503c0ffee0100050a00020800',
      `5509c0ffee01${length(size + 12)}0300010104${length(size + 5)}01${length(size + 2)}0001${Buffer.from(certificate).toString('hex')}`,
      '550fc0ffee01000401000101',
    ]);
    expect(server.closed).toBe(true);
    expect(server.events.map(({ kind }) => kind)).toEqual([
      'operation-pending',
      'authenticated',
      'certificate-issued',
      'operation-closed',
      'certificate-stored',
    ]);
  });
});

/** Lets a client and a server talk until nothing more comes. */
async function talk(
  server: ServerEnd,
  options: Partial<CapfClientOptions> = {},
  keep: (certificate: Uint8Array) => boolean = () => true,
): Promise<CapfClientResult | undefined> {
  const client = new CapfClientSession(0, { device, credential: { by: 'string', string }, ...options });
  let result: CapfClientResult | undefined;
  let heard = 0;
  let asked = 0;
  for (let round = 0; round < 40 && result === undefined; round += 1) {
    for (; heard < server.sent.length; heard += 1) {
      const message = server.sent[heard];
      if (message !== undefined) client.handle(0, { kind: 'message', message });
    }
    for (let output = client.poll(); output !== undefined; output = client.poll()) {
      const answer = clientAnswer(output, keep);
      if (output.kind === 'transmit') server.handle({ kind: 'message', message: decoded(output.bytes) });
      if (output.kind === 'finished') result = output.result;
      if (answer !== undefined) client.handle(0, answer);
    }
    for (; asked < server.issue.length; asked += 1) {
      const publicKey = server.issue[asked];
      if (publicKey !== undefined) server.handle({ kind: 'issued', certificate: await issued(publicKey) });
    }
  }
  return result;
}

type ClientOutput = NonNullable<ReturnType<CapfClientSession['poll']>>;

function clientAnswer(output: ClientOutput, keep: (certificate: Uint8Array) => boolean): CapfClientInput | undefined {
  switch (output.kind) {
    case 'make-key':
      return { kind: 'key-made', publicKey: spki(keyFor(output.key)) };
    case 'store':
      return { kind: keep(output.certificate) ? 'kept' : 'not-done' };
    case 'delete':
      return { kind: 'kept' };
    case 'fetch':
      return { kind: 'own-certificate', certificate: { type: 1, der: Uint8Array.of(1, 2, 3) } };
    default:
      return undefined;
  }
}

function keyFor(request: CapfKeyRequest): KeyObject {
  return request.type === 'RSA'
    ? generateKeyPairSync('rsa', { modulusLength: request.bits }).privateKey
    : generateKeyPairSync('ec', { namedCurve: opensslCurve(request.curve) }).privateKey;
}

describe('client and server', () => {
  const keys: readonly CapfKeyRequest[] = [
    { type: 'RSA', bits: 1024 },
    { type: 'RSA', bits: 2048 },
    { type: 'EC', curve: 'P-256' },
    { type: 'EC', curve: 'P-384' },
    { type: 'EC', curve: 'P-521' },
  ];
  test.each(keys)('install a certificate for a key of %o', async (key) => {
    const server = new ServerEnd(install(key));
    expect(await talk(server)).toMatchObject({ outcome: 'installed' });
    expect(server.events.at(-1)).toMatchObject({ kind: 'certificate-stored' });
  });

  test('delete, and fetch', async () => {
    const deleting = new ServerEnd({ ...install(), action: { kind: 'delete' } });
    expect(await talk(deleting)).toMatchObject({ outcome: 'deleted' });
    expect(reasonOf(deleting.last)).toBe(1);
    const fetching = new ServerEnd({ ...install(), action: { kind: 'fetch' } });
    expect(await talk(fetching)).toMatchObject({ outcome: 'fetched' });
    expect(reasonOf(fetching.last)).toBe(0);
    expect(fetching.fetched).toEqual([Uint8Array.of(1, 2, 3)]);
    expect(fetching.enrolments.pendingOf(device)).toBeUndefined();
  });

  test('have nothing to do when nothing is pending', async () => {
    const server = new ServerEnd('nothing');
    expect(await talk(server)).toMatchObject({ outcome: 'no-action' });
    expect(reasonOf(server.last)).toBe(0);
  });

  test('part when the device is unknown, or the string wrong', async () => {
    const unknown = new ServerEnd();
    expect(await talk(unknown, { device: 'SEP999999999999' })).toMatchObject({ outcome: 'unknown-device' });
    expect(reasonOf(unknown.last)).toBe(9);
    const wrong = new ServerEnd();
    const credential = { by: 'string', string: new Redacted('1234') } as const;
    expect(await talk(wrong, { credential })).toMatchObject({ outcome: 'declined' });
    expect(reasonOf(wrong.last)).toBe(7);
  });

  test('the certificate counts as issued, and the operation as closed, when the phone cannot store it', async () => {
    const server = new ServerEnd();
    expect(await talk(server, {}, () => false)).toMatchObject({ outcome: 'declined' });
    expect(server.enrolments.pendingOf(device)).toBeUndefined();
    expect(server.events.at(-1)).toMatchObject({ kind: 'session-failed', cause: expect.stringContaining('revoked') });
  });

  test('a phone stores no certificate that is for another key', () => {
    const client = new CapfClientSession(0, { device, credential: { by: 'nothing' } });
    const from = (command: number, elements: CapfMessage['elements']) =>
      client.handle(0, { kind: 'message', message: { command, sessionId, elements } });
    from(capfCommand.AUTH_REQ, [element(capfElement.version, 3)]);
    from(capfCommand.KEY_GEN_REQ, [element(capfElement.keySize, 2048)]);
    client.handle(0, { kind: 'key-made', publicKey: spki(rsaKey) });
    const der = capf.kind === 'authority' ? capf.certificate.der : new Uint8Array();
    from(capfCommand.STORE_CERT_REQ, [element(capfElement.certificate, { type: 1, der })]);
    const kinds: string[] = [];
    let last: CapfMessage | undefined;
    for (let output = client.poll(); output !== undefined; output = client.poll()) {
      kinds.push(output.kind);
      if (output.kind === 'transmit') last = decoded(output.bytes);
    }
    expect(kinds).not.toContain('store');
    expect([last?.command, reasonOf(last)]).toEqual([capfCommand.STORE_CERT_RES, 7]);
  });
});

describe('the server ends a session that goes wrong, and the phone may come again', () => {
  const weak = spki(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey);
  const curve = spki(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
  const rows: readonly [string, (server: ServerEnd) => void, RegExp][] = [
    ['a key before it was asked for', (server) => server.receive(capfCommand.KEY_GEN_RES), /KEY_GEN_RES.*out of turn/],
    ['a request of its own', (server) => server.receive(capfCommand.AUTH_REQ), /AUTH_REQ.*out of turn/],
    ['a command that nobody has named', (server) => server.receive(77), /command 77.*out of turn/],
    ['another session id', (server) => server.receive(capfCommand.AUTH_RES, authentication, 1), /another session/],
    ['no name', (server) => server.receive(capfCommand.AUTH_RES, [element(capfElement.version, 3)]), /names no device/],
    [
      'a newer version',
      (server) => server.receive(capfCommand.AUTH_RES, [element(capfElement.version, 4), ...authentication.slice(1)]),
      /version 4/,
    ],
    [
      'a refusal',
      (server) =>
        server.receive(capfCommand.AUTH_RES, [element(capfElement.deviceName, device), element(capfElement.reason, 0)]),
      /does not want/,
    ],
    ['silence', (server) => server.handle({ kind: 'timeout' }, 30_000), /did not answer in time/],
    ['the end of the connection', (server) => server.handle({ kind: 'closed', cause: 'closed' }), /closed/],
  ];
  test.each(rows)('%s', (_title, act, cause) => {
    const server = new ServerEnd();
    act(server);
    expect(server.closed).toBe(true);
    expect([server.last?.command, reasonOf(server.last)]).toEqual([capfCommand.END_SESSION, 7]);
    expect(server.events.at(-1)).toMatchObject({ kind: 'session-failed', cause: expect.stringMatching(cause) });
    expect(server.enrolments.pendingOf(device)).toBeDefined();
  });

  const keys: readonly [string, CapfMessage['elements'], RegExp][] = [
    ['no key', [element(capfElement.reason, 7)], /made no key/],
    ['a smaller key', [element(capfElement.publicKey, weak)], /another kind.*1024/],
    ['a key of another type', [element(capfElement.publicKey, curve)], /another kind.*prime256v1/],
    ['no DER', [element(capfElement.publicKey, Uint8Array.of(1, 2, 3))], /cannot be read/],
    [
      'a key with octets behind it',
      [element(capfElement.publicKey, new Uint8Array([...spki(rsaKey), 0]))],
      /cannot be read|not encoded/,
    ],
  ];
  test.each(keys)('instead of the key that was asked for, %s', (_title, elements, cause) => {
    const server = new ServerEnd();
    server.authenticate();
    server.receive(capfCommand.KEY_GEN_RES, elements);
    expect(server.issue).toEqual([]);
    expect(server.events.at(-1)).toMatchObject({ kind: 'session-failed', cause: expect.stringMatching(cause) });
    expect(server.enrolments.pendingOf(device)).toBeDefined();
  });

  test('a key that comes after the operator took the operation back is certified no more', () => {
    const server = new ServerEnd();
    server.authenticate();
    server.enrolments.cancel(device);
    server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(rsaKey))]);
    expect(server.issue).toEqual([]);
    expect(server.closed).toBe(true);
  });

  test('and the certificate that was made meanwhile is not sent', async () => {
    const server = new ServerEnd();
    server.authenticate();
    server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(rsaKey))]);
    server.enrolments.cancel(device);
    server.handle({ kind: 'issued', certificate: await issued(spki(rsaKey)) });
    expect(server.sent.map(({ command }) => command)).not.toContain(capfCommand.STORE_CERT_REQ);
  });
});

test('a phone that goes while its certificate is made may come again, and the operator hears of the one unsent', async () => {
  const server = new ServerEnd();
  server.authenticate();
  server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(rsaKey))]);
  server.handle({ kind: 'closed', cause: 'the far end closed the connection' });
  server.handle({ kind: 'issued', certificate: await issued(spki(rsaKey)) });
  expect(server.sent.map(({ command }) => command)).not.toContain(capfCommand.STORE_CERT_REQ);
  expect(server.enrolments.pendingOf(device)).toBeDefined();
  expect(server.events.at(-1)).toMatchObject({ kind: 'session-failed', cause: expect.stringContaining('not sent') });
});

describe('making a key may take long', () => {
  test('REQ_IN_PROGRESS gives the phone more time, but not for ever', () => {
    const server = new ServerEnd();
    server.authenticate();
    let now = 0;
    for (; now < 850_000; now += 100_000) {
      server.handle(
        { kind: 'message', message: { command: capfCommand.REQ_IN_PROGRESS, sessionId, elements: [] } },
        now,
      );
      server.handle({ kind: 'timeout' }, now);
      expect(server.closed).toBe(false);
    }
    server.handle({ kind: 'timeout' }, 900_000);
    expect(server.closed).toBe(true);
  });

  test('our phone says that it is busy at once and every ten seconds', () => {
    const client = new CapfClientSession(0, { device, credential: { by: 'nothing' } });
    const commands: number[] = [];
    const pump = () => {
      for (let output = client.poll(); output !== undefined; output = client.poll()) {
        if (output.kind === 'transmit') commands.push(decoded(output.bytes).command);
      }
    };
    const from = (command: number, elements: CapfMessage['elements']) =>
      client.handle(0, { kind: 'message', message: { command, sessionId, elements } });
    from(capfCommand.AUTH_REQ, [element(capfElement.version, 3)]);
    from(capfCommand.KEY_GEN_REQ, [element(capfElement.keySize, 4096)]);
    pump();
    for (let at = client.nextDeadline(); at !== undefined && at <= 30_000; at = client.nextDeadline()) {
      client.handle(at, { kind: 'timeout' });
      pump();
    }
    expect(commands.filter((command) => command === capfCommand.REQ_IN_PROGRESS)).toHaveLength(4);
  });
});

test('an address with too many failures is told to come later, before it is asked anything', () => {
  const server = new ServerEnd();
  for (let tries = 0; tries < 30; tries += 1) server.enrolments.brokenOff(0, address, undefined, 'garbage');
  const next = new CapfServerSession({ sessionId, address, enrolments: server.enrolments });
  next.handle(0, { kind: 'opened' });
  const output = next.poll();
  const message = output?.kind === 'transmit' ? decoded(output.bytes) : undefined;
  expect(message).toMatchObject({ command: capfCommand.RETRY_LATER });
  expect(message && readCapfElements(message, { delay: capfElement.retryDelay })).toEqual({
    ok: true,
    value: { delay: 60 },
  });
});
