import { H323Error } from '../../error.ts';
import { MessageType } from '../../q931/message-types.ts';
import type { CallSignallingMessage } from '../call-signalling.ts';
import { CallEntity, type CallEvent, type CallTimers } from './call.ts';
import { type Identity, releaseMessage } from './call-message.ts';

/** Invalid call reference value, and resources unavailable (Q.850). */
const INVALID_CALL_REFERENCE = 81;
const NO_RESOURCES = 47;
const LARGEST_REFERENCE = 0x7fff;

export type ConnectionOutput =
  | { readonly kind: 'send'; readonly message: CallSignallingMessage }
  | { readonly kind: 'event'; readonly call: CallEntity; readonly event: CallEvent };

export interface ConnectionOptions {
  /** For calls that come; their identifiers are replaced by those of the Setup. */
  readonly identity: Identity;
  /** Calls at once on this connection, of both directions: a Setup beyond them is refused. */
  readonly maxCalls: number;
  readonly timers?: CallTimers;
  /** A number of 1 to 32,767: where our call references begin. */
  readonly firstCallReference: number;
}

/**
 * The calls of one call signalling connection, by call reference. Each side numbers the calls that it makes, so the same
 * number may stand for two of them: the flag says whose (Q.931 §4.3).
 */
export class CallConnection {
  readonly #options: ConnectionOptions;
  readonly #outgoing = new Map<number, CallEntity>();
  readonly #incoming = new Map<number, CallEntity>();
  readonly #stray: CallSignallingMessage[] = [];
  #nextReference: number;
  /** Whether the connection is proven to be protected. A message with a key does not leave while it is not. */
  proven = false;
  /** Messages with a key that did not leave. */
  withheld = 0;
  /** Messages for no call, or out of the turn of their call. */
  dropped = 0;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#nextReference = options.firstCallReference;
  }

  get size(): number {
    return this.#outgoing.size + this.#incoming.size;
  }

  /** A call that we make. Throws `h323.too-many` where the connection holds as many as it may. */
  call(identity: Identity): CallEntity {
    if (this.size >= this.#options.maxCalls) {
      throw new H323Error('h323.too-many', `the connection holds ${this.size} calls, as many as it may`);
    }
    while (this.#outgoing.has(this.#nextReference)) this.#nextReference = (this.#nextReference % LARGEST_REFERENCE) + 1;
    const callReference = this.#nextReference;
    this.#nextReference = (callReference % LARGEST_REFERENCE) + 1;
    const call = this.#entity(callReference, true, identity);
    this.#outgoing.set(callReference, call);
    return call;
  }

  receive(now: number, message: CallSignallingMessage): void {
    const { callReference, type } = message;
    // The flag says that the sender did not choose the reference: then we did.
    const calls = callReference.fromDestination ? this.#outgoing : this.#incoming;
    const call = calls.get(callReference.value);
    if (call !== undefined) {
      call.receive(now, message);
      return;
    }
    // Zero is the global reference, but Asterisk numbers calls by it [R].
    if (type === MessageType.Setup && !callReference.fromDestination) {
      if (this.size >= this.#options.maxCalls) {
        this.#refuse(message, NO_RESOURCES);
        return;
      }
      const incoming = this.#entity(callReference.value, false, this.#options.identity);
      incoming.receive(now, message);
      if (incoming.state !== 'null') this.#incoming.set(callReference.value, incoming);
      else this.#refuse(message, 96);
      return;
    }
    this.dropped += 1;
    // Q.931 §5.8.3.2: what ends nothing is ignored; so are a Setup with the wrong flag and a Status.
    const quiet: readonly number[] = [MessageType.ReleaseComplete, MessageType.Setup, MessageType.Status];
    if (!quiet.includes(type) && callReference.value !== 0) this.#refuse(message, INVALID_CALL_REFERENCE);
  }

  /** What Q.931 allowed to read and User-user did not: the call, where there is one, goes on; a Setup is refused. */
  receiveBroken(message: Pick<CallSignallingMessage, 'callReference' | 'type' | 'elements'>): void {
    this.dropped += 1;
    if (message.type === MessageType.Setup && !message.callReference.fromDestination) this.#refuse(message, 100);
  }

  lost(): void {
    for (const call of this.#calls()) call.connectionLost();
  }

  poll(): ConnectionOutput | undefined {
    const stray = this.#stray.shift();
    if (stray !== undefined) return { kind: 'send', message: stray };
    for (const call of this.#calls()) {
      let output = call.poll();
      for (; output?.kind === 'send' && output.holdsKey && !this.proven; output = call.poll()) this.withheld += 1;
      if (output?.kind === 'send') return { kind: 'send', message: output.message };
      if (output !== undefined) return { kind: 'event', call, event: output.event };
      if (call.state === 'null') this.#forget(call);
    }
    return undefined;
  }

  nextDeadline(): number | undefined {
    const all = this.#calls().flatMap((call) => call.nextDeadline() ?? []);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  handleTimeout(now: number): void {
    for (const call of this.#calls()) call.handleTimeout(now);
  }

  #calls(): CallEntity[] {
    return [...this.#outgoing.values(), ...this.#incoming.values()];
  }

  /** One that we are yet to set up has no state either, and is kept. */
  #forget(call: CallEntity): void {
    if (!call.ended) return;
    for (const calls of [this.#outgoing, this.#incoming]) {
      if (calls.get(call.callReference) === call) calls.delete(call.callReference);
    }
  }

  #entity(callReference: number, outgoing: boolean, identity: Identity): CallEntity {
    const { timers } = this.#options;
    return new CallEntity({ callReference, outgoing, identity, ...(timers === undefined ? {} : { timers }) });
  }

  #refuse({ callReference }: Pick<CallSignallingMessage, 'callReference'>, cause: number): void {
    const parts = releaseMessage(undefined, cause, {}, false);
    const fromDestination = !callReference.fromDestination;
    this.#stray.push({ ...parts, callReference: { ...callReference, fromDestination } });
  }
}
