import { isReliable, parseDatagram, type SipFlow, type SipMessage, serializeMessage } from '@trustline/sip';
import { LossyNetwork, type NetworkConditions } from './lossy-network.ts';
import { SeededRandom } from './seeded-random.ts';
import type { TimedMachine, VirtualClock } from './virtual-clock.ts';

/** Any SIP core that sends by `transmit` outputs: a transaction endpoint, or a session layer on top of one. */
export interface SipMachine<Output extends { readonly kind: string }> extends TimedMachine {
  receive(now: number, flow: SipFlow, message: SipMessage): void;
  flowClosed(now: number, flowId: string): void;
  poll(): Output | TransmitOutput | undefined;
}

interface TransmitOutput {
  readonly kind: 'transmit';
  readonly flow: SipFlow;
  readonly message: SipMessage;
}

/** One end of a {@link SipPair}. */
export class SipEnd<Output extends { readonly kind: string }> {
  readonly name: string;
  /** The way to the other end, as this end sees it. */
  readonly flow: SipFlow;
  /** Every output but the transmitted messages, in order. */
  readonly outputs: Exclude<Output, { readonly kind: 'transmit' }>[] = [];
  /** Every message this end sent, lost or not, with the time at which it did. */
  readonly sent: { readonly at: number; readonly message: SipMessage }[] = [];
  /** What this end's user does about an output. It may call the machine; the pair drains it after. */
  onOutput: (output: Exclude<Output, { readonly kind: 'transmit' }>) => void = () => {};

  constructor(name: string, flow: SipFlow) {
    this.name = name;
    this.flow = flow;
  }

  /** The outputs of one kind. */
  outputsOf<Kind extends Output['kind']>(kind: Kind): Extract<Output, { readonly kind: Kind }>[] {
    return this.outputs.filter((output) => output.kind === kind) as unknown as Extract<
      Output,
      { readonly kind: Kind }
    >[];
  }

  /** Start lines of what this end sent: methods and status codes. */
  get sentNames(): readonly (string | number)[] {
    return this.sent.map(({ message }) => (message.kind === 'request' ? message.method : message.status));
  }
}

/**
 * Two SIP machines joined by one flow on a virtual clock. What one transmits is serialized, carried
 * by the network (lossy on UDP; in order and complete on TCP and TLS) and parsed at the other.
 */
export class SipPair<Output extends { readonly kind: string }> {
  readonly clock: VirtualClock;
  readonly network: LossyNetwork;
  readonly left: SipEnd<Output>;
  readonly right: SipEnd<Output>;
  readonly #machines: ReadonlyMap<SipEnd<Output>, SipMachine<Output>>;
  readonly #reliable: boolean;
  #connected = true;

  constructor(
    clock: VirtualClock,
    left: SipMachine<Output>,
    right: SipMachine<Output>,
    options: {
      readonly transport?: SipFlow['transport'];
      readonly random?: SeededRandom;
      readonly conditions?: NetworkConditions;
    } = {},
  ) {
    const transport = options.transport ?? 'udp';
    const leftAddress = { host: '192.0.2.1', port: 5060 };
    const rightAddress = { host: '192.0.2.2', port: 5060 };
    this.clock = clock;
    this.network = new LossyNetwork(clock, options.random ?? new SeededRandom(1), options.conditions);
    this.left = new SipEnd('left', { id: 'left-1', transport, local: leftAddress, remote: rightAddress });
    this.right = new SipEnd('right', { id: 'right-1', transport, local: rightAddress, remote: leftAddress });
    this.#reliable = isReliable(this.left.flow);
    this.#machines = new Map([
      [this.left, left],
      [this.right, right],
    ]);
    for (const [end, machine] of this.#machines) clock.attach(machine, () => this.#drain(end));
  }

  /** Runs a command on the machines of the pair, then carries what they want to transmit. */
  act<Result>(command: () => Result): Result {
    const result = command();
    this.#drain(this.left);
    this.#drain(this.right);
    return result;
  }

  /** Hands a message to one end as if the other had sent it. */
  inject(to: SipEnd<Output>, message: SipMessage): void {
    this.#machines.get(to)?.receive(this.clock.now, to.flow, message);
    this.#drain(to);
  }

  /** Breaks the connection: what is under way is lost, and both ends are told. */
  disconnect(): void {
    this.#connected = false;
    for (const [end, machine] of this.#machines) {
      machine.flowClosed(this.clock.now, end.flow.id);
      this.#drain(end);
    }
  }

  #drain(end: SipEnd<Output>): void {
    const machine = this.#machines.get(end);
    for (let output = machine?.poll(); output !== undefined; output = machine?.poll()) {
      if (isTransmit(output)) {
        end.sent.push({ at: this.clock.now, message: output.message });
        this.#carry(end === this.left ? this.right : this.left, serializeMessage(output.message));
      } else {
        const own = output as Exclude<Output, { readonly kind: 'transmit' }>;
        end.outputs.push(own);
        end.onOutput(own);
      }
    }
  }

  #carry(to: SipEnd<Output>, bytes: Uint8Array): void {
    const arrive = (): void => {
      if (!this.#connected) return;
      const parsed = parseDatagram(bytes);
      if (!parsed.ok) throw parsed.error;
      this.inject(to, parsed.message);
    };
    if (this.#reliable) this.clock.schedule(1, arrive);
    else this.network.carry(arrive);
  }
}

function isTransmit(output: { readonly kind: string }): output is TransmitOutput {
  return output.kind === 'transmit';
}
