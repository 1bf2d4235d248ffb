import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { Redacted } from '@trustline/base';
import { deviceRequestInfo, readCertificateRequest, readDeviceRequestInfo, type Signer } from '@trustline/pki';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { element } from '../elements/elements.ts';
import { type CapfClientOptions, type CapfClientResult, CapfClientSession } from './client-session.ts';
import { capfElement, capfHash, readCapfElements } from './elements.ts';
import { type CapfMessage, capfCommand, decodeCapfMessage, encodeCapfMessage } from './message.ts';
import {
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

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey;
const ecInstall = () => install({ type: 'EC', curve: 'P-256' });
const outsideRequest = (name: string, publicKey: Uint8Array) => deviceRequestInfo(name, 'Test', publicKey);
const key = newKey();

let outside: Signer;
beforeAll(async () => {
  outside = await testAuthority();
});

/** A server that has its certificates issued outside; with `earlier`, another session of the same one. */
const newServer = (earlier?: ServerEnd) =>
  new ServerEnd(earlier ? 'nothing' : ecInstall(), { outsideRequest }, earlier);

/** One whose phone has made this key and is asked to sign a request for it. */
function askedToSign(made: KeyObject = key): ServerEnd {
  const server = newServer();
  server.authenticate();
  server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(made))]);
  return server;
}

function infoOf(message: CapfMessage | undefined): Uint8Array {
  const read = message && readCapfElements(message, { data: capfElement.signedData });
  return (read?.ok === true ? read.value.data : undefined) ?? new Uint8Array();
}

const signed = (data: Uint8Array, by = key, hash: number = capfHash['SHA-256']) => [
  element(capfElement.reason, 1),
  element(capfElement.sha2Signature, { hash, signature: sign('sha256', data, by) }),
];

/** One whose phone has signed and waits. */
function waitingServer(made: KeyObject = key): ServerEnd {
  const server = askedToSign(made);
  server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last), made));
  server.handle({ kind: 'recorded' });
  return server;
}

const delayOf = (message: CapfMessage | undefined) =>
  message && readCapfElements(message, { delay: capfElement.retryDelay });

describe('a server that has an outside authority issue', () => {
  test('asks the phone to sign a request for its key, keeps both, and tells it to come again', () => {
    const server = askedToSign();
    expect(server.last?.command).toBe(capfCommand.SIGN_CERT_REQ);
    const info = infoOf(server.last);
    expect(readDeviceRequestInfo(info)).toEqual({ commonNames: [device], publicKey: spki(key) });
    server.receive(capfCommand.SIGN_CERT_RES, signed(info));
    const [record] = server.recorded;
    expect(record?.outside).toMatchObject({ publicKey: spki(key), certificate: undefined });
    expect(record?.outside.request).toBeDefined();
    expect(server.closed).toBe(false);
    server.handle({ kind: 'recorded' });
    expect(server.last?.command).toBe(capfCommand.RETRY_LATER);
    expect(delayOf(server.last)).toEqual({ ok: true, value: { delay: 300 } });
    expect(server.closed).toBe(true);
    expect(server.enrolments.pendingOf(device)?.outside).toEqual(record?.outside);
    expect(server.events.at(-1)).toMatchObject({
      kind: 'waiting-for-outside-authority',
      cause: expect.stringContaining('trustline capf csr'),
    });
    expect(server.issue).toEqual([]);
  });

  const unsigned: readonly [string, (server: ServerEnd) => void][] = [
    ['refuses by a reason', (server) => server.receive(capfCommand.SIGN_CERT_RES, [element(capfElement.reason, 7)])],
    ['answers with nothing', (server) => server.receive(capfCommand.SIGN_CERT_RES)],
    ['ends the session', (server) => server.receive(capfCommand.END_SESSION, [element(capfElement.reason, 7)])],
    ['answers by a command that nobody has named', (server) => server.receive(77)],
    ['says nothing', (server) => server.handle({ kind: 'timeout' }, 30_000)],
    ['goes away', (server) => server.handle({ kind: 'closed', cause: 'the far end closed the connection' })],
    [
      'sends what is no CAPF',
      (server) => server.handle({ kind: 'rejected', reject: { ok: false, code: 'capf.x', message: 'x', offset: 0 } }),
    ],
    [
      'signs with another key',
      (server) => server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last), newKey())),
    ],
    ['signs something else', (server) => server.receive(capfCommand.SIGN_CERT_RES, signed(Uint8Array.of(1)))],
    [
      'names another hash',
      (server) => server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last), key, capfHash['SHA-512'])),
    ],
    [
      'writes the signature as it does not go',
      (server) => server.receive(capfCommand.SIGN_CERT_RES, [{ tag: 20, value: Uint8Array.of(2, 0, 9, 1) }]),
    ],
  ];
  test.each(unsigned)('keeps the key alone of a phone that %s', (_title, act) => {
    const server = askedToSign();
    act(server);
    expect(server.recorded.map(({ outside: { request } }) => request)).toEqual([undefined]);
    server.handle({ kind: 'closed', cause: 'gone by now' });
    server.handle({ kind: 'recorded' });
    expect(server.last?.command).toBe(capfCommand.RETRY_LATER);
    expect(server.enrolments.pendingOf(device)?.outside).toMatchObject({ publicKey: spki(key), request: undefined });
    expect(server.events.at(-1)).toMatchObject({ cause: expect.stringContaining('signed no request') });
  });

  test('waits while the phone says that it is busy', () => {
    const server = askedToSign();
    server.handle(
      { kind: 'message', message: { command: capfCommand.REQ_IN_PROGRESS, sessionId, elements: [] } },
      29_000,
    );
    server.handle({ kind: 'timeout' }, 30_000);
    expect(server.recorded).toEqual([]);
    server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last)));
    expect(server.recorded).toHaveLength(1);
  });

  test('of another session nothing is taken, and the phone may begin again', () => {
    const server = askedToSign();
    server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last)), 1);
    expect([server.recorded, server.closed]).toEqual([[], true]);
    expect(server.enrolments.pendingOf(device)?.outside).toBeUndefined();
  });

  test('binds nothing that could not be kept, and nothing that was taken back meanwhile', () => {
    const full = askedToSign();
    full.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(full.last)));
    full.handle({ kind: 'not-recorded', cause: 'the disk is full' });
    expect([full.last?.command, reasonOf(full.last)]).toEqual([capfCommand.END_SESSION, 7]);
    expect(full.enrolments.pendingOf(device)).toMatchObject({ outside: undefined });
    expect(full.events.at(-1)).toMatchObject({ kind: 'certificate-not-issued', severity: 'alarm' });
    const cancelled = askedToSign();
    cancelled.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(cancelled.last)));
    cancelled.enrolments.cancel(device);
    cancelled.handle({ kind: 'recorded' });
    expect(cancelled.last?.command).toBe(capfCommand.END_SESSION);
    expect(cancelled.enrolments.pendingOf(device)).toBeUndefined();
  });
});

describe('an operation that is bound to a key', () => {
  test('tells the phone to come again as often as it asks, without a word in the events', () => {
    const server = waitingServer();
    expect(server.events).not.toEqual([]);
    for (let turn = 0; turn < 20; turn += 1) {
      const again = newServer(server);
      again.authenticate();
      expect(again.sent.map(({ command }) => command)).toEqual([capfCommand.AUTH_REQ, capfCommand.RETRY_LATER]);
      expect(again.closed).toBe(true);
    }
    expect(server.events).toEqual([]);
  });

  test('is asked for no other key: not by the phone, not by another operation, not after a restart', () => {
    const server = waitingServer();
    expect(() => server.enrolments.setOperation(device, install())).toThrow(
      expect.objectContaining({ code: 'capf.key-bound', nextStep: expect.stringContaining('enrolment cancel') }),
    );
    const again = newServer(server);
    again.authenticate();
    again.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(newKey()))]);
    expect(again.recorded).toEqual([]);
    expect(server.enrolments.pendingOf(device)?.outside?.publicKey).toEqual(spki(key));
    const restarted = new ServerEnd('nothing', { outsideRequest });
    restarted.enrolments.restoreOperation(device, ecInstall(), {
      locked: false,
      wrongStrings: 0,
      outside: server.enrolments.pendingOf(device)?.outside,
    });
    restarted.authenticate();
    expect(restarted.last?.command).toBe(capfCommand.RETRY_LATER);
  });

  test('is the operator’s to take back: after that another key may come', () => {
    const server = waitingServer();
    expect(server.enrolments.cancel(device)).toBe(true);
    server.enrolments.setOperation(device, ecInstall());
    const again = newServer(server);
    again.authenticate();
    expect(again.last?.command).toBe(capfCommand.KEY_GEN_REQ);
  });

  test('is locked by wrong strings like any other, and tells who knows none nothing', () => {
    const server = waitingServer();
    for (let turn = 0; turn < 5; turn += 1) {
      const guess = newServer(server);
      guess.receive(capfCommand.AUTH_RES, [
        ...authentication.slice(0, 3),
        element(capfElement.password, new Redacted('0000')),
      ]);
      expect([guess.last?.command, reasonOf(guess.last)]).toEqual([capfCommand.END_SESSION, 7]);
    }
    const right = newServer(server);
    right.authenticate();
    expect(reasonOf(right.last)).toBe(7);
    expect(server.enrolments.pendingOf(device)?.locked).toBe(true);
    server.enrolments.unlock(device);
    const unlocked = newServer(server);
    unlocked.authenticate();
    expect(unlocked.last?.command).toBe(capfCommand.RETRY_LATER);
  });

  test('outlives the window through which its phone came', () => {
    const server = new ServerEnd(
      { ...ecInstall(), authentication: { by: 'nothing', until: 1_000 } },
      { outsideRequest },
    );
    server.authenticate();
    server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(key))]);
    server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last)));
    server.handle({ kind: 'recorded' });
    expect(server.enrolments.nextDeadline()).toBeUndefined();
    server.enrolments.expire(2_000);
    expect(server.enrolments.pendingOf(device)).toBeDefined();
  });
});

describe('the certificate of the outside authority', () => {
  async function ready(): Promise<{ readonly server: ServerEnd; readonly certificate: Uint8Array }> {
    const server = waitingServer();
    const certificate = await issuedBy(outside, spki(key));
    expect(server.enrolments.certificateReady(device, 'op-1', certificate)).toBe(true);
    return { server, certificate };
  }
  function handedOut(server: ServerEnd, certificate: Uint8Array): ServerEnd {
    const next = newServer(server);
    next.authenticate();
    expect([next.issue, next.handedOut]).toEqual([[], [certificate]]);
    next.handle({ kind: 'issued', certificate });
    expect(next.sent.map(({ command }) => command)).toEqual([capfCommand.AUTH_REQ, capfCommand.STORE_CERT_REQ]);
    return next;
  }

  test('is handed out at once, without another key, and closes the operation when the phone has it', async () => {
    const { server, certificate } = await ready();
    const next = handedOut(server, certificate);
    expect(server.enrolments.pendingOf(device)).toBeDefined();
    next.receive(capfCommand.STORE_CERT_RES, [element(capfElement.reason, 1)]);
    expect(reasonOf(next.last)).toBe(1);
    expect(server.enrolments.pendingOf(device)).toBeUndefined();
    expect(server.events.map(({ kind }) => kind).slice(-4)).toEqual([
      'authenticated',
      'certificate-issued',
      'operation-closed',
      'certificate-stored',
    ]);
  });

  test('may be had again as often as the phone loses the connection, or refuses it', async () => {
    const { server, certificate } = await ready();
    for (let turn = 0; turn < 6; turn += 1) {
      const next = handedOut(server, certificate);
      if (turn % 2 === 0) next.handle({ kind: 'closed', cause: 'the far end closed the connection' });
      else next.receive(capfCommand.STORE_CERT_RES, [element(capfElement.reason, 7)]);
      expect(server.enrolments.pendingOf(device)?.outside?.certificate).toEqual(certificate);
    }
    expect(server.events.at(-1)).toMatchObject({
      kind: 'session-failed',
      cause: expect.stringContaining('open another one for another key'),
    });
  });

  test('is taken for no other operation, and not sent once it was taken back', async () => {
    const { server, certificate } = await ready();
    expect(server.enrolments.certificateReady(device, 'op-2', certificate)).toBe(false);
    expect(new ServerEnd(ecInstall()).enrolments.certificateReady(device, 'op-1', certificate)).toBe(false);
    const next = newServer(server);
    next.authenticate();
    server.enrolments.cancel(device);
    next.handle({ kind: 'issued', certificate });
    expect(next.sent.map(({ command }) => command)).not.toContain(capfCommand.STORE_CERT_REQ);
  });
});

/** A phone with the keys that it holds; what it does with them is what a phone does. */
class PhoneEnd {
  held: KeyObject | undefined;
  stored: Uint8Array | undefined;
  signs = true;

  /** Lets it talk with a server until it has finished. */
  visit(server: ServerEnd, more: Partial<CapfClientOptions> = {}): CapfClientResult | undefined {
    const heldKeys = this.held === undefined ? [] : [spki(this.held)];
    const client = new CapfClientSession(0, { device, credential: { by: 'string', string }, heldKeys, ...more });
    let result: CapfClientResult | undefined;
    for (let heard = 0; heard < server.sent.length; heard += 1) {
      const message = server.sent[heard];
      if (message !== undefined) client.handle(0, { kind: 'message', message });
      for (let output = client.poll(); output !== undefined; output = client.poll()) {
        if (output.kind === 'transmit') server.handle({ kind: 'message', message: decoded(output.bytes) });
        if (output.kind === 'finished') result = output.result;
        if (output.kind === 'make-key') {
          this.held = newKey();
          client.handle(0, { kind: 'key-made', publicKey: spki(this.held) });
        }
        if (output.kind === 'sign' && this.held !== undefined) {
          client.handle(
            0,
            this.signs ? { kind: 'signed', signature: sign('sha256', output.data, this.held) } : { kind: 'not-done' },
          );
        }
        if (output.kind === 'store') {
          this.stored = output.certificate;
          client.handle(0, { kind: 'kept' });
        }
      }
      if (server.recorded.length > 0) server.handle({ kind: 'recorded' });
      for (const certificate of server.handedOut.splice(0)) server.handle({ kind: 'issued', certificate });
    }
    return result;
  }
}

describe('our phone', () => {
  test.each([true, false])(
    'keeps its key, comes again, and takes the certificate for it (signs: %s)',
    async (signs) => {
      const phone = new PhoneEnd();
      phone.signs = signs;
      const server = newServer();
      expect(phone.visit(server)).toMatchObject({ outcome: 'retry-later', after: 300_000 });
      const bound = server.enrolments.pendingOf(device)?.outside;
      expect(bound?.request !== undefined).toBe(signs);
      expect(bound?.publicKey).toEqual(phone.held && spki(phone.held));
      expect(phone.visit(newServer(server))).toMatchObject({ outcome: 'retry-later' });
      const certificate = await issuedBy(outside, bound?.publicKey ?? new Uint8Array());
      server.enrolments.certificateReady(device, 'op-1', certificate);
      expect(phone.visit(newServer(server))).toMatchObject({ outcome: 'installed' });
      expect(phone.stored).toEqual(certificate);
      expect(phone.visit(newServer(server))).toMatchObject({ outcome: 'no-action' });
    },
  );

  test('refuses a certificate for a key that it has not, and the operation stays', async () => {
    const phone = new PhoneEnd();
    const server = newServer();
    phone.visit(server);
    const bound = server.enrolments.pendingOf(device)?.outside?.publicKey ?? new Uint8Array();
    server.enrolments.certificateReady(device, 'op-1', await issuedBy(outside, bound));
    for (const held of [newKey(), undefined]) {
      phone.held = held;
      expect(phone.visit(newServer(server))?.outcome).toBe('declined');
    }
    expect(phone.stored).toBeUndefined();
    expect(server.enrolments.pendingOf(device)).toBeDefined();
  });

  const own = spki(key);
  const info = deviceRequestInfo(device, 'Test', own);
  const asked = (data: Uint8Array, digest: number = capfHash['SHA-256']) => [
    element(capfElement.digestType, digest),
    element(capfElement.signedData, data),
  ];
  const rows: readonly [string, CapfMessage['elements']][] = [
    ['for another key', asked(deviceRequestInfo(device, 'Test', spki(newKey())))],
    ['in another name', asked(deviceRequestInfo('SEP009999999999', 'Test', own))],
    ['that is none', asked(new TextEncoder().encode('TLS 1.3, client CertificateVerify'))],
    ['with octets behind it', asked(Uint8Array.from([...info, 0]))],
    ['by another hash', asked(info, capfHash['SHA-1'])],
    ['without a hash', [element(capfElement.signedData, info)]],
    ['without anything', []],
  ];
  test.each(rows)('signs no request %s', (_title, elements) => {
    const client = new CapfClientSession(0, { device, credential: { by: 'nothing' } });
    const from = (command: number, with_: CapfMessage['elements']) =>
      client.handle(0, { kind: 'message', message: { command, sessionId, elements: with_ } });
    from(capfCommand.AUTH_REQ, [element(capfElement.version, 3)]);
    from(capfCommand.KEY_GEN_REQ, [element(capfElement.keySize, 256), element(capfElement.keyType, 1)]);
    client.handle(0, { kind: 'key-made', publicKey: own });
    from(capfCommand.SIGN_CERT_REQ, elements);
    const outputs = [];
    for (let output = client.poll(); output !== undefined; output = client.poll()) outputs.push(output);
    expect(outputs.map(({ kind }) => kind)).not.toContain('sign');
    const last = outputs.at(-1);
    const message = last?.kind === 'transmit' ? decoded(last.bytes) : undefined;
    expect([message?.command, reasonOf(message)]).toEqual([capfCommand.SIGN_CERT_RES, 7]);
  });
});

test('what is asked to be signed and what is signed come through the wire as they are', () => {
  const octets = fc.uint8Array({ minLength: 1, maxLength: 4_000 });
  fc.assert(
    fc.property(octets, octets, fc.integer({ min: 0, max: 255 }), (data, signature, hash) => {
      const message: CapfMessage = {
        command: capfCommand.SIGN_CERT_RES,
        sessionId,
        elements: [
          element(capfElement.digestType, hash),
          element(capfElement.signedData, data),
          element(capfElement.sha2Signature, { hash, signature }),
        ],
      };
      const result = decodeCapfMessage(encodeCapfMessage(message));
      const read = result.ok ? readCapfElements(result.value, capfElement) : result;
      expect(read).toEqual({
        ok: true,
        value: { digestType: hash, signedData: data, sha2Signature: { hash, signature } },
      });
    }),
  );
});

test('a request of an RSA key is signed as any authority reads it', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const server = new ServerEnd(install(), { outsideRequest });
  server.authenticate();
  server.receive(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, spki(rsa))]);
  server.receive(capfCommand.SIGN_CERT_RES, signed(infoOf(server.last), rsa));
  const request = server.recorded[0]?.outside.request ?? new Uint8Array();
  expect(readCertificateRequest(request).publicKey.equals(createPublicKey(rsa))).toBe(true);
});
