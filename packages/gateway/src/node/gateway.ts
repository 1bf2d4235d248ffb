import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { GatewayProtection } from '@trustline/h323/node';
import { type GatewayCallEvent, GatewayCalls, type GatewayCallsOutput } from '../calls/gateway-calls.ts';
import type { LegCommand, LegEvent } from '../calls/leg.ts';
import { dialPeersOf } from '../configuration/dial-peers.ts';
import type { GatewayConfiguration } from '../configuration/schema.ts';
import { DialPlan, type Side } from '../dial-peers/dial-plan.ts';
import { GatewayError } from '../error.ts';
import { type CallProgressTone, callProgressTone, type ToneCountry } from '../tones/call-progress-tones.ts';
import { ToneGenerator } from '../tones/tone-generator.ts';
import { joinAudio, partAudio } from './audio-end.ts';
import { demarcation } from './demarcation.ts';
import { type GatewayIpsec, startGatewayIpsec } from './gateway-ipsec.ts';
import { type CallManager, H323Side } from './h323-side.ts';
import { MediaPortPool } from './media-port-pool.ts';
import { callFromNetwork, type NetworkCallEvent, type NetworkCallRequest } from './network-call.ts';
import { PortSide, type RunningPort } from './port-side.ts';
import type { GatewaySide, LegAccount, SidePorts } from './side.ts';
import type { ConfiguredTrunk } from './trunk-credentials.ts';
import type { TrunkCheck } from './trunk-link.ts';
import { TrunkSide } from './trunk-side.ts';

type ConfiguredPort = GatewayConfiguration['ports'][number];

/** What a gateway tells while it runs. */
export type GatewayReport =
  | { readonly kind: 'listening'; readonly protocol: 'h323'; readonly address: string; readonly port: number }
  | { readonly kind: 'notice'; readonly level: 'info' | 'warning'; readonly text: string }
  /** What was tried of a carrier, at the start and after each change. */
  | { readonly kind: 'self-test'; readonly trunk: string; readonly checks: readonly TrunkCheck[] }
  | { readonly kind: 'call'; readonly event: GatewayCallEvent }
  /** A call has ended that was answered, or was not. */
  | { readonly kind: 'record'; readonly record: GatewayCallRecord };

/** What is known of a call when it has ended. */
export interface GatewayCallRecord {
  readonly call: string;
  readonly gateway: string;
  readonly from: string;
  /** The leg that answered, or was tried last; absent where there was none. */
  readonly to?: string;
  readonly calling: string;
  /** The number as it was dialled, whole or as far as it came; the dial peer may have made another of it. */
  readonly called: string;
  /** Unix milliseconds. */
  readonly begunAt: number;
  readonly answeredAt?: number;
  readonly endedAt: number;
  /** Of Q.850. */
  readonly cause: number;
  readonly endedBy: 'caller' | 'called' | 'gateway';
  /** Where security ends, in words. */
  readonly demarcation: string;
}

export interface GatewayOptions {
  readonly configuration: GatewayConfiguration;
  readonly report: (report: GatewayReport) => void;
  /** Opens the line of a port. */
  readonly openPort: (port: ConfiguredPort, country: ToneCountry, changed: () => void) => RunningPort;
  /** Name servers for carriers; those of the machine by default. */
  readonly nameServers?: readonly string[];
  /** What paths in the document are relative to; the current folder by default. */
  readonly folder?: string;
  /** Proves that the signalling to call managers is inside IPsec, in place of what the document sets up. */
  readonly protection?: GatewayProtection;
}

interface RunningCall {
  readonly from: Side;
  readonly caller: string;
  called: { readonly leg: string; readonly to: Side } | undefined;
  readonly begunAt: number;
  readonly calling: string;
  answeredAt: number | undefined;
  accounts: { from?: LegAccount; to?: LegAccount };
}

/** A voice gateway: H.323 and SIP on one side and on the other, ports in between, as its document says. */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #calls: GatewayCalls;
  readonly #pool: MediaPortPool;
  readonly #sides = new Map<string, GatewaySide>();
  readonly #sideOfLeg = new Map<string, GatewaySide>();
  readonly #running = new Map<string, RunningCall>();
  #h323: H323Side | undefined;
  #ipsec: GatewayIpsec | undefined;
  #pumping = false;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  private constructor(options: GatewayOptions) {
    const { configuration } = options;
    this.#options = options;
    this.#calls = new GatewayCalls({
      plan: new DialPlan(dialPeersOf(configuration)),
      interDigitTimeout: configuration.interDigitSeconds * 1_000,
      failureToneTime: 6_000,
    });
    this.#pool = new MediaPortPool(configuration.media.address);
  }

  /**
   * Starts: resolves the call managers, opens ports and listeners.
   *
   * @throws {TrustlineError} where something cannot be had; nothing stays open then
   */
  static async start(options: GatewayOptions): Promise<Gateway> {
    const gateway = new Gateway(options);
    try {
      await gateway.#start();
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  /** Calls in being. */
  get calls(): number {
    return this.#calls.size;
  }

  /**
   * Somebody in the public network behind a port calls: only where that is simulated. `told` hears how it goes on; the result
   * ends it.
   *
   * @throws {GatewayError} gateway.no-such-port
   */
  callFromNetwork(request: NetworkCallRequest, told: (event: NetworkCallEvent) => void): () => void {
    const { ports, trunks } = this.#options.configuration;
    const name = request.port ?? ports[0]?.name ?? '';
    const side = this.#sides.get(keyOf({ kind: 'port', name }));
    const farSide = side instanceof PortSide ? side.farSide : undefined;
    if (farSide !== undefined) return callFromNetwork(name, farSide, request, told);
    const known = ports.map((port) => port.name).join(', ');
    const isTrunk = trunks.some((trunk) => trunk.name === name);
    throw new GatewayError(
      'gateway.no-such-port',
      isTrunk ? `${name} is a carrier, and nothing here can call for it` : `There is no port ${name}`.trimEnd(),
      {
        nextStep: isTrunk
          ? 'Call from a telephone of that carrier, or name a port whose line is a simulation.'
          : known === ''
            ? 'The document has no ports: add one with line: simulation.'
            : `Ports are ${known}.`,
      },
    );
  }

  /** Ends all calls, tells both ends of each, and closes everything. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#calls.releaseAll();
    this.#pump();
    this.#stopped = true;
    clearTimeout(this.#timer);
    // What was said last is on its way.
    await new Promise((resolve) => setImmediate(resolve));
    for (const side of this.#sides.values()) await side.stop();
    this.#h323?.stop();
    await this.#ipsec?.stop();
    this.#pool.close();
  }

  async #start(): Promise<void> {
    const { configuration, protection, openPort, report } = this.#options;
    await this.#pool.prepare();
    for (const port of configuration.ports) {
      const side: Side = { kind: 'port', name: port.name };
      const portSide = new PortSide(
        (changed) => openPort(port, configuration.country, changed),
        port.numbering,
        this.#portsOf(side),
      );
      this.#sides.set(keyOf(side), portSide);
    }
    for (const trunk of configuration.trunks) await this.#openTrunk(trunk);
    const { h323 } = configuration;
    if (h323.callManagers.length === 0) return;
    const managers = await Promise.all(h323.callManagers.map(resolved));
    if (configuration.ipsec !== undefined && protection === undefined) {
      this.#ipsec = await startGatewayIpsec(configuration.ipsec, h323.address, managers, this.#options.folder ?? '.', {
        notice: (level, text) => report({ kind: 'notice', level, text }),
        held: (manager, is) => this.#h323?.protectionChanged(manager, is),
      });
    }
    const proving = protection ?? this.#ipsec?.node;
    this.#h323 = new H323Side(
      {
        listen: { address: h323.address, port: h323.port },
        mediaAddress: configuration.media.address,
        pool: this.#pool,
        managers,
        ...(proving === undefined ? {} : { protection: proving }),
      },
      (name) => this.#portsOf({ kind: 'h323', name }),
    );
    for (const { name } of managers) this.#sides.set(keyOf({ kind: 'h323', name }), this.#h323.sideOf(name));
    const local = await this.#h323.listen();
    report({ kind: 'listening', protocol: 'h323', ...local });
  }

  async #openTrunk(trunk: ConfiguredTrunk): Promise<void> {
    const { configuration, folder = '.', nameServers, report } = this.#options;
    const side: Side = { kind: 'trunk', name: trunk.name };
    const trunkSide = new TrunkSide(
      {
        trunk,
        folder,
        mediaAddress: configuration.media.address,
        pool: this.#pool,
        ...(nameServers === undefined ? {} : { nameServers }),
        tested: (checks) => report({ kind: 'self-test', trunk: trunk.name, checks }),
      },
      this.#portsOf(side),
    );
    this.#sides.set(keyOf(side), trunkSide);
    await trunkSide.start();
  }

  #portsOf(from: Side): SidePorts {
    return {
      offered: (request) => {
        const leg = this.#calls.offered(performance.now(), from, request);
        const side = this.#sides.get(keyOf(from));
        if (side !== undefined) this.#sideOfLeg.set(leg, side);
        this.#later();
        return leg;
      },
      heard: (leg, event) => this.#heard(leg, event),
      notice: (level, text) => this.#options.report({ kind: 'notice', level, text }),
    };
  }

  #heard(leg: string, event: LegEvent): void {
    this.#account(leg);
    this.#calls.heard(performance.now(), leg, event);
    this.#later();
  }

  /** Takes what there is once whoever is talking has finished. */
  #later(): void {
    if (this.#pumping || this.#stopped) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      if (!this.#stopped) this.#pump();
    });
  }

  #pump(): void {
    for (let output = this.#calls.poll(); output !== undefined; output = this.#calls.poll()) this.#execute(output);
    clearTimeout(this.#timer);
    const due = this.#calls.nextDeadline();
    if (due === undefined || this.#stopped) return;
    const wait = Math.max(0, Math.ceil(due - performance.now()));
    this.#timer = setTimeout(() => {
      this.#calls.handleTime(performance.now());
      this.#pump();
    }, wait);
  }

  #execute(output: GatewayCallsOutput): void {
    switch (output.kind) {
      case 'place': {
        const side = this.#sides.get(keyOf(output.to));
        const call = this.#running.get(output.call);
        if (side === undefined) return;
        this.#sideOfLeg.set(output.leg, side);
        if (call !== undefined) call.called = { leg: output.leg, to: output.to };
        side.place(output.leg, output.request);
        return;
      }
      case 'command':
        if (output.command.kind === 'release') this.#account(output.leg);
        this.#sideOfLeg.get(output.leg)?.command(output.leg, this.#withPort(output.leg, output.command));
        return;
      case 'join': {
        const [one, other] = [this.#audioOf(output.caller), this.#audioOf(output.called)];
        if (one !== undefined && other !== undefined) joinAudio(one, other);
        return;
      }
      case 'tone':
        this.#play(output.leg, output.tone);
        return;
      case 'part': {
        const call = [...this.#running.values()].find(({ caller }) => caller === output.caller);
        const legs = [output.caller, call?.called?.leg].flatMap((leg) =>
          leg === undefined ? [] : (this.#audioOf(leg) ?? []),
        );
        partAudio(...legs);
        return;
      }
      case 'event':
        this.#told(output.event);
    }
  }

  /** Who calls a port is told which one answered. */
  #withPort(leg: string, command: LegCommand): LegCommand {
    if (command.kind !== 'answer') return command;
    const to = [...this.#running.values()].find(({ caller }) => caller === leg)?.accounts.to;
    return to?.kind === 'port' ? { ...command, beyond: to.text } : command;
  }

  #play(leg: string, tone: CallProgressTone): void {
    const generator = new ToneGenerator(callProgressTone(this.#options.configuration.country, tone));
    this.#audioOf(leg)?.play((frame) => generator.fill(frame));
  }

  #told(event: GatewayCallEvent): void {
    const { report } = this.#options;
    report({ kind: 'call', event });
    if (event.kind === 'offered') {
      const { caller } = event.request;
      this.#running.set(event.call, {
        from: event.from,
        caller: `${event.call}-in`,
        called: undefined,
        begunAt: Date.now(),
        calling: caller.restricted ? 'withheld' : caller.number,
        answeredAt: undefined,
        accounts: {},
      });
      return;
    }
    const call = this.#running.get(event.call);
    if (call === undefined) return;
    if (event.kind === 'answered') call.answeredAt = Date.now();
    if (event.kind !== 'ended') return;
    this.#running.delete(event.call);
    for (const leg of [call.caller, call.called?.leg]) if (leg !== undefined) this.#sideOfLeg.delete(leg);
    const { from, to } = call.accounts;
    report({
      kind: 'record',
      record: {
        call: event.call,
        gateway: this.#options.configuration.name,
        from: from?.text ?? call.from.name,
        ...(call.called === undefined ? {} : { to: to?.text ?? call.called.to.name }),
        calling: call.calling,
        called: event.dialled,
        begunAt: call.begunAt,
        ...(call.answeredAt === undefined ? {} : { answeredAt: call.answeredAt }),
        endedAt: Date.now(),
        cause: event.cause.value,
        endedBy: event.by,
        demarcation: demarcation([from, to]),
      },
    });
  }

  /** What is to be said of a leg is asked while it is there. */
  #account(leg: string): void {
    for (const call of this.#running.values()) {
      const side = this.#sideOfLeg.get(leg);
      if (side === undefined) return;
      if (call.caller === leg) call.accounts.from = side.accountOf(leg);
      else if (call.called?.leg === leg) call.accounts.to = side.accountOf(leg);
    }
  }

  #audioOf(leg: string) {
    return this.#sideOfLeg.get(leg)?.audioOf(leg);
  }
}

function keyOf({ kind, name }: Side): string {
  return `${kind} ${name}`;
}

/** Who may connect is known by address. */
async function resolved(manager: CallManager): Promise<CallManager> {
  if (isIP(manager.address) !== 0) return manager;
  try {
    return { ...manager, address: (await lookup(manager.address)).address };
  } catch (cause) {
    throw new GatewayError(
      'gateway.no-such-host',
      `${manager.address}, the address of ${manager.name}, has no address`,
      {
        nextStep: 'Look at its spelling, or write its IP address.',
        cause,
      },
    );
  }
}
