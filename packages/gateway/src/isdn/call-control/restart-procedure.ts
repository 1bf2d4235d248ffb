import { Deadlines } from '@trustline/base';
import { MessageType } from '@trustline/h323';
import { CauseValue } from './causes.ts';
import { causeOf, writeMessage } from './messages.ts';
import type { ReceivedMessage } from './received-message.ts';

/** One channel, or every one of the interface. */
export type RestartScope = number | 'interface';

export type RestartOutput =
  | { readonly kind: 'transmit'; readonly octets: Uint8Array }
  /** The other side restarts these: calls on them are gone, and they are idle. */
  | { readonly kind: 'restarted-by-far-end'; readonly channels: readonly number[] }
  /** Our RESTART was acknowledged, or was not, though it was sent twice. */
  | { readonly kind: 'acknowledged' | 'failed'; readonly scope: RestartScope };

export interface RestartOptions {
  readonly T316: number;
  readonly location: number;
  /** The B channels that there are. */
  readonly channels: readonly number[];
}

const INDICATED_CHANNELS = 0;
const SINGLE_INTERFACE = 6;
const ALL_INTERFACES = 7;
/** Call states of the global call reference (Q.931 §2.4, §4.5.7). */
const REST_0 = 0;
const REST_1 = 61;

/**
 * The restart procedure on the global call reference (Q.931 §5.5): one RESTART of ours at a time, and those of the other
 * side, which the flag of the call reference keeps apart. What the other side restarts is done at once, so Rest 2 and
 * T317 never show.
 */
export class RestartProcedure {
  readonly #options: RestartOptions;
  readonly #deadlines = new Deadlines<'T316'>();
  readonly #outputs: RestartOutput[] = [];
  #waiting: RestartScope[] = [];
  #current: RestartScope | undefined;
  #repeated = false;
  /** Messages on the global call reference that could not be acted on. */
  irregular = 0;

  constructor(options: RestartOptions) {
    this.#options = options;
  }

  poll(): RestartOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  restart(now: number, scope: RestartScope): void {
    if (!this.#waiting.includes(scope)) this.#waiting.push(scope);
    this.#next(now);
  }

  /** The data link is gone: what was asked is asked again when it is back. */
  linkFailed(): void {
    if (this.#current !== undefined) this.#waiting.unshift(this.#current);
    this.#current = undefined;
    this.#deadlines.clearAll();
  }

  handleTime(now: number): void {
    if (this.#deadlines.takeDue(now) === undefined || this.#current === undefined) return;
    if (!this.#repeated) {
      this.#repeated = true;
      this.#send(now, this.#current);
      return;
    }
    // §5.5.1: after the second time the channels wait for somebody to look.
    this.#finish(now, 'failed');
  }

  receive(now: number, message: ReceivedMessage): void {
    const { type, reference, fault } = message;
    const isTo = reference.fromDestination ? MessageType.RestartAcknowledge : MessageType.Restart;
    if (type === MessageType.Status) {
      // §5.8.11 leaves what to do to the implementation: T316 sees to it.
      return;
    }
    if (type !== isTo) {
      // §5.8.3.2 f
      this.#refuse(message, CauseValue.InvalidCallReference);
      return;
    }
    if (fault !== undefined) {
      this.#refuse(message, fault.cause, fault.element);
      return;
    }
    if (type === MessageType.Restart) this.#receiveRestart(message);
    else if (this.#current !== undefined) this.#finish(now, 'acknowledged');
  }

  #receiveRestart(message: ReceivedMessage): void {
    const { restartClass, channels, channel } = message;
    if (restartClass === SINGLE_INTERFACE || restartClass === ALL_INTERFACES) {
      this.#outputs.push({ kind: 'restarted-by-far-end', channels: this.#options.channels });
      this.#acknowledge({ restartClass });
      return;
    }
    if (restartClass !== INDICATED_CHANNELS) {
      this.#refuse(message, CauseValue.InvalidElementContents, RESTART_INDICATOR);
      return;
    }
    if (channel === undefined || channels.length === 0) {
      this.#refuse(message, CauseValue.MandatoryElementMissing, CHANNEL_IDENTIFICATION);
      return;
    }
    const known = channels.filter((one) => this.#options.channels.includes(one));
    if (known.length < channels.length) {
      this.#refuse(message, CauseValue.ChannelDoesNotExist);
      return;
    }
    this.#outputs.push({ kind: 'restarted-by-far-end', channels: known });
    for (const one of known)
      this.#acknowledge({ restartClass, channel: { exclusive: true, selection: 1, channel: one } });
  }

  #acknowledge(contents: Parameters<typeof writeMessage>[2]): void {
    const octets = writeMessage(global(true), MessageType.RestartAcknowledge, contents);
    this.#outputs.push({ kind: 'transmit', octets });
  }

  #refuse({ reference }: ReceivedMessage, cause: number, ...diagnostics: readonly number[]): void {
    this.irregular += 1;
    const status = {
      cause: causeOf(cause, this.#options.location, ...diagnostics),
      callState: reference.fromDestination && this.#current !== undefined ? REST_1 : REST_0,
    };
    const octets = writeMessage(global(!reference.fromDestination), MessageType.Status, status);
    this.#outputs.push({ kind: 'transmit', octets });
  }

  #next(now: number): void {
    if (this.#current !== undefined) return;
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) return;
    this.#repeated = false;
    this.#send(now, this.#current);
  }

  #finish(now: number, kind: 'acknowledged' | 'failed'): void {
    const scope = this.#current;
    this.#current = undefined;
    this.#deadlines.clearAll();
    if (scope !== undefined) this.#outputs.push({ kind, scope });
    this.#next(now);
  }

  #send(now: number, scope: RestartScope): void {
    const contents =
      scope === 'interface'
        ? { restartClass: SINGLE_INTERFACE }
        : { restartClass: INDICATED_CHANNELS, channel: { exclusive: true, selection: 1, channel: scope } };
    this.#outputs.push({ kind: 'transmit', octets: writeMessage(global(false), MessageType.Restart, contents) });
    this.#deadlines.set('T316', now + this.#options.T316);
  }
}

const RESTART_INDICATOR = 0x79;
const CHANNEL_IDENTIFICATION = 0x18;

/** Zero in two octets; the flag says whether we answer. */
function global(fromDestination: boolean) {
  return { value: 0, fromDestination, length: 2 } as const;
}
