import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { Redacted } from '@trustline/base';
import { issueCertificate, type Signer } from '@trustline/pki';
import { element } from '../elements/elements.ts';
import { type CapfKeyRequest, capfElement, readCapfElements } from './elements.ts';
import { Enrolments } from './enrolment.ts';
import type { EnrolmentEvent, EnrolmentOperation } from './enrolment-types.ts';
import { type CapfMessage, capfCommand, decodeCapfMessage } from './message.ts';
import { CapfServerSession } from './server-session.ts';
import type { CapfServerInput, CapfServerOutput, CapfServerSessionOptions } from './server-session-types.ts';

export const device = 'SEP001122334455';
export const address = '192.0.2.7';
export const sessionId = 0xc0ffee01;
export const string = new Redacted('8675309');

export const install = (key: CapfKeyRequest = { type: 'RSA', bits: 2048 }): EnrolmentOperation => ({
  id: 'op-1',
  action: { kind: 'install', key },
  authentication: { by: 'string', string },
});

export const spki = (key: KeyObject): Uint8Array =>
  new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));

/** A server and what it has said, in memory. */
export class ServerEnd {
  readonly enrolments = new Enrolments({
    isKnown: (name) => name === device,
    judge: () => ({ accepted: false, reason: 'no certificate here' }),
  });
  readonly session: CapfServerSession;
  readonly sent: CapfMessage[] = [];
  readonly issue: Uint8Array[] = [];
  readonly fetched: Uint8Array[] = [];
  readonly handedOut: Uint8Array[] = [];
  readonly recorded: Extract<CapfServerOutput, { kind: 'record' }>[] = [];
  closed = false;

  constructor(
    operation: EnrolmentOperation | 'nothing' = install(),
    more: Partial<CapfServerSessionOptions> = {},
    earlier?: ServerEnd,
  ) {
    this.enrolments = earlier?.enrolments ?? this.enrolments;
    this.session = new CapfServerSession({ sessionId, address, enrolments: this.enrolments, ...more });
    if (operation !== 'nothing') this.enrolments.setOperation(device, operation);
    this.handle({ kind: 'opened' });
  }

  handle(input: CapfServerInput, now = 0): void {
    this.session.handle(now, input);
    for (let output = this.session.poll(); output !== undefined; output = this.session.poll()) {
      if (output.kind === 'transmit') this.sent.push(decoded(output.bytes));
      if (output.kind === 'issue') this.issue.push(output.publicKey);
      if (output.kind === 'hand-out') this.handedOut.push(output.certificate);
      if (output.kind === 'record') this.recorded.push(output);
      if (output.kind === 'fetched') this.fetched.push(output.certificate);
      if (output.kind === 'close') this.closed = true;
    }
  }

  receive(command: number, elements: CapfMessage['elements'] = [], id = sessionId): void {
    this.handle({ kind: 'message', message: { command, sessionId: id, elements } });
  }

  authenticate(): void {
    this.receive(capfCommand.AUTH_RES, authentication);
  }

  get last(): CapfMessage | undefined {
    return this.sent.at(-1);
  }

  get events(): readonly EnrolmentEvent[] {
    const all: EnrolmentEvent[] = [];
    for (let event = this.enrolments.poll(); event !== undefined; event = this.enrolments.poll()) all.push(event);
    return all;
  }
}

export const authentication = [
  element(capfElement.version, 3),
  element(capfElement.deviceName, device),
  element(capfElement.reason, 1),
  element(capfElement.password, string),
];

export function decoded(bytes: Uint8Array): CapfMessage {
  const result = decodeCapfMessage(bytes);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

export const reasonOf = (message: CapfMessage | undefined): number | undefined => {
  const read = message === undefined ? undefined : readCapfElements(message, { reason: capfElement.reason });
  return read?.ok === true ? read.value.reason : undefined;
};

/** An authority that issues LSCs. */
export async function testAuthority(): Promise<Signer> {
  const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const certificate = await issueCertificate(
    {
      role: 'capf-ca',
      commonName: 'CAPF',
      organization: 'Test',
      subjectNames: [],
      publicKey: createPublicKey(privateKey),
    },
    { kind: 'self', privateKey },
    { now: Date.now(), random: (length: number) => new Uint8Array(length).fill(7) },
  );
  return { kind: 'authority', certificate, privateKey };
}

/** DER. */
export async function issuedBy(authority: Signer, publicKey: Uint8Array): Promise<Uint8Array> {
  const { der } = await issueCertificate(
    {
      role: 'locally-significant',
      commonName: device,
      organization: 'Test',
      subjectNames: [],
      publicKey: createPublicKey({ key: Buffer.from(publicKey), format: 'der', type: 'spki' }),
      deviceKeys: { smallestRsa: 1024, largestRsa: 4096, curves: ['P-256', 'P-384', 'P-521'] },
    },
    authority,
    { now: Date.now(), random: (length: number) => new Uint8Array(length).fill(5) },
  );
  return der;
}
