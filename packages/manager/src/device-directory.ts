import type { Device, Directory, LegProtection, Line, Route } from '@trustline/callcontrol';
import type { SipFlow } from '@trustline/sip';

/** A device as the store keeps it. */
export interface ManagedDevice {
  readonly name: string;
  readonly kind: Device['kind'];
  readonly securityMode: Device['securityMode'];
  readonly lines: readonly { readonly number: string; readonly displayName: string | undefined }[];
}

/** One binding (RFC 3261 §10.3) of a line to a contact, made by a device. */
export interface Registration {
  readonly line: string;
  readonly device: string;
  readonly contact: string;
  /** Path values (RFC 3327), first hop first. */
  readonly path: readonly string[];
  /** Epoch milliseconds. */
  readonly registeredAt: number;
  readonly expiresAt: number;
}

/** How a device is reached now: requests go down its own connection and nowhere else, whatever its Contact says. */
export interface ReachedDevice {
  readonly flow: SipFlow;
  readonly requestUri: string;
  readonly route: readonly string[];
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
  readonly #route: (dialled: string) => Route | undefined;
  readonly #devices = new Map<string, Device>();
  readonly #lines = new Map<string, { number: string; displayName?: string; devices: string[] }>();
  /** Device → line → its bindings, newest last. */
  readonly #registrations = new Map<string, Map<string, Registration[]>>();
  /** Device → connections, newest last. */
  readonly #flows = new Map<string, ProvenFlow[]>();
  readonly #deviceOfFlow = new Map<string, string>();

  constructor(route: (dialled: string) => Route | undefined) {
    this.#route = route;
  }

  device(name: string): Device | undefined {
    return this.#devices.get(name);
  }

  line(number: string): Line | undefined {
    return this.#lines.get(number);
  }

  route(dialled: string): Route | undefined {
    return this.#route(dialled);
  }

  registration(device: string, line: string): LegProtection | undefined {
    return this.reach(device, line) === undefined ? undefined : this.#flows.get(device)?.at(-1)?.protection;
  }

  /** The names of the devices a line appears on. */
  devicesOf(line: string): readonly string[] {
    return this.#lines.get(line)?.devices ?? [];
  }

  /** Takes a device in, in the place of one of the same name. */
  add(device: ManagedDevice): void {
    this.#forgetLines(device.name);
    const { name, kind, securityMode } = device;
    this.#devices.set(name, { name, kind, securityMode, lines: device.lines.map(({ number }) => number) });
    for (const { number, displayName } of device.lines) {
      const line = this.#lines.get(number);
      if (line !== undefined) line.devices.push(name);
      else this.#lines.set(number, { number, ...(displayName === undefined ? {} : { displayName }), devices: [name] });
    }
  }

  /** Forgets a device with its lines and registrations; its connections are the caller's to close. */
  remove(name: string): void {
    this.#forgetLines(name);
    this.#devices.delete(name);
    this.#registrations.delete(name);
  }

  /** Every binding of a line by a device. */
  bindings(device: string, line: string): readonly Registration[] {
    return this.#registrations.get(device)?.get(line) ?? [];
  }

  /** All bindings, for status and lists. */
  registrations(): readonly Registration[] {
    return [...this.#registrations.values()].flatMap((lines) => [...lines.values()].flat());
  }

  /** Replaces the bindings of a line by a device. */
  setBindings(device: string, line: string, bindings: readonly Registration[]): void {
    const lines = this.#registrations.get(device) ?? new Map<string, Registration[]>();
    if (bindings.length === 0) lines.delete(line);
    else lines.set(line, [...bindings]);
    if (lines.size === 0) this.#registrations.delete(device);
    else this.#registrations.set(device, lines);
  }

  /** Removes and returns what has expired. */
  expire(now: number): readonly Registration[] {
    const expired = this.registrations().filter(({ expiresAt }) => expiresAt <= now);
    for (const { device, line } of expired) {
      this.setBindings(
        device,
        line,
        this.bindings(device, line).filter(({ expiresAt }) => expiresAt > now),
      );
    }
    return expired;
  }

  /** A device has proved who it is on a connection. */
  flowProven(flow: SipFlow, device: string, protection: LegProtection): void {
    if (this.#deviceOfFlow.get(flow.id) === device) return;
    this.flowClosed(flow.id);
    this.#deviceOfFlow.set(flow.id, device);
    this.#flows.set(device, [...(this.#flows.get(device) ?? []), { flow, protection }]);
  }

  /** Returns the device that had this connection. */
  flowClosed(flowId: string): string | undefined {
    const device = this.#deviceOfFlow.get(flowId);
    if (device === undefined) return undefined;
    this.#deviceOfFlow.delete(flowId);
    const left = (this.#flows.get(device) ?? []).filter(({ flow }) => flow.id !== flowId);
    if (left.length === 0) this.#flows.delete(device);
    else this.#flows.set(device, left);
    return device;
  }

  /** The connections of a device, oldest first. */
  flowsOf(device: string): readonly SipFlow[] {
    return (this.#flows.get(device) ?? []).map(({ flow }) => flow);
  }

  reach(device: string, line: string): ReachedDevice | undefined {
    const newest = this.#flows.get(device)?.at(-1);
    const known = this.#devices.get(device);
    if (newest === undefined || known === undefined) return undefined;
    const { flow } = newest;
    if (known.kind !== 'phone') {
      // A trunk is reached with any number, down the connection it has made.
      const { host, port } = flow.remote;
      const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
      return {
        flow,
        requestUri: `sip:${encodeURIComponent(line)}@${authority};transport=${flow.transport}`,
        route: [],
      };
    }
    const binding = this.bindings(device, line).at(-1);
    return binding === undefined ? undefined : { flow, requestUri: binding.contact, route: binding.path };
  }

  #forgetLines(name: string): void {
    for (const number of this.#devices.get(name)?.lines ?? []) {
      const line = this.#lines.get(number);
      if (line === undefined) continue;
      line.devices = line.devices.filter((device) => device !== name);
      if (line.devices.length === 0) this.#lines.delete(number);
    }
  }
}
