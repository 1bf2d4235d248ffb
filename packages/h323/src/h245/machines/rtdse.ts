import type { RoundTripDelayRequest, RoundTripDelayResponse } from '../../generated/h245.types.ts';
import { SignallingEntity } from './signalling-entity.ts';

/** T105, as OPAL has it; H.323 gives none. */
const T105 = 10_000;

export type RoundTripEvent =
  | { readonly kind: 'measured'; readonly milliseconds: number }
  /** The peer may be gone. */
  | { readonly kind: 'no-answer' };

/** Round trip delay (H.245 §8.10, Annex C.11): whether the peer is there, and how far. */
export class RoundTripDelayEntity extends SignallingEntity<RoundTripEvent> {
  #asked: number | undefined;
  #sequenceNumber = 0;

  /** TRANSFER.request. A measurement that waits for its answer is given up for the new one. */
  measure(now: number): void {
    this.#asked = now;
    this.#sequenceNumber = (this.#sequenceNumber + 1) % 256;
    this.request({ kind: 'roundTripDelayRequest', value: { sequenceNumber: this.#sequenceNumber } });
    this.start(now + T105);
  }

  /** It is answered at once: some peers end a call of which several are not [R: Asterisk]. */
  receiveRequest(_now: number, { sequenceNumber }: RoundTripDelayRequest): void {
    this.respond({ kind: 'roundTripDelayResponse', value: { sequenceNumber } });
  }

  receiveResponse(now: number, { sequenceNumber }: RoundTripDelayResponse): void {
    if (this.#asked === undefined || sequenceNumber !== this.#sequenceNumber) return;
    this.stop();
    this.tell({ kind: 'measured', milliseconds: now - this.#asked });
    this.#asked = undefined;
  }

  protected override expired(_now: number): void {
    this.#asked = undefined;
    this.tell({ kind: 'no-answer' });
  }
}
