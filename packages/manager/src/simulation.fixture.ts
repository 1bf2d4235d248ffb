/** A call manager and its phones in one process, for the tests, benches and fuzz targets of this room: no sockets. */
import { hexadecimal } from '@trustline/base';
import type { DialPlanEntry } from '@trustline/callcontrol';
import type { CallRecord, SecurityEvent, SecurityPolicy } from '@trustline/evidence';
import {
  createResponse,
  type InviteSession,
  parseDatagram,
  type SessionEvent,
  type SipFlow,
  type SipHeader,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  SipUserAgent,
  type SipUserAgentOptions,
  serializeMessage,
} from '@trustline/sip';
import { CallManagerCore } from './call-manager-core.ts';
import type { CallManagerCoreOptions, CallManagerOutput } from './call-manager-types.ts';
import type { ManagedDevice, Registration } from './device-directory.ts';
import type { SkinnyOutput } from './legs/sccp/skinny-door.ts';
import type { PasswordSecret, TlsPeer } from './legs/sip/gate.ts';
import type { PendingRegister } from './legs/sip/registrar.ts';
import type { KeptState } from './recovery/kept-state.ts';

export const simulatedRealm = 'trustline';
/** 2026-01-01T00:00:00Z. */
const epoch = 1_767_225_600_000;

/** Time that moves only when the test says so; the testing room has one. */
export interface SimulatedTime {
  readonly now: number;
  attach(machine: { nextDeadline(): number | undefined; handleTime(now: number): void }, after: () => void): void;
}

export interface SimulationOptions extends Partial<CallManagerCoreOptions> {
  readonly policy?: SecurityPolicy;
  readonly entries?: readonly DialPlanEntry[];
}

export interface PhoneOptions {
  readonly securityMode?: ManagedDevice['securityMode'];
  readonly kind?: ManagedDevice['kind'];
  readonly transport?: SipFlow['transport'];
  readonly password?: PasswordSecret;
  readonly agent?: Partial<SipUserAgentOptions>;
}

interface Wire {
  readonly phone: SimulatedPhone;
  /** As the manager sees it. */
  readonly flow: SipFlow;
}

/**
 * Joins a {@link CallManagerCore} and phones, each a SIP user agent of its own, by flows without delay. Every message
 * is written as octets and read again on its way.
 */
export class Simulation {
  core: CallManagerCore;
  readonly time: SimulatedTime;
  readonly events: SecurityEvent[] = [];
  readonly records: CallRecord[] = [];
  readonly gone: Registration[] = [];
  readonly seen: Extract<CallManagerOutput, { kind: 'device-seen' }>[] = [];
  /** What is wanted of the connections of Skinny. */
  readonly skinny: SkinnyOutput[] = [];
  /** What becomes of a registration that is to be stored. */
  store: 'at once' | 'fails' | 'held' = 'at once';
  readonly held: PendingRegister[] = [];
  /** What is kept of calls, as it is written. */
  readonly kept = new Map<string, string>();
  drained = false;
  /** Milliseconds after which a message arrives over a flow, once for each; not at all where there is none. */
  transit: (flow: SipFlow) => readonly number[] = () => [0];
  /** How far the wall clock is from where it should be, in milliseconds. */
  wallOffset = 0;
  readonly #random: (length: number) => Uint8Array;
  readonly #wires = new Map<string, Wire>();
  readonly #phones: SimulatedPhone[] = [];
  readonly #underway: { readonly at: number; readonly arrive: () => void }[] = [];
  #lastFlow = 0;
  #pumping = false;
  readonly #begin: () => CallManagerCore;
  /** Devices as they were added. */
  readonly #devices: Parameters<CallManagerCore['addDevice']>[] = [];

  constructor(time: SimulatedTime, random: (length: number) => Uint8Array, options: SimulationOptions = {}) {
    this.time = time;
    this.#random = random;
    const { policy = 'prefer', entries = [] } = options;
    const coreOptions: CallManagerCoreOptions = {
      node: 'node-1',
      random,
      wallTime: (now) => epoch + now + this.wallOffset,
      realm: simulatedRealm,
      product: 'Trustline/simulated',
      registrar: { minimumExpires: 60, maximumExpires: 3_600, defaultExpires: 600, maximumBindings: 10 },
      calls: { noAnswerTimeout: 90_000 },
      numbering: { entries, defaultPolicy: policy },
      registrationsPerSecond: 1_000_000,
      callsPerSecond: 1_000_000,
      subscriptions: { perDevice: 20, expiry: { minimum: 60, maximum: 3_600, default: 600 } },
      watchers: [],
      callBack: { activate: '*37', cancel: '#37', lifetime: 2_700_000 },
      textMessages: { octets: 1_300, perSecond: 10 },
      lostDevicePatience: 40_000,
      sessionInterval: 1_800,
      digestAlgorithms: () => ['SHA-256'],
      skinny: { keepAliveSeconds: 30, dateTemplate: 'D.M.Y', language: 'en', timeZone: 'UTC' },
      ...options,
    };
    this.#begin = () => {
      const core = new CallManagerCore(coreOptions);
      core.issueGruus(new Uint8Array(32).fill(7));
      return core;
    };
    this.core = this.#begin();
    const core = {
      nextDeadline: () => this.core.nextDeadline(),
      handleTime: (now: number) => this.core.handleTime(now),
    };
    time.attach(core, () => this.pump());
    time.attach({ nextDeadline: () => this.#nextArrival(), handleTime: (now) => this.#arrive(now) }, () => this.pump());
  }

  /** Adds a device with one line, and a phone that is connected with it. */
  phone(name: string, line: string, options: PhoneOptions = {}): SimulatedPhone {
    const { securityMode = 'encrypted', kind = 'phone', password } = options;
    const lines = kind === 'phone' ? [{ number: line, displayName: undefined }] : [];
    this.#devices.push([{ name, kind, securityMode, lines }, password]);
    this.core.addDevice({ name, kind, securityMode, lines }, password);
    const phone = new SimulatedPhone(this, name, line, this.#random, options);
    this.#phones.push(phone);
    this.time.attach(phone.agent, () => this.pump());
    phone.connect();
    return phone;
  }

  /**
   * The process of the manager dies; `milliseconds` later another begins, with what was kept of registrations and calls.
   * Connections are gone; by UDP everybody is where they were.
   */
  restart(milliseconds = 0): void {
    const registrations = this.core.directory.registrations();
    for (const { phone, flow } of [...this.#wires.values()]) {
      if (flow.transport === 'udp') continue;
      this.#wires.delete(flow.id);
      phone.agent.flowClosed(this.time.now, flow.id);
    }
    const wires = [...this.#wires.values()];
    this.#wires.clear();
    this.core = this.#begin();
    for (const device of this.#devices) this.core.addDevice(...device);
    this.wallOffset += milliseconds;
    this.core.restore(registrations);
    const states = [...this.kept.values()].map((text) => JSON.parse(text) as KeptState);
    this.core.recover(this.time.now, states);
    for (const { phone, flow } of wires) this.#wires.set(flow.id, { phone, flow });
    for (const { remote } of this.core.recovery.addresses()) {
      const wire = wires.find(({ flow }) => flow.remote.port === remote.port);
      if (wire !== undefined) this.core.flowOpened(this.time.now, wire.flow, undefined);
    }
    this.pump();
  }

  connect(phone: SimulatedPhone, transport: SipFlow['transport']): SipFlow {
    this.#lastFlow += 1;
    const [here, there] = [
      { host: '192.0.2.1', port: 5061 },
      { host: '192.0.2.9', port: 10_000 + this.#lastFlow },
    ];
    const flow = { id: `flow-${this.#lastFlow}`, transport, local: here, remote: there };
    this.#wires.set(flow.id, { phone, flow });
    const peer = transport === 'tls' ? peerOf(phone.name, `${there.host}:${there.port}`) : undefined;
    this.core.flowOpened(this.time.now, flow, peer);
    return { ...flow, local: there, remote: here };
  }

  /** The connection is gone, at both ends. */
  disconnect(flowId: string): void {
    const wire = this.#wires.get(flowId);
    if (wire === undefined) return;
    this.#wires.delete(flowId);
    this.core.flowClosed(this.time.now, flowId);
    wire.phone.agent.flowClosed(this.time.now, flowId);
    this.pump();
  }

  isConnected(flowId: string): boolean {
    return this.#wires.has(flowId);
  }

  /** Does something, then lets everybody react until nobody has anything to say. */
  act<Result>(command: (now: number) => Result): Result {
    const result = command(this.time.now);
    this.pump();
    return result;
  }

  /** Gives the manager a message as if it had come over this phone's connection. */
  inject(phone: SimulatedPhone, message: SipMessage): void {
    const wire = this.#wires.get(phone.flow.id);
    if (wire !== undefined) this.core.receive(this.time.now, wire.flow, carried(message));
    this.pump();
  }

  pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    let busy = true;
    while (busy) {
      busy = false;
      for (const phone of this.#phones) busy = this.#drainPhone(phone) || busy;
      for (let output = this.core.poll(); output !== undefined; output = this.core.poll()) {
        busy = true;
        this.#carryOut(output);
      }
    }
    this.#pumping = false;
  }

  eventsOf(kind: SecurityEvent['kind']): SecurityEvent[] {
    return this.events.filter((event) => event.kind === kind);
  }

  #drainPhone(phone: SimulatedPhone): boolean {
    let busy = false;
    for (let output = phone.agent.poll(); output !== undefined; output = phone.agent.poll()) {
      busy = true;
      if (output.kind === 'transmit') {
        const wire = this.#wires.get(output.flow.id);
        for (const message of phone.alter(output.message)) {
          phone.sent.push(message);
          if (wire === undefined) continue;
          this.#send(wire.flow, () => this.core.receive(this.time.now, wire.flow, carried(message)));
        }
      } else if (output.kind === 'incoming') {
        phone.sessions.push(output.session);
        phone.onIncoming(output.session, output.request);
      } else if (output.kind === 'session') {
        phone.events.push({ session: output.session, event: output.event });
        phone.onEvent(output.session, output.event);
      } else if (output.kind === 'response') {
        phone.onResponse(output.response);
      } else if (output.kind === 'request') {
        phone.agent.respond(this.time.now, output.transaction, phone.onRequest(output.request));
      }
    }
    return busy;
  }

  #send(flow: SipFlow, arrive: () => void): void {
    for (const delay of this.transit(flow)) {
      if (delay === 0) arrive();
      else this.#underway.push({ at: this.time.now + delay, arrive });
    }
  }

  #nextArrival(): number | undefined {
    return this.#underway.length === 0 ? undefined : Math.min(...this.#underway.map(({ at }) => at));
  }

  #arrive(now: number): void {
    for (const due of this.#underway.filter(({ at }) => at <= now)) {
      this.#underway.splice(this.#underway.indexOf(due), 1);
      due.arrive();
    }
  }

  #carryOut(output: CallManagerOutput): void {
    switch (output.kind) {
      case 'transmit': {
        const wire = this.#wires.get(output.flow.id);
        if (wire === undefined) {
          this.core.flowClosed(this.time.now, output.flow.id);
          return;
        }
        const { phone } = wire;
        const message = carried(output.message);
        this.#send(wire.flow, () => {
          phone.received.push(output.message);
          if (!phone.isDeaf) phone.agent.receive(this.time.now, phone.flow, message);
        });
        return;
      }
      case 'close-flow':
        this.#wires.delete(output.flow.id);
        this.core.flowClosed(this.time.now, output.flow.id);
        return;
      case 'store-registration':
        if (this.store === 'at once') this.core.registrationStored(this.time.now, output.pending);
        else if (this.store === 'fails') this.core.registrationFailed(this.time.now, output.pending);
        else this.held.push(output.pending);
        return;
      case 'registrations-gone':
        this.gone.push(...output.registrations);
        return;
      case 'event':
        this.events.push(output.event);
        return;
      case 'record':
        this.records.push(output.record);
        return;
      case 'drained':
        this.drained = true;
        return;
      case 'device-seen':
        this.seen.push(output);
        return;
      case 'skinny':
        this.skinny.push(output.output);
        return;
      case 'forward-line':
        this.core.setForwarding(this.time.now, output.line, output.forwarding);
        return;
      case 'keep-call':
        this.kept.set(output.state.id, JSON.stringify(output.state));
        return;
      case 'call-settled':
        this.kept.delete(output.call);
        return;
      case 'authenticated':
    }
  }
}

/** One phone: what it says is up to the test, what it hears is kept. */
export class SimulatedPhone {
  readonly name: string;
  readonly line: string;
  readonly agent: SipUserAgent;
  readonly sessions: InviteSession[] = [];
  readonly events: { readonly session: InviteSession; readonly event: SessionEvent }[] = [];
  readonly sent: SipMessage[] = [];
  readonly received: SipMessage[] = [];
  /** Octets arrive and nobody reads them. */
  isDeaf = false;
  flow: SipFlow = { id: 'none', transport: 'tls', local: nowhere, remote: nowhere };
  /** What leaves the phone in place of a message. */
  alter: (message: SipMessage) => readonly SipMessage[] = (message) => [message];
  onIncoming: (session: InviteSession, request: SipRequest) => void = () => {};
  onEvent: (session: InviteSession, event: SessionEvent) => void = () => {};
  onResponse: (response: SipResponse) => void = () => {};
  /** Answers requests outside calls, of the methods that its agent was told. */
  onRequest: (request: SipRequest) => SipResponse = (request) => createResponse(request, 481);
  readonly #simulation: Simulation;
  readonly #random: (length: number) => Uint8Array;
  readonly #transport: SipFlow['transport'];
  #callId = '';
  #sequence = 0;

  constructor(
    simulation: Simulation,
    name: string,
    line: string,
    random: (length: number) => Uint8Array,
    options: PhoneOptions,
  ) {
    this.#simulation = simulation;
    this.name = name;
    this.line = line;
    this.#random = random;
    this.#transport = options.transport ?? 'tls';
    this.agent = new SipUserAgent({
      random,
      contact: ({ local, transport }) => `<sip:${line}@${local.host}:${local.port};transport=${transport}>`,
      ...options.agent,
    });
  }

  /** Opens a connection, a new one when there was one before. */
  connect(): void {
    this.flow = this.#simulation.connect(this, this.#transport);
    this.#simulation.pump();
  }

  /** Sends a REGISTER; what is answered is in `received`. */
  register(expires = 600, headers: readonly SipHeader[] = []): void {
    this.#simulation.act((now) => this.agent.sendRequest(now, this.flow, this.registerRequest(expires, headers)));
  }

  registerRequest(expires: number, headers: readonly SipHeader[] = []): SipRequest {
    if (this.#callId === '') this.#callId = token(this.#random);
    this.#sequence += 1;
    const { local, transport } = this.flow;
    return this.request('REGISTER', [
      { name: 'Call-ID', value: this.#callId },
      { name: 'CSeq', value: `${this.#sequence} REGISTER` },
      { name: 'Contact', value: `<sip:${this.line}@${local.host}:${local.port};transport=${transport}>` },
      { name: 'Expires', value: String(expires) },
      ...headers,
    ]);
  }

  /** A request outside dialogs, from this phone's line; `headers` bring Call-ID and CSeq. */
  request(method: string, headers: readonly SipHeader[], uri = 'sip:cm.example'): SipRequest {
    return {
      kind: 'request',
      method,
      uri,
      headers: [
        { name: 'Max-Forwards', value: '70' },
        { name: 'From', value: `<sip:${this.line}@cm.example>;tag=${token(this.#random)}` },
        { name: 'To', value: `<sip:${this.line}@cm.example>` },
        ...headers,
      ],
      body: new Uint8Array(0),
    };
  }

  call(destination: string, offer: string | undefined): InviteSession {
    const session = this.#simulation.act((now) =>
      this.agent.place(now, this.flow, {
        requestUri: `sip:${destination}@cm.example`,
        from: `<sip:${this.line}@cm.example>`,
        to: `<sip:${destination}@cm.example>`,
        offer: offer === undefined ? undefined : encoder.encode(offer),
      }),
    );
    this.sessions.push(session);
    return session;
  }

  /** Forgets what was said and what happened, its calls included. */
  forget(): void {
    for (const list of [this.sent, this.received, this.events, this.sessions]) list.length = 0;
  }

  /** The session that began last, at this phone. */
  get session(): InviteSession {
    const session = this.sessions.at(-1);
    if (session === undefined) throw new Error(`${this.name} is in no call`);
    return session;
  }

  /** Kinds of what happened in its sessions, in order. */
  get happened(): readonly string[] {
    return this.events.map(({ event }) => event.kind);
  }

  /** The last event of a kind. */
  event<Kind extends SessionEvent['kind']>(kind: Kind): Extract<SessionEvent, { kind: Kind }> {
    const found = this.events.findLast(({ event }) => event.kind === kind)?.event;
    if (found === undefined) throw new Error(`${this.name} saw no ${kind} but ${this.happened.join(', ')}`);
    return found as Extract<SessionEvent, { kind: Kind }>;
  }

  /** The last response it got to a method. */
  answerTo(method: string): SipResponse {
    const found = this.received.findLast(
      (message): message is SipResponse =>
        message.kind === 'response' &&
        message.headers.some(({ name, value }) => name === 'CSeq' && value.endsWith(` ${method}`)),
    );
    if (found === undefined) throw new Error(`${this.name} got no answer to ${method}`);
    return found;
  }

  /** The requests of a method that it got. */
  requests(method: string): readonly SipRequest[] {
    return this.received.filter(
      (message): message is SipRequest => message.kind === 'request' && message.method === method,
    );
  }
}

/** A session description with one audio stream; with keys in SAVP unless `transport` says otherwise. */
export function description(
  keys: readonly string[],
  options: { readonly transport?: string; readonly direction?: string; readonly version?: number } = {},
): string {
  const { transport = keys.length > 0 ? 'RTP/SAVP' : 'RTP/AVP', direction = 'sendrecv', version = 1 } = options;
  return [
    'v=0',
    `o=- 1 ${version} IN IP4 192.0.2.9`,
    's=-',
    'c=IN IP4 192.0.2.9',
    't=0 0',
    `m=audio 4000 ${transport} 0`,
    'a=rtpmap:0 PCMU/8000',
    ...keys.map((key) => `a=crypto:${key}`),
    `a=${direction}`,
    '',
  ].join('\r\n');
}

/** A crypto line (RFC 4568 §9.1) with a key made of `seed`. */
export function cryptoLine(seed: number, suite = 'AES_CM_128_HMAC_SHA1_80', tag = 1): string {
  const octets = Uint8Array.from({ length: 30 }, (_, at) => (seed * 31 + at * 7 + (seed >> 8)) & 255);
  new DataView(octets.buffer).setUint32(0, seed);
  return `${tag} ${suite} inline:${btoa(String.fromCharCode(...octets))}`;
}

export function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? '' : new TextDecoder().decode(bytes);
}

export function octets(value: string): Uint8Array {
  return encoder.encode(value);
}

const encoder = new TextEncoder();
const nowhere = { host: '192.0.2.9', port: 1 };

/** What a certificate of the simulated cluster proves. */
export function peerOf(device: string, remoteAddress: string): TlsPeer {
  return {
    device,
    chain: [],
    notAfter: Number.POSITIVE_INFINITY,
    protection: {
      protocol: 'sip',
      signalling: 'tls-mutual',
      proof: 'certificate',
      provenIdentity: `CN=${device}`,
      remoteAddress,
    },
  };
}

/** The message as the other end reads it. */
function carried(message: SipMessage): SipMessage {
  const read = parseDatagram(serializeMessage(message));
  if (!read.ok) throw read.error;
  return read.message;
}

function token(random: (length: number) => Uint8Array): string {
  return hexadecimal(random(8));
}
