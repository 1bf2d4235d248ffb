/** Gateways around call control, each the far end of real calls of H.323, with the wire between and what was seen on it. */
import { Redacted } from '@trustline/base';
import type { CallControlInput, CallControlOutput } from '@trustline/callcontrol';
import {
  type CallsEvent,
  type CallsOutput,
  type CallTerms,
  type ConnectFailure,
  type ConnectionProof,
  EndpointCalls,
  type HostPort,
  type Placing,
  type SetupTerms,
  type SrtpMasterKey,
  type TcpEnds,
} from '@trustline/h323';
import { keyFingerprint } from '@trustline/keying';
import type { OtherDoor, SkinnyWorld } from '../sccp/skinny-world.fixture.ts';
import type { FarGatekeeper } from './gatekeeper.fixture.ts';
import type { GatekeeperOutput } from './gatekeepers.ts';
import { defaultGatewaySettings, type GatewaySettings } from './gateway-settings.ts';
import { H323Legs } from './h323-legs.ts';
import type { GatewayNotice } from './h323-legs-ports.ts';

const SIGNALLING_PORT = 1720;
const RAS_PORT = 1719;
export const managerAddress = '10.98.0.1';

type SocketOutput = Exclude<CallsOutput, { kind: 'event' }>;

/** One end of connections: the manager's legs, or a gateway. */
export interface WiredEnd {
  readonly address: string;
  accepted(now: number, connection: string, ends: TcpEnds, h245Of?: string): void;
  connected(now: number, connection: string, ends: TcpEnds): void;
  failed(now: number, connection: string, because: ConnectFailure): void;
  received(now: number, connection: string, payload: Uint8Array): void;
  closed(now: number, connection: string): void;
  proved(now: number, connection: string, proof: ConnectionProof): void;
  next(): SocketOutput | undefined;
}

interface WiredConnection {
  /** Of H.245, beside call signalling. */
  readonly isControl: boolean;
  readonly ends: readonly [
    { readonly end: WiredEnd; readonly id: string },
    { readonly end: WiredEnd; readonly id: string },
  ];
}

/** TCP connections without delay, with all octets that went by each and whether it was proven by then. */
export class H323Wire {
  readonly #ends: WiredEnd[] = [];
  readonly #connections = new Map<WiredEnd, Map<string, WiredConnection>>();
  /** Where H.245 is waited for: `address:port` → end and call. */
  readonly listeners = new Map<string, { readonly end: WiredEnd; readonly call: string }>();
  readonly seen: { readonly octets: Uint8Array; readonly proven: boolean; readonly isControl: boolean }[] = [];
  readonly #proven = new Set<WiredConnection>();
  /** What is found of a connection that is asked about. */
  proof: (ends: TcpEnds) => ConnectionProof = () => ({ proven: true });
  /** Addresses that cannot be connected to. */
  readonly unreachable = new Map<string, ConnectFailure>();
  /** Addresses whose programs are frozen: connections are there, and what is sent by them waits for good. */
  readonly frozen = new Set<string>();
  #port = 30_000;
  #count = 0;

  join(end: WiredEnd): void {
    this.#ends.push(end);
    this.#connections.set(end, new Map());
  }

  nextPort(): number {
    this.#port += 1;
    return this.#port;
  }

  listen(end: WiredEnd, call: string): HostPort {
    const where = { address: end.address, port: this.nextPort() };
    this.listeners.set(`${where.address}:${where.port}`, { end, call });
    return where;
  }

  stopListening(end: WiredEnd, call: string): void {
    for (const [where, one] of this.listeners) if (one.end === end && one.call === call) this.listeners.delete(where);
  }

  get size(): number {
    let size = 0;
    for (const connections of this.#connections.values()) size += connections.size;
    return size;
  }

  carry(now: number): boolean {
    let isAny = false;
    for (const end of this.#ends) {
      for (let output = end.next(); output !== undefined; output = end.next()) {
        isAny = true;
        this.#carryOut(now, end, output);
      }
    }
    return isAny;
  }

  #carryOut(now: number, end: WiredEnd, output: SocketOutput): void {
    if (output.kind === 'connect') {
      this.#connect(now, end, output.connection, output.to);
      return;
    }
    const connection = this.#connections.get(end)?.get(output.connection);
    if (connection === undefined) return;
    const [one, other] = connection.ends;
    const far = one.end === end && one.id === output.connection ? other : one;
    switch (output.kind) {
      case 'send':
        this.seen.push({
          octets: output.payload,
          proven: this.#proven.has(connection),
          isControl: connection.isControl,
        });
        if (!this.frozen.has(far.end.address)) far.end.received(now, far.id, output.payload.slice());
        return;
      case 'close':
        for (const { end: at, id } of connection.ends) this.#connections.get(at)?.delete(id);
        far.end.closed(now, far.id);
        return;
      case 'prove': {
        const port = (at: typeof one) => (at.id.startsWith('in') ? SIGNALLING_PORT : this.#port);
        const near = far === one ? other : one;
        const proof = this.proof({
          local: { address: near.end.address, port: port(near) },
          remote: { address: far.end.address, port: port(far) },
        });
        if (proof.proven) this.#proven.add(connection);
        near.end.proved(now, near.id, proof);
      }
    }
  }

  #connect(now: number, end: WiredEnd, id: string, to: HostPort): void {
    const failure = this.unreachable.get(to.address);
    const listener = this.listeners.get(`${to.address}:${to.port}`);
    const far = to.port === SIGNALLING_PORT ? this.#ends.find(({ address }) => address === to.address) : listener?.end;
    if (failure !== undefined || far === undefined) {
      end.failed(now, id, failure ?? 'refused');
      return;
    }
    this.#count += 1;
    const [near, there] = [
      { end, id },
      { end: far, id: `in${this.#count}` },
    ];
    const connection: WiredConnection = { ends: [near, there], isControl: to.port !== SIGNALLING_PORT };
    this.#connections.get(end)?.set(id, connection);
    this.#connections.get(far)?.set(there.id, connection);
    const local = { address: end.address, port: this.nextPort() };
    far.accepted(now, there.id, { local: to, remote: local }, listener?.call);
    end.connected(now, id, { local, remote: to });
  }
}

/** A gateway with its public side: who is called there rings and answers. */
export class FarGateway implements WiredEnd {
  readonly address: string;
  readonly calls: EndpointCalls;
  readonly events: { readonly call: string; readonly event: CallsEvent }[] = [];
  /** Where media are received → the call. */
  readonly ports = new Map<number, string>();
  /** Calls that are there. */
  readonly live = new Set<string>();
  readonly keys: Uint8Array[] = [];
  readonly #outputs: SocketOutput[] = [];
  #now = 0;
  #drawn = 0;
  terms: CallTerms;
  /** What it does when it is called. */
  onCall: 'answers' | 'rings' | 'nothing' | number = 'answers';
  readonly #number: number;

  constructor(wire: H323Wire, number: number, endpoint: Partial<CallTerms['endpoint']> & { protection?: string } = {}) {
    this.#number = number;
    this.address = `10.98.0.${number}`;
    const { protection, ...rest } = endpoint;
    this.terms = {
      endpoint: {
        formats: [
          { name: 'g711Ulaw64k', frames: 20 },
          { name: 'g711Alaw64k', frames: 20 },
        ],
        suites: ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'],
        policy: 'prefer',
        terminalType: 60,
        drawNumber: () => this.#drawn++,
        drawKey: () => this.#drawKey(),
        keyForm: 'direct',
        ackKey: 'none',
        media: { host: Uint8Array.of(10, 99, 0, number), port: 16_384 },
        telephoneEvent: 101,
        tunnelling: true,
        fastConnect: false,
        symmetric: true,
        protectedPayloadType: 'of-format',
        ...rest,
      },
      ...(protection === undefined ? { protection: 'manager' } : { protection }),
    };
    this.calls = new EndpointCalls({
      identity: () => ({
        endpointType: { gateway: {}, mc: false, undefinedNode: false },
        callIdentifier: this.#octets(16),
        conferenceId: this.#octets(16),
      }),
      drawCallReference: () => 1 + (this.#drawn++ % 0x7ffe),
      admit: (call) => this.#each(call),
      listenForH245: (call) => wire.listen(this, call),
      stopListeningForH245: (call) => wire.stopListening(this, call),
    });
    wire.join(this);
  }

  /** Calls the manager. */
  call(setup: SetupTerms, changes: Partial<Placing> = {}): string {
    const terms = this.#each(undefined);
    const to = { address: managerAddress, port: SIGNALLING_PORT };
    const id = this.calls.place({ ...terms, to, setup, ...changes });
    this.ports.set(terms.endpoint.media?.port ?? 0, id);
    this.live.add(id);
    return id;
  }

  /** Each call has a port of its own for its media. */
  #each(call: string | undefined): CallTerms {
    const { endpoint } = this.terms;
    const media = endpoint.media && { ...endpoint.media, port: endpoint.media.port + 2 * (this.#drawn++ % 8_000) };
    if (call !== undefined && media !== undefined) this.ports.set(media.port, call);
    return { ...this.terms, endpoint: { ...endpoint, ...(media === undefined ? {} : { media }) } };
  }

  kinds(call = [...this.live].at(-1)): string[] {
    return this.events.flatMap(({ call: of, event }) =>
      of !== call ? [] : [event.kind === 'media-opened' ? `${event.direction}-opened` : event.kind],
    );
  }

  /** The last channel that a call has opened in a direction. */
  opened<Direction extends 'transmit' | 'receive'>(
    direction: Direction,
    call = [...this.live].at(-1),
  ): Extract<CallsEvent, { kind: 'media-opened'; direction: Direction }> | undefined {
    let found: CallsEvent | undefined;
    for (const { call: of, event } of this.events) {
      if (of !== call || !('direction' in event) || event.direction !== direction) continue;
      found = event.kind === 'media-opened' ? event : undefined;
    }
    return found as Extract<CallsEvent, { kind: 'media-opened'; direction: Direction }> | undefined;
  }

  accepted(now: number, connection: string, ends: TcpEnds, h245Of?: string): void {
    this.does(now, (calls) => calls.accepted(now, connection, ends, h245Of));
  }

  connected(now: number, connection: string, ends: TcpEnds): void {
    this.does(now, (calls) => calls.connected(now, connection, ends));
  }

  failed(now: number, connection: string, because: ConnectFailure): void {
    this.does(now, (calls) => calls.failed(now, connection, because));
  }

  received(now: number, connection: string, payload: Uint8Array): void {
    this.does(now, (calls) => calls.received(now, connection, payload));
  }

  closed(now: number, connection: string): void {
    this.does(now, (calls) => calls.closed(now, connection));
  }

  proved(now: number, connection: string, proof: ConnectionProof): void {
    this.does(now, (calls) => calls.proved(now, connection, proof));
  }

  does(now: number, act: (calls: EndpointCalls) => void): void {
    this.#now = now;
    act(this.calls);
    this.#drain();
  }

  next(): SocketOutput | undefined {
    this.#drain();
    return this.#outputs.shift();
  }

  #drain(): void {
    for (let output = this.calls.poll(); output !== undefined; output = this.calls.poll()) {
      if (output.kind !== 'event') {
        this.#outputs.push(output);
        continue;
      }
      this.events.push(output);
      this.#happened(output.call, output.event);
    }
  }

  #happened(call: string, event: CallsEvent): void {
    if (event.kind === 'released' || event.kind === 'unreachable') this.live.delete(call);
    if (event.kind !== 'setup-offered') return;
    this.live.add(call);
    const { onCall } = this;
    if (typeof onCall === 'number') this.calls.release(this.#now, call, onCall);
    else if (onCall !== 'nothing') {
      this.calls.command(this.#now, call, (endpoint) => endpoint.alert(this.#now));
      if (onCall === 'answers') this.calls.command(this.#now, call, (endpoint) => endpoint.connect(this.#now));
    }
  }

  #drawKey(): SrtpMasterKey {
    const key = this.#octets(16);
    this.keys.push(key);
    return { key: new Redacted(key), salt: new Redacted(this.#octets(14)) };
  }

  /** Other ones each time. */
  #octets(length: number): Uint8Array {
    const octets = new Uint8Array(length).fill(this.#number);
    new DataView(octets.buffer).setUint32(0, 0xa5000000 + this.#drawn++);
    return octets;
  }
}

/** The door of H.323 in a world of phones, with its wire. */
export class GatewayDoor implements OtherDoor, WiredEnd {
  readonly address = managerAddress;
  readonly wire = new H323Wire();
  readonly legs: H323Legs;
  readonly notices: GatewayNotice[] = [];
  readonly found: GatewaySettings[] = [];
  readonly gateways: FarGateway[] = [];
  /** By their addresses. */
  readonly gatekeepers = new Map<string, FarGatekeeper>();
  /** Gatekeepers that there is a socket to. */
  readonly rasOpen = new Set<string>();
  #didRas = false;
  readonly #world: SkinnyWorld;

  constructor(world: SkinnyWorld) {
    this.#world = world;
    let legs = 0;
    let seed = 99;
    const draw = () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      return seed >>> 24;
    };
    this.legs = new H323Legs({
      random: (length) => Uint8Array.from({ length }, draw),
      newLeg: () => `gateway${legs++}`,
      dialledSoFar: (_, digits) => (digits.length < 4 ? 'incomplete' : 'complete'),
      shownFarSide: () => world.farSide,
      listenForH245: (call) => this.wire.listen(this, call),
      stopListeningForH245: (call) => this.wire.stopListening(this, call),
      movesWithKeys: (key) => world.legs.isOfPhone(key),
      wish: (own, wished) => world.legs.wish(own, wished),
      unwish: (own) => world.legs.unwish(own),
      reached: (device, gateway) => {
        if (gateway === undefined) world.gateways.delete(device);
        else world.gateways.set(device, gateway.protection);
        if (gateway !== undefined) world.keyReadings.set(device, gateway.keyReading);
      },
      found: (settings) => void this.found.push(settings),
      notice: (notice) => void this.notices.push(notice),
    });
    this.wire.join(this);
    world.doors.push(this);
  }

  gateway(
    device: string,
    settings: Partial<GatewaySettings> = {},
    endpoint: ConstructorParameters<typeof FarGateway>[2] = {},
  ): FarGateway {
    const gateway = new FarGateway(this.wire, 10 + this.gateways.length, endpoint);
    this.gateways.push(gateway);
    this.legs.setGateway(this.#world.now, {
      ...defaultGatewaySettings,
      device,
      addresses: [gateway.address],
      ...settings,
    });
    return gateway;
  }

  accepted(now: number, connection: string, ends: TcpEnds, h245Of?: string): void {
    this.legs.accepted(now, connection, ends, h245Of);
  }

  connected(now: number, connection: string, ends: TcpEnds): void {
    this.legs.connected(now, connection, ends);
  }

  failed(now: number, connection: string, because: ConnectFailure): void {
    this.legs.failed(now, connection, because);
  }

  received(now: number, connection: string, payload: Uint8Array): void {
    this.legs.received(now, connection, payload);
  }

  closed(now: number, connection: string): void {
    this.legs.closed(now, connection);
  }

  proved(now: number, connection: string, proof: ConnectionProof): void {
    this.legs.proved(now, connection, proof);
  }

  next(): SocketOutput | undefined {
    for (;;) {
      const output = this.legs.pollOutput();
      if (output === undefined || !('gatekeeper' in output)) return output;
      this.#didRas = true;
      this.#ras(output);
    }
  }

  /** What goes to a gatekeeper, and what comes back. */
  #ras(output: GatekeeperOutput): void {
    const { now } = this.#world;
    if (output.kind === 'open-ras') {
      this.rasOpen.add(output.gatekeeper);
      const here = { address: managerAddress, port: RAS_PORT };
      this.legs.rasOpened(now, output.gatekeeper, here, { ...here, port: SIGNALLING_PORT });
    } else if (output.kind === 'close-ras') {
      this.rasOpen.delete(output.gatekeeper);
    } else {
      const gatekeeper = this.gatekeepers.get(output.to.address);
      for (const payload of gatekeeper?.answer(output.payload) ?? []) this.rasFrom(gatekeeper, payload);
    }
  }

  rasFrom(gatekeeper: FarGatekeeper | undefined, payload: Uint8Array): void {
    if (gatekeeper === undefined) return;
    const from = { address: gatekeeper.address, port: RAS_PORT };
    this.legs.rasReceived(this.#world.now, `${from.address}:${from.port}`, payload, from);
  }

  control(now: number, output: Extract<CallControlOutput, { leg: string }>): boolean {
    return this.legs.control(now, output);
  }

  poll(): CallControlInput | undefined {
    return this.legs.poll();
  }

  handleTime(now: number): void {
    this.legs.handleTime(now);
    for (const gateway of this.gateways) gateway.does(now, (calls) => calls.handleTimeout(now));
  }

  carry(now: number): boolean {
    this.#didRas = false;
    return this.wire.carry(now) || this.#didRas;
  }

  /** Does something at a gateway, and lets everything happen. */
  act(act: (now: number) => void): void {
    act(this.#world.now);
    this.#world.settle();
  }

  /** Whether a key was seen in octets of a connection that was not proven. */
  showed(keys: readonly Uint8Array[]): boolean {
    return this.wire.seen.some(
      ({ octets, proven }) => !proven && keys.some((key) => Buffer.from(octets).includes(Buffer.from(key))),
    );
  }
}

/** A name of a key, as call control's are named. */
export function nameOf(key: SrtpMasterKey | undefined): string | undefined {
  return key && keyFingerprint(new Redacted(Uint8Array.of(...key.key.reveal(), ...key.salt.reveal())));
}
