import { hexadecimal } from '@trustline/base';
import type { Cause } from '@trustline/callcontrol';
import {
  type H225,
  type HostPort,
  octetsOfAddress,
  type RasCall,
  RasClient,
  type RasEvent,
  rasCodec,
  textOfAddress,
} from '@trustline/h323';
import type { GatekeeperSettings } from './gateway-settings.ts';
import { authorityOf, number } from './gateway-words.ts';

/** What is wanted of sockets for RAS, which goes by UDP. */
export type GatekeeperOutput =
  /** A socket that reaches the gatekeeper; `rasOpened` follows. */
  | { readonly kind: 'open-ras'; readonly gatekeeper: string; readonly to: HostPort; readonly from?: string }
  | { readonly kind: 'send-ras'; readonly gatekeeper: string; readonly to: HostPort; readonly payload: Uint8Array }
  | { readonly kind: 'close-ras'; readonly gatekeeper: string };

/** Whether a gatekeeper lets a call be, and where its Setup goes. */
export type Admission =
  | { readonly isAdmitted: true; readonly destination: HostPort; readonly endpointIdentifier: string }
  | { readonly isAdmitted: false; readonly cause: Cause; readonly said: string };

/** How it is between us and the gatekeeper of a gateway. */
export interface GatekeeperStanding {
  /** Its address and port. */
  readonly gatekeeper: string;
  /** `asked`: it has not answered yet, and is not yet said to be lost. */
  readonly state: 'asked' | 'registered' | 'lost';
  /** Monotonic milliseconds: since when. */
  readonly since: number;
  /** Why it is lost. */
  readonly because?: string;
}

export interface GatekeeperPorts {
  readonly random: (length: number) => Uint8Array;
  /** These gateways are registered from now on, or are no more, and why. */
  changed(devices: readonly string[], gatekeeper: string, lost: string | undefined): void;
  /** The gatekeeper ends a call. */
  dropped(now: number, callIdentifier: Uint8Array): void;
  output(output: GatekeeperOutput): void;
}

interface Known {
  readonly settings: GatekeeperSettings;
  readonly devices: Set<string>;
  client: RasClient | undefined;
  standing: Omit<GatekeeperStanding, 'gatekeeper'>;
}

/** No manufacturer code of ours is assigned (H.221 annex A). */
const VENDOR: H225.VendorIdentifier = { vendor: { t35CountryCode: 181, t35Extension: 0, manufacturerCode: 0 } };

/** Why a call was not admitted (H.225.0 §7.9.3); what is not here is a temporary failure of this way, and another is tried. */
const causesOfRejection: Readonly<Record<string, Cause>> = {
  calledPartyNotRegistered: 'subscriber-absent',
  invalidPermission: 'outgoing-calls-barred',
  incompleteAddress: 'invalid-number-format',
  unallocatedNumber: 'unallocated-number',
  noRouteToDestination: 'no-route-to-destination',
  resourceUnavailable: 'no-circuit-available',
  exceedsCallCapacity: 'no-circuit-available',
  requestDenied: 'no-circuit-available',
  securityDenial: 'call-rejected',
};

/**
 * The gatekeepers of gateways (H.225.0 §7.7 to §7.15), each registered with once, however many gateways are behind it. A
 * gatekeeper says where a call goes and whether it may be; it proves nothing, and no key goes by RAS. Sans-IO.
 */
export class Gatekeepers {
  readonly #ports: GatekeeperPorts;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Map<string, (now: number, admission: Admission) => void>();

  constructor(ports: GatekeeperPorts) {
    this.#ports = ports;
  }

  /** A gateway is behind this gatekeeper from now on; behind none where it is absent. */
  set(now: number, device: string, settings: GatekeeperSettings | undefined, from: string | undefined): void {
    const name = settings && nameOf(settings);
    for (const [other, { devices }] of this.#known)
      if (other !== name && devices.has(device)) this.#leave(now, device, other);
    if (settings === undefined || name === undefined) return;
    const known = this.#known.get(name);
    if (known !== undefined) {
      known.devices.add(device);
      return;
    }
    const standing = { state: 'asked', since: now } as const;
    this.#known.set(name, { settings, devices: new Set([device]), client: undefined, standing });
    const to = { address: settings.address, port: settings.port };
    this.#ports.output({ kind: 'open-ras', gatekeeper: name, to, ...(from === undefined ? {} : { from }) });
  }

  remove(now: number, device: string): void {
    this.set(now, device, undefined, undefined);
  }

  /** Its socket is there, and where call signalling is taken. */
  opened(now: number, gatekeeper: string, ras: HostPort, callSignalling: HostPort): void {
    const known = this.#known.get(gatekeeper);
    const [rasAddress, callSignalAddress] = [octetsOfAddress(ras), octetsOfAddress(callSignalling)];
    if (known === undefined || known.client !== undefined || !rasAddress || !callSignalAddress) return;
    const { address, port, alias, identifier, prefixes } = known.settings;
    const asked = octetsOfAddress({ address, port });
    const supportedPrefixes = prefixes.map((value) => ({ prefix: { kind: 'dialedDigits', value } }) as const);
    const protocol =
      prefixes.length === 0 ? {} : { protocol: [{ kind: 'h323', value: { supportedPrefixes } } as const] };
    known.client = new RasClient({
      endpointType: { gateway: protocol, mc: false, undefinedNode: false },
      vendor: VENDOR,
      aliases: [{ kind: 'h323-ID', value: alias }],
      callSignalAddress,
      rasAddress,
      ...(asked === undefined ? {} : { gatekeeper: asked }),
      ...(identifier === undefined ? {} : { gatekeeperIdentifier: identifier }),
      firstRequest: 1 + (number(this.#ports.random(2)) % 0xffff),
    });
    known.client.start(now);
    this.#drain(now, gatekeeper, known);
  }

  /** No socket to it can be had; one may follow. */
  failed(now: number, gatekeeper: string, why: string): void {
    const known = this.#known.get(gatekeeper);
    if (known !== undefined) this.#lost(now, gatekeeper, known, why);
  }

  /** A datagram came by its socket. What cannot be read is dropped. */
  received(now: number, gatekeeper: string, payload: Uint8Array, from: HostPort): void {
    const known = this.#known.get(gatekeeper);
    const [address, read] = [octetsOfAddress(from), rasCodec.decode(payload)];
    if (known?.client === undefined || address === undefined || !read.ok) return;
    known.client.receive(now, read.value, address);
    this.#drain(now, gatekeeper, known);
  }

  /** Whether calls of a gateway can be admitted now; true for one without a gatekeeper. */
  isRegistered(settings: GatekeeperSettings | undefined): boolean {
    return settings === undefined || this.#known.get(nameOf(settings))?.client?.registered === true;
  }

  standingOf(settings: GatekeeperSettings | undefined): GatekeeperStanding | undefined {
    const gatekeeper = settings === undefined ? '' : nameOf(settings);
    const known = this.#known.get(gatekeeper);
    return known === undefined ? undefined : { gatekeeper, ...known.standing };
  }

  /** Asks whether a call may be; `decided` is told, at once where nothing is registered. */
  admit(
    now: number,
    settings: GatekeeperSettings,
    call: RasCall,
    decided: (now: number, admission: Admission) => void,
  ): void {
    const name = nameOf(settings);
    const known = this.#known.get(name);
    if (known?.client?.registered !== true) {
      decided(now, refusal('network-out-of-order', `not registered at the gatekeeper ${name}`));
      return;
    }
    this.#waiting.set(hexadecimal(call.callIdentifier), decided);
    known.client.admit(now, call);
    this.#drain(now, name, known);
  }

  /** The call is over, or nobody waits for its admission any more. */
  disengage(now: number, settings: GatekeeperSettings, callIdentifier: Uint8Array): void {
    const name = nameOf(settings);
    const known = this.#known.get(name);
    this.#waiting.delete(hexadecimal(callIdentifier));
    known?.client?.disengage(now, callIdentifier);
    if (known !== undefined) this.#drain(now, name, known);
  }

  nextDeadline(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { client } of this.#known.values()) next = Math.min(next, client?.nextDeadline() ?? next);
    return next;
  }

  handleTime(now: number): void {
    for (const [name, known] of this.#known) {
      if ((known.client?.nextDeadline() ?? Number.POSITIVE_INFINITY) > now) continue;
      known.client?.handleTimeout(now);
      this.#drain(now, name, known);
    }
  }

  #leave(now: number, device: string, name: string): void {
    const known = this.#known.get(name);
    known?.devices.delete(device);
    if (known === undefined || known.devices.size > 0) return;
    known.client?.stop(now);
    this.#drain(now, name, known);
    this.#known.delete(name);
    this.#ports.output({ kind: 'close-ras', gatekeeper: name });
  }

  #drain(now: number, gatekeeper: string, known: Known): void {
    for (let output = known.client?.poll(); output !== undefined; output = known.client?.poll()) {
      if (output.kind === 'event') {
        this.#happened(now, gatekeeper, known, output.event);
      } else if (output.to !== 'multicast') {
        const payload = rasCodec.encode(output.message);
        this.#ports.output({ kind: 'send-ras', gatekeeper, to: textOfAddress(output.to), payload });
      }
    }
  }

  #happened(now: number, gatekeeper: string, known: Known, event: RasEvent): void {
    switch (event.kind) {
      case 'registered':
        if (known.standing.state !== 'registered') known.standing = { state: 'registered', since: now };
        this.#ports.changed([...known.devices], gatekeeper, undefined);
        return;
      case 'unregistered':
        this.#lost(now, gatekeeper, known, event.because);
        return;
      case 'dropped':
        this.#ports.dropped(now, event.call.callIdentifier);
        return;
      case 'admitted': {
        const { destination, endpointIdentifier, call } = event;
        const decided = this.#take(call);
        if (decided === undefined) known.client?.disengage(now, call.callIdentifier);
        else decided(now, { isAdmitted: true, destination: textOfAddress(destination), endpointIdentifier });
        return;
      }
      case 'refused': {
        const cause = causesOfRejection[event.because] ?? 'network-out-of-order';
        this.#take(event.call)?.(
          now,
          refusal(cause, `the gatekeeper ${gatekeeper} does not admit it: ${event.because}`),
        );
      }
    }
  }

  /** It is tried again and again; that it does not work is said once. */
  #lost(now: number, gatekeeper: string, known: Known, because: string): void {
    const { state, since } = known.standing;
    known.standing = { state: 'lost', since: state === 'lost' ? since : now, because };
    if (state !== 'lost') this.#ports.changed([...known.devices], gatekeeper, because);
  }

  #take({ callIdentifier }: RasCall) {
    const name = hexadecimal(callIdentifier);
    const decided = this.#waiting.get(name);
    this.#waiting.delete(name);
    return decided;
  }
}

function nameOf({ address, port }: GatekeeperSettings): string {
  return authorityOf({ address, port });
}

function refusal(cause: Cause, said: string): Admission {
  return { isAdmitted: false, cause, said };
}
