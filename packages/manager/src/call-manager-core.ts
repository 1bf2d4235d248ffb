import { assertNever, hexadecimal } from '@trustline/base';
import type { CallControlOutput, CallSnapshot, Forwarding } from '@trustline/callcontrol';
import {
  GruuIssuer,
  type ServerTransactionId,
  type SipFlow,
  type SipMessage,
  type SipRequest,
  type SipUserAgentOutput,
} from '@trustline/sip';
import type { TrunkStatus } from './api/contract.ts';
import type { CallManagerEvents } from './call-manager-events.ts';
import { EXPIRY_INTERVAL } from './call-manager-limits.ts';
import { type CallManagerParts, createParts } from './call-manager-parts.ts';
import type { CallManagerCoreOptions, CallManagerOutput, TableSizes } from './call-manager-types.ts';
import { aboutMixedMode, aboutTooMany, oneTooMany } from './clear-connections.ts';
import type { DeviceDirectory, ManagedDevice, Registration } from './device-directory.ts';
import type { H323Legs } from './legs/h323/h323.ts';
import type { Skinny } from './legs/sccp/skinny.ts';
import { addressOf } from './legs/sip/authority.ts';
import type { PasswordSecret, TlsPeer } from './legs/sip/gate.ts';
import { contactOf, refusedOutside } from './legs/sip/outside-requests.ts';
import { resetRequests } from './legs/sip/phone-resets.ts';
import type { PendingRegister } from './legs/sip/registrar.ts';
import type { SipLegs } from './legs/sip/sip-legs.ts';
import type { RelayInput } from './media/relay-control.ts';
import type { KeptState } from './recovery/kept-state.ts';
import type { Recovery } from './recovery/recovery.ts';
import type { WaitingMessages } from './subscriptions/documents.ts';
import type { MessageLegs } from './trace/message-legs.ts';
import { trunkStatus } from './trunks/trunk-status.ts';

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
  readonly #parts: CallManagerParts;
  readonly #events: CallManagerEvents;
  readonly #outputs: CallManagerOutput[];
  /** Device → when the patience with its lost connection ends. */
  readonly #lost = new Map<string, number>();
  /** When each connection was made; datagrams have none. */
  readonly #openedAt = new Map<string, number>();
  #nextExpiry = 0;

  constructor(options: CallManagerCoreOptions) {
    this.#options = options;
    this.#parts = createParts(options);
    this.#events = this.#parts.events;
    this.#outputs = this.#parts.outputs;
    this.directory = this.#parts.directory;
    this.recovery = this.#parts.recovery;
    this.messageLegs = this.#parts.messageLegs;
  }

  /** Where the calls of a line go that it does not take, from now on; nowhere without. */
  setForwarding(now: number, line: string, forwarding: Forwarding | undefined): void {
    this.#events.now = now;
    this.directory.setForwarding(line, forwarding);
    this.#parts.skinny.lineChanged(line);
    this.#settle(now);
  }

  /** So many messages wait for a line; its phones are told. */
  setWaitingMessages(now: number, line: string, messages: WaitingMessages): void {
    this.#events.now = now;
    if (messages.new === 0 && messages.old === 0) this.#parts.messages.delete(line);
    else this.#parts.messages.set(line, messages);
    this.#parts.subscriptions.changed(now, [line]);
    this.#parts.skinny.lineChanged(line);
    this.#settle(now);
  }

  /**
   * Phones that ask for it get addresses of their own from now on (RFC 5627).
   *
   * @param key 32 octets that temporary ones are made with; over restarts the same
   */
  issueGruus(key: Uint8Array): void {
    this.#parts.gruus.issuer = new GruuIssuer(key, this.#options.random);
  }

  /** Takes a device in, or its change. */
  addDevice(device: ManagedDevice, password: PasswordSecret | undefined): void {
    this.directory.add(device);
    if (password === undefined) this.#parts.passwords.delete(device.name);
    else this.#parts.passwords.set(device.name, password);
  }

  /** Takes a device out: its calls end, its registrations and connections go. */
  removeDevice(now: number, name: string): void {
    this.#events.now = now;
    const registrations = this.directory.registrations(name);
    const flows = this.directory.flowsOf(name);
    this.directory.remove(name);
    this.#parts.passwords.delete(name);
    this.#lost.delete(name);
    this.#loseCalls(now, name);
    this.#parts.skinny.dismiss(now, name);
    this.#parts.h323.removeGateway(now, name);
    this.#parts.subscriptions.deviceRemoved(now, name);
    this.#parts.textMessages.deviceRemoved(name);
    this.#parts.callBacks?.deviceRemoved(name);
    this.#parts.trunkAccounts.deviceRemoved(name);
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
    this.#events.now = now;
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
    this.#events.now = now;
    if (flow.transport !== 'tls') {
      const protection = { protocol: 'sip', signalling: 'none', proof: 'none' } as const;
      this.directory.flowProven(flow, device, { ...protection, remoteAddress: addressOf(flow) });
      if (flow.transport === 'tcp' && this.#parts.trunkAccounts.allowsClear(device)) {
        this.#parts.clearTrunks.set(flow.id, device);
      }
    }
    this.directory.preferFlow(flow.id, device);
    this.#comeBack(now, device, flow);
    this.#settle(now);
  }

  /** All of a trunk's servers that can be connected are, the best last. */
  trunkSettled(now: number, device: string): void {
    this.#events.now = now;
    this.#parts.trunkAccounts.settled(now, device);
    this.#settle(now);
  }

  /** A connection is open; `peer` is what its certificate proved, absent for UDP and TCP. */
  flowOpened(now: number, flow: SipFlow, peer: TlsPeer | undefined): void {
    this.#events.now = now;
    if (flow.transport !== 'udp') this.#openedAt.set(flow.id, now);
    if (this.recovery.arrived(now, flow)) this.#settle(now);
    if (peer === undefined) return;
    this.#parts.gate.opened(flow, peer);
    this.#comeBack(now, peer.device, flow);
    this.#closeOldest(peer.device);
    this.#settle(now);
  }

  flowClosed(now: number, flowId: string): void {
    this.#events.now = now;
    this.#openedAt.delete(flowId);
    for (const device of this.#parts.gate.closed(flowId)) {
      if (this.#parts.legs.legsOf(device).length > 0) this.#lost.set(device, now + this.#options.lostDevicePatience);
    }
    this.#parts.userAgent.flowClosed(now, flowId);
    this.#parts.clearTrunks.delete(flowId);
    this.#parts.load.closed(flowId);
    this.#parts.trunkAccounts.flowClosed(now, flowId);
    this.#settle(now);
  }

  /** Trust has changed: connections that `judge` no longer believes are closed, for the reason it gives. */
  rejudge(now: number, judge: (peer: TlsPeer) => string | undefined): void {
    this.#events.now = now;
    for (const { flowId, peer, reason } of this.#parts.gate.unbelieved(judge)) {
      const flow = this.directory.flowsOf(peer.device).find(({ id }) => id === flowId);
      const cause = `the connection of ${peer.device} was closed: its certificate ${reason}`;
      this.#events.event('connection-closed', { cause, device: peer.device, reason: 'certificate-not-believed' });
      if (flow !== undefined) this.#outputs.push({ kind: 'close-flow', flow });
    }
    this.#parts.skinny.rejudge(now, judge);
    this.#settle(now);
  }

  /** Something has happened on a connection of Skinny. */
  onSkinny(now: number, act: (skinny: Skinny) => void): void {
    this.#events.now = now;
    act(this.#parts.skinny);
    this.#settle(now);
  }

  /** Something has happened to a connection of H.323, or to a gateway. */
  onH323(now: number, act: (legs: H323Legs) => void): void {
    this.#events.now = now;
    act(this.#parts.h323);
    this.#settle(now);
  }

  /** Tells phones to boot again, as soon as they have no call: what they are given has changed. */
  resetPhones(now: number, devices: readonly string[]): void {
    this.#events.now = now;
    const { random, realm } = this.#options;
    for (const { flow, request } of resetRequests(this.directory, devices, { realm, contactOf, random })) {
      this.#parts.userAgent.sendRequest(now, flow, request);
    }
    this.#parts.skinny.reset(now, devices);
    this.#settle(now);
  }

  /**
   * Devices have become what the cluster's mode lets them be. Those that must use TLS now and had registered without it
   * are registered no longer, and have to come again; their running calls end as calls do.
   */
  endClearRegistrations(now: number): void {
    this.#events.now = now;
    for (const { device, registrations } of this.#parts.clearConnections.endRegistrations()) {
      if (registrations.length > 0) this.#outputs.push({ kind: 'registrations-gone', registrations });
      this.#events.event('unregistration', aboutMixedMode(device));
    }
    this.#closeClearFlows();
    this.#parts.skinny.dismissClear(now);
    this.#settle(now);
  }

  receive(now: number, flow: SipFlow, message: SipMessage): void {
    this.#events.now = now;
    this.#parts.load.heard(now, flow, message);
    this.recovery.passes(now, 'received', flow, message);
    this.#parts.userAgent.receive(now, flow, message);
    this.#settle(now);
  }

  registrationStored(now: number, pending: PendingRegister): void {
    this.#events.now = now;
    const { response, notices } = this.#parts.registrar.stored(pending);
    for (const notice of notices) this.#events.notice(notice);
    if (pending.begins && response.status < 300) this.#seen(pending);
    this.#parts.userAgent.respond(now, pending.transaction, response);
    this.#settle(now);
  }

  registrationFailed(now: number, pending: PendingRegister): void {
    this.#events.now = now;
    this.#parts.userAgent.respond(now, pending.transaction, this.#parts.registrar.failed(pending));
    this.#settle(now);
  }

  /** No new calls; running ones end or are ended after `timeout` milliseconds. A `drained` output follows. */
  drain(now: number, timeout: number): void {
    this.#events.now = now;
    this.#parts.callControl.handle(now, { kind: 'drain', timeout });
    this.#settle(now);
  }

  /** The media relay says something. */
  relaySays(now: number, input: RelayInput): void {
    this.#events.now = now;
    if (input.kind === 'key-reading-shown') this.#parts.h323.keyReadingShown(input);
    else this.#parts.callControl.handle(now, input);
    this.#settle(now);
  }

  handleTime(now: number): void {
    this.#events.now = now;
    this.#parts.admission.late(Math.max(0, now - this.nextDeadline()));
    this.#parts.admission.handleTime(now);
    this.#parts.userAgent.handleTime(now);
    this.#parts.callControl.tick(now);
    this.#parts.skinny.handleTime(now);
    this.#parts.h323.handleTime(now);
    this.#parts.subscriptions.handleTime(now);
    this.#parts.callBacks?.handleTime(now);
    this.#parts.trunkAccounts.handleTime(now);
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
    let earliest = Math.min(this.#nextExpiry, this.#parts.skinny.nextDeadline(), this.#parts.h323.nextDeadline());
    earliest = Math.min(earliest, this.#parts.userAgent.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#parts.callControl.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#parts.subscriptions.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#parts.callBacks?.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#parts.admission.nextDeadline() ?? earliest);
    earliest = Math.min(earliest, this.#parts.trunkAccounts.nextDeadline() ?? earliest);
    for (const at of this.#lost.values()) earliest = Math.min(earliest, at);
    return earliest;
  }

  poll(): CallManagerOutput | undefined {
    // What is kept is kept before anybody hears of it.
    return this.recovery.poll() ?? this.#outputs.shift();
  }

  calls(): readonly CallSnapshot[] {
    return this.#parts.callControl.calls();
  }

  /** How it is with a trunk or gateway. */
  trunk(name: string): TrunkStatus {
    const gatekeeper = this.#parts.h323.gatekeeperOf(name);
    const told = gatekeeper && { ...gatekeeper, since: this.#events.isoTime(gatekeeper.since) };
    return trunkStatus(name, this.#parts.callControl, this.directory, told);
  }

  /** Until when calls wait for a device that has lost its connection (ISO 8601); undefined where they need not. */
  waitedUntil(device: string): string | undefined {
    const at =
      this.#lost.get(device) ??
      this.#parts.skinny.awaitedUntil(device) ??
      this.recovery.awaitedUntil(this.#events.now, device);
    return at === undefined ? undefined : this.#events.isoTime(at);
  }

  /** How many subscriptions there are. */
  get subscriptionCount(): number {
    return this.#parts.subscriptions.size;
  }

  /** How many messages between lines are under way. */
  get textMessageCount(): number {
    return this.#parts.textMessages.size;
  }

  /** How many entries the tables of calls hold; all zero once every call is over. */
  get tableSizes(): TableSizes {
    const { sessions, dialogs, transactions, callers } = this.#parts.userAgent.tableSizes;
    const legs = this.#parts.legs.size + this.#parts.skinny.size + this.#parts.h323.size;
    return { sessions, dialogs, transactions, callers, legs, lost: this.#lost.size, ...this.recovery.sizes };
  }

  /** Transactions that are kept, of requests that came in and of our own. */
  get openTransactions(): number {
    const { client, server } = this.#parts.userAgent.transactions;
    return client + server;
  }

  get draining(): boolean {
    return this.#parts.callControl.draining;
  }

  /** A device is there on a new connection: its calls go on there. */
  #comeBack(now: number, device: string, flow: SipFlow): void {
    this.#lost.delete(device);
    this.#parts.legs.comeBack(now, device, flow);
    this.recovery.cameBack(now, device, flow);
  }

  /** One phone's certificate must not take the connections of all others. */
  #closeOldest(name: string): void {
    const oldest = oneTooMany(this.directory, name);
    if (oldest === undefined) return;
    this.#events.event('connection-closed', { ...aboutTooMany, device: name });
    this.#outputs.push({ kind: 'close-flow', flow: oldest });
  }

  /** A device is there no more: its legs are hung up as far as they can be told, and its calls end. */
  #loseCalls(now: number, device: string): void {
    this.#parts.legs.lose(now, device);
    this.#parts.callControl.handle(now, { kind: 'device-lost', device });
  }

  /** Runs the parts against each other until none has anything to say. */
  #settle(now: number): void {
    if (this.#parts.arrived.length > 0) {
      for (const { device, flow } of this.#parts.arrived.splice(0)) this.#comeBack(now, device, flow);
    }
    for (;;) {
      const said = this.#parts.userAgent.poll();
      if (said !== undefined) {
        this.#fromUserAgent(now, said);
        continue;
      }
      const input = this.#parts.legs.poll() ?? this.#parts.skinny.poll() ?? this.#parts.h323.poll();
      if (input !== undefined) {
        if (!this.#parts.callBackDoor.takesSkinny(now, input)) this.#parts.callControl.handle(now, input);
        continue;
      }
      const wanted = this.#parts.callControl.poll();
      if (wanted !== undefined) this.#fromCallControl(now, wanted);
      else if (!this.#parts.legs.acknowledge(now) && !this.#tellWatchers(now)) break;
    }
    for (let output = this.#parts.skinny.pollOutput(); output !== undefined; output = this.#parts.skinny.pollOutput()) {
      this.#outputs.push({ kind: 'skinny', output });
    }
    for (let output = this.#parts.h323.pollOutput(); output !== undefined; output = this.#parts.h323.pollOutput()) {
      this.#outputs.push({ kind: 'h323', output });
    }
    this.recovery.settle(now);
  }

  /** Tells of lines that are in another state now; false where none is. */
  #tellWatchers(now: number): boolean {
    const [ofCalls, ofPhones] = [this.#parts.callControl.takeChangedLines(), this.directory.takeChangedLines()];
    if (ofCalls.length === 0 && ofPhones.length === 0) return false;
    const lines = [...ofCalls, ...ofPhones];
    this.#parts.subscriptions.changed(now, lines);
    this.#parts.callBacks?.changed(now, lines);
    this.#parts.skinny.watchedChanged(lines);
    return true;
  }

  #fromUserAgent(now: number, output: SipUserAgentOutput): void {
    switch (output.kind) {
      case 'transmit': {
        const message = this.#parts.load.said(now, output.flow, output.message);
        this.recovery.passes(now, 'sent', output.flow, message);
        this.#outputs.push({ ...output, message });
        return;
      }
      case 'incoming':
        if (!this.#parts.callBackDoor.takesSip(now, output.session, output.request)) {
          this.#parts.legs.incoming(now, output.session, output.request);
        }
        return;
      case 'session':
        this.#parts.legs.session(now, output.session, output.event);
        return;
      case 'request':
        if (output.request.method === 'REGISTER') {
          this.#register(now, output.transaction, output.flow, output.request);
        } else if (output.request.method === 'SUBSCRIBE') {
          this.#parts.subscriptions.take(now, output.transaction, output.flow, output.request);
        } else if (output.request.method === 'MESSAGE') {
          this.#parts.textMessages.take(now, output.transaction, output.flow, output.request);
        } else {
          this.#parts.userAgent.respond(
            now,
            output.transaction,
            refusedOutside(output.request, output.flow, hexadecimal(this.#options.random(8))),
          );
        }
        return;
      case 'response': // or of a phone that was told to boot again: one that does not know how will do so in its own time
        if (this.#parts.trunkAccounts.handleResponse(now, output.transaction, output.response)) return;
        if (this.#parts.trunkProbes.handleResponse(output.transaction, output.response)) return;
        if (!this.#parts.subscriptions.handleResponse(now, output.transaction, output.response)) {
          this.#parts.textMessages.handleResponse(now, output.transaction, output.response);
        }
        return;
      case 'request-failed':
        if (this.#parts.trunkAccounts.handleFailure(now, output.transaction, output.cause)) return;
        if (this.#parts.trunkProbes.handleFailure(output.transaction)) return;
        if (!this.#parts.subscriptions.handleFailure(now, output.transaction)) {
          this.#parts.textMessages.handleFailure(now, output.transaction);
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
        if (!this.#parts.h323.probe(output.device)) this.#parts.trunkProbes.probe(now, output.device);
        return;
      case 'refuse':
        this.#parts.callBackDoor.noteBusy(output);
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
    if (this.#parts.skinny.control(now, output) || this.#parts.h323.control(now, output)) return;
    this.#parts.legs.control(now, output);
  }

  #register(now: number, transaction: ServerTransactionId, flow: SipFlow, request: SipRequest): void {
    const device = this.#parts.gate.senderOf(request)?.device ?? '';
    const step = this.#parts.registrar.take(now, transaction, flow, request, device);
    if (step.kind === 'answer') {
      this.#parts.userAgent.respond(now, transaction, step.response);
      if (step.notice !== undefined) this.#events.notice(step.notice);
    } else this.#outputs.push({ kind: 'store-registration', pending: step.pending });
  }

  #closeClearFlows(): void {
    for (const flow of this.#parts.clearConnections.close()) this.#outputs.push({ kind: 'close-flow', flow });
  }

  /** Who only goes on with a registration, or has proved nothing, has not been seen to start. */
  #seen({ device, request, receivedAt, change: { flow } }: PendingRegister): void {
    if (this.#parts.gate.senderOf(request)?.protection.proof === 'none') return;
    const since = flow.transport === 'udp' ? receivedAt : this.#openedAt.get(flow.id);
    if (since !== undefined) this.#outputs.push({ kind: 'device-seen', device, flow, since });
  }

  #expire(now: number): void {
    this.#nextExpiry = now + EXPIRY_INTERVAL;
    this.#closeClearFlows();
    const expired = this.#parts.registrar.expire(now);
    if (expired.length === 0) return;
    this.#outputs.push({ kind: 'registrations-gone', registrations: expired });
    for (const { device, line } of expired) {
      const cause = `the registration of line ${line} by ${device} expired`;
      this.#events.event('unregistration', { cause, device, line, reason: 'expired' });
    }
  }
}
