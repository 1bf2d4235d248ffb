import { Deadlines } from '@trustline/base';
import { element, type WireElement, type WireReject } from '../elements/elements.ts';
import { encodeTvsMessage, readTvsElements, type TvsMessage, tvsCommand, tvsElement } from './message.ts';

/** What is known of a certificate that the cluster vouches for. */
export interface TvsEntry {
  readonly certificate: Uint8Array;
  /** As in a trust list: 0 SAST, 1 CCM, 2 CCM+TFTP, 3 TFTP, 4 CAPF, 7 APP-SERVER, 21 TVS. */
  readonly roles: readonly number[];
  /** Seconds for which phones may remember it. */
  readonly timeToLive: number;
}

/** A certificate as QUERY_CERT_REQ names it. */
export interface TvsQuery {
  /** Distinguished names, most specific first, parts divided by `;`. */
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  readonly serialNumber: Uint8Array | undefined;
}

/** What the cluster vouches for right now. Answers are immediate: ask for every message and keep nothing. */
export interface TvsLookup {
  readonly byCertificate: (certificate: Uint8Array) => TvsEntry | undefined;
  readonly byName: (query: TvsQuery) => TvsEntry | undefined;
}

/** A question that was answered, or why it was not; the cause is in an operator's words. */
export interface TvsEvent {
  readonly kind: 'vouched' | 'not-vouched' | 'session-failed';
  /** As the phone calls itself. */
  readonly device: string | undefined;
  readonly cause: string;
}

export interface TvsSessionOptions {
  readonly lookup: TvsLookup;
  /** Seconds for which phones remember that a certificate is not vouched for. */
  readonly refusalTimeToLive?: number;
  /** Silence that a connection bears, in milliseconds. */
  readonly idleTimeout?: number;
}

export type TvsServerInput =
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly message: TvsMessage }
  | { readonly kind: 'rejected'; readonly reject: WireReject }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed'; readonly cause: string };

export type TvsServerOutput =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'event'; readonly event: TvsEvent }
  | { readonly kind: 'close' };

const VALID = 0;
const INVALID = 1;

/** Questions on one connection: phones ask one, and nobody has more than a list's worth. */
const MAX_QUESTIONS = 32;

/** One connection to the trust verification service, seen from the server. Sans-IO. */
export class TvsServerSession {
  readonly #lookup: TvsLookup;
  readonly #refusalTimeToLive: number;
  readonly #idleTimeout: number;
  readonly #outputs: TvsServerOutput[] = [];
  readonly #deadlines = new Deadlines<'idle'>();
  #questions = 0;
  #isOver = false;

  constructor({ lookup, refusalTimeToLive = 60, idleTimeout = 30_000 }: TvsSessionOptions) {
    this.#lookup = lookup;
    this.#refusalTimeToLive = refusalTimeToLive;
    this.#idleTimeout = idleTimeout;
  }

  poll(): TvsServerOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handle(now: number, input: TvsServerInput): void {
    if (this.#isOver) return;
    switch (input.kind) {
      case 'opened':
        this.#deadlines.set('idle', now + this.#idleTimeout);
        return;
      case 'message':
        this.#deadlines.set('idle', now + this.#idleTimeout);
        this.#answer(input.message);
        return;
      case 'rejected':
        this.#fail(undefined, `it sent what cannot be read: ${input.reject.message}`);
        return;
      case 'timeout':
        // Silence after an answer is how a connection ends whose phone forgot to close it.
        if (this.#deadlines.takeDue(now) === undefined) return;
        if (this.#questions === 0) this.#fail(undefined, 'it asked nothing');
        else this.#close();
        return;
      case 'closed':
        this.#isOver = true;
        this.#deadlines.clearAll();
        return;
    }
  }

  #answer(message: TvsMessage): void {
    this.#questions += 1;
    const { command } = message;
    const isVerify = command === tvsCommand.VERIFY_REQ;
    if (!isVerify && command !== tvsCommand.QUERY_CERT_REQ) {
      this.#fail(undefined, `it sent command ${command}, which is no question`);
      return;
    }
    if (this.#questions > MAX_QUESTIONS) {
      this.#fail(undefined, `it asked more than ${MAX_QUESTIONS} questions on one connection`);
      return;
    }
    const read = readTvsElements(message, {
      device: tvsElement.device,
      certificate: tvsElement.certificate,
      subject: tvsElement.subject,
      issuer: tvsElement.issuer,
      serialNumber: tvsElement.serialNumber,
    });
    if (!read.ok) {
      this.#fail(undefined, `its question cannot be read: ${read.message}`);
      return;
    }
    const { device, certificate, subject, issuer, serialNumber } = read.value;
    if (isVerify && certificate === undefined) {
      this.#fail(device, 'it asked to verify a certificate and showed none');
      return;
    }
    const entry =
      certificate === undefined
        ? this.#lookup.byName({ subject, issuer, serialNumber })
        : this.#lookup.byCertificate(certificate);
    const about = certificate === undefined ? `the certificate of ${subject ?? 'no name'}` : 'a certificate it showed';
    this.#tell(entry === undefined ? 'not-vouched' : 'vouched', device, `it asked about ${about}`);
    this.#reply(
      message,
      isVerify ? tvsCommand.VERIFY_RES : tvsCommand.QUERY_CERT_RES,
      isVerify ? verdict(entry, this.#refusalTimeToLive) : found(entry, this.#refusalTimeToLive),
    );
  }

  #reply({ sessionId }: TvsMessage, command: number, elements: readonly WireElement[]): void {
    this.#outputs.push({ kind: 'transmit', bytes: encodeTvsMessage({ command, pad: 0, sessionId, elements }) });
  }

  #fail(device: string | undefined, cause: string): void {
    this.#tell('session-failed', device, cause);
    this.#close();
  }

  #tell(kind: TvsEvent['kind'], device: string | undefined, cause: string): void {
    this.#outputs.push({ kind: 'event', event: { kind, device, cause } });
  }

  #close(): void {
    this.#isOver = true;
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'close' });
  }
}

/** VERIFY_RES: status, roles, time to live. */
function verdict(entry: TvsEntry | undefined, refusalTimeToLive: number): readonly WireElement[] {
  return [
    element(tvsElement.status, entry === undefined ? INVALID : VALID),
    element(tvsElement.roles, Uint8Array.from(entry?.roles ?? [])),
    element(tvsElement.timeToLive, entry?.timeToLive ?? refusalTimeToLive),
  ];
}

/** QUERY_CERT_RES: the same with the certificate; of an unknown one, the status alone and how long it holds. */
function found(entry: TvsEntry | undefined, refusalTimeToLive: number): readonly WireElement[] {
  if (entry === undefined) {
    return [element(tvsElement.status, INVALID), element(tvsElement.timeToLive, refusalTimeToLive)];
  }
  return [
    element(tvsElement.status, VALID),
    element(tvsElement.certificate, entry.certificate),
    element(tvsElement.roles, Uint8Array.from(entry.roles)),
    element(tvsElement.timeToLive, entry.timeToLive),
  ];
}
