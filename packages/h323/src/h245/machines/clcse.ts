import type { RequestChannelClose, RequestChannelCloseReject } from '../../generated/h245.types.ts';
import { SignallingEntity } from './signalling-entity.ts';

/** T108: H.323 gives none; as long as the other timers of channels. */
const T108 = 30_000;

type CloseTerms = Omit<RequestChannelClose, 'forwardLogicalChannelNumber'>;

export type OutgoingCloseEvent =
  /** The peer will close its channel; that comes by the channel's own machine. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'rejected'; readonly cause: RequestChannelCloseReject['cause'] }
  | { readonly kind: 'no-answer' };

/** The peer is asked to close a channel that it opened (H.245 §8.5, Annex C.6). */
export class OutgoingCloseLogicalChannelEntity extends SignallingEntity<OutgoingCloseEvent> {
  readonly #number: number;
  #awaiting = false;

  constructor(number: number) {
    super();
    this.#number = number;
  }

  /** CLOSE.request; nothing where an answer is waited for. */
  close(now: number, terms: CloseTerms = {}): void {
    if (this.#awaiting) return;
    this.#awaiting = true;
    this.request({ kind: 'requestChannelClose', value: { ...terms, forwardLogicalChannelNumber: this.#number } });
    this.start(now + T108);
  }

  receiveAck(_now: number): void {
    this.#end({ kind: 'accepted' });
  }

  receiveReject(_now: number, { cause }: RequestChannelCloseReject): void {
    this.#end({ kind: 'rejected', cause });
  }

  protected override expired(_now: number): void {
    this.indicate({ kind: 'requestChannelCloseRelease', value: { forwardLogicalChannelNumber: this.#number } });
    this.#end({ kind: 'no-answer' });
  }

  #end(event: OutgoingCloseEvent): void {
    if (!this.#awaiting) return;
    this.#awaiting = false;
    this.stop();
    this.tell(event);
  }
}

export type IncomingCloseEvent =
  /** To be accepted, and the channel released, or rejected. */
  { readonly kind: 'asked'; readonly request: RequestChannelClose } | { readonly kind: 'released' };

/** The peer asks us to close a channel that we opened. */
export class IncomingCloseLogicalChannelEntity extends SignallingEntity<IncomingCloseEvent> {
  readonly #number: number;
  #asked = false;

  constructor(number: number) {
    super();
    this.#number = number;
  }

  receiveRequest(_now: number, request: RequestChannelClose): void {
    this.#asked = true;
    this.tell({ kind: 'asked', request });
  }

  receiveRelease(_now: number): void {
    if (!this.#asked) return;
    this.#asked = false;
    this.tell({ kind: 'released' });
  }

  /** CLOSE.response; nothing where nobody asked. */
  accept(): void {
    if (!this.#asked) return;
    this.#asked = false;
    this.respond({ kind: 'requestChannelCloseAck', value: { forwardLogicalChannelNumber: this.#number } });
  }

  /** REJECT.request; nothing where nobody asked. */
  reject(): void {
    if (!this.#asked) return;
    this.#asked = false;
    this.respond({
      kind: 'requestChannelCloseReject',
      value: { forwardLogicalChannelNumber: this.#number, cause: { kind: 'unspecified' } },
    });
  }

  // Nothing is waited for.
  protected override expired(_now: number): void {}
}
