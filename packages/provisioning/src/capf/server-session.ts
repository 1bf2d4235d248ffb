import { Deadlines } from '@trustline/base';
import { element, type WireElement, type WireReject } from '../elements/elements.ts';
import {
  type CapfKeyRequest,
  capfCertificateType,
  capfCurve,
  capfElement,
  capfKeyType,
  capfReason,
  readCapfElements,
} from './elements.ts';
import type { Enrolments } from './enrolment.ts';
import type { EnrolmentClaim, EnrolmentOperation } from './enrolment-types.ts';
import { type CapfMessage, capfCommand, capfCommandName, encodeCapfMessage } from './message.ts';
import { problemOfPublicKey } from './public-key.ts';

/** Silence that a session bears, in milliseconds. */
export interface CapfSessionTimeouts {
  /** For an answer, and after each REQ_IN_PROGRESS. */
  readonly answer: number;
  /** For a key: old phones take tens of seconds and not all of them say that they are busy. */
  readonly keyGeneration: number;
  /** For the whole session, however often the phone says that it is busy. */
  readonly session: number;
}

export const defaultCapfSessionTimeouts: CapfSessionTimeouts = {
  answer: 30_000,
  keyGeneration: 180_000,
  session: 900_000,
};

export interface CapfServerSessionOptions {
  /** Random, 32 bits: injected. */
  readonly sessionId: number;
  /** Of the phone, without the port. */
  readonly address: string;
  readonly enrolments: Enrolments;
  readonly timeouts?: Partial<CapfSessionTimeouts>;
}

export type CapfServerInput =
  /** The connection is there. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly message: CapfMessage }
  /** What came was no CAPF. */
  | { readonly kind: 'rejected'; readonly reject: WireReject }
  /** The authority's answer to `issue`: the certificate in DER. */
  | { readonly kind: 'issued'; readonly certificate: Uint8Array }
  | { readonly kind: 'not-issued'; readonly cause: string }
  | { readonly kind: 'timeout' }
  /** The connection is gone. */
  | { readonly kind: 'closed'; readonly cause: string };

export type CapfServerOutput =
  /** One whole message, to be written at once. */
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  /** Certify this key for this device and answer with `issued` or `not-issued`. */
  | {
      readonly kind: 'issue';
      readonly device: string;
      readonly operation: EnrolmentOperation;
      /** SubjectPublicKeyInfo in DER; of the type and size that the operation asks for. */
      readonly publicKey: Uint8Array;
    }
  /** The certificate that the phone says it has. It proves nothing: judge it like any other. */
  | { readonly kind: 'fetched'; readonly device: string; readonly certificate: Uint8Array }
  /** The operation was carried out, for whom it was pending, as its authentication has it. */
  | { readonly kind: 'carried-out'; readonly device: string; readonly operation: EnrolmentOperation }
  /** Nothing more will come: close the connection once what was transmitted has left. */
  | { readonly kind: 'close' };

type State = 'new' | 'authenticating' | 'key' | 'issuing' | 'storing' | 'fetching' | 'deleting' | 'over';

/** The command that answers in each state. */
const answers: Readonly<Partial<Record<State, number>>> = {
  authenticating: capfCommand.AUTH_RES,
  key: capfCommand.KEY_GEN_RES,
  storing: capfCommand.STORE_CERT_RES,
  fetching: capfCommand.FETCH_CERT_RES,
  deleting: capfCommand.DELETE_CERT_RES,
};

/** Newer versions than this are unknown. Phones answer 3, Jabber 2. */
const VERSION = 3;

/** A name has to fit into a certificate's subject (RFC 5280 §A.1, ub-common-name). */
const MAX_DEVICE_NAME = 64;

/** RETRY_DELAY is a u16 of seconds. */
const LONGEST_RETRY = 0xffff;

/** One connection to CAPF, seen from the server: AUTH_REQ to END_SESSION, one operation. Sans-IO. */
export class CapfServerSession {
  readonly #options: CapfServerSessionOptions;
  readonly #timeouts: CapfSessionTimeouts;
  readonly #outputs: CapfServerOutput[] = [];
  readonly #deadlines = new Deadlines<'silence' | 'session'>();
  #state: State = 'new';
  #device: string | undefined;
  #operation: EnrolmentOperation | undefined;

  constructor(options: CapfServerSessionOptions) {
    this.#options = options;
    this.#timeouts = { ...defaultCapfSessionTimeouts, ...options.timeouts };
  }

  poll(): CapfServerOutput | undefined {
    return this.#outputs.shift();
  }

  /** True once the phone has proved itself and has an operation under way. */
  get isAuthenticated(): boolean {
    return this.#operation !== undefined;
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handle(now: number, input: CapfServerInput): void {
    if (this.#state === 'over') {
      if (input.kind === 'issued') this.#tellUnsent();
      return;
    }
    switch (input.kind) {
      case 'opened':
        this.#open(now);
        return;
      case 'message':
        this.#take(now, input.message);
        return;
      case 'rejected':
        this.#fail(now, `it sent what cannot be read: ${input.reject.message}`);
        return;
      case 'issued':
        this.#store(now, input.certificate);
        return;
      case 'not-issued':
        this.#notIssued(input.cause);
        return;
      case 'timeout':
        if (this.#deadlines.takeDue(now) === undefined) return;
        this.#fail(now, this.#state === 'key' ? 'it made no key in time' : 'it did not answer in time');
        return;
      case 'closed':
        this.#fail(now, input.cause);
        return;
    }
  }

  #open(now: number): void {
    const { enrolments, address } = this.#options;
    const wait = enrolments.waitOf(now, address);
    if (wait > 0) {
      this.#endLater(wait);
      return;
    }
    this.#deadlines.set('session', now + this.#timeouts.session);
    // VERSION alone, as a call manager of the vendor sends it: old phones may not know AUTH_TYPE.
    this.#ask(now, 'authenticating', capfCommand.AUTH_REQ, [element(capfElement.version, VERSION)]);
  }

  #take(now: number, message: CapfMessage): void {
    const { command, sessionId } = message;
    if (sessionId !== this.#options.sessionId) {
      this.#fail(now, 'it answered for another session');
      return;
    }
    if (command === capfCommand.REQ_IN_PROGRESS && this.#operation !== undefined && this.#state !== 'issuing') {
      this.#awaitAnswer(now);
      return;
    }
    if (command !== answers[this.#state]) {
      this.#fail(now, `it sent ${capfCommandName(command)}, which is out of turn`);
      return;
    }
    switch (this.#state) {
      case 'authenticating':
        this.#authenticate(now, message);
        return;
      case 'key':
        this.#takeKey(now, message);
        return;
      case 'storing':
        this.#takeStored(now, message);
        return;
      case 'fetching':
        this.#takeFetched(now, message);
        return;
      case 'deleting':
        this.#takeDeleted(now, message);
        return;
      default:
        return;
    }
  }

  #authenticate(now: number, message: CapfMessage): void {
    const read = readCapfElements(message, {
      version: capfElement.version,
      reason: capfElement.reason,
      deviceName: capfElement.deviceName,
      password: capfElement.password,
      certificate: capfElement.certificate,
      sha1Signature: capfElement.signedData,
      sha2Signature: capfElement.sha2Signature,
      sudi: capfElement.sudiData,
    });
    if (!read.ok) {
      this.#fail(now, `its AUTH_RES cannot be read: ${read.message}`);
      return;
    }
    const { version, reason, deviceName, password, certificate, sha1Signature, sha2Signature, sudi } = read.value;
    if (deviceName === undefined || deviceName === '' || deviceName.length > MAX_DEVICE_NAME) {
      this.#fail(now, 'its AUTH_RES names no device');
      return;
    }
    this.#device = deviceName;
    if (version !== undefined && version > VERSION) {
      this.#fail(now, `it speaks version ${version} of CAPF; up to ${VERSION} is known`);
      return;
    }
    if (reason !== undefined && reason !== capfReason.done) {
      this.#fail(now, `it does not want to be authenticated (reason ${reason})`);
      return;
    }
    const claim: EnrolmentClaim = {
      device: deviceName,
      address: this.#options.address,
      // A null string is what a phone sends that was given none.
      string: password?.reveal() === '' ? undefined : password,
      proof: certificate === undefined ? undefined : { certificate, sha1Signature, sha2Signature },
      sudi: sudi && { data: sudi, sessionId: this.#options.sessionId },
    };
    const decision = this.#options.enrolments.attempt(now, claim);
    switch (decision.outcome) {
      case 'proceed':
        this.#begin(now, decision.operation);
        return;
      case 'no-action':
        this.#end(capfReason.noAction);
        return;
      case 'declined':
        this.#end(capfReason.declined);
        return;
      case 'unknown-device':
        this.#end(capfReason.unknownDevice);
        return;
      case 'later':
        this.#endLater(decision.after);
        return;
    }
  }

  #begin(now: number, operation: EnrolmentOperation): void {
    this.#operation = operation;
    switch (operation.action.kind) {
      case 'install':
        this.#ask(now, 'key', capfCommand.KEY_GEN_REQ, keyRequestElements(operation.action.key));
        return;
      case 'delete':
        this.#ask(now, 'deleting', capfCommand.DELETE_CERT_REQ, []);
        return;
      case 'fetch':
        this.#ask(now, 'fetching', capfCommand.FETCH_CERT_REQ, []);
        return;
    }
  }

  #takeKey(now: number, message: CapfMessage): void {
    const read = readCapfElements(message, { publicKey: capfElement.publicKey, reason: capfElement.reason });
    if (!read.ok) {
      this.#fail(now, `its KEY_GEN_RES cannot be read: ${read.message}`);
      return;
    }
    const { publicKey, reason } = read.value;
    const device = this.#device;
    const operation = this.#operation;
    if (device === undefined || operation?.action.kind !== 'install') return;
    if (publicKey === undefined) {
      this.#fail(now, `it made no key (reason ${reason ?? 'not given'})`);
      return;
    }
    const problem = problemOfPublicKey(publicKey, operation.action.key);
    if (problem !== undefined) {
      this.#fail(now, problem);
      return;
    }
    if (!this.#options.enrolments.isUnderWay(device, operation)) {
      this.#fail(now, 'the operator has taken the operation back');
      return;
    }
    this.#state = 'issuing';
    this.#deadlines.clear('silence');
    this.#outputs.push({ kind: 'issue', device, operation, publicKey });
  }

  #store(now: number, certificate: Uint8Array): void {
    const device = this.#device;
    const operation = this.#operation;
    if (this.#state !== 'issuing' || device === undefined || operation === undefined) return;
    const { enrolments, address } = this.#options;
    if (!enrolments.done(device, address, operation, 'certificate-issued', 'a certificate was issued to it')) {
      this.#fail(now, 'the operator took the operation back while its certificate was made; it was not sent');
      return;
    }
    this.#outputs.push({ kind: 'carried-out', device, operation });
    this.#ask(now, 'storing', capfCommand.STORE_CERT_REQ, [
      element(capfElement.certificateType, capfCertificateType.LSC),
      element(capfElement.certificate, { type: capfCertificateType.LSC, der: certificate }),
    ]);
  }

  /** The phone had gone, so the operation is pending still; the operator hears of a certificate that nobody has. */
  #tellUnsent(): void {
    if (this.#device === undefined || this.#operation === undefined) return;
    const problem = 'it had gone before its certificate was there, which was not sent';
    this.#options.enrolments.stored(this.#device, this.#options.address, this.#operation, problem);
  }

  #notIssued(cause: string): void {
    if (this.#state !== 'issuing' || this.#device === undefined || this.#operation === undefined) return;
    this.#options.enrolments.notIssued(this.#device, this.#options.address, this.#operation, cause);
    this.#end(capfReason.declined);
  }

  #takeStored(now: number, message: CapfMessage): void {
    const reason = this.#reasonOf(now, message);
    const device = this.#device;
    const operation = this.#operation;
    if (reason === 'unreadable' || device === undefined || operation === undefined) return;
    const isDone = reason === capfReason.done;
    const problem = isDone ? undefined : `the phone did not store it (reason ${reason ?? 'not given'})`;
    this.#options.enrolments.stored(device, this.#options.address, operation, problem);
    this.#end(isDone ? capfReason.done : capfReason.declined);
  }

  #takeFetched(now: number, message: CapfMessage): void {
    const read = readCapfElements(message, { reason: capfElement.reason, certificate: capfElement.certificate });
    if (!read.ok) {
      this.#fail(now, `its FETCH_CERT_RES cannot be read: ${read.message}`);
      return;
    }
    const { reason, certificate } = read.value;
    const device = this.#device;
    if (device === undefined) return;
    if (certificate === undefined) {
      this.#fail(now, `it has no certificate to show (reason ${reason ?? 'not given'})`);
      return;
    }
    if (!this.#done(now, 'certificate-fetched', 'it has shown its certificate')) return;
    this.#outputs.push({ kind: 'fetched', device, certificate: certificate.der });
    this.#end(capfReason.noAction);
  }

  #takeDeleted(now: number, message: CapfMessage): void {
    const reason = this.#reasonOf(now, message);
    if (reason === 'unreadable') return;
    if (reason !== capfReason.done) {
      this.#fail(now, `it did not delete its certificate (reason ${reason ?? 'not given'})`);
      return;
    }
    if (this.#done(now, 'certificate-deleted', 'it says that it has deleted its certificate'))
      this.#end(capfReason.done);
  }

  #done(now: number, kind: 'certificate-fetched' | 'certificate-deleted', cause: string): boolean {
    const { enrolments, address } = this.#options;
    const device = this.#device;
    const operation = this.#operation;
    if (device === undefined || operation === undefined) return false;
    if (!enrolments.done(device, address, operation, kind, cause)) {
      this.#fail(now, 'the operator has taken the operation back');
      return false;
    }
    this.#outputs.push({ kind: 'carried-out', device, operation });
    return true;
  }

  #reasonOf(now: number, message: CapfMessage): number | undefined | 'unreadable' {
    const read = readCapfElements(message, { reason: capfElement.reason });
    if (read.ok) return read.value.reason;
    this.#fail(now, `its ${capfCommandName(message.command)} cannot be read: ${read.message}`);
    return 'unreadable';
  }

  #ask(now: number, state: State, command: number, elements: readonly WireElement[]): void {
    this.#state = state;
    this.#awaitAnswer(now);
    this.#transmit(command, elements);
  }

  #awaitAnswer(now: number): void {
    const { answer, keyGeneration } = this.#timeouts;
    this.#deadlines.set('silence', now + (this.#state === 'key' ? keyGeneration : answer));
  }

  /** Ends a session that went wrong, and says so to the phone, to the operator and to whoever counts. */
  #fail(now: number, cause: string): void {
    const { enrolments, address } = this.#options;
    const device = this.#device;
    const operation = this.#operation;
    if (device === undefined || operation === undefined) enrolments.brokenOff(now, address, device, cause);
    else if (this.#state === 'storing') enrolments.stored(device, address, operation, cause);
    else enrolments.release(now, device, address, operation, cause);
    this.#end(capfReason.declined);
  }

  #end(reason: number): void {
    this.#transmit(capfCommand.END_SESSION, [element(capfElement.reason, reason)]);
    this.#close();
  }

  #endLater(wait: number): void {
    const seconds = Math.min(Math.ceil(wait / 1000), LONGEST_RETRY);
    this.#transmit(capfCommand.RETRY_LATER, [element(capfElement.retryDelay, seconds)]);
    this.#close();
  }

  #close(): void {
    this.#state = 'over';
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'close' });
  }

  #transmit(command: number, elements: readonly WireElement[]): void {
    const bytes = encodeCapfMessage({ command, sessionId: this.#options.sessionId, elements });
    this.#outputs.push({ kind: 'transmit', bytes });
  }
}

/** For RSA the size alone, as a call manager of the vendor asks: old phones may not know KEY_TYPE. */
function keyRequestElements(key: CapfKeyRequest): readonly WireElement[] {
  if (key.type === 'RSA') return [element(capfElement.keySize, key.bits)];
  return [
    element(capfElement.keySize, Number(key.curve.slice(2))),
    element(capfElement.keyType, capfKeyType.EC),
    element(capfElement.curve, capfCurve[key.curve]),
  ];
}
