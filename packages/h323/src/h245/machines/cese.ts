import type {
  TerminalCapabilitySet,
  TerminalCapabilitySetAck,
  TerminalCapabilitySetReject,
} from '../../generated/h245.types.ts';
import { SignallingEntity } from './signalling-entity.ts';

/** T101, as OPAL has it; H.323 gives none. */
const T101 = 30_000;

/** A set without its number, which the machine gives it. Without anything but the version it is the empty one (H.323 §8.4.6). */
export type Capabilities = Omit<TerminalCapabilitySet, 'sequenceNumber'>;

export type OutgoingCapabilityEvent =
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'rejected'; readonly cause: TerminalCapabilitySetReject['cause'] }
  | { readonly kind: 'no-answer' };

/** Capability exchange, of our capabilities (H.245 §8.3, Annex C.3). */
export class OutgoingCapabilityExchangeEntity extends SignallingEntity<OutgoingCapabilityEvent> {
  #awaiting = false;
  #sequenceNumber = 0;

  /** TRANSFER.request. A set that waits for its answer is replaced: only the answer to the last one counts. */
  transfer(now: number, capabilities: Capabilities): void {
    this.#awaiting = true;
    this.#sequenceNumber = (this.#sequenceNumber + 1) % 256;
    this.request({
      kind: 'terminalCapabilitySet',
      value: { ...capabilities, sequenceNumber: this.#sequenceNumber },
    });
    this.start(now + T101);
  }

  receiveAck(_now: number, { sequenceNumber }: TerminalCapabilitySetAck): void {
    if (this.#answers(sequenceNumber)) this.tell({ kind: 'acknowledged' });
  }

  receiveReject(_now: number, { sequenceNumber, cause }: TerminalCapabilitySetReject): void {
    if (this.#answers(sequenceNumber)) this.tell({ kind: 'rejected', cause });
  }

  protected override expired(_now: number): void {
    this.#awaiting = false;
    this.indicate({ kind: 'terminalCapabilitySetRelease', value: {} });
    this.tell({ kind: 'no-answer' });
  }

  #answers(sequenceNumber: number): boolean {
    if (!this.#awaiting || sequenceNumber !== this.#sequenceNumber) return false;
    this.#awaiting = false;
    this.stop();
    return true;
  }
}

export type IncomingCapabilityEvent =
  /** To be accepted or rejected. */
  | { readonly kind: 'transferred'; readonly capabilities: TerminalCapabilitySet }
  /** The peer waits no longer. */
  | { readonly kind: 'released' };

/** Capability exchange, of the peer's capabilities: its last set counts, and replaces what was before. */
export class IncomingCapabilityExchangeEntity extends SignallingEntity<IncomingCapabilityEvent> {
  #sequenceNumber: number | undefined;

  receiveSet(_now: number, capabilities: TerminalCapabilitySet): void {
    this.#sequenceNumber = capabilities.sequenceNumber;
    this.tell({ kind: 'transferred', capabilities });
  }

  receiveRelease(_now: number): void {
    if (this.#sequenceNumber === undefined) return;
    this.#sequenceNumber = undefined;
    this.tell({ kind: 'released' });
  }

  /** TRANSFER.response; nothing where no set waits. */
  accept(): void {
    if (this.#sequenceNumber === undefined) return;
    this.respond({ kind: 'terminalCapabilitySetAck', value: { sequenceNumber: this.#sequenceNumber } });
    this.#sequenceNumber = undefined;
  }

  /** REJECT.request; nothing where no set waits. */
  reject(cause: TerminalCapabilitySetReject['cause']): void {
    if (this.#sequenceNumber === undefined) return;
    this.respond({ kind: 'terminalCapabilitySetReject', value: { sequenceNumber: this.#sequenceNumber, cause } });
    this.#sequenceNumber = undefined;
  }

  // Nothing is waited for.
  protected override expired(_now: number): void {}
}
