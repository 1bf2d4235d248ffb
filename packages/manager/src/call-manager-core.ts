import { assertNever, hexadecimal } from '@trustline/base';
import {
  CallControl,
  type CallControlOutput,
  type CallSnapshot,
  createNumbering,
  defaultSettings,
  type Forwarding,
  type Numbering,
} from '@trustline/callcontrol';
import { securityEvent } from '@trustline/evidence';
import {
  type Authorization,
  GruuIssuer,
  type InviteSession,
  LEAST_SESSION_INTERVAL,
  type ServerTransactionId,
  type SipFlow,
  type SipMessage,
  type SipRequest,
  SipUserAgent,
  type SipUserAgentOutput,
} from '@trustline/sip';
import type { TrunkStatus } from './api/contract.ts';
import { CallBackDoor } from './call-back/call-back-door.ts';
import { CallBacks } from './call-back/call-backs.ts';
import { EXPIRY_INTERVAL, maximumSessions, OVERLOAD_VALIDITY, transactionLimits } from './call-manager-limits.ts';
import type { CallManagerCoreOptions, CallManagerOutput, TableSizes } from './call-manager-types.ts';
import { aboutMixedMode, aboutTooMany, ClearConnections, oneTooMany } from './clear-connections.ts';
import { DeviceDirectory, type ManagedDevice, type Registration } from './device-directory.ts';
import { createH323, type H323Legs } from './legs/h323/h323.ts';
import { busyLampStatus } from './legs/sccp/busy-lamps.ts';
import { Skinny } from './legs/sccp/skinny.ts';
import { addressOf, hostOf } from './legs/sip/authority.ts';
import { Gate, type GateNotice, type PasswordSecret, type TlsPeer } from './legs/sip/gate.ts';
import {
  contactOf,
  type Destination,
  destinationOf,
  refusedOutside,
  whomIsMeant,
} from './legs/sip/outside-requests.ts';
import { resetRequests } from './legs/sip/phone-resets.ts';
import { type PendingRegister, Registrar } from './legs/sip/registrar.ts';
import { SipLegs } from './legs/sip/sip-legs.ts';
import type { RelayInput } from './media/relay-control.ts';
import { TextMessages } from './messages/text-messages.ts';
import type { KeptState } from './recovery/kept-state.ts';
import { Recovery } from './recovery/recovery.ts';
import { aboutScan, ScanWatch, turnedAway } from './scan-watch.ts';
import type { WaitingMessages } from './subscriptions/documents.ts';
import { Subscriptions } from './subscriptions/subscriptions.ts';
import { openWatchable, type WatchedWorld, watchedActivity } from './subscriptions/watchable.ts';
import { compileWatchingRights } from './subscriptions/watching-rights.ts';
import { MessageLegs } from './trace/message-legs.ts';
import { LoadExchange } from './trunks/load-exchange.ts';
import { TrunkAccounts } from './trunks/trunk-accounts.ts';
import { TrunkProbes } from './trunks/trunk-probes.ts';
import { shownFarSide, trunkStatus } from './trunks/trunk-status.ts';
import { tooMuch, WorkAdmission } from './work-admission.ts';

/**
 * The call manager without I/O: SIP's door, the gate, the registrar and call control, joined. Messages, flows and the
 * time go in; after each input poll until it returns undefined. Times are monotonic milliseconds.
 */
export class CallManagerCore {
  readonly directory: DeviceDirectory;
  readonly recovery: Recovery;
  /** For people who watch. */
  readonly messageLegs: MessageLegs;
  readonly #options: CallManagerCoreOptions;
  readonly #numbering: Numbering;
  readonly #userAgent: SipUserAgent;
  readonly #callControl: CallControl;
  readonly #gate: Gate;
  readonly #legs: SipLegs;
  readonly #skinny: Skinny;
  readonly #h323: H323Legs;
  readonly #registrar: Registrar;
  readonly #subscriptions: Subscriptions;
  readonly #textMessages: TextMessages;
  readonly #callBacks: CallBacks | undefined;
  readonly #callBackDoor: CallBackDoor;
  readonly #trunkAccounts: TrunkAccounts;
  readonly #trunkProbes: TrunkProbes;
  /** Connection → trunk that is believed on it without TLS. */
  readonly #clearTrunks = new Map<string, string>();
  /** Messages that wait for a line; a line without has no entry. */
  readonly #messages = new Map<string, WaitingMessages>();
  readonly #passwords = new Map<string, PasswordSecret>();
  /** Device → when the patience with its lost connection ends. */
  readonly #lost = new Map<string, number>();
  readonly #admission: WorkAdmission;
  readonly #load: LoadExchange;
  readonly #scans = new ScanWatch();
  /** When each connection was made; datagrams have none. */
  readonly #openedAt = new Map<string, number>();
  /** Devices that have just proved themselves by password on a connection that was not theirs before. */
  readonly #arrived: { readonly device: string; readonly flow: SipFlow }[] = [];
  readonly #outputs: CallManagerOutput[] = [];
  readonly #clearConnections: ClearConnections;
  #gruus: GruuIssuer | undefined;
  #now = 0;
  #nextExpiry = 0;
  /** Much is said in one millisecond. */
  #lastTime = { at: Number.NaN, text: '' };

  constructor(options: CallManagerCoreOptions) {
    this.#options = options;
    const { random, node } = options;
    const newTag = () => hexadecimal(random(8));
    this.#numbering = createNumbering(options.numbering, (number) => this.directory.line(number) !== undefined);
    this.directory = new DeviceDirectory(this.#numbering, options.trunkSettings);
    this.#clearConnections = new ClearConnections(this.directory, (device) => this.#legs.legsOf(device).length > 0);
    this.#admission = new WorkAdmission({
      ...options,
      isEmergency: (request) => this.#numbering.isEmergency(destinationOf(request)),
      overloaded: (notice) => this.#event('overload', notice),
    });
    this.#load = new LoadExchange({
      isTrunk: (flow) => this.#isTrunk(flow),
      loss: () => this.#admission.loss,
      validity: OVERLOAD_VALIDITY,
      wallTime: options.wallTime,
    });
    this.#registrar = new Registrar(this.directory, options.registrar, () => this.#gruus, newTag);
    this.#gate = new Gate({
      directory: this.directory,
      random,
      realm: options.realm,
      wallTime: options.wallTime,
      passwordOf: (device) => this.#passwords.get(device),
      digestAlgorithms: options.digestAlgorithms,
      clearTrunkOn: (flow) => this.#clearTrunks.get(flow.id) ?? options.trunkAt?.(flow),
      deviceOf: (session) => this.#legs.deviceOf(session),
      notice: (notice) => this.#notice(notice),
      authenticated: (flow, device, isNew) => {
        this.#outputs.push({ kind: 'authenticated', flow });
        if (isNew) this.#arrived.push({ device, flow });
      },
    });
    this.#userAgent = new SipUserAgent({
      random,
      product: options.product,
      contact: (flow) => contactOf(flow),
      authorize: (now, flow, request, session) => this.#authorize(now, flow, request, session),
      answerChallenge: (request, response, session) => {
        const device = this.#legs.deviceOf(session);
        return device === undefined ? undefined : this.#trunkAccounts.answer(device, session.flow, request, response);
      },
      holdAcks: true,
      reliableProvisionals: true,
      sessionTimer: { interval: options.sessionInterval, minimum: LEAST_SESSION_INTERVAL },
      methods: ['REGISTER', 'REFER', 'SUBSCRIBE', 'MESSAGE'],
      supported: ['path', 'outbound', 'gruu', 'replaces'],
      limits: transactionLimits,
      maximumSessions,
      settled: (session) => this.recovery.settled(session),
      ...(options.timers === undefined ? {} : { timers: options.timers }),
    });
    this.#callControl = new CallControl(
      {
        directory: this.directory,
        random,
        wallTime: (now) => this.#isoTime(now),
        ...(options.relay === undefined ? {} : { relay: options.relay }),
      },
      { ...options.calls, node },
    );
    this.#legs = new SipLegs({
      userAgent: this.#userAgent,
      random,
      senderOf: (request) => this.#gate.senderOf(request),
      destinationOf: (request) => this.#destination(request),
      askedFor: (leg) => this.#callControl.askedFor(leg),
      reach: (device, line, failed) => {
        const reached = this.directory.reach(device, line, failed);
        const route = reached?.isTrusted === true ? this.#trunkAccounts.serviceRoute(device) : [];
        return reached && route.length > 0 ? { ...reached, route } : reached;
      },
      shownFarSide: (leg) => shownFarSide(this.#callControl, leg),
      takesCall: (now, flow) => this.#load.takes(now, flow.id),
      isThere: (device, flow) => this.recovery.isThere(device, flow),
      agreed: (leg) => this.recovery.agreed(leg),
      malformed: (leg, cause) => this.#event('malformed-input', { cause, device: leg.device, reason: 'description' }),
    });
    const viewOf = compileWatchingRights(options.watchers, (line) => this.directory.pickUpLines(line));
    const watched: WatchedWorld = {
      directory: this.directory,
      lineCalls: (line) => this.#callControl.lineCalls(line),
      identifiersOf: (leg) => this.#legs.identifiersOf(leg),
      messagesOf: (line) => this.#messages.get(line) ?? { new: 0, old: 0 },
      route: (now, number, watcher) => this.directory.route(number, watcher, options.wallTime(now)),
      viewOf,
    };
    this.#skinny = new Skinny({
      directory: this.directory,
      numbering: this.#numbering,
      random,
      settings: options.skinny,
      suites: options.calls.suites ?? defaultSettings.suites,
      callBack: options.callBack,
      patience: { talking: options.sessionInterval * 1_000, held: options.lostDevicePatience },
      voiceMail: options.voiceMail,
      keysOf: (device) => options.phoneKeys?.get(device),
      busyLamp: (device, number) => busyLampStatus(watchedActivity(watched, device, number)),
      wallTime: options.wallTime,
      isClosing: () => this.draining,
      isTaken: (number) => this.#callControl.isTaken(number),
      shownFarSide: (leg) => shownFarSide(this.#callControl, leg),
      messagesWaiting: (line) => this.#messages.get(line)?.new ?? 0,
      notice: (notice) => this.#notice(notice),
      ...(options.skinnyPassed === undefined ? {} : { passed: options.skinnyPassed }),
      forwardLine: (line, forwarding) => {
        this.directory.setForwarding(line, forwarding);
        this.#outputs.push({ kind: 'forward-line', line, forwarding });
      },
    });
    const [callControl, legs, directory] = [this.#callControl, this.#legs, this.directory];
    this.#h323 = createH323({
      ...options,
      directory,
      numbering: this.#numbering,
      phones: this.#skinny,
      shownFarSide: (leg) => shownFarSide(this.#callControl, leg),
      found: (settings) => this.#outputs.push({ kind: 'gateway-found', settings }),
      notice: ({ kind, ...fields }) => this.#event(kind, fields),
    });
    this.messageLegs = new MessageLegs({ callControl, sip: legs, skinny: this.#skinny, h323: this.#h323 });
    this.recovery = new Recovery({ callControl, legs, directory, wallTime: options.wallTime });
    const refused = (flow: SipFlow, device: string, reason: string, cause: string) =>
      this.#event('request-refused', { cause, device, reason, remoteAddress: addressOf(flow) });
    this.#callBacks =
      options.callBack &&
      new CallBacks(
        {
          lineCalls: watched.lineCalls,
          isRegistered: (device, line) => this.directory.registration(device, line) !== undefined,
          devicesOf: (line) => this.directory.devicesOf(line),
          route: watched.route,
          callBack: (now, { device, line }, destination) =>
            this.#callControl.handle(now, { kind: 'call-back', device, line, destination }),
        },
        options.callBack,
      );
    this.#callBackDoor = new CallBackDoor({
      callBacks: this.#callBacks,
      senderOf: (request) => this.#gate.senderOf(request),
      inviteOf: (leg) => this.#legs.inviteOf(leg),
      dialled: (leg) => this.#skinny.dialled(leg),
      answered: (leg, words) => this.#skinny.answered(leg, words),
    });
    this.#textMessages = new TextMessages(
      {
        userAgent: this.#userAgent,
        directory: this.directory,
        newTag,
        senderOf: (request) => this.#gate.senderOf(request),
        route: watched.route,
        refused,
      },
      options.textMessages,
    );
    this.#trunkAccounts = new TrunkAccounts(options.trunkAccounts ?? [], {
      userAgent: this.#userAgent,
      random,
      contact: contactOf,
      flowsOf: (device) => this.directory.flowsOf(device),
      event: (kind, fields) => this.#event(kind, fields),
    });
    this.#trunkProbes = new TrunkProbes({
      userAgent: this.#userAgent,
      random,
      realm: options.realm,
      contact: contactOf,
      flowsOf: (device) => this.directory.flowsOf(device),
      probed: (device, isThere) => this.#callControl.handle(this.#now, { kind: 'probed', device, isThere }),
    });
    this.#subscriptions = new Subscriptions(
      {
        userAgent: this.#userAgent,
        newTag,
        contact: contactOf,
        senderOf: (request) => this.#gate.senderOf(request),
        flowsOf: (device) => this.directory.flowsOf(device),
        open: (...asked) => openWatchable(watched, ...asked),
        refused,
      },
      options.subscriptions,
    );
  }

  /** Where the calls of a line go that it does not take, from now on; nowhere without. */
  setForwarding(now: number, line: string, forwarding: Forwarding | undefined): void {
    this.#now = now;
    this.directory.setForwarding(line, forwarding);
    this.#skinny.lineChanged(line);
    this.#settle(now);
  }

  /** So many messages wait for a line; its phones are told. */
  setWaitingMessages(now: number, line: string, messages: WaitingMessages): void {
    this.#now = now;
    if (messages.new === 0 && messages.old === 0) this.#messages.delete(line);
    else this.#messages.set(line, messages);
    this.#subscriptions.changed(now, [line]);
    this.#skinny.lineChanged(line);
    this.#settle(now);
  }

  /**
   * Phones that ask for it get addresses of their own from now on (RFC 5627).
   *
   * @param key 32 octets that temporary ones are made with; over restarts the same
   */
  issueGruus(key: Uint8Array): void {
    this.#gruus = new GruuIssuer(key, this.#options.random);
  }

  /** Takes a device in, or its change. */
  addDevice(device: ManagedDevice, password: PasswordSecret | undefined): void {
    this.directory.add(device);
    if (password === undefined) this.#passwords.delete(device.name);
    else this.#passwords.set(device.name, password);
  }

  /** Takes a device out: its calls end, its registrations and connections go. */
  removeDevice(now: number, name: string): void {
    this.#now = now;
    const registrations = this.directory.registrations(name);
    const flows = this.directory.flowsOf(name);
    this.directory.remove(name);
    this.#passwords.delete(name);
    this.#lost.delete(name);
    this.#loseCalls(now, name);
    this.#skinny.dismiss(now, name);
    this.#h323.removeGateway(now, name);
    this.#subscriptions.deviceRemoved(now, name);
    this.#textMessages.deviceRemoved(name);
    this.#callBacks?.deviceRemoved(name);
    this.#trunkAccounts.deviceRemoved(name);
    this.#settle(now);
    if (registrations.length > 0) this.#outputs.push({ kind: 'registrations-gone', registrations });
    for (const flow of flows) if (flow.transport !== 'udp') this.#outputs.push({ kind: 'close-flow', flow });
  }

  /** Puts back what the store kept over a restart. */
  restore(registrations: readonly Registration[]): void {
    this.directory.restore(registrations);
  }

  /**
   * Goes on with the calls that the process before this one had kept; called before anybody is heard. Those whose media went
   * through it are ended, and whoever has not heard of the end of a call is told, each as soon as its device is reached.
   */
  recover(now: number, states: readonly KeptState[]): void {
    this.#now = now;
    this.recovery.recover(now, states);
    this.#settle(now);
  }

  /** A device without TLS had registered over this flow before a restart: it is reached there again. */
  restoreFlow(flow: SipFlow, device: string): void {
    const protection = { protocol: 'sip', signalling: 'none', proof: 'digest', provenIdentity: device } as const;
    this.directory.flowProven(flow, device, { ...protection, remoteAddress: addressOf(flow) });
  }

  /**
   * We have connected to a trunk: calls for it go down this connection first. Who answers there has proved nothing
   * without TLS, so that requests of its own are asked for its password all the same, unless its account says that it is
   * believed on a connection of ours. (A datagram is from anybody.)
   */
  trunkConnected(now: number, flow: SipFlow, device: string): void {
    this.#now = now;
    if (flow.transport !== 'tls') {
      const protection = { protocol: 'sip', signalling: 'none', proof: 'none' } as const;
      this.directory.flowProven(flow, device, { ...protection, remoteAddress: addressOf(flow) });
      if (flow.transport === 'tcp' && this.#trunkAccounts.allowsClear(device)) this.#clearTrunks.set(flow.id, device);
    }
    this.directory.preferFlow(flow.id, device);
    this.#comeBack(now, device, flow);
    this.#settle(now);
  }

  /** All of a trunk's servers that can be connected are, the best last. */
  trunkSettled(now: number, device: string): void {
    this.#now = now;
    this.#trunkAccounts.settled(now, device);
    this.#settle(now);
  }

  /** A connection is open; `peer` is what its certificate proved, absent for UDP and TCP. */
  flowOpened(now: number, flow: SipFlow, peer: TlsPeer | undefined): void {
    this.#now = now;
    if (flow.transport !== 'udp') this.#openedAt.set(flow.id, now);
    if (this.recovery.arrived(now, flow)) this.#settle(now);
    if (peer === undefined) return;
    this.#gate.opened(flow, peer);
    this.#comeBack(now, peer.device, flow);
    this.#closeOldest(peer.device);
    this.#settle(now);
  }

  flowClosed(now: number, flowId: string): void {
    this.#now = now;
    this.#openedAt.delete(flowId);
    for (const device of this.#gate.closed(flowId)) {
      if (this.#legs.legsOf(device).length > 0) this.#lost.set(device, now + this.#options.lostDevicePatience);
    }
    this.#userAgent.flowClosed(now, flowId);
    this.#clearTrunks.delete(flowId);
    this.#load.closed(flowId);
    this.#trunkAccounts.flowClosed(now, flowId);
    this.#settle(now);
  }

  /** Trust has changed: connections that `judge` no longer believes are closed, for the reason it gives. */
  rejudge(now: number, judge: (peer: TlsPeer) => string | undefined): void {
    this.#now = now;
    for (const { flowId, peer, reason } of this.#gate.unbelieved(judge)) {
      const flow = this.directory.flowsOf(peer.device).find(({ id }) => id === flowId);
      const cause = `the connection of ${peer.device} was closed: its certificate ${reason}`;
      this.#event('connection-closed', { cause, device: peer.device, reason: 'certificate-not-believed' });
      if (flow !== undefined) this.#outputs.push({ kind: 'close-flow', flow });
    }
    this.#skinny.rejudge(now, judge);
    this.#settle(now);
  }

  /** Something has happened on a connection of Skinny. */
  onSkinny(now: number, act: (skinny: Skinny) => void): void {
    this.#now = now;
    act(this.#skinny);
    this.#settle(now);
  }

  /** Something has happened to a connection of H.323, or to a gateway. */
  onH323(now: number, act: (legs: H323Legs) => void): void {
    this.#now = now;
    act(this.#h323);
    this.#settle(now);
  }

  /** Tells phones to boot again, as soon as they have no call: what they are given has changed. */
  resetPhones(now: number, devices: readonly string[]): void {
    this.#now = now;
    const { random, realm } = this.#options;
    for (const { flow, request } of resetRequests(this.directory, devices, { realm, contactOf, random })) {
      this.#userAgent.sendRequest(now, flow, request);
    }
    this.#skinny.reset(now, devices);
    this.#settle(now);
  }

  /**
   * Devices have become what the cluster's mode lets them be. Those that must use TLS now and had registered without it
   * are registered no longer, and have to come again; their running calls end as calls do.
   */
  endClearRegistrations(now: number): void {
    this.#now = now;
    for (const { device, registrations } of this.#clearConnections.endRegistrations()) {
      if (registrations.length > 0) this.#outputs.push({ kind: 'registrations-gone', registrations });
      this.#event('unregistration', aboutMixedMode(device));
    }
    this.#closeClearFlows();
    this.#skinny.dismissClear(now);
    this.#settle(now);
  }

  receive(now: number, flow: SipFlow, message: SipMessage): void {
    this.#now = now;
    this.#load.heard(now, flow, message);
    this.recovery.passes(now, 'received', flow, message);
    this.#userAgent.receive(now, flow, message);
    this.#settle(now);
  }

  registrationStored(now: number, pending: PendingRegister): void {
    this.#now = now;
    const { response, notices } = this.#registrar.stored(pending);
    for (const notice of notices) this.#notice(notice);
    if (pending.begins && response.status < 300) this.#seen(pending);
    this.#userAgent.respond(now, pending.transaction, response);
    this.#settle(now);
  }

  registrationFailed(now: number, pending: PendingRegister): void {
    this.#now = now;
    this.#userAgent.respond(now, pending.transaction, this.#registrar.failed(pending));
    this.#settle(now);
  }

  /** No new calls; running ones end or are ended after `timeout` milliseconds. A `drained` output follows. */
  drain(now: number, timeout: number): void {
    this.#now = now;
    this.#callControl.handle(now, { kind: 'drain', timeout });
    this.#settle(now);
  }

  /** The media relay says something. */
  relaySays(now: number, input: RelayInput): void {
    this.#now = now;
    if (input.kind === 'key-reading-shown') this.#h323.keyReadingShown(input);
    else this.#callControl.handle(now, input);
    this.#settle(now);
  }

  handleTime(now: number): void {
    this.#now = now;
    this.#admission.late(Math.max(0, now - this.nextDeadline()));
    this.#admission.handleTime(now);
    this.#userAgent.handleTime(now);
    this.#callControl.tick(now);
    this.#skinny.handleTime(now);
    this.#h323.handleTime(now);
    this.#subscriptions.handleTime(now);
    this.#callBacks?.handleTime(now);
    this.#trunkAccounts.handleTime(now);
    this.recovery.handleTime(now);
    for (const [device, at] of this.#lost) {
      if (at > now) continue;
      this.#lost.delete(device);
      this.#loseCalls(now, device);
    }
    if (now >= this.#nextExpiry) this.#expire(now);
    this.#settle(now);
  }

  nextDeadline(): number {
    let earliest = Math.min(this.#nextExpiry, this.#skinny.nextDeadline(), this.#h323.nextDeadline());
    earliest = Math.min(earliest, this.#userAgent.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#callControl.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#subscriptions.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#callBacks?.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#admission.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#trunkAccounts.nextDeadline() ?? earliest);
    for (const at of this.#lost.values()) earliest = Math.min(earliest, at);
    return earliest;
  }

  poll(): CallManagerOutput | undefined {
    // What is kept is kept before anybody hears of it.
    return this.recovery.poll() ?? this.#outputs.shift();
  }

  calls(): readonly CallSnapshot[] {
    return this.#callControl.calls();
  }

  /** How it is with a trunk or gateway. */
  trunk(name: string): TrunkStatus {
    const gatekeeper = this.#h323.gatekeeperOf(name);
    const told = gatekeeper && { ...gatekeeper, since: this.#isoTime(gatekeeper.since) };
    return trunkStatus(name, this.#callControl, this.directory, told);
  }

  /** Until when calls wait for a device that has lost its connection (ISO 8601); undefined where they need not. */
  waitedUntil(device: string): string | undefined {
    const at =
      this.#lost.get(device) ?? this.#skinny.awaitedUntil(device) ?? this.recovery.awaitedUntil(this.#now, device);
    return at === undefined ? undefined : this.#isoTime(at);
  }

  /** How many subscriptions there are. */
  get subscriptionCount(): number {
    return this.#subscriptions.size;
  }

  /** How many messages between lines are under way. */
  get textMessageCount(): number {
    return this.#textMessages.size;
  }

  /** How many entries the tables of calls hold; all zero once every call is over. */
  get tableSizes(): TableSizes {
    const { sessions, dialogs, transactions, callers } = this.#userAgent.tableSizes;
    const legs = this.#legs.size + this.#skinny.size + this.#h323.size;
    return { sessions, dialogs, transactions, callers, legs, lost: this.#lost.size, ...this.recovery.sizes };
  }

  /** Transactions that are kept, of requests that came in and of our own. */
  get openTransactions(): number {
    const { client, server } = this.#userAgent.transactions;
    return client + server;
  }

  get draining(): boolean {
    return this.#callControl.draining;
  }

  #authorize(now: number, flow: SipFlow, request: SipRequest, session: InviteSession | undefined): Authorization {
    if (session === undefined && !this.#admission.takes(now, flow, request)) {
      return tooMuch(flow, this.#options.random);
    }
    return this.#gate.authorize(now, flow, request, session);
  }

  #isTrunk(flow: SipFlow): boolean {
    return this.directory.devicesOn(flow.id).some((name) => this.directory.device(name)?.kind !== 'phone');
  }

  #destination(request: SipRequest): Destination {
    return whomIsMeant(this.#gruus, this.directory, request);
  }

  /** A device is there on a new connection: its calls go on there. */
  #comeBack(now: number, device: string, flow: SipFlow): void {
    this.#lost.delete(device);
    this.#legs.comeBack(now, device, flow);
    this.recovery.cameBack(now, device, flow);
  }

  /** One phone's certificate must not take the connections of all others. */
  #closeOldest(name: string): void {
    const oldest = oneTooMany(this.directory, name);
    if (oldest === undefined) return;
    this.#event('connection-closed', { ...aboutTooMany, device: name });
    this.#outputs.push({ kind: 'close-flow', flow: oldest });
  }

  /** A device is there no more: its legs are hung up as far as they can be told, and its calls end. */
  #loseCalls(now: number, device: string): void {
    this.#legs.lose(now, device);
    this.#callControl.handle(now, { kind: 'device-lost', device });
  }

  /** Runs the parts against each other until none has anything to say. */
  #settle(now: number): void {
    if (this.#arrived.length > 0) {
      for (const { device, flow } of this.#arrived.splice(0)) this.#comeBack(now, device, flow);
    }
    for (;;) {
      const said = this.#userAgent.poll();
      if (said !== undefined) {
        this.#fromUserAgent(now, said);
        continue;
      }
      const input = this.#legs.poll() ?? this.#skinny.poll() ?? this.#h323.poll();
      if (input !== undefined) {
        if (!this.#callBackDoor.takesSkinny(now, input)) this.#callControl.handle(now, input);
        continue;
      }
      const wanted = this.#callControl.poll();
      if (wanted !== undefined) this.#fromCallControl(now, wanted);
      else if (!this.#legs.acknowledge(now) && !this.#tellWatchers(now)) break;
    }
    for (let output = this.#skinny.pollOutput(); output !== undefined; output = this.#skinny.pollOutput()) {
      this.#outputs.push({ kind: 'skinny', output });
    }
    for (let output = this.#h323.pollOutput(); output !== undefined; output = this.#h323.pollOutput()) {
      this.#outputs.push({ kind: 'h323', output });
    }
    this.recovery.settle(now);
  }

  /** Tells of lines that are in another state now; false where none is. */
  #tellWatchers(now: number): boolean {
    const [ofCalls, ofPhones] = [this.#callControl.takeChangedLines(), this.directory.takeChangedLines()];
    if (ofCalls.length === 0 && ofPhones.length === 0) return false;
    const lines = [...ofCalls, ...ofPhones];
    this.#subscriptions.changed(now, lines);
    this.#callBacks?.changed(now, lines);
    this.#skinny.watchedChanged(lines);
    return true;
  }

  #fromUserAgent(now: number, output: SipUserAgentOutput): void {
    switch (output.kind) {
      case 'transmit': {
        const message = this.#load.said(now, output.flow, output.message);
        this.recovery.passes(now, 'sent', output.flow, message);
        this.#outputs.push({ ...output, message });
        return;
      }
      case 'incoming':
        if (!this.#callBackDoor.takesSip(now, output.session, output.request)) {
          this.#legs.incoming(now, output.session, output.request);
        }
        return;
      case 'session':
        this.#legs.session(now, output.session, output.event);
        return;
      case 'request':
        if (output.request.method === 'REGISTER') {
          this.#register(now, output.transaction, output.flow, output.request);
        } else if (output.request.method === 'SUBSCRIBE') {
          this.#subscriptions.take(now, output.transaction, output.flow, output.request);
        } else if (output.request.method === 'MESSAGE') {
          this.#textMessages.take(now, output.transaction, output.flow, output.request);
        } else {
          this.#userAgent.respond(
            now,
            output.transaction,
            refusedOutside(output.request, output.flow, hexadecimal(this.#options.random(8))),
          );
        }
        return;
      case 'response': // or of a phone that was told to boot again: one that does not know how will do so in its own time
        if (this.#trunkAccounts.handleResponse(now, output.transaction, output.response)) return;
        if (this.#trunkProbes.handleResponse(output.transaction, output.response)) return;
        if (!this.#subscriptions.handleResponse(now, output.transaction, output.response)) {
          this.#textMessages.handleResponse(now, output.transaction, output.response);
        }
        return;
      case 'request-failed':
        if (this.#trunkAccounts.handleFailure(now, output.transaction, output.cause)) return;
        if (this.#trunkProbes.handleFailure(output.transaction)) return;
        if (!this.#subscriptions.handleFailure(now, output.transaction)) {
          this.#textMessages.handleFailure(now, output.transaction);
        }
        return;
      default:
        assertNever(output);
    }
  }

  #fromCallControl(now: number, output: CallControlOutput): void {
    switch (output.kind) {
      case 'record':
        this.recovery.ended(now, output.record);
        this.#outputs.push(output);
        return;
      case 'event':
      case 'drained':
      case 'relay-side':
      case 'relay-bridge':
      case 'relay-close':
      case 'relay-digit':
        this.#outputs.push(output);
        return;
      case 'probe':
        if (!this.#h323.probe(output.device)) this.#trunkProbes.probe(now, output.device);
        return;
      case 'refuse':
        this.#callBackDoor.noteBusy(output);
        this.messageLegs.refused(output);
        this.#control(now, output);
        return;
      default:
        if (output.kind === 'release') {
          this.recovery.leaves(now, output.leg);
          this.messageLegs.released(output);
        }
        this.#control(now, output);
    }
  }

  /** Each door knows its own. */
  #control(now: number, output: Parameters<SipLegs['control']>[1]): void {
    if (this.#skinny.control(now, output) || this.#h323.control(now, output)) return;
    this.#legs.control(now, output);
  }

  #register(now: number, transaction: ServerTransactionId, flow: SipFlow, request: SipRequest): void {
    const device = this.#gate.senderOf(request)?.device ?? '';
    const step = this.#registrar.take(now, transaction, flow, request, device);
    if (step.kind === 'answer') {
      this.#userAgent.respond(now, transaction, step.response);
      if (step.notice !== undefined) this.#notice(step.notice);
    } else this.#outputs.push({ kind: 'store-registration', pending: step.pending });
  }

  #closeClearFlows(): void {
    for (const flow of this.#clearConnections.close()) this.#outputs.push({ kind: 'close-flow', flow });
  }

  /** Who only goes on with a registration, or has proved nothing, has not been seen to start. */
  #seen({ device, request, receivedAt, change: { flow } }: PendingRegister): void {
    if (this.#gate.senderOf(request)?.protection.proof === 'none') return;
    const since = flow.transport === 'udp' ? receivedAt : this.#openedAt.get(flow.id);
    if (since !== undefined) this.#outputs.push({ kind: 'device-seen', device, flow, since });
  }

  #expire(now: number): void {
    this.#nextExpiry = now + EXPIRY_INTERVAL;
    this.#closeClearFlows();
    const expired = this.#registrar.expire(now);
    if (expired.length === 0) return;
    this.#outputs.push({ kind: 'registrations-gone', registrations: expired });
    for (const { device, line } of expired) {
      const cause = `the registration of line ${line} by ${device} expired`;
      this.#event('unregistration', { cause, device, line, reason: 'expired' });
    }
  }

  #notice({ kind, ...fields }: GateNotice): void {
    this.#event(kind, fields);
    if (!turnedAway.has(kind)) return;
    const scan = this.#scans.failed(this.#now, hostOf(fields.remoteAddress));
    if (scan !== undefined) this.#event('scan-suspected', aboutScan(scan));
  }

  #event(
    kind: GateNotice['kind'],
    fields: Omit<GateNotice, 'kind' | 'remoteAddress'> & { remoteAddress?: string },
  ): void {
    const event = securityEvent(kind, { at: this.#isoTime(this.#now), node: this.#options.node, ...fields });
    this.#outputs.push({ kind: 'event', event });
  }

  #isoTime(now: number): string {
    const at = Math.floor(this.#options.wallTime(now));
    if (at !== this.#lastTime.at) this.#lastTime = { at, text: new Date(at).toISOString() };
    return this.#lastTime.text;
  }
}
