import type {
  CloseLogicalChannel,
  OpenLogicalChannel,
  OpenLogicalChannelAck,
  OpenLogicalChannelReject,
} from '../../generated/h245.types.ts';
import { SignallingEntity } from './signalling-entity.ts';

/** T103, as OPAL has it; H.323 gives none. */
const T103 = 30_000;

type AckTerms = Omit<OpenLogicalChannelAck, 'forwardLogicalChannelNumber'>;

export type OutgoingChannelEvent =
  | { readonly kind: 'established'; readonly ack: OpenLogicalChannelAck }
  | { readonly kind: 'rejected'; readonly cause: OpenLogicalChannelReject['cause'] }
  | { readonly kind: 'released'; readonly because: 'asked' | 'no-answer' | 'peer' };

/** A unidirectional logical channel that we open (H.245 §8.4, Annex C.4): what we send goes through it. */
export class OutgoingLogicalChannelEntity extends SignallingEntity<OutgoingChannelEvent> {
  readonly #number: number;
  #state: 'released' | 'awaiting-establishment' | 'established' | 'awaiting-release' = 'released';

  /** `number` is ours among the channels that we open, 1 to 65,535. */
  constructor(number: number) {
    super();
    this.#number = number;
  }

  get number(): number {
    return this.#number;
  }

  /** ESTABLISH.request; nothing where the channel is open or being opened. */
  establish(now: number, channel: Omit<OpenLogicalChannel, 'forwardLogicalChannelNumber'>): void {
    if (this.#state !== 'released' && this.#state !== 'awaiting-release') return;
    this.#state = 'awaiting-establishment';
    this.request({ kind: 'openLogicalChannel', value: { ...channel, forwardLogicalChannelNumber: this.#number } });
    this.start(now + T103);
  }

  /** The channel was opened by fast connect (H.323 §8.1.7): it is closed as any other. */
  establishedByFastConnect(): void {
    if (this.#state === 'released') this.#state = 'established';
  }

  /** RELEASE.request; nothing where the channel is closed or being closed. */
  release(now: number): void {
    if (this.#state !== 'awaiting-establishment' && this.#state !== 'established') return;
    this.#state = 'awaiting-release';
    this.#close('user');
    this.start(now + T103);
  }

  receiveAck(_now: number, ack: OpenLogicalChannelAck): void {
    if (this.#state !== 'awaiting-establishment') return;
    this.#state = 'established';
    this.stop();
    this.tell({ kind: 'established', ack });
  }

  receiveReject(_now: number, { cause }: OpenLogicalChannelReject): void {
    if (this.#state === 'awaiting-establishment') this.#end({ kind: 'rejected', cause });
    else if (this.#state === 'awaiting-release') this.#end({ kind: 'released', because: 'asked' });
    else if (this.#state === 'established') this.#end({ kind: 'released', because: 'peer' });
  }

  receiveCloseAck(_now: number): void {
    if (this.#state === 'awaiting-release') this.#end({ kind: 'released', because: 'asked' });
    else if (this.#state === 'established') this.#end({ kind: 'released', because: 'peer' });
  }

  protected override expired(_now: number): void {
    if (this.#state === 'awaiting-establishment') this.#close('lcse');
    this.#end({ kind: 'released', because: 'no-answer' });
  }

  #close(source: CloseLogicalChannel['source']['kind']): void {
    this.request({
      kind: 'closeLogicalChannel',
      value: { forwardLogicalChannelNumber: this.#number, source: { kind: source } },
    });
  }

  #end(event: OutgoingChannelEvent): void {
    this.#state = 'released';
    this.stop();
    this.tell(event);
  }
}

export type IncomingChannelEvent =
  /** To be established or rejected. */
  | { readonly kind: 'asked'; readonly channel: OpenLogicalChannel }
  | { readonly kind: 'released'; readonly source: CloseLogicalChannel['source']['kind'] };

/** A unidirectional logical channel that the peer opens: what it sends comes through it. */
export class IncomingLogicalChannelEntity extends SignallingEntity<IncomingChannelEvent> {
  readonly #number: number;
  #state: 'released' | 'awaiting-establishment' | 'established' = 'released';

  /** `number` is the peer's among the channels that it opens. */
  constructor(number: number) {
    super();
    this.#number = number;
  }

  receiveOpen(_now: number, channel: OpenLogicalChannel): void {
    // It begins anew: what was before is over.
    if (this.#state !== 'released') this.tell({ kind: 'released', source: 'lcse' });
    this.#state = 'awaiting-establishment';
    this.tell({ kind: 'asked', channel });
  }

  /** A close is always acknowledged: the peer may have missed that the channel was never open. */
  receiveClose(_now: number, { source }: CloseLogicalChannel): void {
    if (this.#state !== 'released') this.tell({ kind: 'released', source: source.kind });
    this.#state = 'released';
    this.respond({ kind: 'closeLogicalChannelAck', value: { forwardLogicalChannelNumber: this.#number } });
  }

  /** ESTABLISH.response, with where we receive; nothing where nobody asked. */
  establish(terms: AckTerms): void {
    if (this.#state !== 'awaiting-establishment') return;
    this.#state = 'established';
    this.respond({ kind: 'openLogicalChannelAck', value: { ...terms, forwardLogicalChannelNumber: this.#number } });
  }

  /** The channel was opened by fast connect. */
  establishedByFastConnect(): void {
    if (this.#state === 'released') this.#state = 'established';
  }

  /** RELEASE.request in place of an answer; nothing where nobody asked. */
  reject(cause: OpenLogicalChannelReject['cause']): void {
    if (this.#state !== 'awaiting-establishment') return;
    this.#state = 'released';
    this.respond({ kind: 'openLogicalChannelReject', value: { forwardLogicalChannelNumber: this.#number, cause } });
  }

  // Nothing is waited for.
  protected override expired(_now: number): void {}
}
