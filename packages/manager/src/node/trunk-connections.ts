import { parseSipUri, type ServerTarget, SipError, type SipFlow, type SipUri } from '@trustline/sip';
import type { ServerResolver } from '@trustline/sip/node';

/** A trunk or gateway that the manager connects to itself. */
export interface TrunkAddress {
  readonly device: string;
  /** A `sip` or `sips` URI. */
  readonly address: string;
  /** `address`: what comes from one of its servers is its own. By password where absent. */
  readonly identifiedBy?: 'password' | 'address';
}

/** What keeping trunks connected needs of signalling. */
export interface TrunkConnectionsPorts {
  /** Whether a device may be connected to now: it is there, and not without TLS where it must have it. */
  mayConnect(device: string, target: ServerTarget): boolean;
  /** @throws {SipError} */
  open(device: string, target: ServerTarget): Promise<SipFlow>;
  /** The flow is open: calls for the device may go there, before all that were opened earlier. */
  connected(device: string, flow: SipFlow): void;
  /** What could be opened is, and calls go to the best. */
  settled(device: string): void;
  /** None of its servers is connected, or some are again. */
  told(device: string, is: 'connected' | 'unreachable', sentence: string, nextStep?: string): void;
}

/** How often what is missing is opened again, and how long names are believed, in milliseconds. */
const INTERVAL = 15_000;
const ASK_AGAIN = 300_000;

interface Trunk extends TrunkAddress {
  readonly uri: SipUri;
  /** By server; absent where it is not connected. */
  readonly flows: Map<string, SipFlow>;
  targets: readonly ServerTarget[];
  askAgainAt: number;
  told: 'connected' | 'unreachable' | undefined;
}

/**
 * Connects to the trunks of the configuration, each at every server that its address leads to (RFC 3263), and keeps it so.
 * Calls go to the best server; where that answers 503 or not at all, to the next (§4.3).
 */
export class TrunkConnections {
  readonly #trunks: readonly Trunk[];
  readonly #resolver: Pick<ServerResolver, 'locate'>;
  readonly #ports: TrunkConnectionsPorts;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(
    addresses: readonly TrunkAddress[],
    resolver: Pick<ServerResolver, 'locate'>,
    ports: TrunkConnectionsPorts,
    now: () => number,
  ) {
    this.#trunks = addresses.flatMap((trunk) => {
      const uri = parseSipUri(trunk.address);
      return uri === undefined
        ? []
        : [{ ...trunk, uri, flows: new Map(), targets: [], askAgainAt: 0, told: undefined }];
    });
    this.#resolver = resolver;
    this.#ports = ports;
    this.#now = now;
  }

  start(): void {
    if (this.#trunks.length === 0) return;
    this.keep();
    this.#timer = setInterval(() => this.keep(), INTERVAL).unref();
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
  }

  /** Opens what is not open, now: a trunk has come, or lost a connection. */
  keep(): void {
    for (const trunk of this.#trunks) this.#running = this.#running.then(() => this.#keep(trunk));
  }

  closed(flowId: string): void {
    for (const { flows } of this.#trunks) {
      for (const [server, flow] of flows) if (flow.id === flowId) flows.delete(server);
    }
  }

  /**
   * The trunk that is identified by the address from which something came without TLS; undefined where there is none, and
   * where there are two: which of them it is nobody could say.
   */
  identifiedAt({ transport, remote }: Pick<SipFlow, 'transport' | 'remote'>): string | undefined {
    if (transport !== 'udp' && transport !== 'tcp') return undefined;
    const found = this.#trunks.filter(
      ({ identifiedBy, targets }) => identifiedBy === 'address' && targets.some(({ host }) => host === remote.host),
    );
    return found.length === 1 ? found[0]?.device : undefined;
  }

  async #keep(trunk: Trunk): Promise<void> {
    if (this.#stopped) return;
    const failures: string[] = [];
    if (this.#now() >= trunk.askAgainAt) {
      try {
        trunk.targets = await this.#resolver.locate(trunk.uri);
        trunk.askAgainAt = this.#now() + ASK_AGAIN;
      } catch (error) {
        failures.push(sentenceOf(error));
      }
    }
    const wanted = trunk.targets.filter((target) => this.#ports.mayConnect(trunk.device, target));
    // The best one last: the newest connection is the one that calls go down.
    const isBestMissing = wanted[0] !== undefined && !trunk.flows.has(nameOf(wanted[0]));
    for (const target of wanted.toReversed()) {
      if (this.#stopped) return;
      const name = nameOf(target);
      if (trunk.flows.has(name)) continue;
      try {
        const flow = await this.#ports.open(trunk.device, target);
        trunk.flows.set(name, flow);
        this.#ports.connected(trunk.device, flow);
      } catch (error) {
        failures.push(sentenceOf(error));
      }
    }
    if (!isBestMissing) this.#preferBest(trunk, wanted);
    if (trunk.flows.size > 0) this.#ports.settled(trunk.device);
    this.#tell(trunk, wanted.length > 0 ? failures : failures.slice(0, 1));
  }

  /** One that came back is the newest, and may not be the best. */
  #preferBest(trunk: Trunk, wanted: readonly ServerTarget[]): void {
    for (const target of wanted.toReversed()) {
      const flow = trunk.flows.get(nameOf(target));
      if (flow !== undefined) this.#ports.connected(trunk.device, flow);
    }
  }

  #tell(trunk: Trunk, failures: readonly string[]): void {
    const { device, address, flows } = trunk;
    const is = flows.size > 0 ? 'connected' : failures.length > 0 ? 'unreachable' : undefined;
    if (is === undefined || is === trunk.told) return;
    trunk.told = is;
    if (is === 'connected') this.#ports.told(device, is, `${device} is connected at ${address}.`);
    else {
      const nextStep = `Look whether ${address} is right and reachable from here; it is tried again every ${INTERVAL / 1_000} s.`;
      this.#ports.told(device, is, `${device} cannot be reached at ${address}: ${failures.join('; ')}.`, nextStep);
    }
  }
}

function nameOf({ transport, host, port }: ServerTarget): string {
  return `${transport} ${host} ${port}`;
}

function sentenceOf(error: unknown): string {
  return error instanceof SipError ? error.message : String(error);
}
