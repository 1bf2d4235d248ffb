import type { Forwarding, LineLimits } from '@trustline/callcontrol';
import type { CallRecord } from '@trustline/evidence';
import { type ClusterSecurityMode, judgeDeviceCertificate } from '@trustline/pki';
import { type SipFlow, serializeMessage } from '@trustline/sip';
import { type FlowIdentity, SipTransportHub } from '@trustline/sip/node';
import type { CallAnswer, ListenerStatus, TrunkStatus } from '../api/contract.ts';
import { CallManagerCore } from '../call-manager-core.ts';
import type { CallManagerOutput } from '../call-manager-types.ts';
import { callSettingsOf } from '../configuration/call-settings.ts';
import { coreSettingsOf } from '../configuration/core-settings.ts';
import { addressedTrunks } from '../configuration/trunks.ts';
import { ManagerError } from '../error.ts';
import type { GatewaySettings } from '../legs/h323/gateway-settings.ts';
import type { Skinny } from '../legs/sccp/skinny.ts';
import type { SkinnyOutput } from '../legs/sccp/skinny-door.ts';
import { addressOf, authorityOf } from '../legs/sip/authority.ts';
import type { TlsPeer } from '../legs/sip/gate.ts';
import type { PendingRegister } from '../legs/sip/registrar.ts';
import type { WaitingMessages } from '../subscriptions/documents.ts';
import { MessageTrace, type WatchedMessage } from '../trace/message-trace.ts';
import { version } from '../version.ts';
import { callAnswer } from './call-answer.ts';
import { createTrunkConnections, sayIdentifiedByAddress } from './configured-trunks.ts';
import { digestRealm } from './digest-passwords.ts';
import { closeSentences } from './flow-closures.ts';
import { keepFound } from './h323/found-settings.ts';
import { H323Door } from './h323/h323-door.ts';
import { CALLS_TOGETHER } from './journal.ts';
import { Listeners } from './listeners.ts';
import { lengthOfSound } from './media/hold-sound.ts';
import { createMedia, type MediaPart } from './media/media.ts';
import type { DeviceSighting, ManagerContext, ReachedRegistration, Signalling } from './parts.ts';
import { pooledRandom } from './random.ts';
import { SignallingEvents } from './signalling-events.ts';
import { SkinnyListeners } from './skinny/skinny-listeners.ts';
import type { StoredDevice } from './store/devices.ts';
import type { StoredRegistration } from './store/registrations.ts';
import { fromStored, toStored } from './stored-registration.ts';
import type { TrunkConnections } from './trunk-connections.ts';

/** How long calls wait for a device whose connection was lost, in milliseconds. */
const lostDevicePatience = 40_000;
/** Two clocks read one after the other differ by this at most, in milliseconds; more means that one was set. */
const clockGrain = 2;
/** Timers that are due at once still leave the event loop its turn. */
const shortestWait = 1;

/**
 * Listeners, connections and the call manager's core, joined: sockets, the clock and the store on its outside.
 *
 * @param seen hears of every device that begins to register
 */
export function createSignalling(context: ManagerContext, seen: (sighting: DeviceSighting) => void): Signalling {
  return new NodeSignalling(context, seen);
}

class NodeSignalling implements Signalling {
  readonly #context: ManagerContext;
  readonly #seen: (sighting: DeviceSighting) => void;
  readonly #core: CallManagerCore;
  readonly #media: MediaPart | undefined;
  readonly #hub: SipTransportHub<TlsPeer>;
  readonly #skinny: SkinnyListeners;
  readonly #h323: H323Door;
  readonly #trace: MessageTrace;
  readonly #listeners: Listeners;
  readonly #trunks: TrunkConnections;
  /** Where devices without TLS had registered from, by flow; for status and for the time after a restart. */
  readonly #flows = new Map<string, SipFlow>();
  readonly #events: SignallingEvents;
  /** What the wall clock is ahead of the monotonic one, in milliseconds. */
  #wallOffset = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Number.POSITIVE_INFINITY;
  #drained: (() => void) | undefined;
  readonly #devices = new Map<string, StoredDevice>();
  #mode: ClusterSecurityMode;

  constructor(context: ManagerContext, seen: (sighting: DeviceSighting) => void) {
    this.#context = context;
    this.#seen = seen;
    this.#mode = context.cluster.trust.securityMode();
    this.#events = new SignallingEvents(context, {
      listeners: () => this.listeners(),
      devicesOn: (flowId) => this.#core.directory.devicesOn(flowId),
    });
    const { configuration } = context;
    const { limits } = configuration;
    this.#media = createMedia(context, (input) => this.#run((now) => this.#core.relaySays(now, input)));
    this.#h323 = new H323Door({
      onLegs: (act) => this.#run((now) => this.#core.onH323(now, (legs) => act(legs, now))),
      refused: (cause, reason, remoteAddress) => this.#events.connectionClosed({ cause, reason, remoteAddress }),
      protection: context.ipsec,
      passed: (passed) => this.#trace.h323(context.clock.monotonic(), passed),
    });
    this.#core = new CallManagerCore({
      h245Ports: this.#h323.h245Ports,
      relay: this.#media,
      node: configuration.node,
      random: pooledRandom(),
      wallTime: (now) => this.#wallTime(now),
      realm: digestRealm,
      product: `Trustline/${version}`,
      ...coreSettingsOf(configuration),
      calls: {
        ...callSettingsOf(configuration),
        holdSound: context.holdSound !== undefined,
        announcement: lengthOfSound(context.announcement),
      },
      skinnyPassed: (passed) => this.#trace.skinny(context.clock.monotonic(), passed),
      lostDevicePatience,
      digestAlgorithms: (flow) => this.#listeners.digestAlgorithms(flow),
      ...(context.trunkAccounts === undefined ? {} : { trunkAccounts: context.trunkAccounts }),
      trunkAt: (flow) => this.#trunks.identifiedAt(flow),
    });
    this.#trace = new MessageTrace({
      legOf: (callId) => this.#core.messageLegs.ofCallId(callId),
      legOfPhone: (device, reference) => this.#core.messageLegs.ofPhone(device, reference),
      legOfConnection: (connection) => this.#core.messageLegs.ofConnection(connection),
      whyEnded: (call) => this.#core.messageLegs.whyEnded(call),
      settled: () => this.#core.messageLegs.settled(),
      devicesOn: (flowId) => this.#core.directory.devicesOn(flowId),
    });
    this.#hub = new SipTransportHub<TlsPeer>({
      limits: {
        connections: limits.connections,
        unauthenticatedConnections: limits.unauthenticatedConnections,
        handshakes: limits.handshakes,
        handshakeTimeout: limits.handshakeSeconds * 1_000,
        messageTimeout: limits.halfMessageSeconds * 1_000,
      },
      onMessage: (flow, message) =>
        this.#run((now) => {
          this.#trace.sip(now, 'received', flow, message);
          this.#core.receive(now, flow, message);
        }),
      onFlowOpen: (flow, identity) => this.#opened(flow, identity),
      onFlowClosed: (flow, reason) => {
        this.#flows.delete(flow.id);
        const cause = closeSentences[reason];
        if (cause !== undefined) this.#events.connectionClosed({ cause, reason, remoteAddress: addressOf(flow) }, flow);
        this.#trunks.closed(flow.id);
        this.#run((now) => this.#core.flowClosed(now, flow.id));
      },
      onEvent: (event) => this.#events.transportEvent(event),
    });
    this.#skinny = new SkinnyListeners({
      limits: { ...limits, handshakeTimeout: limits.handshakeSeconds * 1_000 },
      opened: (connection) => this.#onSkinny((skinny, now) => skinny.opened(now, connection)),
      received: (connection, bytes) => this.#onSkinny((skinny, now) => skinny.received(now, connection, bytes)),
      closed: (connection) => this.#onSkinny((skinny, now) => skinny.closed(now, connection)),
      refused: (kind, cause, remoteAddress) =>
        kind === 'handshake-refused'
          ? this.#events.event(kind, { cause, remoteAddress })
          : this.#events.connectionClosed({ cause, reason: 'connection-limit', remoteAddress }),
      failed: (local, error) =>
        this.#events.event('listener-failed', {
          cause: `The listener on ${authorityOf(local)} failed: ${error.message}`,
        }),
    });
    const { directory } = this.#core;
    const doors = { hub: this.#hub, skinny: this.#skinny, h323: this.#h323 };
    this.#listeners = new Listeners(context, doors, directory, this.#events);
    this.#trunks = createTrunkConnections(context, {
      hub: this.#hub,
      listeners: this.#listeners,
      directory,
      events: this.#events,
      connected: (device, flow) => this.#run((now) => this.#core.trunkConnected(now, flow, device)),
      settled: (device) => this.#run((now) => this.#core.trunkSettled(now, device)),
    });
  }

  async start(): Promise<void> {
    const { configuration, store, clock, cluster } = this.#context;
    // Nobody waits for it: the key of a new cluster takes its turn among others that are being made.
    void cluster.deriveSecret('temporary GRUUs', 32).then(
      (key) => this.#core.issueGruus(key.reveal()),
      (error: unknown) => this.#context.log.error(`Phones get no GRUUs: ${String(error)}`),
    );
    for (const device of await store.devices.list()) this.deviceAdded(device);
    for (const gateway of await store.gateways.list()) this.gatewaySet(gateway);
    for (const [number, forwarding] of await store.lineForwarding.all()) this.lineForwarded(number, forwarding);
    for (const [number, limits] of await store.lineLimits.all()) this.lineLimited(number, limits);
    for (const [number, messages] of await store.waitingMessages.all()) this.messagesWait(number, messages);
    const stored = (await store.registrations.list(clock.now())).filter((one) => this.#mayGoOn(one));
    this.#core.restore(stored.flatMap((one) => fromStored(one, clock)));
    // Before anybody is heard: what is said in a call of before finds it.
    this.#run((now) => this.#core.recover(now, this.#context.keptCalls.states));
    await this.#startMedia();
    try {
      await this.#listeners.open();
    } catch (error) {
      this.#hub.close();
      await this.#media?.stop();
      throw error;
    }
    this.#restoreFlows(stored);
    this.#reachAwaited();
    this.#warnOfUnknownTrunks();
    sayIdentifiedByAddress(addressedTrunks(configuration), this.#events);
    this.#trunks.start();
    this.#run(() => undefined);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#trunks.stop();
    this.#hub.close();
    this.#skinny.stop();
    this.#h323.stop();
    await this.#media?.stop();
    this.#events.end();
  }

  watchMessages(watcher: (message: WatchedMessage) => void): () => void {
    return this.#trace.watch(watcher);
  }

  listeners(): readonly ListenerStatus[] {
    return this.#listeners.status();
  }

  registrations(): readonly ReachedRegistration[] {
    const { directory } = this.#core;
    const bySip = directory.newestRegistrations().map((registration) => {
      const flow = directory.flowsOf(registration.device).at(-1);
      return toStored(registration, flow, this.#context.clock);
    });
    // They are there for as long as they give signs of life.
    const expiresAt = this.#context.clock.now() + this.#context.configuration.skinny.keepAliveSeconds * 3_000;
    const bySkinny = [...directory.skinnyPhones()].flatMap(([device, { signalling, remoteAddress = '' }]) => {
      const transport = signalling === 'none' ? ('sccp' as const) : ('sccp-tls' as const);
      const lines = directory.device(device)?.lines ?? [];
      return lines.map((line) => ({ device, line, transport, remoteAddress, expiresAt }));
    });
    return [...bySip, ...bySkinny];
  }

  trunk(name: string): TrunkStatus {
    return this.#core.trunk(name);
  }

  connections(): number {
    return (
      [...this.#flows.values()].filter(({ transport }) => transport !== 'udp').length +
      this.#skinny.size +
      this.#h323.size
    );
  }

  calls(): readonly CallAnswer[] {
    return this.#core.calls().map((call) => callAnswer(call, (device) => this.#lost(device)));
  }

  lineForwarded(number: string, forwarding: Forwarding): void {
    const given = Object.keys(forwarding).length === 0 ? undefined : forwarding;
    this.#run((now) => this.#core.setForwarding(now, number, given));
  }

  lineLimited(number: string, limits: LineLimits): void {
    this.#core.directory.setLimits(number, limits);
  }

  messagesWait(number: string, messages: WaitingMessages): void {
    this.#run((now) => this.#core.setWaitingMessages(now, number, messages));
  }

  deviceAdded(device: StoredDevice): void {
    this.#devices.set(device.name, device);
    // A cluster in non-secure mode gives no device keys, whatever its own mode says.
    const securityMode = this.#mode === 'mixed' ? device.securityMode : 'non-secure';
    this.#core.addDevice({ ...device, securityMode }, device.digest);
    if (device.kind !== 'phone' && this.#listeners.size > 0) this.#trunks.keep();
  }

  gatewaySet(settings: GatewaySettings): void {
    this.#h323.setGateway(settings);
  }

  deviceRemoved(name: string): void {
    this.#devices.delete(name);
    this.#h323.removeGateway(name);
    this.#run((now) => this.#core.removeDevice(now, name));
  }

  /** They may come later; a misspelt name would be found out only by whoever dials. */
  #warnOfUnknownTrunks(): void {
    const { configuration, log } = this.#context;
    const named = configuration.dialPlan.flatMap((row) => ('devices' in row ? row.devices : []));
    const unknown = [...new Set(named)].filter((name) => !this.#devices.has(name));
    if (unknown.length === 0) return;
    log.warn(
      `The dial plan names trunks or gateways that are not there: ${unknown.join(', ')}. Add them: trustline gateway add or trustline trunk add`,
    );
  }

  trustChanged(): void {
    this.#listeners.trustChanged();
    this.#rejudge();
  }

  /** Devices are what the cluster's mode lets them be, and those for which that is another thing are told to boot again. */
  modeChanged(staying: readonly string[]): void {
    this.#mode = this.#context.cluster.trust.securityMode();
    const stays = new Set(staying);
    const told = [...this.#devices.values()].filter(
      ({ name, kind, securityMode }) => kind === 'phone' && securityMode !== 'non-secure' && !stays.has(name),
    );
    const names = told.map(({ name }) => name);
    // Before their connections are closed.
    this.resetPhones(names);
    for (const device of this.#devices.values()) this.deviceAdded(device);
    this.#run((now) => this.#core.endClearRegistrations(now));
  }

  resetPhones(names: readonly string[]): void {
    this.#run((now) => this.#core.resetPhones(now, names));
  }

  drain(timeout: number): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
      this.#run((now) => this.#core.drain(now, timeout));
    });
  }

  async #startMedia(): Promise<void> {
    try {
      await this.#media?.start();
    } catch (error) {
      const nextStep = 'In trustline.yaml they are media.host, media.firstPort and media.lastPort.';
      throw new ManagerError('manager.media-relay-failed', `The media relay: ${(error as Error).message}`, {
        nextStep,
      });
    }
  }

  #onSkinny(act: (skinny: Skinny, now: number) => void): void {
    this.#run((now) => this.#core.onSkinny(now, (skinny) => act(skinny, now)));
  }

  /** Trust has changed: a connection whose certificate is believed no more is closed. */
  #rejudge(): void {
    const { trust } = this.#context.cluster;
    const { clock } = this.#context;
    this.#run((now) =>
      this.#core.rejudge(now, (peer) => {
        const judgment = judgeDeviceCertificate(trust, peer.chain, clock.now(), { legacy: true });
        return judgment.accepted ? undefined : judgment.reason;
      }),
    );
  }

  #opened(flow: SipFlow, identity: FlowIdentity<TlsPeer>): void {
    this.#flows.set(flow.id, flow);
    const peer = identity.kind === 'judged' ? identity.peer : undefined;
    this.#run((now) => this.#core.flowOpened(now, flow, peer));
  }

  /** Gives the core an input, carries out what it wants, and sets the clock for its next deadline. */
  #run(input: (now: number) => void): void {
    input(this.#context.clock.monotonic());
    for (let output = this.#core.poll(); output !== undefined; output = this.#core.poll()) this.#carryOut(output);
    this.#trace.settle();
    // The core wants to be asked every second at least, so that no sum waits long.
    this.#events.sumUp();
    this.#arm();
  }

  /** A timer that is set stays, unless it would be too late: set anew with every message it would never be due. */
  #arm(): void {
    const at = this.#core.nextDeadline();
    if (at >= this.#timerAt) return;
    clearTimeout(this.#timer);
    this.#timerAt = at;
    const wait = Math.max(shortestWait, at - this.#context.clock.monotonic());
    this.#timer = setTimeout(() => {
      this.#timerAt = Number.POSITIVE_INFINITY;
      this.#run((now) => this.#core.handleTime(now));
    }, wait);
    this.#timer.unref();
  }

  #carryOut(output: CallManagerOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#trace.sip(this.#context.clock.monotonic(), 'sent', output.flow, output.message);
        if (!this.#hub.send(output.flow.id, serializeMessage(output.message))) {
          this.#core.flowClosed(this.#context.clock.monotonic(), output.flow.id);
        }
        return;
      case 'close-flow':
        this.#hub.closeFlow(output.flow.id);
        return;
      case 'authenticated':
        this.#hub.authenticate(output.flow.id);
        return;
      case 'store-registration':
        void this.#store(output.pending);
        return;
      case 'device-seen': {
        const { device, flow, since } = output;
        this.#seen({ device, address: flow.remote.host, since, did: 'registered' });
        return;
      }
      case 'registrations-gone': {
        const remove = output.registrations.map((one) => toStored(one, undefined, this.#context.clock));
        this.#context.store.registrations.apply({ put: [], remove }).catch((error: Error) => {
          this.#context.log.warn(`Expired registrations stay in the store for now: ${error.message}`);
        });
        return;
      }
      case 'relay-side':
      case 'relay-bridge':
      case 'relay-close':
      case 'relay-digit':
        this.#media?.carryOut(output);
        return;
      case 'event':
        this.#events.ofCore(output.event);
        return;
      case 'record':
        void this.#record(output.record);
        return;
      case 'keep-call':
        this.#context.keptCalls.keep(output.state);
        return;
      case 'call-settled':
        this.#context.keptCalls.settled(output.call);
        return;
      case 'skinny':
        this.#carryOutSkinny(output.output);
        return;
      case 'h323':
        this.#h323.execute(output.output);
        return;
      case 'forward-line':
        void this.#storeForwarding(output.line, output.forwarding);
        return;
      case 'gateway-found':
        void keepFound(this.#context, output.settings);
        return;
      case 'drained':
        this.#drained?.();
    }
  }

  #carryOutSkinny(output: SkinnyOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#skinny.send(output.connection, output.bytes);
        return;
      case 'close':
        this.#skinny.close(output.connection);
        return;
      case 'served':
        this.#skinny.prove(output.connection);
        return;
      case 'seen':
        this.#seen({ device: output.device, address: output.address, since: output.since, did: 'registered' });
    }
  }

  /** What a user has set on his phone holds at once, and over a restart too. */
  async #storeForwarding(line: string, forwarding: Forwarding): Promise<void> {
    try {
      await this.#context.store.lineForwarding.set(line, forwarding);
    } catch (error) {
      this.#context.log.error(`Where the calls of line ${line} go could not be stored: ${(error as Error).message}`);
    }
    this.#run((now) =>
      this.#core.setForwarding(now, line, Object.keys(forwarding).length === 0 ? undefined : forwarding),
    );
    this.#events.event('line-forwarded', { cause: `The user of line ${line} has set on the phone where its calls go` });
  }

  /** What is kept of a call is there until its record is. */
  async #record(record: CallRecord): Promise<void> {
    const fate = await this.#context.journal.append({ kind: 'call', record }, CALLS_TOGETHER);
    if (fate === 'stored') this.#context.keptCalls.recorded(record.call);
  }

  async #store(pending: PendingRegister): Promise<void> {
    const { put, remove, flow } = pending.change;
    try {
      await this.#context.store.registrations.apply({
        put: put.map((one) => toStored(one, flow, this.#context.clock)),
        remove: remove.map((one) => toStored(one, flow, this.#context.clock)),
      });
      this.#run((now) => this.#core.registrationStored(now, pending));
    } catch (error) {
      this.#context.log.error(`A registration could not be stored and was answered 503: ${(error as Error).message}`);
      this.#run((now) => this.#core.registrationFailed(now, pending));
    }
  }

  /** A registration without TLS is not restored for a device that must use it: the mode may have changed meanwhile. */
  #mayGoOn({ device, transport }: StoredRegistration): boolean {
    return transport === 'tls' || this.#core.directory.device(device)?.securityMode === 'non-secure';
  }

  /** A UDP device is reached at its old address at once; a connection has to be made by the device. */
  #restoreFlows(stored: readonly StoredRegistration[]): void {
    const [udp] = this.#listeners.udp;
    if (udp === undefined) return;
    for (const { device, transport, remoteAddress } of stored) {
      const separator = remoteAddress.lastIndexOf(':');
      if (transport !== 'udp' || separator < 0) continue;
      const host = remoteAddress.slice(0, separator).replace(/^\[|\]$/g, '');
      const flow = udp.flowTo({ host, port: Number(remoteAddress.slice(separator + 1)) });
      this.#core.restoreFlow(flow, device);
    }
  }

  /** Devices of calls that go on are where they were, by UDP. */
  #reachAwaited(): void {
    const sockets = this.#listeners.udp;
    for (const { local, remote } of this.#core.recovery.addresses()) {
      const socket = sockets.find((one) => one.local.port === local.port) ?? sockets[0];
      try {
        socket?.flowTo(remote);
      } catch (error) {
        this.#context.log.warn(`A call goes on with somebody who cannot be reached: ${(error as Error).message}`);
      }
    }
  }

  /** Epoch milliseconds at a monotonic moment: what follows is dated after what came before, unless the clock was set. */
  #wallTime(now: number): number {
    const { clock } = this.#context;
    const offset = clock.now() - clock.monotonic();
    if (Math.abs(offset - this.#wallOffset) > clockGrain) this.#wallOffset = offset;
    return now + this.#wallOffset;
  }

  /** Why calls wait for a device, and until when. */
  #lost(device: string): CallAnswer['legs'][number]['lost'] {
    const until = this.#core.waitedUntil(device);
    return until === undefined ? null : { cause: `the connection to ${device} was lost`, until };
  }
}
