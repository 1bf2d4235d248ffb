import type { RequestMode, RequestModeAck, RequestModeReject } from '../../generated/h245.types.ts';
import { SignallingEntity } from './signalling-entity.ts';

/** T109: H.323 gives none; as long as the timer of capabilities. */
const T109 = 30_000;

export type OutgoingModeEvent =
  | { readonly kind: 'accepted'; readonly response: RequestModeAck['response'] }
  | { readonly kind: 'rejected'; readonly cause: RequestModeReject['cause'] }
  | { readonly kind: 'no-answer' };

/** The peer is asked to send in another mode (H.245 §8.9, Annex C.9), as from voice to T.38. */
export class OutgoingModeRequestEntity extends SignallingEntity<OutgoingModeEvent> {
  #awaiting = false;
  #sequenceNumber = 0;

  /** TRANSFER.request, the most wanted mode first. A request that waits for its answer is replaced. */
  ask(now: number, requestedModes: RequestMode['requestedModes']): void {
    this.#awaiting = true;
    this.#sequenceNumber = (this.#sequenceNumber + 1) % 256;
    this.request({ kind: 'requestMode', value: { sequenceNumber: this.#sequenceNumber, requestedModes } });
    this.start(now + T109);
  }

  receiveAck(_now: number, { sequenceNumber, response }: RequestModeAck): void {
    if (this.#answers(sequenceNumber)) this.tell({ kind: 'accepted', response });
  }

  receiveReject(_now: number, { sequenceNumber, cause }: RequestModeReject): void {
    if (this.#answers(sequenceNumber)) this.tell({ kind: 'rejected', cause });
  }

  protected override expired(_now: number): void {
    this.#awaiting = false;
    this.indicate({ kind: 'requestModeRelease', value: {} });
    this.tell({ kind: 'no-answer' });
  }

  #answers(sequenceNumber: number): boolean {
    if (!this.#awaiting || sequenceNumber !== this.#sequenceNumber) return false;
    this.#awaiting = false;
    this.stop();
    return true;
  }
}

export type IncomingModeEvent =
  /** To be accepted or rejected. */
  { readonly kind: 'asked'; readonly requestedModes: RequestMode['requestedModes'] } | { readonly kind: 'released' };

/** The peer asks us to send in another mode; its last request counts. */
export class IncomingModeRequestEntity extends SignallingEntity<IncomingModeEvent> {
  #sequenceNumber: number | undefined;

  receiveRequest(_now: number, { sequenceNumber, requestedModes }: RequestMode): void {
    this.#sequenceNumber = sequenceNumber;
    this.tell({ kind: 'asked', requestedModes });
  }

  receiveRelease(_now: number): void {
    if (this.#sequenceNumber === undefined) return;
    this.#sequenceNumber = undefined;
    this.tell({ kind: 'released' });
  }

  /** TRANSFER.response; nothing where nobody asked. */
  accept(response: RequestModeAck['response']): void {
    if (this.#sequenceNumber === undefined) return;
    this.respond({ kind: 'requestModeAck', value: { sequenceNumber: this.#sequenceNumber, response } });
    this.#sequenceNumber = undefined;
  }

  /** REJECT.request; nothing where nobody asked. */
  reject(cause: RequestModeReject['cause']): void {
    if (this.#sequenceNumber === undefined) return;
    this.respond({ kind: 'requestModeReject', value: { sequenceNumber: this.#sequenceNumber, cause } });
    this.#sequenceNumber = undefined;
  }

  // Nothing is waited for.
  protected override expired(_now: number): void {}
}
