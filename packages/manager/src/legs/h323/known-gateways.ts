import type { GatewaySettings } from './gateway-settings.ts';
import { authorityOf, protectionOf } from './gateway-words.ts';
import type { H323LegsPorts } from './h323-legs-ports.ts';

/** For so long after a proof that failed a gateway counts as one without IPsec, unless it is said to have it again. */
const DOUBT = 10_000;

/** The gateways that there are, and which of them cannot prove now what protects their signalling. */
export class KnownGateways {
  readonly #ports: Pick<H323LegsPorts, 'reached' | 'notice'>;
  readonly #gateways = new Map<string, GatewaySettings>();
  /** Gateways whose IPsec could not be proven lately, until when that counts, and why. */
  readonly #doubted = new Map<string, { readonly until: number; readonly because: string }>();

  constructor(ports: Pick<H323LegsPorts, 'reached' | 'notice'>) {
    this.#ports = ports;
  }

  get devices(): readonly string[] {
    return [...this.#gateways.keys()];
  }

  get(device: string): GatewaySettings | undefined {
    return this.#gateways.get(device);
  }

  /** The gateway at an address, if there is one. */
  at(address: string): GatewaySettings | undefined {
    for (const gateway of this.#gateways.values()) if (gateway.addresses.includes(address)) return gateway;
    return undefined;
  }

  /** Takes one in, or its change: nothing is held against it any more. */
  set(settings: GatewaySettings): void {
    this.#doubted.delete(settings.device);
    this.change(settings);
  }

  /** Something was found out of one. */
  change(settings: GatewaySettings): void {
    this.#gateways.set(settings.device, settings);
    this.#tellReached(settings);
  }

  /** False where it was not there. */
  remove(device: string): boolean {
    if (!this.#gateways.delete(device)) return false;
    this.#doubted.delete(device);
    this.#ports.reached(device, undefined);
    return true;
  }

  /** What protects its signalling is there, or is gone until that is said again. */
  protectionChanged(gateway: GatewaySettings, isUp: boolean): void {
    if (isUp) this.#doubted.delete(gateway.device);
    else this.#doubted.set(gateway.device, { until: Number.POSITIVE_INFINITY, because: 'its tunnel is down' });
    this.#tellReached(gateway);
  }

  /** A connection with it was proven, or was not and why. */
  proved(now: number, gateway: GatewaySettings, proof: ProofTold, remote: Parameters<typeof authorityOf>[0]): void {
    const { device } = gateway;
    if (proof.proven) {
      if (this.#doubted.delete(device)) this.#tellReached(gateway);
      return;
    }
    const because = proof.message ?? `IPsec to ${device} is not proven`;
    this.#doubted.set(device, { until: Math.max(now + DOUBT, this.#doubted.get(device)?.until ?? now), because });
    this.#tellReached(gateway);
    this.#ports.notice({
      kind: 'gateway-not-proven',
      device,
      cause: because,
      ...(proof.nextStep === undefined ? {} : { nextStep: proof.nextStep }),
      reason: 'ipsec-not-proven',
      remoteAddress: authorityOf(remote),
    });
  }

  /** Why a call in the clear is not taken by a gateway whose calls are encrypted: what keeps it from being encrypted, too. */
  whyOnlyEncrypted({ device, isProtected }: GatewaySettings): string {
    const because = isProtected ? this.#doubted.get(device)?.because : 'it has no IPsec';
    return `${device} takes encrypted media only${because === undefined ? '' : `, and ${because}`}`;
  }

  nextDeadline(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...[...this.#doubted.values()].map(({ until }) => until));
  }

  handleTime(now: number): void {
    for (const [device, { until }] of this.#doubted) {
      if (until > now) continue;
      this.#doubted.delete(device);
      const gateway = this.#gateways.get(device);
      if (gateway !== undefined) this.#tellReached(gateway);
    }
  }

  #tellReached(gateway: GatewaySettings): void {
    const { device, channels, isProtected, keyReading } = gateway;
    const isExpected = isProtected && !this.#doubted.has(device);
    // Each connection has to prove it anew.
    const protection = { ...protectionOf(gateway, isExpected), ...(isExpected ? { awaitsProof: true as const } : {}) };
    this.#ports.reached(device, { protection, channels, keyReading });
  }
}

interface ProofTold {
  readonly proven: boolean;
  readonly message?: string | undefined;
  readonly nextStep?: string | undefined;
}
