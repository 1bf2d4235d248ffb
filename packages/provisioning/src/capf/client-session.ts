import { X509Certificate } from 'node:crypto';
import { Deadlines, type Redacted } from '@trustline/base';
import { readDeviceRequestInfo } from '@trustline/pki';
import { element, type WireElement, type WireReject } from '../elements/elements.ts';
import {
  type CapfCertificate,
  type CapfKeyRequest,
  capfCertificateType,
  capfCurve,
  capfElement,
  capfHash,
  capfKeyType,
  capfReason,
  readCapfElements,
} from './elements.ts';
import { type CapfMessage, capfCommand, capfCommandName, encodeCapfMessage } from './message.ts';
import type { CapfProof } from './proof.ts';
import { type CapfSudi, encodeCapfSudi } from './sudi.ts';

/** How our phone proves itself; `nothing` is the null string of `capfAuthMode` 2. */
export type CapfCredential =
  | { readonly by: 'string'; readonly string: Redacted<string> }
  | { readonly by: 'nothing' }
  /** `makeCapfProof` makes it, from the LSC or the MIC. */
  | {
      readonly by: 'certificate';
      readonly proof: CapfProof;
      /** Signs the number of the session with the key of the MIC: `makeCapfSudi`. */
      readonly sudi?: ((sessionId: number) => CapfSudi) | undefined;
    };

export interface CapfClientOptions {
  readonly device: string;
  readonly credential: CapfCredential;
  /**
   * Keys that the phone has (SubjectPublicKeyInfo in DER): the one that it made when an outside authority was asked, the one
   * in use. A certificate for one of them is taken without another key being made.
   */
  readonly heldKeys?: readonly Uint8Array[];
  readonly timeouts?: Partial<CapfClientTimeouts>;
}

/** In milliseconds. */
export interface CapfClientTimeouts {
  /** For the server's next message. */
  readonly answer: number;
  /** Between two REQ_IN_PROGRESS while a key is being made. */
  readonly progress: number;
}

export const defaultCapfClientTimeouts: CapfClientTimeouts = { answer: 60_000, progress: 10_000 };

export type CapfClientInput =
  | { readonly kind: 'message'; readonly message: CapfMessage }
  | { readonly kind: 'rejected'; readonly reject: WireReject }
  /** The answer to `make-key`: a SubjectPublicKeyInfo in DER. */
  | { readonly kind: 'key-made'; readonly publicKey: Uint8Array }
  /** The answer to `sign`. */
  | { readonly kind: 'signed'; readonly signature: Uint8Array }
  /** The answer to `store` and `delete`. */
  | { readonly kind: 'kept' }
  /** The answer to `fetch`: the certificate that is in use. */
  | { readonly kind: 'own-certificate'; readonly certificate: CapfCertificate }
  /** `make-key`, `sign`, `store`, `delete` or `fetch` could not be carried out. */
  | { readonly kind: 'not-done' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed'; readonly cause: string };

export type CapfClientOutput =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  /** Keep it before answering: what comes of it may come days later. */
  | { readonly kind: 'make-key'; readonly key: CapfKeyRequest }
  /** Sign a request for a certificate with the key that was made last: SHA-256, PKCS#1 v1.5 or ECDSA in DER. */
  | { readonly kind: 'sign'; readonly data: Uint8Array }
  /** The certificate (DER) is for this key (SubjectPublicKeyInfo in DER), which the phone has. */
  | { readonly kind: 'store'; readonly certificate: Uint8Array; readonly publicKey: Uint8Array }
  | { readonly kind: 'delete' }
  | { readonly kind: 'fetch' }
  /** Nothing more will come: close the connection. */
  | { readonly kind: 'finished'; readonly result: CapfClientResult };

export interface CapfClientResult {
  readonly outcome:
    | 'installed'
    | 'deleted'
    | 'fetched'
    | 'no-action'
    | 'declined'
    | 'unknown-device'
    | 'retry-later'
    | 'failed';
  /** For people. */
  readonly reason: string;
  /** `retry-later`: milliseconds. */
  readonly after?: number;
}

type State = 'waiting' | 'authenticated' | 'making-key' | 'key-sent' | 'signing' | 'keeping' | 'done' | 'over';

const VERSION = 3;

/** One connection to CAPF, seen from a phone. Sans-IO: keys are made and certificates kept by whoever polls it. */
export class CapfClientSession {
  readonly #options: CapfClientOptions;
  readonly #timeouts: CapfClientTimeouts;
  readonly #outputs: CapfClientOutput[] = [];
  readonly #deadlines = new Deadlines<'answer' | 'progress'>();
  #state: State = 'waiting';
  #sessionId = 0;
  #publicKey: Uint8Array | undefined;
  /** The command by which the running request is answered. */
  #answer: number = capfCommand.STORE_CERT_RES;
  #outcome: 'installed' | 'deleted' | 'fetched' | undefined;

  constructor(now: number, options: CapfClientOptions) {
    this.#options = options;
    this.#timeouts = { ...defaultCapfClientTimeouts, ...options.timeouts };
    this.#deadlines.set('answer', now + this.#timeouts.answer);
  }

  poll(): CapfClientOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handle(now: number, input: CapfClientInput): void {
    if (this.#state === 'over') return;
    switch (input.kind) {
      case 'message':
        this.#take(now, input.message);
        return;
      case 'rejected':
        this.#finish('failed', `the server sent what cannot be read: ${input.reject.message}`);
        return;
      case 'key-made':
        this.#sendKey(now, input.publicKey);
        return;
      case 'signed':
        this.#sendSignature(now, input.signature);
        return;
      case 'kept':
        this.#confirm(now, [element(capfElement.reason, capfReason.done)]);
        return;
      case 'own-certificate':
        this.#confirm(now, [
          element(capfElement.reason, capfReason.done),
          element(capfElement.certificate, input.certificate),
        ]);
        return;
      case 'not-done':
        if (this.#state === 'signing') {
          this.#refuseToSign(now);
          return;
        }
        this.#outcome = undefined;
        this.#confirm(now, [element(capfElement.reason, capfReason.declined)]);
        return;
      case 'timeout':
        this.#timeout(now);
        return;
      case 'closed':
        this.#finish('failed', input.cause);
        return;
    }
  }

  #take(now: number, message: CapfMessage): void {
    const { command, sessionId } = message;
    if (this.#state !== 'waiting' && sessionId !== this.#sessionId) {
      this.#finish('failed', 'the server spoke of another session');
      return;
    }
    switch (command) {
      case capfCommand.END_SESSION:
        this.#end(message);
        return;
      case capfCommand.RETRY_LATER:
        this.#retryLater(message);
        return;
      case capfCommand.REQ_IN_PROGRESS:
        this.#deadlines.set('answer', now + this.#timeouts.answer);
        return;
      default:
    }
    if (this.#state === 'waiting' && command === capfCommand.AUTH_REQ) {
      this.#authenticate(now, message);
      return;
    }
    if (this.#state === 'authenticated') {
      if (command === capfCommand.KEY_GEN_REQ) {
        this.#makeKey(now, message);
        return;
      }
      if (command === capfCommand.DELETE_CERT_REQ) {
        this.#keep({ kind: 'delete' }, capfCommand.DELETE_CERT_RES);
        return;
      }
      if (command === capfCommand.FETCH_CERT_REQ) {
        this.#keep({ kind: 'fetch' }, capfCommand.FETCH_CERT_RES);
        return;
      }
    }
    if (this.#state === 'key-sent' && command === capfCommand.SIGN_CERT_REQ) {
      this.#sign(now, message);
      return;
    }
    const mayStore = this.#state === 'key-sent' || this.#state === 'authenticated';
    if (mayStore && command === capfCommand.STORE_CERT_REQ) {
      this.#store(now, message);
      return;
    }
    this.#finish('failed', `the server sent ${capfCommandName(command)}, which is out of turn`);
  }

  #authenticate(now: number, message: CapfMessage): void {
    const read = readCapfElements(message, { version: capfElement.version });
    if (!read.ok) {
      this.#finish('failed', `its AUTH_REQ cannot be read: ${read.message}`);
      return;
    }
    const { device, credential } = this.#options;
    this.#sessionId = message.sessionId;
    this.#state = 'authenticated';
    this.#transmit(now, capfCommand.AUTH_RES, [
      element(capfElement.version, VERSION),
      element(capfElement.deviceName, device),
      element(capfElement.reason, capfReason.done),
      ...credentialElements(credential, this.#sessionId),
    ]);
  }

  #makeKey(now: number, message: CapfMessage): void {
    const key = readKeyRequest(message);
    if (typeof key === 'string') {
      this.#finish('failed', key);
      return;
    }
    this.#state = 'making-key';
    this.#deadlines.clear('answer');
    this.#outputs.push({ kind: 'make-key', key });
    this.#progress(now);
  }

  /** Says that the key is being made, now and from time to time: making one takes old phones tens of seconds. */
  #progress(now: number): void {
    this.#transmit(now, capfCommand.REQ_IN_PROGRESS, []);
    this.#deadlines.clear('answer');
    this.#deadlines.set('progress', now + this.#timeouts.progress);
  }

  #sendKey(now: number, publicKey: Uint8Array): void {
    if (this.#state !== 'making-key') return;
    this.#deadlines.clear('progress');
    this.#publicKey = publicKey;
    this.#state = 'key-sent';
    this.#transmit(now, capfCommand.KEY_GEN_RES, [element(capfElement.publicKey, publicKey)]);
  }

  /** Nothing but a request for its own certificate: whoever has it sign something else gets nothing. */
  #sign(now: number, message: CapfMessage): void {
    const read = readCapfElements(message, { digest: capfElement.digestType, data: capfElement.signedData });
    const { digest, data } = read.ok ? read.value : {};
    this.#state = 'signing';
    const info = data && readDeviceRequestInfo(data);
    const isOwn =
      digest === capfHash['SHA-256'] &&
      info?.commonNames.length === 1 &&
      info.commonNames[0] === this.#options.device &&
      isSame(info.publicKey, this.#publicKey);
    if (!isOwn || data === undefined) {
      this.#refuseToSign(now);
      return;
    }
    this.#deadlines.clear('answer');
    this.#outputs.push({ kind: 'sign', data });
  }

  #sendSignature(now: number, signature: Uint8Array): void {
    if (this.#state !== 'signing') return;
    this.#state = 'key-sent';
    this.#transmit(now, capfCommand.SIGN_CERT_RES, [
      element(capfElement.reason, capfReason.done),
      element(capfElement.sha2Signature, { hash: capfHash['SHA-256'], signature }),
    ]);
  }

  #refuseToSign(now: number): void {
    this.#state = 'key-sent';
    this.#transmit(now, capfCommand.SIGN_CERT_RES, [element(capfElement.reason, capfReason.declined)]);
  }

  #store(now: number, message: CapfMessage): void {
    const read = readCapfElements(message, { certificate: capfElement.certificate });
    if (!read.ok) {
      this.#finish('failed', `its STORE_CERT_REQ cannot be read: ${read.message}`);
      return;
    }
    const { certificate } = read.value;
    this.#answer = capfCommand.STORE_CERT_RES;
    this.#state = 'keeping';
    const isLsc = certificate?.type === capfCertificateType.LSC;
    const publicKey = isLsc ? this.#keyOf(certificate.der) : undefined;
    if (!isLsc || publicKey === undefined) {
      this.#outcome = undefined;
      this.#confirm(now, [element(capfElement.reason, capfReason.declined)]);
      return;
    }
    this.#outcome = 'installed';
    this.#deadlines.clear('answer');
    this.#outputs.push({ kind: 'store', certificate: certificate.der, publicKey });
  }

  /** Which of its keys a certificate is for: the one that it has just made, else one that it has. */
  #keyOf(certificate: Uint8Array): Uint8Array | undefined {
    const certified = certifiedKey(certificate);
    const own = this.#publicKey === undefined ? (this.#options.heldKeys ?? []) : [this.#publicKey];
    return own.find((key) => isSame(key, certified));
  }

  #keep(output: { readonly kind: 'delete' | 'fetch' }, answer: number): void {
    this.#state = 'keeping';
    this.#answer = answer;
    this.#outcome = output.kind === 'delete' ? 'deleted' : 'fetched';
    this.#deadlines.clear('answer');
    this.#outputs.push(output);
  }

  #confirm(now: number, elements: readonly WireElement[]): void {
    if (this.#state === 'making-key') {
      this.#deadlines.clear('progress');
      this.#answer = capfCommand.KEY_GEN_RES;
    } else if (this.#state !== 'keeping') return;
    this.#state = 'done';
    this.#transmit(now, this.#answer, elements);
  }

  #end(message: CapfMessage): void {
    const read = readCapfElements(message, { reason: capfElement.reason });
    if (!read.ok) {
      this.#finish('failed', `its END_SESSION cannot be read: ${read.message}`);
      return;
    }
    const { reason } = read.value;
    if (this.#state === 'done' && this.#outcome !== undefined) {
      this.#finish(this.#outcome, `carried out (reason ${reason ?? 'not given'})`);
      return;
    }
    switch (reason) {
      case capfReason.noAction:
        this.#finish('no-action', 'nothing is pending for this device');
        return;
      case capfReason.unknownDevice:
        this.#finish('unknown-device', 'the server does not know this device');
        return;
      case capfReason.declined:
        this.#finish('declined', 'the server declined: wrong string, refused certificate, or locked');
        return;
      default:
        this.#finish('failed', `the server ended the session early (reason ${reason ?? 'not given'})`);
        return;
    }
  }

  #retryLater(message: CapfMessage): void {
    const read = readCapfElements(message, { delay: capfElement.retryDelay });
    const seconds = read.ok ? (read.value.delay ?? 60) : 60;
    const reason = `the server asks to come back in ${seconds} s`;
    this.#over({ outcome: 'retry-later', reason, after: seconds * 1000 });
  }

  #timeout(now: number): void {
    const due = this.#deadlines.takeDue(now);
    if (due === 'progress') this.#progress(now);
    if (due === 'answer') this.#finish('failed', 'the server did not answer in time');
  }

  #transmit(now: number, command: number, elements: readonly WireElement[]): void {
    this.#deadlines.set('answer', now + this.#timeouts.answer);
    const bytes = encodeCapfMessage({ command, sessionId: this.#sessionId, elements });
    this.#outputs.push({ kind: 'transmit', bytes });
  }

  #finish(outcome: Exclude<CapfClientResult['outcome'], 'retry-later'>, reason: string): void {
    this.#over({ outcome, reason });
  }

  #over(result: CapfClientResult): void {
    this.#state = 'over';
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'finished', result });
  }
}

function credentialElements(credential: CapfCredential, sessionId: number): readonly WireElement[] {
  switch (credential.by) {
    case 'string':
      return [element(capfElement.password, credential.string)];
    case 'nothing':
      return [];
    case 'certificate': {
      const { certificate, sha1Signature, sha2Signature } = credential.proof;
      const sudi = credential.sudi?.(sessionId);
      return [
        element(capfElement.certificate, certificate),
        ...(sha1Signature === undefined ? [] : [element(capfElement.signedData, sha1Signature)]),
        ...(sha2Signature === undefined ? [] : [element(capfElement.sha2Signature, sha2Signature)]),
        ...(sudi === undefined ? [] : [element(capfElement.sudiData, encodeCapfSudi(sudi))]),
      ];
    }
  }
}

/** The key that KEY_GEN_REQ asks for, or why it cannot be made. */
function readKeyRequest(message: CapfMessage): CapfKeyRequest | string {
  const read = readCapfElements(message, {
    size: capfElement.keySize,
    type: capfElement.keyType,
    curve: capfElement.curve,
  });
  if (!read.ok) return `its KEY_GEN_REQ cannot be read: ${read.message}`;
  const { size, type = capfKeyType.RSA, curve } = read.value;
  if (type === capfKeyType.RSA) {
    const isPossible = size !== undefined && size >= 1024 && size <= 4096;
    return isPossible ? { type: 'RSA', bits: size } : `the server asks for an RSA key of ${size ?? 'no'} bits`;
  }
  if (type !== capfKeyType.EC) return `the server asks for a key of unknown type ${type}`;
  const found = Object.entries(capfCurve).find(([name, number]) =>
    curve === undefined ? Number(name.slice(2)) === size : number === curve,
  );
  return found === undefined
    ? 'the server asks for a key on an unknown curve'
    : { type: 'EC', curve: found[0] as CapfCurveName };
}

type CapfCurveName = keyof typeof capfCurve;

function certifiedKey(certificate: Uint8Array): Uint8Array | undefined {
  try {
    return new X509Certificate(certificate).publicKey.export({ format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}

function isSame(one: Uint8Array, other: Uint8Array | undefined): boolean {
  return other?.byteLength === one.byteLength && one.every((octet, at) => octet === other[at]);
}
