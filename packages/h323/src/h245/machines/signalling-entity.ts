import { Deadlines } from '@trustline/base';
import type {
  IndicationMessage,
  MultimediaSystemControlMessage,
  RequestMessage,
  ResponseMessage,
} from '../../generated/h245.types.ts';

/** What is to be done after a call of a machine, in this order. */
export type EntityOutput<Event> =
  | { readonly kind: 'send'; readonly message: MultimediaSystemControlMessage }
  | { readonly kind: 'event'; readonly event: Event };

/**
 * What the signalling entities of H.245 Annex C have in common: outputs that wait to be taken, and one timer. A machine is
 * told what its user wants and what came from the peer; then `poll` is called until it gives nothing more. Times are
 * monotonic milliseconds.
 */
export abstract class SignallingEntity<Event> {
  readonly #outputs: EntityOutput<Event>[] = [];
  readonly #timer = new Deadlines<'timer'>();

  /** The next output, or undefined when there is none. */
  poll(): EntityOutput<Event> | undefined {
    return this.#outputs.shift();
  }

  /** When `handleTimeout` is to be called, or undefined where nothing is waited for. */
  nextDeadline(): number | undefined {
    return this.#timer.next();
  }

  handleTimeout(now: number): void {
    if (this.#timer.takeDue(now) !== undefined) this.expired(now);
  }

  /** The timer ran out. */
  protected abstract expired(now: number): void;

  protected start(at: number): void {
    this.#timer.set('timer', at);
  }

  protected stop(): void {
    this.#timer.clear('timer');
  }

  protected tell(event: Event): void {
    this.#outputs.push({ kind: 'event', event });
  }

  protected request(value: RequestMessage): void {
    this.#outputs.push({ kind: 'send', message: { kind: 'request', value } });
  }

  protected respond(value: ResponseMessage): void {
    this.#outputs.push({ kind: 'send', message: { kind: 'response', value } });
  }

  protected indicate(value: IndicationMessage): void {
    this.#outputs.push({ kind: 'send', message: { kind: 'indication', value } });
  }
}
