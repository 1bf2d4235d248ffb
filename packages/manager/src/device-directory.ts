import type {
  Device,
  Directory,
  Forwarding,
  HuntGroup,
  KeyReading,
  LegProtection,
  Line,
  LineLimits,
  Route,
} from '@trustline/callcontrol';
import { type Binding, escapeUser, type SipFlow, uriTransport } from '@trustline/sip';
import { addressOf } from './legs/sip/authority.ts';

/** What a device speaks, and is served by alone. */
export type DeviceProtocol = 'sip' | 'sccp' | 'h323';

/** A device as the store keeps it. */
export interface ManagedDevice {
  readonly name: string;
  readonly kind: Device['kind'];
  readonly securityMode: Device['securityMode'];
  /** What it speaks, and is served by alone; SIP unless said. */
  readonly protocol?: DeviceProtocol;
  readonly lines: readonly { readonly number: string; readonly displayName: string | undefined }[];
}

/** What holds for calls by a trunk or gateway. */
export type TrunkSettings = Pick<Device, 'channels' | 'leavingProtection'>;

/** A binding (RFC 3261 §10.3) with whose it is. */
export interface Registration {
  readonly device: string;
  readonly line: string;
  readonly binding: Binding;
}

/** How a device is reached now: requests go down its own connection and nowhere else, whatever its Contact says. */
export interface ReachedDevice {
  readonly flow: SipFlow;
  readonly requestUri: string;
  readonly route: readonly string[];
  /** A trunk or gateway: what it is told of a caller stays within the trust domain (RFC 3325 §2). */
  readonly isTrusted: boolean;
}

/** How a gateway is reached by H.323. */
export interface ReachedGateway {
  readonly protection: LegProtection;
  /** Calls that it bears at once. */
  readonly channels: number;
  readonly keyReading: KeyReading;
  /** It is to be reached by IPsec, which is not proven now. */
  readonly isUnproven?: true;
}

/** A connection on which a device has proved who it is. */
interface ProvenFlow {
  readonly flow: SipFlow;
  readonly protection: LegProtection;
}

/**
 * What call control asks about the world, in memory: the devices and their lines, who has registered, and through
 * which connection each is reached. The store holds the same for the time after a restart.
 */
export class DeviceDirectory implements Directory {
  readonly #numbering: Pick<Directory, 'route' | 'huntGroup' | 'pickUpLines'>;
  readonly #trunkSettings: ReadonlyMap<string, TrunkSettings>;
  readonly #devices = new Map<string, Device>();
  /** Devices that are declared to speak something else than SIP. */
  readonly #declared = new Map<string, DeviceProtocol>();
  /** Gateway → how it is reached by H.323. */
  readonly #gateways = new Map<string, ReachedGateway>();
  readonly #lines = new Map<string, { number: string; displayName?: string; devices: string[] }>();
  /** Line → where its calls go; kept for a line that is on no device at the moment. */
  readonly #forwarding = new Map<string, Forwarding>();
  /** Line → how many calls it has, where that is not as many as all have. */
  readonly #limits = new Map<string, LineLimits>();
  /** Device → line → its bindings. */
  readonly #bindings = new Map<string, Map<string, readonly Binding[]>>();
  /** Device → connections, newest last. */
  readonly #flows = new Map<string, ProvenFlow[]>();
  /** Device → how it has registered by Skinny. */
  readonly #skinny = new Map<string, LegProtection>();
  /** Connection → devices: one behind TLS, several where a password proves them over one UDP address. */
  readonly #devicesOfFlow = new Map<string, Set<string>>();
  /** Which connection a binding was made on; nothing is known of those from before a restart. */
  readonly #flowOf = new Map<Binding, string>();

  /** Lines that were registered, or are no longer, since somebody last asked. */
  readonly #changedLines = new Set<string>();

  /** @param numbering where numbers lead that are not asked for by a device's own line alone */
  constructor(
    numbering: Pick<Directory, 'route' | 'huntGroup' | 'pickUpLines'>,
    trunkSettings: ReadonlyMap<string, TrunkSettings> = new Map(),
  ) {
    this.#numbering = numbering;
    this.#trunkSettings = trunkSettings;
  }

  device(name: string): Device | undefined {
    const device = this.#devices.get(name);
    const gateway = this.#gateways.get(name);
    if (device === undefined || gateway === undefined) return device;
    const { channels, keyReading } = gateway;
    return { ...device, channels, keyReading };
  }

  line(number: string): Line | undefined {
    const line = this.#lines.get(number);
    if (line === undefined) return undefined;
    const [forwarding, limits] = [this.#forwarding.get(number), this.#limits.get(number)];
    return forwarding === undefined && limits === undefined
      ? line
      : { ...line, ...limits, ...(forwarding === undefined ? {} : { forwarding }) };
  }

  route(...question: Parameters<Directory['route']>): Route | undefined {
    return this.#numbering.route(...question);
  }

  pickUpLines(line: string): readonly string[] {
    return this.#numbering.pickUpLines(line);
  }

  huntGroup(name: string): HuntGroup | undefined {
    return this.#numbering.huntGroup(name);
  }

  /** Where the calls of a line go that it does not take, from now on; nowhere without. */
  setForwarding(number: string, forwarding: Forwarding | undefined): void {
    this.#changedLines.add(number);
    if (forwarding === undefined) this.#forwarding.delete(number);
    else this.#forwarding.set(number, forwarding);
  }

  /** How many calls a line has, from the next one on. */
  setLimits(number: string, limits: LineLimits): void {
    if (Object.keys(limits).length === 0) this.#limits.delete(number);
    else this.#limits.set(number, limits);
  }

  /** A phone has registered by Skinny, with all its lines; undefined when it is there no more. */
  setSkinny(device: string, protection: LegProtection | undefined): void {
    this.#noteLines(device);
    if (protection === undefined) this.#skinny.delete(device);
    else this.#skinny.set(device, protection);
  }

  /** A gateway is reached by H.323 so from now on; undefined when it is there no more. */
  setGateway(device: string, gateway: ReachedGateway | undefined): void {
    if (gateway === undefined) this.#gateways.delete(device);
    else this.#gateways.set(device, gateway);
  }

  /** How a gateway is reached by H.323. */
  gateway(device: string): ReachedGateway | undefined {
    return this.#gateways.get(device);
  }

  /** The phones that have registered by Skinny. */
  skinnyPhones(): ReadonlyMap<string, LegProtection> {
    return this.#skinny;
  }

  registration(device: string, line: string): LegProtection | undefined {
    const known = this.#skinny.get(device) ?? this.#gateways.get(device)?.protection;
    if (known !== undefined) return known;
    return this.reach(device, line) === undefined ? undefined : this.#flows.get(device)?.at(-1)?.protection;
  }

  /** What a device is declared to speak: it is served by no other protocol. */
  protocolOf(device: string): DeviceProtocol {
    return this.#declared.get(device) ?? 'sip';
  }

  /** All directory numbers. */
  numbers(): Iterable<string> {
    return this.#lines.keys();
  }

  /** The names of the devices a line appears on. */
  devicesOf(line: string): readonly string[] {
    return this.#lines.get(line)?.devices ?? [];
  }

  /** Takes a device in, in the place of one of the same name. */
  add(device: ManagedDevice): void {
    this.#forgetLines(device.name);
    this.#declared.set(device.name, device.protocol ?? 'sip');
    const { name, kind, securityMode } = device;
    const settings = kind === 'phone' ? {} : this.#trunkSettings.get(name);
    this.#devices.set(name, { name, kind, securityMode, lines: device.lines.map(({ number }) => number), ...settings });
    for (const { number, displayName } of device.lines) {
      const line = this.#lines.get(number);
      if (line !== undefined) line.devices.push(name);
      else this.#lines.set(number, { number, ...(displayName === undefined ? {} : { displayName }), devices: [name] });
    }
  }

  /** Forgets a device with its lines, registrations and what it had proved; its connections are the caller's to close. */
  remove(name: string): void {
    this.#forgetLines(name);
    this.#devices.delete(name);
    this.#declared.delete(name);
    for (const bindings of this.#bindings.get(name)?.values() ?? []) this.#forgetFlowsOf(bindings, []);
    this.#bindings.delete(name);
    for (const { flow } of this.#flows.get(name) ?? []) {
      const devices = this.#devicesOfFlow.get(flow.id);
      devices?.delete(name);
      if (devices?.size === 0) this.#devicesOfFlow.delete(flow.id);
    }
    this.#flows.delete(name);
  }

  /** Every binding of a line by a device. */
  bindings(device: string, line: string): readonly Binding[] {
    return this.#bindings.get(device)?.get(line) ?? [];
  }

  /** All bindings of all devices, or of one. */
  registrations(device?: string): readonly Registration[] {
    const names = device === undefined ? [...this.#bindings.keys()] : [device];
    return names.flatMap((name) =>
      [...(this.#bindings.get(name) ?? [])].flatMap(([line, bindings]) =>
        bindings.map((binding) => ({ device: name, line, binding })),
      ),
    );
  }

  /** The one binding of each device's line by which it would be reached: a phone that came back may have left others. */
  newestRegistrations(): readonly Registration[] {
    return [...this.#bindings].flatMap(([device, lines]) =>
      [...lines].flatMap(([line, bindings]) => {
        const binding = newestOf(bindings);
        return binding === undefined ? [] : [{ device, line, binding }];
      }),
    );
  }

  /** Puts back what was kept, of devices that still have the line. */
  restore(registrations: readonly Registration[]): void {
    for (const { device, line, binding } of registrations) {
      if (this.device(device)?.lines.includes(line) !== true) continue;
      this.setBindings(device, line, [...this.bindings(device, line), binding]);
    }
  }

  /** A binding that a line has was made or refreshed on this connection. */
  bindingMade(binding: Binding, flowId: string): void {
    this.#flowOf.set(binding, flowId);
  }

  /** Replaces the bindings of a line by a device. */
  setBindings(device: string, line: string, bindings: readonly Binding[]): void {
    const lines = this.#bindings.get(device) ?? new Map<string, readonly Binding[]>();
    this.#changedLines.add(line);
    this.#forgetFlowsOf(lines.get(line) ?? [], bindings);
    if (bindings.length === 0) lines.delete(line);
    else lines.set(line, bindings);
    if (lines.size === 0) this.#bindings.delete(device);
    else this.#bindings.set(device, lines);
  }

  /** Of the connections of a device this one goes before all others. */
  preferFlow(flowId: string, device: string): void {
    const flows = this.#flows.get(device) ?? [];
    const preferred = flows.filter(({ flow }) => flow.id === flowId);
    this.#flows.set(device, [...flows.filter(({ flow }) => flow.id !== flowId), ...preferred]);
  }

  /** A device has proved who it is on a connection; false when it had done so before. */
  flowProven(flow: SipFlow, device: string, protection: LegProtection): boolean {
    const devices = this.#devicesOfFlow.get(flow.id) ?? new Set();
    if (devices.has(device)) return false;
    this.#devicesOfFlow.set(flow.id, devices.add(device));
    this.#flows.set(device, [...(this.#flows.get(device) ?? []), { flow, protection }]);
    this.#noteLines(device);
    return true;
  }

  /** Returns the devices that this connection was the last of. */
  flowClosed(flowId: string): readonly string[] {
    const unreachable: string[] = [];
    for (const device of this.#devicesOfFlow.get(flowId) ?? []) {
      const left = (this.#flows.get(device) ?? []).filter(({ flow }) => flow.id !== flowId);
      if (left.length > 0) {
        this.#flows.set(device, left);
      } else {
        this.#flows.delete(device);
        unreachable.push(device);
        this.#noteLines(device);
      }
    }
    this.#devicesOfFlow.delete(flowId);
    return unreachable;
  }

  /** The connections without TLS of devices that must use it: what is left of a time when they need not. */
  clearFlowsOfSecureDevices(): readonly { readonly device: string; readonly flow: SipFlow }[] {
    return [...this.#flows].flatMap(([device, flows]) =>
      this.#devices.get(device)?.securityMode === 'non-secure'
        ? []
        : flows
            .filter(({ protection }) => protection.signalling !== 'tls-mutual')
            .map(({ flow }) => ({ device, flow })),
    );
  }

  /** A device is reached on this connection no more; others that share it are. */
  forgetFlow(flowId: string, device: string): void {
    const left = (this.#flows.get(device) ?? []).filter(({ flow }) => flow.id !== flowId);
    if (left.length > 0) this.#flows.set(device, left);
    else this.#flows.delete(device);
    const devices = this.#devicesOfFlow.get(flowId);
    devices?.delete(device);
    if (devices?.size === 0) this.#devicesOfFlow.delete(flowId);
  }

  /** Who has proved himself on a connection; several share one UDP address at times. */
  devicesOn(flowId: string): readonly string[] {
    return [...(this.#devicesOfFlow.get(flowId) ?? [])];
  }

  /** The connections of a device, oldest first. */
  flowsOf(device: string): readonly SipFlow[] {
    return (this.#flows.get(device) ?? []).map(({ flow }) => flow);
  }

  /**
   * How a device is reached now: down its newest connection, with the binding that was made on it.
   *
   * @param failed connections that have been tried: the next newest then (RFC 5626 §6)
   */
  reach(device: string, line: string, failed: ReadonlySet<string> = nothing): ReachedDevice | undefined {
    const newest = this.#flows.get(device)?.findLast(({ flow: { id } }) => !failed.has(id));
    const known = this.#devices.get(device);
    if (newest === undefined || known === undefined) return undefined;
    const { flow } = newest;
    if (known.kind !== 'phone') {
      // A trunk is reached with any number, down the connection it has made.
      const requestUri = `sip:${escapeUser(line)}@${addressOf(flow)};transport=${uriTransport(flow)}`;
      return { flow, requestUri, route: [], isTrusted: true };
    }
    const bindings = this.bindings(device, line);
    const made = bindings.filter((binding) => this.#flowOf.get(binding) === flow.id);
    const binding = newestOf(made.length === 0 ? bindings : made);
    return binding === undefined ? undefined : { flow, requestUri: binding.uri, route: binding.path, isTrusted: false };
  }

  /** Lines whose registrations are others, or that are reached or not since this was asked last. */
  takeChangedLines(): readonly string[] {
    if (this.#changedLines.size === 0) return [];
    const lines = [...this.#changedLines];
    this.#changedLines.clear();
    return lines;
  }

  #forgetFlowsOf(bindings: readonly Binding[], kept: readonly Binding[]): void {
    for (const binding of bindings) if (!kept.includes(binding)) this.#flowOf.delete(binding);
  }

  #noteLines(device: string): void {
    for (const line of this.#devices.get(device)?.lines ?? []) this.#changedLines.add(line);
  }

  #forgetLines(name: string): void {
    this.#noteLines(name);
    for (const number of this.#devices.get(name)?.lines ?? []) {
      const line = this.#lines.get(number);
      if (line === undefined) continue;
      line.devices = line.devices.filter((device) => device !== name);
      if (line.devices.length === 0) this.#lines.delete(number);
    }
  }
}

const nothing: ReadonlySet<string> = new Set();

/** A phone that came back may have left an older contact behind: the one that lives longest is the newest. */
function newestOf(bindings: readonly Binding[]): Binding | undefined {
  return bindings.length < 2 ? bindings[0] : bindings.toSorted((a, b) => b.expiresAt - a.expiresAt)[0];
}
