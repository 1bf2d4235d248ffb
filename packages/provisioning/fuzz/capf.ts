import { deviceRequestInfo } from '@trustline/pki';
import { CapfClientSession } from '../src/capf/client-session.ts';
import { capfElement, capfHash, readCapfElements } from '../src/capf/elements.ts';
import { Enrolments } from '../src/capf/enrolment.ts';
import {
  type CapfMessage,
  capfCommand,
  capfMessageStream,
  decodeCapfMessage,
  encodeCapfMessage,
} from '../src/capf/message.ts';
import { CapfServerSession } from '../src/capf/server-session.ts';
import { element, type WireElement } from '../src/elements/elements.ts';

const sessionId = 0x01020304;

const device = 'SEP001122334455';

/** Of a P-256 key that nobody keeps. */
const publicKey = Uint8Array.from(
  atob(
    'MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE2qEcLl/xILc1gLUtY7XU0WtmdLTjlERIjbQy+8AyOzyA9aqFFvbcezV1ebBQkG1D9oy3dOOMi0mMg0aATLio5A==',
  ),
  (character) => character.charCodeAt(0),
);

/** The messages of one phone: of a whole enrolment, of one that shows a certificate, of one that is issued outside. */
export function corpus(): readonly Uint8Array[] {
  const phone = [
    element(capfElement.version, 3),
    element(capfElement.deviceName, device),
    element(capfElement.reason, 1),
  ];
  const proof = [
    element(capfElement.certificate, { type: 2, der: Uint8Array.of(0x30, 2, 5, 0) }),
    element(capfElement.signedData, Uint8Array.of(1, 2, 3)),
    element(capfElement.sha2Signature, { hash: 3, signature: Uint8Array.of(4, 5, 6) }),
  ];
  const message = (command: number, elements: readonly WireElement[]) =>
    encodeCapfMessage({ command, sessionId, elements });
  return [
    Uint8Array.from([
      ...message(capfCommand.AUTH_RES, phone),
      ...message(capfCommand.REQ_IN_PROGRESS, []),
      ...message(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, Uint8Array.of(0x30, 0))]),
      ...message(capfCommand.STORE_CERT_RES, [element(capfElement.reason, 1)]),
    ]),
    message(capfCommand.AUTH_RES, [...phone, ...proof]),
    Uint8Array.from([
      ...message(capfCommand.AUTH_RES, phone),
      ...message(capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, publicKey)]),
      ...message(capfCommand.SIGN_CERT_RES, [
        element(capfElement.reason, 1),
        element(capfElement.sha2Signature, { hash: capfHash['SHA-256'], signature: Uint8Array.of(0x30, 0) }),
      ]),
    ]),
    Uint8Array.from([
      ...message(capfCommand.AUTH_REQ, [element(capfElement.version, 3)]),
      ...message(capfCommand.KEY_GEN_REQ, [element(capfElement.keySize, 256), element(capfElement.keyType, 1)]),
      ...message(capfCommand.SIGN_CERT_REQ, [
        element(capfElement.digestType, capfHash['SHA-256']),
        element(capfElement.signedData, deviceRequestInfo(device, 'Trustline', publicKey)),
      ]),
    ]),
    Uint8Array.from([
      ...message(capfCommand.AUTH_REQ, [element(capfElement.version, 3)]),
      ...message(capfCommand.KEY_GEN_REQ, [element(capfElement.keySize, 2048), element(capfElement.keyType, 0)]),
      ...message(capfCommand.STORE_CERT_REQ, proof),
      ...message(capfCommand.END_SESSION, [element(capfElement.reason, 1)]),
    ]),
  ];
}

/**
 * Octets from a phone, and from a server: read or refused, written again as they came, the same wherever the stream
 * is cut, and never a reason for either end to crash or to go on after its end.
 */
export function fuzz(data: Uint8Array): void {
  const direct = decodeCapfMessage(data);
  if (direct.ok) {
    if (!same(encodeCapfMessage(direct.value), data)) throw new Error('a message was written as another');
    readCapfElements(direct.value, capfElement);
  } else if (direct.offset > data.byteLength) throw new Error('the fault lies beyond the end');
  const step = 1 + (data[0] ?? 0);
  const whole = outcome(data, data.byteLength || 1);
  if (outcome(data, step) !== whole) throw new Error('fragmentation changed what was read');
  serve(data, false);
  serve(data, true);
  ask(data);
}

function outcome(data: Uint8Array, step: number): string {
  const stream = capfMessageStream();
  let out = '';
  for (let at = 0; at < data.byteLength; at += step) {
    for (const result of stream.push(data.subarray(at, at + step))) {
      out += result.ok ? `${encodeCapfMessage(result.value).join()};` : `${result.code};`;
    }
  }
  if (stream.ended && stream.push(data).length > 0) throw new Error('a stream went on after its end');
  return out;
}

function serve(data: Uint8Array, isIssuedOutside: boolean): void {
  const enrolments = new Enrolments({
    isKnown: () => true,
    judge: () => ({ accepted: true, kind: 'MIC' }),
  });
  enrolments.setOperation(device, {
    id: 'op',
    action: { kind: 'install', key: { type: 'EC', curve: 'P-256' } },
    authentication: { by: 'nothing', until: 1000 },
  });
  const outsideRequest = (name: string, key: Uint8Array) => deviceRequestInfo(name, 'Trustline', key);
  const server = new CapfServerSession({
    sessionId,
    address: '192.0.2.7',
    enrolments,
    outsideRequest: isIssuedOutside ? outsideRequest : undefined,
  });
  server.handle(0, { kind: 'opened' });
  let closed = false;
  for (const result of capfMessageStream().push(data)) {
    // The number of the session is put right, so that more than its rule is met.
    const input: Parameters<CapfServerSession['handle']>[1] = result.ok
      ? { kind: 'message', message: { ...result.value, sessionId } }
      : { kind: 'rejected', reject: result };
    server.handle(0, input);
    for (let output = server.poll(); output !== undefined; output = server.poll()) {
      if (closed) throw new Error('a session went on after its end');
      if (output.kind === 'close') closed = true;
      if (output.kind === 'record') server.handle(0, { kind: 'recorded' });
    }
  }
  server.handle(0, { kind: 'closed', cause: 'the end' });
  if (server.nextDeadline() !== undefined) throw new Error('a session that is over waits for something');
}

function ask(data: Uint8Array): void {
  const client = new CapfClientSession(0, { device: device, credential: { by: 'nothing' } });
  let finished = false;
  for (const result of capfMessageStream().push(data)) {
    if (result.ok) client.handle(0, { kind: 'message', message: withOneSession(result.value) });
    else client.handle(0, { kind: 'rejected', reject: result });
    for (let output = client.poll(); output !== undefined; output = client.poll()) {
      if (finished) throw new Error('a phone went on after its end');
      if (output.kind === 'make-key') client.handle(0, { kind: 'key-made', publicKey });
      if (output.kind === 'sign') client.handle(0, { kind: 'signed', signature: Uint8Array.of(0x30, 0) });
      if (output.kind === 'finished') finished = true;
    }
  }
}

function withOneSession(message: CapfMessage): CapfMessage {
  return { ...message, sessionId };
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((octet, at) => octet === other[at]);
}
