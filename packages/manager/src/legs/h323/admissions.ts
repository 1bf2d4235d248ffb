import { hexadecimal } from '@trustline/base';
import type { CallControlOutput, Cause, LegId } from '@trustline/callcontrol';
import type { HostPort, Identity, Placing, RasCall, ReceivedSetup } from '@trustline/h323';
import { type Admission, type GatekeeperOutput, type GatekeeperStanding, Gatekeepers } from './gatekeepers.ts';
import type { GatekeeperSettings, GatewaySettings } from './gateway-settings.ts';
import { authorityOf, digitsAlias } from './gateway-words.ts';
import type { GatewayNotice } from './h323-legs-ports.ts';

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;
type Place = Extract<LegOutput, { readonly kind: 'place' }>;

export interface AdmissionPorts {
  readonly random: (length: number) => Uint8Array;
  identity(): Identity;
  /** 1 to 32,767. */
  drawCallReference(): number;
  /** A call that was asked about goes on no further. */
  refuse(leg: LegId, cause: Cause, said: string): void;
  /** The gatekeeper ends a call that it admitted. */
  dropped(now: number, callIdentifier: Uint8Array): void;
  notice(notice: GatewayNotice): void;
  output(output: GatekeeperOutput): void;
}

/** How a call is to be placed, as its gatekeeper says and knows it; without one there is only where to. */
export interface Way extends Pick<Placing, 'to' | 'as'> {
  readonly endpointIdentifier?: string;
}

interface Asked {
  readonly gateway: GatewaySettings;
  readonly gatekeeper: GatekeeperSettings;
  readonly call: RasCall;
  readonly until: number;
}

/**
 * Calls at the gatekeepers of their gateways: each is admitted before its Setup goes out, and before one that came is told, and
 * is ended there when it is over (H.323 §8.1.2). Where a gatekeeper is lost calls are refused, so that another way is taken.
 */
export class Admissions {
  readonly #ports: AdmissionPorts;
  readonly #gatekeepers: Gatekeepers;
  /** Calls to gateways that their gatekeeper was asked about, and until when it may take. */
  readonly #asking = new Map<LegId, Asked>();

  constructor(ports: AdmissionPorts) {
    this.#ports = ports;
    const { random, dropped, output } = ports;
    this.#gatekeepers = new Gatekeepers({
      random,
      dropped,
      output,
      changed: (devices, gatekeeper, lost) => this.#registrationChanged(devices, gatekeeper, lost),
    });
  }

  get size(): number {
    return this.#asking.size;
  }

  channelsOf(device: string): number {
    let channels = 0;
    for (const { gateway } of this.#asking.values()) if (gateway.device === device) channels += 1;
    return channels;
  }

  deviceOf(leg: LegId): string | undefined {
    return this.#asking.get(leg)?.gateway.device;
  }

  /** Whether calls of a gateway can be admitted; true for one without a gatekeeper. */
  isOpen({ gatekeeper }: GatewaySettings): boolean {
    return this.#gatekeepers.isRegistered(gatekeeper);
  }

  standingOf({ gatekeeper }: GatewaySettings): GatekeeperStanding | undefined {
    return this.#gatekeepers.standingOf(gatekeeper);
  }

  setGateway(now: number, { device, gatekeeper, localAddress }: GatewaySettings): void {
    this.#gatekeepers.set(now, device, gatekeeper, localAddress);
  }

  removeGateway(now: number, device: string): void {
    this.#gatekeepers.remove(now, device);
    for (const [leg, { gateway }] of this.#asking) {
      if (gateway.device === device) this.#refuse(now, leg, 'destination-out-of-order', `${device} was removed`);
    }
  }

  opened(now: number, gatekeeper: string, ras: HostPort, callSignalling: HostPort): void {
    this.#gatekeepers.opened(now, gatekeeper, ras, callSignalling);
  }

  failed(now: number, gatekeeper: string, why: string): void {
    this.#gatekeepers.failed(now, gatekeeper, why);
  }

  received(now: number, gatekeeper: string, payload: Uint8Array, from: HostPort): void {
    this.#gatekeepers.received(now, gatekeeper, payload, from);
  }

  nextDeadline(): number {
    const untils = [...this.#asking.values()].map(({ until }) => until);
    return Math.min(this.#gatekeepers.nextDeadline(), ...untils);
  }

  handleTime(now: number): void {
    this.#gatekeepers.handleTime(now);
    for (const [leg, { until, gateway }] of this.#asking) {
      const said = `The gatekeeper of ${gateway.device} does not answer`;
      if (until <= now) this.#refuse(now, leg, 'timer-expired', said);
    }
  }

  /** Where a call goes, the gatekeeper says; it has to be an address of this gateway, which is the one that is proven. */
  toPlace(
    now: number,
    gateway: GatewaySettings,
    gatekeeper: GatekeeperSettings,
    { leg, line, caller, silence, isLast }: Place,
    admitted: (now: number, way: Way) => void,
  ): void {
    const [identity, callReference] = [this.#ports.identity(), this.#ports.drawCallReference()];
    const call: RasCall = {
      callIdentifier: identity.callIdentifier,
      conferenceId: identity.conferenceId,
      callReference,
      answer: false,
      calling: [...digitsAlias(caller.anonymous ? '' : caller.number), { kind: 'h323-ID', value: gatekeeper.alias }],
      called: digitsAlias(line),
    };
    const until = silence === undefined || isLast === true ? Number.POSITIVE_INFINITY : now + silence;
    this.#asking.set(leg, { gateway, gatekeeper, call, until });
    this.#gatekeepers.admit(now, gatekeeper, call, (at, admission) => {
      if (!admission.isAdmitted) {
        this.#refuse(at, leg, admission.cause, `${gateway.device}: ${admission.said}`);
        return;
      }
      const { destination: to, endpointIdentifier } = admission;
      if (gateway.addresses.includes(to.address)) {
        this.#asking.delete(leg);
        admitted(at, { to, endpointIdentifier, as: { identity, callReference } });
        return;
      }
      const { device } = gateway;
      const said = `The gatekeeper sends the call to ${authorityOf(to)}, which is no address of ${device}`;
      const remoteAddress = authorityOf(gatekeeper);
      this.#ports.notice({ kind: 'call-refused', device, cause: said, reason: 'gatekeeper', remoteAddress });
      this.#refuse(at, leg, 'network-out-of-order', said);
    });
  }

  /** A call that comes is to be admitted, too. */
  toAnswer(
    now: number,
    gatekeeper: GatekeeperSettings,
    {
      callIdentifier,
      conferenceId,
      callReference,
      callingNumber,
    }: ReceivedSetup & { readonly callIdentifier: Uint8Array },
    called: string,
    decided: (now: number, admission: Admission) => void,
  ): void {
    const call: RasCall = {
      callIdentifier,
      conferenceId: conferenceId ?? this.#ports.random(16),
      callReference,
      answer: true,
      calling: digitsAlias(callingNumber?.digits ?? ''),
      called: [...digitsAlias(called), { kind: 'h323-ID', value: gatekeeper.alias }],
    };
    this.#gatekeepers.admit(now, gatekeeper, call, decided);
  }

  /** Call control gives up a call that waits for its gatekeeper; false where none does. */
  withdraw(now: number, { kind, leg }: LegOutput): boolean {
    const isThere = this.#asking.has(leg);
    if (kind === 'cancel' || kind === 'release' || kind === 'refuse') this.#forget(now, leg);
    return isThere;
  }

  /** A call is over. */
  ended(now: number, gatekeeper: GatekeeperSettings, callIdentifier: Uint8Array): void {
    this.#gatekeepers.disengage(now, gatekeeper, callIdentifier);
  }

  #refuse(now: number, leg: LegId, cause: Cause, said: string): void {
    this.#forget(now, leg);
    this.#ports.refuse(leg, cause, said);
  }

  #forget(now: number, leg: LegId): void {
    const asked = this.#asking.get(leg);
    this.#asking.delete(leg);
    if (asked !== undefined) this.#gatekeepers.disengage(now, asked.gatekeeper, asked.call.callIdentifier);
  }

  #registrationChanged(devices: readonly string[], gatekeeper: string, lost: string | undefined): void {
    const kind = lost === undefined ? 'gatekeeper-registered' : 'gatekeeper-lost';
    const words = lost === undefined ? 'We are registered at' : 'We are not registered at';
    for (const device of devices) {
      const cause = `${words} the gatekeeper ${gatekeeper} of ${device}${lost === undefined ? '' : `: ${lost}`}.`;
      this.#ports.notice({ kind, device, cause, reason: kind, remoteAddress: gatekeeper });
    }
  }
}

/** Whether two name the same call. */
export function isSameCall(one: Uint8Array, other: Uint8Array): boolean {
  return hexadecimal(one) === hexadecimal(other);
}
