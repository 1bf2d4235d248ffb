import { IpsecError } from '../error.ts';
import { type ExplainedTunnel, explainProtection, type ProofPoint, tunnelProblem } from '../explanation.ts';
import type { ProbeResult, Way } from '../helper/protocol.ts';
import type {
  CounterBaseline,
  GuardReading,
  Proof,
  ProtectionReading,
  SignallingConnection,
  Unproven,
} from '../proof.ts';
import type { HoldOutput } from '../protection-hold.ts';
import { sameAddress } from '../selector.ts';
import { type EspStack, protectedPeer, type TunnelConfiguration } from '../tunnel-configuration.ts';
import { askFarProbe, ProbeListener } from './far-probe.ts';
import { HelperClient, helperSockets, TUNNEL_DEVICE } from './helper-client.ts';
import {
  type ProtectedTunnel,
  Protection,
  type ProtectionEvent,
  type TunnelCredentials,
  type TunnelStatus,
} from './protection.ts';

export interface IpsecNodeOptions {
  /** The folder of the helper's sockets. */
  readonly folder: string;
  readonly stack: EspStack;
  readonly credentials: TunnelCredentials;
  /** True at the call manager, false at a gateway, which waits to be called. */
  readonly initiates: boolean;
  /** Milliseconds for which media that are keyed go on while their gateway is not protected. */
  readonly mediaPatience: number;
  readonly onEvent: (event: ProtectionEvent) => void;
  /** Protection of a gateway went, returned, or stayed away for longer than media may go on. */
  readonly onHold: (gateway: string, output: HoldOutput) => void;
}

/** What a signalling leg asks. A gateway without a tunnel is not protected, and nothing of it is ever proven. */
export interface SignallingProtection {
  /** As far as was seen last, for what is shown; only `prove` says whether a key may leave. */
  isProtected(gateway: string): boolean;
  /** The counters, to be read before the first octet of a connection is written. */
  baseline(gateway: string): Promise<CounterBaseline>;
  /** Whether a key may leave over this connection now, or be taken from it; decided within 2 s. */
  prove(gateway: string, signalling: SignallingConnection, before: CounterBaseline, octetsSent: number): Promise<Proof>;
}

export interface IpsecNodeStatus {
  readonly stack: EspStack;
  /** Why the helper or the daemon cannot be reached; undefined where both are. */
  readonly problem: string | undefined;
  readonly guard: GuardReading;
  readonly tunnels: readonly JudgedTunnel[];
}

export interface JudgedTunnel extends TunnelStatus {
  /** Why no key would go to it now; undefined where a call would be proven. */
  readonly unproven: Unproven | undefined;
}

/** What became of a packet in the clear, sent from here and from the far end. */
export interface TunnelCheck {
  readonly near: ProbeResult;
  readonly far: ProbeResult;
  /** Why no key would go to the gateway now, whatever became of the packets; undefined where a call would be proven. */
  readonly unproven: Unproven | undefined;
}

/** A tunnel as it is now: what `status`, `explain` and `check` say is judged of this. */
interface TunnelNow {
  readonly status: TunnelStatus;
  readonly explained: ExplainedTunnel;
}

/** IPsec of one node, a call manager or a gateway: its tunnels through the helper, and what is known of them. */
export class IpsecNode implements SignallingProtection {
  readonly #helper: HelperClient;
  readonly #protection: Protection;
  readonly #stack: EspStack;
  readonly #listeners: ProbeListener[] = [];

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
    for (const listener of this.#listeners) listener.close();
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

  /** Shows and believes these from now on, each tunnel as it is given here; those that use certificates are made anew. */
  async renew(credentials: TunnelCredentials, tunnels: readonly ProtectedTunnel[]): Promise<void> {
    await this.#protection.renew(credentials, tunnels);
  }

  isProtected(gateway: string): boolean {
    return this.#protection.isProtected(gateway);
  }

  async baseline(gateway: string): Promise<CounterBaseline> {
    return await this.#protection.baseline(gateway);
  }

  async prove(
    gateway: string,
    signalling: SignallingConnection,
    before: CounterBaseline,
    octetsSent: number,
  ): Promise<Proof> {
    return await this.#protection.prove(gateway, signalling, before, octetsSent);
  }

  async status(): Promise<IpsecNodeStatus> {
    const [{ reading, tunnels }, problem] = await Promise.all([this.#look(), this.#problem()]);
    const judged = tunnels.map(({ status, explained }) => {
      const unproven = tunnelProblem(reading, explained);
      return { ...status, isProtected: unproven === undefined, unproven };
    });
    return { stack: this.#stack, problem, guard: reading.guard, tunnels: judged };
  }

  /** What would be found if a call to the gateway were proven now. Throws `ipsec.setting` for one that has no tunnel. */
  async explain(gateway: string): Promise<readonly ProofPoint[]> {
    this.#protection.tunnelOf(gateway);
    const { reading, tunnels } = await this.#look(gateway);
    return tunnels.flatMap(({ explained }) => explainProtection(reading, explained));
  }

  /**
   * Sends a packet in the clear around the tunnel from here, and has the far end send one where it is a gateway of ours;
   * each says whether it left. Throws `ipsec.setting`.
   */
  async check(gateway: string): Promise<TunnelCheck> {
    const { localAddress, remoteAddress } = this.#protection.tunnelOf(gateway);
    const near = await this.#probe(gateway);
    const far = this.isProtected(gateway)
      ? await askFarProbe({ localAddress, remoteAddress })
      : { leaked: null, message: 'without a tunnel the far end cannot be asked' };
    const { reading, tunnels } = await this.#look(gateway);
    const [unproven] = tunnels.map(({ explained }) => tunnelProblem(reading, explained));
    return { near, far, unproven };
  }

  /** One reading of everything, that begins now. */
  async #look(only?: string): Promise<{ reading: ProtectionReading; tunnels: readonly TunnelNow[] }> {
    const reading = await this.#protection.reading();
    const all = await this.#protection.status(reading);
    const wanted = only === undefined ? all : all.filter(({ connection }) => connection === only);
    // Where the kernel does ESP no device shows whether a packet is protected: its policies do.
    const devices =
      this.#stack === 'kernel-libipsec'
        ? await this.#helper.routes(wanted.map(({ tunnel }) => wayOf(tunnel)))
        : undefined;
    const tunnels = wanted.map((status, index): TunnelNow => {
      const { tunnel, lastFailure } = status;
      const explained = {
        peer: protectedPeer(tunnel),
        localAddress: tunnel.localAddress,
        remoteAddress: tunnel.remoteAddress,
        ...(lastFailure === undefined ? {} : { lastFailure }),
        ...(devices === undefined
          ? {}
          : { route: { tunnelDevice: TUNNEL_DEVICE, device: devices[index] ?? undefined } }),
      };
      return { status, explained };
    });
    return { reading, tunnels };
  }

  /** Has the other ends of the tunnels that there are ask for such a packet; for a gateway of ours. */
  async answerProbes(): Promise<void> {
    const ends = (await this.#protection.status()).map(({ tunnel }) => tunnel);
    for (const address of new Set(ends.map(({ localAddress }) => localAddress))) {
      const listener = await ProbeListener.listen(address, async (from) => {
        const tunnel = ends.find((end) => end.localAddress === address && sameAddress(end.remoteAddress, from));
        return tunnel === undefined ? undefined : await this.#probe(tunnel.name);
      });
      this.#listeners.push(listener);
    }
  }

  async #probe(gateway: string): Promise<ProbeResult> {
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

function wayOf({ localAddress, remoteAddress }: TunnelConfiguration): Way {
  return { localAddress, remoteAddress };
}
