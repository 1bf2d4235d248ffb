import { Deadlines } from '@trustline/base';
import { element, type WireElement } from '../elements/elements.ts';
import {
  type CapfKeyRequest,
  capfCertificateType,
  capfCurve,
  capfElement,
  capfKeyType,
  capfReason,
  readCapfElements,
} from './elements.ts';
import type { EnrolmentClaim, EnrolmentOperation, OutsideIssue } from './enrolment-types.ts';
import { type CapfMessage, capfCommand, capfCommandName, encodeCapfMessage } from './message.ts';
import { type AnsweredRequest, OutsideRequest } from './outside-request.ts';
import { problemOfPublicKey } from './public-key.ts';
import {
  type CapfServerInput,
  type CapfServerOutput,
  type CapfServerSessionOptions,
  type CapfSessionTimeouts,
  defaultCapfSessionTimeouts,
} from './server-session-types.ts';

type State =
  | 'new'
  | 'authenticating'
  | 'key'
  | 'signing'
  | 'recording'
  | 'issuing'
  | 'storing'
  | 'fetching'
  | 'deleting'
  | 'over';

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
  /** The certificate is an outside authority's, and stays to be had until the phone says that it has it. */
  #isHandingOut = false;
  #request: OutsideRequest | undefined;
  #answered: AnsweredRequest | undefined;

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
    if (this.#state === 'recording') {
      this.#takeRecorded(now, input);
      return;
    }
    const isDue = input.kind !== 'timeout' || this.#deadlines.takeDue(now) !== undefined;
    if (!isDue) return;
    const isForeign = input.kind === 'message' && input.message.sessionId !== this.#options.sessionId;
    const answered = this.#state === 'signing' && !isForeign ? this.#request?.answered(input) : undefined;
    if (answered !== undefined) {
      this.#record(answered);
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
        this.#fail(now, this.#state === 'key' ? 'it made no key in time' : 'it did not answer in time');
        return;
      case 'closed':
        this.#fail(now, input.cause);
        return;
      case 'recorded':
      case 'not-recorded':
        return; // answered while recording alone
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
        this.#begin(now, decision.operation, decision.outside);
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

  #begin(now: number, operation: EnrolmentOperation, outside: OutsideIssue | undefined): void {
    this.#operation = operation;
    if (outside?.certificate !== undefined) {
      this.#handOut(operation, outside.certificate);
      return;
    }
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
    const { outsideRequest } = this.#options;
    if (outsideRequest !== undefined) {
      this.#askToSign(now, new OutsideRequest(publicKey, outsideRequest(device, publicKey)));
      return;
    }
    this.#state = 'issuing';
    this.#deadlines.clear('silence');
    this.#outputs.push({ kind: 'issue', device, operation, publicKey });
  }

  #handOut(operation: EnrolmentOperation, certificate: Uint8Array): void {
    if (this.#device === undefined) return;
    this.#isHandingOut = true;
    this.#state = 'issuing';
    this.#deadlines.clear('silence');
    this.#outputs.push({ kind: 'hand-out', device: this.#device, operation, certificate });
  }

  #askToSign(now: number, request: OutsideRequest): void {
    this.#request = request;
    this.#ask(now, 'signing', capfCommand.SIGN_CERT_REQ, request.elements);
  }

  /** The phone is heard no more: it keeps its key, whether it proved that it has it or not. */
  #record(answered: AnsweredRequest): void {
    if (this.#device === undefined || this.#operation === undefined) return;
    this.#state = 'recording';
    this.#deadlines.clearAll();
    this.#answered = answered;
    const { outside } = answered;
    this.#outputs.push({ kind: 'record', device: this.#device, operation: this.#operation, outside });
  }

  /** Also of a phone that has gone meanwhile: it comes back with its key. */
  #takeRecorded(now: number, input: CapfServerInput): void {
    const device = this.#device;
    const operation = this.#operation;
    if (device === undefined || operation === undefined || this.#answered === undefined) return;
    const { enrolments, address } = this.#options;
    if (input.kind === 'not-recorded') {
      enrolments.notIssued(device, address, operation, input.cause);
      this.#end(capfReason.declined);
    }
    if (input.kind !== 'recorded') return;
    const { outside, cause } = this.#answered;
    const wait = enrolments.bound(device, address, operation, outside, cause);
    if (wait === undefined) this.#fail(now, 'the operator has taken the operation back');
    else this.#endLater(wait);
  }

  #store(now: number, certificate: Uint8Array): void {
    const device = this.#device;
    const operation = this.#operation;
    if (this.#state !== 'issuing' || device === undefined || operation === undefined) return;
    const { enrolments, address } = this.#options;
    const isStillWanted = this.#isHandingOut
      ? enrolments.isUnderWay(device, operation)
      : enrolments.done(device, address, operation, 'certificate-issued', 'a certificate was issued to it');
    if (!isStillWanted) {
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
    if (this.#device === undefined || this.#operation === undefined || this.#isHandingOut) return;
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
    if (this.#isHandingOut && !this.#handedOut(now, problem)) return;
    this.#options.enrolments.stored(device, this.#options.address, operation, problem);
    this.#end(isDone ? capfReason.done : capfReason.declined);
  }

  /** False when the phone has it not: it may come again for it, as often as it takes. */
  #handedOut(now: number, problem: string | undefined): boolean {
    if (problem === undefined) {
      return this.#done(now, 'certificate-issued', 'it has the certificate of the outside authority');
    }
    const cause = `${problem}: it may not have the key any more for which the outside authority issued`;
    this.#fail(now, `${cause}. Cancel the enrolment and open another one for another key`);
    return false;
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

  #done(
    now: number,
    kind: 'certificate-issued' | 'certificate-fetched' | 'certificate-deleted',
    cause: string,
  ): boolean {
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
    else if (this.#state === 'storing' && !this.#isHandingOut) enrolments.stored(device, address, operation, cause);
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
