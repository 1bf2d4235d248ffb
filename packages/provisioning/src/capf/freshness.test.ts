import { makeTestCertificates, type TestIdentity } from '@trustline/testing';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CapfClientSession, type CapfCredential } from './client-session.ts';
import { Enrolments } from './enrolment.ts';
import type { EnrolmentCertificate, EnrolmentEvent, EnrolmentOperation } from './enrolment-types.ts';
import { type CapfMessage, decodeCapfMessage } from './message.ts';
import { makeCapfProof } from './proof.ts';
import { CapfServerSession } from './server-session.ts';
import { makeCapfSudi } from './sudi.ts';

const device = 'SEP001122334455';
const address = '192.0.2.7';

let mic: TestIdentity;
let lsc: TestIdentity;
let stranger: TestIdentity;
let enrolments: Enrolments;
let events: EnrolmentEvent[];

beforeAll(async () => {
  const certificates = await makeTestCertificates();
  mic = await certificates.manufacturerInstalled(device);
  lsc = await certificates.device(device);
  stranger = await certificates.strangerDevice(device);
});

beforeEach(() => {
  events = [];
  const kinds = new Map<string, EnrolmentCertificate>([
    [mic.certificate.fingerprint, 'MIC'],
    [lsc.certificate.fingerprint, 'LSC'],
  ]);
  enrolments = new Enrolments({
    isKnown: (name) => name === device,
    judge: (der) => {
      const shown = [mic, lsc].find(({ certificate }) => Buffer.from(certificate.der).equals(der));
      const kind = shown && kinds.get(shown.certificate.fingerprint);
      return kind === undefined ? { accepted: false, reason: 'nobody knows who issued it' } : { accepted: true, kind };
    },
  });
});

function open(...kinds: readonly [EnrolmentCertificate, ...EnrolmentCertificate[]]): EnrolmentOperation {
  const operation: EnrolmentOperation = {
    id: 'op-1',
    action: { kind: 'delete' },
    authentication: { by: 'certificate', kinds },
  };
  enrolments.setOperation(device, operation);
  return operation;
}

const proofOf = ({ certificate, privateKey }: TestIdentity) =>
  makeCapfProof(device, { type: 2, der: certificate.der }, privateKey);
const sudiBy =
  ({ certificate, privateKey }: TestIdentity) =>
  (sessionId: number) =>
    makeCapfSudi(sessionId, certificate.der, privateKey);
const credential = (shown: TestIdentity, sudi?: TestIdentity): CapfCredential => ({
  by: 'certificate',
  proof: proofOf(shown),
  ...(sudi === undefined ? {} : { sudi: sudiBy(sudi) }),
});

function readMessage(bytes: Uint8Array): CapfMessage {
  const read = decodeCapfMessage(bytes);
  if (!read.ok) throw new Error(read.message);
  return read.value;
}

/** What a phone answers to AUTH_REQ of this session. */
function authResponse(sessionId: number, shown: CapfCredential): CapfMessage {
  const server = new CapfServerSession({ sessionId, address, enrolments });
  const phone = new CapfClientSession(0, { device, credential: shown });
  server.handle(0, { kind: 'opened' });
  const request = server.poll();
  if (request?.kind !== 'transmit') throw new Error('the server is silent');
  phone.handle(0, { kind: 'message', message: readMessage(request.bytes) });
  const response = phone.poll();
  if (response?.kind !== 'transmit') throw new Error('the phone is silent');
  return readMessage(response.bytes);
}

/** A session in which this is answered; true when it goes on. */
function attempt(sessionId: number, response: CapfMessage): boolean {
  const server = new CapfServerSession({ sessionId, address, enrolments });
  server.handle(0, { kind: 'opened' });
  server.handle(0, { kind: 'message', message: { ...response, sessionId } });
  for (let event = enrolments.poll(); event !== undefined; event = enrolments.poll()) events.push(event);
  return server.isAuthenticated;
}

const said = () => events.map(({ severity, rule, cause }) => [severity, rule, cause] as const);

describe('a phone that signs the number of its session with the key of its MIC', () => {
  test('proves itself by it, beside its other proof', () => {
    open('MIC');
    expect(attempt(1, authResponse(1, credential(mic, mic)))).toBe(true);
    expect(said().at(-1)?.[2]).toBe('proved itself by its MIC, for this session (SUDI, SHA-1 and SHA-512)');
  });

  test('proves itself by it alone', () => {
    open('MIC');
    const { elements, ...message } = authResponse(1, credential(mic, mic));
    const withoutProof = elements.filter(({ tag }) => ![4, 6, 20].includes(tag));
    expect(attempt(1, { ...message, elements: withoutProof })).toBe(true);
  });

  test('recorded and shown in another session proves nothing, however good the other proof is', () => {
    open('MIC');
    const recorded = authResponse(1, credential(mic, mic));
    expect(attempt(2, recorded)).toBe(false);
    expect(said().at(-1)).toEqual(['warning', 'proof-wrong', expect.stringContaining('not in this session')]);
  });

  test('and whoever leaves it out of a recording is told apart from the phone: an alarm', () => {
    const operation = open('MIC');
    const response = authResponse(1, credential(mic, mic));
    expect(attempt(1, response)).toBe(true);
    enrolments.done(device, address, operation, 'certificate-deleted', 'done');
    open('MIC');
    const stripped = { ...response, elements: response.elements.filter(({ tag }) => tag !== 16) };
    expect(attempt(2, stripped)).toBe(false);
    expect(said().at(-1)?.slice(0, 2)).toEqual(['alarm', 'replay-suspected']);
    expect(attempt(3, authResponse(3, credential(mic, mic)))).toBe(true);
  });

  test('raises no alarm when it comes again with nothing pending, or while a session of it is under way', () => {
    const operation = open('MIC');
    expect(attempt(1, authResponse(1, credential(mic, mic)))).toBe(true);
    expect(attempt(2, authResponse(2, credential(mic, mic)))).toBe(false);
    expect(said().at(-1)?.slice(0, 2)).toEqual(['warning', 'busy']);
    enrolments.done(device, address, operation, 'certificate-deleted', 'done');
    expect(attempt(3, authResponse(3, credential(mic, mic)))).toBe(false);
    expect(said().at(-1)?.slice(0, 2)).toEqual(['warning', 'proved-again']);
    expect(said().some(([severity]) => severity === 'alarm')).toBe(false);
  });

  test('where an LSC is wanted has to prove that too', () => {
    open('LSC');
    expect(attempt(1, authResponse(1, credential(mic, mic)))).toBe(false);
    expect(attempt(2, authResponse(2, credential(lsc, mic)))).toBe(true);
    expect(said().at(-1)?.[2]).toContain('proved itself by its LSC');
  });
});

describe('SUDI data', () => {
  test('of a certificate that is not believed say nothing: the other proof decides', () => {
    open('MIC');
    expect(attempt(1, authResponse(1, credential(mic, stranger)))).toBe(true);
    expect(said().at(-1)?.[2]).toBe('proved itself by its MIC (SHA-1 and SHA-512)');
  });

  test('of an LSC are no MIC', () => {
    open('MIC');
    expect(attempt(1, authResponse(1, credential(lsc, lsc)))).toBe(false);
  });

  test('beside a proof that is wrong do not make up for it', () => {
    open('MIC');
    const { elements, ...message } = authResponse(1, credential(mic, mic));
    const altered = elements.map((one) =>
      one.tag === 6 ? { ...one, value: one.value.map((octet) => octet ^ 1) } : one,
    );
    expect(attempt(1, { ...message, elements: altered })).toBe(false);
    expect(said().at(-1)?.[1]).toBe('proof-wrong');
  });

  test('that cannot be read are refused where a certificate is the proof', () => {
    open('MIC');
    const { elements, ...message } = authResponse(1, credential(mic, mic));
    const cut = elements.map((one) => (one.tag === 16 ? { ...one, value: one.value.slice(0, 50) } : one));
    expect(attempt(1, { ...message, elements: cut })).toBe(false);
    expect(said().at(-1)?.[2]).toBe('its SUDI data cannot be read');
  });
});
