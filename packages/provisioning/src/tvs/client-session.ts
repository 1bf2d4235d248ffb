import { Deadlines } from '@trustline/base';
import { element, type WireReject } from '../elements/elements.ts';
import { encodeTvsMessage, readTvsElements, type TvsMessage, tvsCommand, tvsElement } from './message.ts';

/** What a phone asks. */
export type TvsQuestion =
  /** Is this certificate (DER) one that the cluster vouches for? */
  | { readonly kind: 'verify'; readonly certificate: Uint8Array }
  /** Which certificate is this? Asked about the signer of a trust list that is in no list yet. */
  | { readonly kind: 'query'; readonly subject: string; readonly issuer: string; readonly serialNumber: Uint8Array };

export type TvsAnswer =
  | {
      readonly outcome: 'valid';
      /** The one that was asked about, or that was found. Check that it is the one that you mean. */
      readonly certificate: Uint8Array;
      readonly roles: readonly number[];
      /** Seconds for which it may be remembered. */
      readonly timeToLive: number;
    }
  | { readonly outcome: 'invalid'; readonly timeToLive: number }
  | { readonly outcome: 'failed'; readonly reason: string };

export interface TvsClientOptions {
  /** As the phone calls itself: `CP-8861-SEP001122334455`. */
  readonly device: string;
  readonly sessionId: number;
  readonly question: TvsQuestion;
  /** Milliseconds. */
  readonly answerTimeout?: number;
}

export type TvsClientInput =
  | { readonly kind: 'message'; readonly message: TvsMessage }
  | { readonly kind: 'rejected'; readonly reject: WireReject }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'closed'; readonly cause: string };

export type TvsClientOutput =
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  | { readonly kind: 'finished'; readonly answer: TvsAnswer };

/** One question to the trust verification service, seen from a phone. Sans-IO. */
export class TvsClientSession {
  readonly #options: TvsClientOptions;
  readonly #outputs: TvsClientOutput[] = [];
  readonly #deadlines = new Deadlines<'answer'>();
  #isOver = false;

  constructor(now: number, options: TvsClientOptions) {
    this.#options = options;
    this.#deadlines.set('answer', now + (options.answerTimeout ?? 10_000));
    this.#ask();
  }

  poll(): TvsClientOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handle(now: number, input: TvsClientInput): void {
    if (this.#isOver) return;
    switch (input.kind) {
      case 'message':
        this.#finish(this.#read(input.message));
        return;
      case 'rejected':
        this.#finish(failed(`the server sent what cannot be read: ${input.reject.message}`));
        return;
      case 'timeout':
        if (this.#deadlines.takeDue(now) !== undefined) this.#finish(failed('the server did not answer in time'));
        return;
      case 'closed':
        this.#finish(failed(input.cause));
        return;
    }
  }

  #ask(): void {
    const { device, sessionId, question } = this.#options;
    const isVerify = question.kind === 'verify';
    const bytes = encodeTvsMessage({
      command: isVerify ? tvsCommand.VERIFY_REQ : tvsCommand.QUERY_CERT_REQ,
      pad: 0,
      sessionId,
      elements: [
        element(tvsElement.device, device),
        ...(isVerify
          ? [element(tvsElement.certificate, question.certificate)]
          : [
              element(tvsElement.subject, question.subject),
              element(tvsElement.issuer, question.issuer),
              element(tvsElement.serialNumber, question.serialNumber),
            ]),
      ],
    });
    this.#outputs.push({ kind: 'transmit', bytes });
  }

  #read(message: TvsMessage): TvsAnswer {
    const { sessionId, question } = this.#options;
    const expected = question.kind === 'verify' ? tvsCommand.VERIFY_RES : tvsCommand.QUERY_CERT_RES;
    if (message.sessionId !== sessionId) return failed('the server answered another question');
    if (message.command !== expected) return failed(`the server sent command ${message.command}, not an answer`);
    const read = readTvsElements(message, {
      status: tvsElement.status,
      certificate: tvsElement.certificate,
      roles: tvsElement.roles,
      timeToLive: tvsElement.timeToLive,
    });
    if (!read.ok) return failed(`its answer cannot be read: ${read.message}`);
    const { status, roles, timeToLive = 0 } = read.value;
    if (status === undefined) return failed('its answer has no status');
    if (status !== 0) return { outcome: 'invalid', timeToLive };
    const certificate = question.kind === 'verify' ? question.certificate : read.value.certificate;
    if (certificate === undefined) return failed('its answer says valid and holds no certificate');
    return { outcome: 'valid', certificate, roles: [...(roles ?? [])], timeToLive };
  }

  #finish(answer: TvsAnswer): void {
    this.#isOver = true;
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'finished', answer });
  }
}

function failed(reason: string): TvsAnswer {
  return { outcome: 'failed', reason };
}
