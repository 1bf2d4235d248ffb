import { signedDeviceRequest } from '@trustline/pki';
import { element, type WireElement } from '../elements/elements.ts';
import { capfElement, capfHash, readCapfElements } from './elements.ts';
import type { OutsideIssue } from './enrolment-types.ts';
import { type CapfMessage, capfCommand, capfCommandName } from './message.ts';
import type { CapfServerInput } from './server-session-types.ts';

/** What a phone is asked to sign, and for which key it has made; see `capfCommand` for the form. */
export class OutsideRequest {
  readonly #publicKey: Uint8Array;
  readonly #info: Uint8Array;

  /** @param info CertificationRequestInfo in DER */
  constructor(publicKey: Uint8Array, info: Uint8Array) {
    this.#publicKey = publicKey;
    this.#info = info;
  }

  /** Of SIGN_CERT_REQ. */
  get elements(): readonly WireElement[] {
    return [element(capfElement.digestType, capfHash['SHA-256']), element(capfElement.signedData, this.#info)];
  }

  /**
   * What is to be kept of the phone's answer, whatever it is: old phones do not know the question, and some go away at
   * what they do not know. Undefined while it says that it is busy, and for what is no answer of a phone.
   */
  answered(input: CapfServerInput): AnsweredRequest | undefined {
    switch (input.kind) {
      case 'message':
        return this.#answeredBy(input.message);
      case 'rejected':
        return this.#unsigned(`its answer cannot be read: ${input.reject.message}`);
      case 'timeout':
        return this.#unsigned('it did not answer in time');
      case 'closed':
        return this.#unsigned(input.cause);
      default:
        return undefined;
    }
  }

  #answeredBy(message: CapfMessage): AnsweredRequest | undefined {
    if (message.command === capfCommand.REQ_IN_PROGRESS) return undefined;
    if (message.command !== capfCommand.SIGN_CERT_RES) {
      return this.#unsigned(`it answered by ${capfCommandName(message.command)}`);
    }
    const read = readCapfElements(message, { reason: capfElement.reason, signature: capfElement.sha2Signature });
    if (!read.ok) return this.#unsigned(`its answer cannot be read: ${read.message}`);
    const { reason, signature } = read.value;
    if (signature === undefined) return this.#unsigned(`it will not (reason ${reason ?? 'not given'})`);
    const isSha256 = signature.hash === capfHash['SHA-256'];
    const request = isSha256 ? signedDeviceRequest(this.#info, signature.signature) : undefined;
    if (request === undefined) return this.#unsigned('its signature is not by the key that it has made');
    const cause = `${waits}; it has signed the request. ${next}`;
    return { outside: { publicKey: this.#publicKey, request, certificate: undefined }, cause };
  }

  #unsigned(why: string): AnsweredRequest {
    const cause = `${waits}; it has signed no request (${why}), so that its word alone shows that the key is its own. ${next}`;
    return { outside: { publicKey: this.#publicKey, request: undefined, certificate: undefined }, cause };
  }
}

export interface AnsweredRequest {
  readonly outside: OutsideIssue;
  /** For an operator. */
  readonly cause: string;
}

const waits = 'its key waits for a certificate of the outside authority';
const next = 'Next: trustline capf csr';
