import { H323Error } from '../../error.ts';
import { elementOf, type Q931Message } from '../../q931/message.ts';
import { ElementId, MessageType } from '../../q931/message-types.ts';
import type { BrokenMessage, CallSignallingMessage } from '../call-signalling.ts';
import { CallEntity, type CallEvent, type CallTimers, callStates } from './call.ts';
import { type Identity, releaseMessage, statusMessage } from './call-message.ts';

/** Causes of Q.850 for messages of no call. */
const STATUS_ENQUIRED = 30;
const NO_RESOURCES = 47;
const INVALID_CALL_REFERENCE = 81;
const ELEMENT_MISSING = 96;
const INVALID_CONTENTS = 100;
const INCOMPATIBLE_STATE = 101;
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
    const { callReference } = message;
    const call = this.#callOf(message);
    if (call !== undefined) {
      call.receive(now, message);
      return;
    }
    if (beginsCall(message)) {
      if (this.size >= this.#options.maxCalls) {
        this.#refuse(message, NO_RESOURCES);
        return;
      }
      const incoming = this.#entity(callReference.value, false, this.#options.identity);
      incoming.receive(now, message);
      if (incoming.state !== 'null') this.#incoming.set(callReference.value, incoming);
      else this.#refuse(message, message.userInformation === undefined ? ELEMENT_MISSING : INVALID_CONTENTS);
      return;
    }
    this.dropped += 1;
    this.#answerUnrelated(message);
  }

  /** What cannot all be read (Q.931 §5.8.6): a Setup is refused, a call that there is decides itself. */
  receiveBroken({ message, cause }: BrokenMessage): void {
    this.dropped += 1;
    const call = this.#callOf(message);
    if (call !== undefined) call.receiveBroken(message, cause);
    else if (beginsCall(message)) this.#refuse(message, cause);
    else this.#answerUnrelated(message);
  }

  /** The flag says that the sender did not choose the reference: then we did. */
  #callOf({ callReference: { fromDestination, value, length } }: Q931Message): CallEntity | undefined {
    return length === 0 ? undefined : (fromDestination ? this.#outgoing : this.#incoming).get(value);
  }

  /** Q.931 §5.8.3.2, §5.8.10 and §5.8.11: a message of no call. What ends nothing is ignored, and a Setup with the wrong flag. */
  #answerUnrelated(message: CallSignallingMessage): void {
    const { type, callReference } = message;
    if (callReference.length === 0 || type === MessageType.ReleaseComplete || type === MessageType.Setup) return;
    if (type === MessageType.Status) {
      const state = elementOf(message, ElementId.CallState)?.[0] ?? 0;
      if (state !== 0 && callReference.value !== 0) this.#refuse(message, INCOMPATIBLE_STATE);
    } else if (type === MessageType.StatusEnquiry) {
      this.#tellStatus(message, STATUS_ENQUIRED);
    } else if (callReference.value === 0) {
      const restarts = type === MessageType.Restart || type === MessageType.RestartAcknowledge;
      if (!restarts) this.#tellStatus(message, INVALID_CALL_REFERENCE);
    } else {
      this.#refuse(message, INVALID_CALL_REFERENCE);
    }
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

  #refuse(message: CallSignallingMessage, cause: number): void {
    this.#answer(message, releaseMessage(undefined, cause, {}, false));
  }

  /** Of a call that is none: its state is null, and its identifier that of who asks. */
  #tellStatus(message: CallSignallingMessage, cause: number): void {
    const body = message.userInformation?.['h323-uu-pdu']['h323-message-body'];
    const told = body?.kind === 'statusInquiry' ? body.value.callIdentifier.guid : undefined;
    const identity = { ...this.#options.identity, callIdentifier: told ?? new Uint8Array(16) };
    this.#answer(message, statusMessage(identity, cause, callStates.null, false));
  }

  #answer({ callReference }: Q931Message, parts: Omit<CallSignallingMessage, 'callReference'>): void {
    const fromDestination = !callReference.fromDestination;
    this.#stray.push({ ...parts, callReference: { ...callReference, fromDestination } });
  }
}

/** Zero is the global reference, but Asterisk numbers calls by it [R]; the dummy one, of no octet, is no call's. */
function beginsCall({ type, callReference: { fromDestination, length } }: Q931Message): boolean {
  return type === MessageType.Setup && !fromDestination && length !== 0;
}
