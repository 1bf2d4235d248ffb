import { IpsecError } from '../error.ts';
import { explainProtection, type ProofPoint } from '../explanation.ts';
import type { ProbeResult } from '../helper/protocol.ts';
import type { CounterBaseline, GuardReading, Proof, SignallingConnection } from '../proof.ts';
import type { HoldOutput } from '../protection-hold.ts';
import { type EspStack, protectedPeer, type TunnelConfiguration } from '../tunnel-configuration.ts';
import { HelperClient, helperSockets } from './helper-client.ts';
import { type ProtectedTunnel, Protection, type ProtectionEvent, type TunnelStatus } from './protection.ts';

export interface IpsecNodeOptions {
  /** The folder of the helper's sockets. */
  readonly folder: string;
  readonly stack: EspStack;
  /** DER of the key of the certificates that are shown; undefined where every tunnel uses a pre-shared key. */
  readonly privateKey: Uint8Array | undefined;
  /** DER of the authorities by which far ends are believed. */
  readonly authorities: readonly Uint8Array[];
  /** DER of lists of what these have revoked. */
  readonly revocationLists?: readonly Uint8Array[];
  /** True at the call manager, false at a gateway, which waits to be called. */
  readonly initiates: boolean;
  /** Milliseconds for which media that are keyed go on while their gateway is not protected. */
  readonly mediaPatience: number;
  readonly onEvent: (event: ProtectionEvent) => void;
  /** Protection of a gateway went, returned, or stayed away for longer than media may go on. */
  readonly onHold: (gateway: string, output: HoldOutput) => void;
}

/** What a signalling leg asks about one gateway. */
export interface GatewayProtection {
  readonly gateway: string;
  /** As far as was seen last, for what is shown; only `prove` says whether a key may leave. */
  readonly isProtected: boolean;
  /** The counters, to be read before the first octet of a connection is written. */
  baseline(): Promise<CounterBaseline>;
  /** Whether a key may leave over this connection now, or be taken from it; decided within 2 s. */
  prove(signalling: SignallingConnection, before: CounterBaseline, octetsSent: number): Promise<Proof>;
}

export interface IpsecNodeStatus {
  readonly stack: EspStack;
  /** Why the helper or the daemon cannot be reached; undefined where both are. */
  readonly problem: string | undefined;
  readonly guard: GuardReading;
  readonly tunnels: readonly TunnelStatus[];
}

/** IPsec of one node, a call manager or a gateway: its tunnels through the helper, and what is known of them. */
export class IpsecNode {
  readonly #helper: HelperClient;
  readonly #protection: Protection;
  readonly #stack: EspStack;

  private constructor(helper: HelperClient, protection: Protection, stack: EspStack) {
    this.#helper = helper;
    this.#protection = protection;
    this.#stack = stack;
  }

  /** Throws `ipsec.setting` for a tunnel that cannot be as it is written; a helper that is not there is waited for. */
  static async start(options: IpsecNodeOptions, tunnels: readonly ProtectedTunnel[]): Promise<IpsecNode> {
    const { folder, ...rest } = options;
    const helper = new HelperClient(folder);
    const viciSocket = helperSockets(folder).vici;
    const protection = await Protection.start({ ...rest, viciSocket, guard: helper }, tunnels);
    return new IpsecNode(helper, protection, options.stack);
  }

  /** Ends the tunnels; the guard stays closed, and opens only for `remove`. */
  async stop(): Promise<void> {
    await this.#protection.stop();
    this.#helper.close();
  }

  /** Adds a tunnel, or changes one of that name, while the others go on. Throws `IpsecError`. */
  async add(tunnel: ProtectedTunnel): Promise<void> {
    await this.#protection.add(tunnel);
  }

  async remove(gateway: string): Promise<void> {
    await this.#protection.remove(gateway);
  }

  /** Throws `ipsec.setting` where the gateway has no tunnel. */
  protectionOf(gateway: string): GatewayProtection {
    const protection = this.#protection;
    protection.tunnelOf(gateway);
    return {
      gateway,
      get isProtected() {
        return protection.isProtected(gateway);
      },
      baseline: () => protection.baseline(gateway),
      prove: (signalling, before, octetsSent) => protection.prove(gateway, signalling, before, octetsSent),
    };
  }

  async status(): Promise<IpsecNodeStatus> {
    const tunnels = await this.#protection.status();
    const { guard } = await this.#protection.reading();
    return { stack: this.#stack, problem: await this.#problem(), guard, tunnels };
  }

  /** What would be found if a call to the gateway were proven now. Throws `ipsec.setting` for one that has no tunnel. */
  async explain(gateway: string): Promise<readonly ProofPoint[]> {
    const tunnel: TunnelConfiguration = this.#protection.tunnelOf(gateway);
    const { localAddress, remoteAddress } = tunnel;
    const reading = await this.#protection.reading();
    return explainProtection(reading, { peer: protectedPeer(tunnel), localAddress, remoteAddress });
  }

  /** Sends a packet in the clear around the tunnel, and says whether it left. Throws `ipsec.setting`. */
  async probe(gateway: string): Promise<ProbeResult> {
    this.#protection.tunnelOf(gateway);
    try {
      return await this.#helper.probe(gateway);
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
      return { leaked: null, message: error.message };
    }
  }

  async #problem(): Promise<string | undefined> {
    try {
      const { daemonRuns, stack } = await this.#helper.status();
      if (stack !== this.#stack) return `the helper does ESP by the stack ${stack}, and this node by ${this.#stack}`;
      return daemonRuns ? undefined : 'the IKE daemon does not run';
    } catch (error) {
      if (!(error instanceof IpsecError)) throw error;
      return error.message;
    }
  }
}
