import type { Cause } from '@trustline/callcontrol';
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
  readonly #doubted = new Map<string, Doubt>();

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
    const step = { nextStep: explained(gateway) };
    if (isUp) this.#doubted.delete(gateway.device);
    else this.#doubted.set(gateway.device, { until: Number.POSITIVE_INFINITY, because: 'its tunnel is down', ...step });
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
    const until = Math.max(now + DOUBT, this.#doubted.get(device)?.until ?? now);
    const doubt = { until, because, nextStep: proof.nextStep ?? explained(gateway) };
    this.#doubted.set(device, doubt);
    this.#tellReached(gateway);
    this.#sayNotProven(gateway, doubt, because, authorityOf(remote));
  }

  /**
   * Why a gateway says nothing: where its tunnel is down, or its IPsec was not proven, it drops what comes in the clear, or
   * the guard does.
   *
   * @param words what it does not do
   */
  whySilent({ device, isProtected }: GatewaySettings, words: string): readonly [cause: Cause, said: string] {
    const doubt = isProtected ? this.#doubted.get(device) : undefined;
    if (doubt === undefined) return ['timer-expired', `${device} ${words}`];
    return ['protection-gone', `${device} ${words}, and ${doubt.because}: it may take calls by IPsec alone`];
  }

  /**
   * A call in the clear is not taken by a gateway whose calls are encrypted. Where it is its IPsec that keeps it from being
   * encrypted the operator hears of it.
   *
   * @returns why, for the caller
   */
  takesOnlyEncrypted(gateway: GatewaySettings): string {
    const { device, isProtected, addresses, port } = gateway;
    const doubt = isProtected ? this.#doubted.get(device) : undefined;
    const because = isProtected ? doubt?.because : 'it has no IPsec';
    const words = `${device} takes encrypted media only${because === undefined ? '' : `, and ${because}`}`;
    if (doubt !== undefined)
      this.#sayNotProven(gateway, doubt, words, authorityOf({ address: addresses[0] ?? '', port }));
    return words;
  }

  #sayNotProven({ device }: GatewaySettings, { nextStep }: Doubt, cause: string, remoteAddress: string): void {
    const reason = 'ipsec-not-proven';
    this.#ports.notice({ kind: 'gateway-not-proven', device, cause, nextStep, reason, remoteAddress });
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
    const isUnproven = isProtected && this.#doubted.has(device);
    const isExpected = isProtected && !isUnproven;
    // Each connection has to prove it anew.
    const protection = { ...protectionOf(gateway, isExpected), ...(isExpected ? { awaitsProof: true as const } : {}) };
    this.#ports.reached(device, { protection, channels, keyReading, ...(isUnproven ? { isUnproven } : {}) });
  }
}

/** Until when a gateway counts as one without IPsec, why, and what to do. */
interface Doubt {
  readonly until: number;
  readonly because: string;
  readonly nextStep: string;
}

function explained({ device }: GatewaySettings): string {
  return `See what is missing, and what to do: \`trustline ipsec explain ${device}\`.`;
}

interface ProofTold {
  readonly proven: boolean;
  readonly message?: string | undefined;
  readonly nextStep?: string | undefined;
}
