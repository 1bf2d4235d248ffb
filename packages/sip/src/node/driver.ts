import type { TransmitOutput } from '../endpoint/outputs.ts';
import { SipError } from '../error.ts';
import type { SipFlow } from '../flow.ts';
import { serializeMessage } from '../message/serialize.ts';
import type { SipMessage } from '../message/types.ts';
import { monotonicNow } from './clock.ts';
import { SipTransportHub, type SipTransportHubOptions } from './hub.ts';

/** A SIP core: a transaction endpoint, or a user agent on top of one. */
export interface DrivenMachine<Output extends { readonly kind: string }> {
  receive(now: number, flow: SipFlow, message: SipMessage): void;
  flowClosed(now: number, flowId: string): void;
  handleTime(now: number): void;
  nextDeadline(): number | undefined;
  poll(): Output | TransmitOutput | undefined;
}

export interface SipDriverOptions<Peer, Output extends { readonly kind: string }>
  extends Omit<SipTransportHubOptions<Peer>, 'onMessage'> {
  readonly machine: DrivenMachine<Output>;
  /** Every output but `transmit`. It may give the machine commands: what they lead to is driven after it. */
  readonly onOutput: (output: Exclude<Output, { readonly kind: 'transmit' }>) => void;
}

/** The longest wait that a Node.js timer takes, in milliseconds. */
const longestTimer = 2_147_483_647;

/**
 * Joins a machine to the network: what comes in reaches the machine with the time, what the machine
 * transmits goes down its flow, and its timers run. One driver drives one machine.
 */
export class SipDriver<Peer, Output extends { readonly kind: string }> {
  /** For listening, connecting and closing. */
  readonly hub: SipTransportHub<Peer>;
  readonly #options: SipDriverOptions<Peer, Output>;
  #timer: NodeJS.Timeout | undefined;
  #timerAt: number | undefined;
  #driving = false;
  #closed = false;

  constructor(options: SipDriverOptions<Peer, Output>) {
    this.#options = options;
    this.hub = new SipTransportHub<Peer>({
      ...options,
      onMessage: (flow, message) => this.command((now) => options.machine.receive(now, flow, message)),
      onFlowClosed: (flow, reason) => {
        this.command((now) => options.machine.flowClosed(now, flow.id));
        options.onFlowClosed?.(flow, reason);
      },
    });
  }

  /**
   * Gives the machine commands, with the time they need, and drives what comes of them. It may be
   * called from `onOutput`.
   */
  command<Result>(act: (now: number) => Result): Result {
    const result = act(monotonicNow());
    this.#drive();
    return result;
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.hub.close();
  }

  #drive(): void {
    if (this.#driving || this.#closed) return;
    this.#driving = true;
    try {
      const { machine } = this.#options;
      for (let output = machine.poll(); output !== undefined; output = machine.poll()) {
        if (isTransmit(output)) this.#transmit(output);
        else this.#options.onOutput(output as Exclude<Output, { readonly kind: 'transmit' }>);
      }
    } finally {
      this.#driving = false;
    }
    this.#arm();
  }

  #transmit({ flow, message }: TransmitOutput): void {
    const { machine, onEvent } = this.#options;
    try {
      if (!this.hub.send(flow.id, serializeMessage(message))) machine.flowClosed(monotonicNow(), flow.id);
    } catch (error) {
      // A message that cannot be written is a defect above; it must not take the other calls with it.
      if (!(error instanceof SipError)) throw error;
      onEvent?.({ kind: 'unsendable-message', flow, error });
    }
  }

  #arm(): void {
    const at = this.#options.machine.nextDeadline();
    if (at === this.#timerAt && this.#timer !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#timerAt = at;
    if (at === undefined || this.#closed) return;
    const wait = Math.min(Math.max(0, Math.ceil(at - monotonicNow())), longestTimer);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.command((now) => this.#options.machine.handleTime(now));
    }, wait);
  }
}

function isTransmit(output: { readonly kind: string }): output is TransmitOutput {
  return output.kind === 'transmit';
}
