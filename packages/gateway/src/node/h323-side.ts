import { randomBytes, randomInt } from 'node:crypto';
import { Redacted } from '@trustline/base';
import {
  type CallsEvent,
  type CallTerms,
  type ConnectFailure,
  type HostPort,
  octetsOfAddress,
  type ReceivedSetup,
  type TcpEnds,
} from '@trustline/h323';
import { type GatewayProtection, H323Driver } from '@trustline/h323/node';
import type { MediaPorts } from '@trustline/rtp/node';
import type { CallRequest, LegCommand } from '../calls/leg.ts';
import type { GatewayConfiguration } from '../configuration/schema.ts';
import { numberOfParty, partyOfNumber } from '../numbers/numbering-area.ts';
import type { AudioEnd } from './audio-end.ts';
import { formatOfCodec, H323Media } from './h323-media.ts';
import type { MediaPortPool } from './media-port-pool.ts';
import type { GatewaySide, LegAccount, SidePorts } from './side.ts';

/** Causes of Q.850, and locations: a network beyond this one, and the one here. */
const NO_RESOURCES = 47;
const NO_PROTECTION = 57;
const BEYOND = 10;
const HERE = 5;
const RESTRICTED = 1;
/** H.245 §B.1.3 */
const GATEWAY_TERMINAL_TYPE = 60;

const unreachableCauses: Readonly<Record<ConnectFailure, number>> = { refused: 38, silent: 38, failed: 41 };

export type CallManager = GatewayConfiguration['h323']['callManagers'][number];

interface H323Leg {
  readonly call: string;
  readonly manager: CallManager;
  readonly media: H323Media;
  leg: string | undefined;
  /** Digits of the called number that were told already. */
  told: string;
  proven: boolean | undefined;
}

export interface H323SideOptions {
  /** Where call signalling listens. */
  readonly listen: HostPort;
  readonly mediaAddress: string;
  readonly pool: MediaPortPool;
  /** With their addresses, not names. */
  readonly managers: readonly CallManager[];
  readonly protection?: GatewayProtection;
}

/** What H.323 asks of who keeps its sides apart: one for each call manager. */
type ManagerPorts = (manager: string) => SidePorts;

/** The call managers by H.323: one listener for all, and a side for each. */
export class H323Side {
  readonly #options: H323SideOptions;
  readonly #driver: H323Driver;
  readonly #ports: ManagerPorts;
  readonly #calls = new Map<string, H323Leg>();
  readonly #legs = new Map<string, H323Leg>();

  constructor(options: H323SideOptions, ports: ManagerPorts) {
    this.#options = options;
    this.#ports = ports;
    this.#driver = new H323Driver({
      identity: () => ({
        endpointType: { gateway: {}, mc: false, undefinedNode: false },
        callIdentifier: new Uint8Array(randomBytes(16)),
        conferenceId: new Uint8Array(randomBytes(16)),
      }),
      drawCallReference: () => randomInt(1, 0x7fff),
      admit: (call, ends, setup) => this.#admit(call, ends, setup),
      welcome: ({ address }) => {
        const manager = this.#managerAt(address);
        return manager === undefined ? 'refused' : this.#protectionOf(manager);
      },
      turnedAway: (because, remote) =>
        this.#ports('').notice('warning', `a connection of ${remote.address} was turned away: ${because}`),
      happened: (call, event) => this.#happened(call, event),
      ...(options.protection === undefined ? {} : { protection: options.protection }),
    });
  }

  /** @throws {H323Error} where the port cannot be had */
  listen(): Promise<HostPort> {
    return this.#driver.listen(this.#options.listen);
  }

  /** What protected the connections to a call manager is gone, may be there again, or stayed away for too long. */
  protectionChanged(manager: string, is: 'gone' | 'back' | 'given-up'): void {
    if (is === 'gone') this.#driver.withdraw(manager);
    else if (is === 'back') this.#driver.askAgain(manager);
    else
      for (const leg of [...this.#calls.values()])
        if (leg.manager.name === manager && leg.proven === true) this.#giveUp(leg);
  }

  /** The side of one call manager. */
  sideOf(name: string): GatewaySide {
    return {
      place: (leg, request) => this.#place(name, leg, request),
      command: (leg, command) => this.#command(leg, command),
      audioOf: (leg) => this.#audioOf(leg),
      accountOf: (leg) => this.#accountOf(leg, name),
      stop: () => this.stop(),
    };
  }

  stop(): void {
    this.#driver.stop();
    for (const leg of [...this.#calls.values()]) this.#forget(leg);
  }

  #place(name: string, leg: string, request: CallRequest): void {
    const manager = this.#options.managers.find((one) => one.name === name);
    const ports = manager === undefined ? undefined : this.#options.pool.take();
    if (manager === undefined || ports === undefined) {
      this.#ports(name).heard(leg, { kind: 'released', cause: { value: NO_RESOURCES, location: HERE } });
      return;
    }
    const media = this.#media(ports, manager, () => leg);
    const { called, complete, caller } = request;
    const area = manager.numbering;
    const own = this.#options.listen.address;
    const call = this.#driver.place({
      ...this.#terms(manager, ports),
      to: { address: manager.address, port: manager.port },
      ...(own === '0.0.0.0' || own === '::' ? {} : { from: own }),
      setup: {
        calledNumber: partyOfNumber(called, area).digits,
        canOverlapSend: !complete,
        ...(caller.number === ''
          ? {}
          : {
              callingNumber: partyOfNumber(caller.number, area, {
                indicator: caller.restricted ? RESTRICTED : 0,
                screening: caller.screening,
              }),
            }),
        ...(caller.name === undefined || caller.restricted ? {} : { callingName: caller.name }),
      },
    });
    const known = { call, manager, media, leg, told: called, proven: undefined };
    this.#calls.set(call, known);
    this.#legs.set(leg, known);
  }

  #command(leg: string, command: LegCommand): void {
    const known = this.#legs.get(leg);
    if (known === undefined) return;
    if (command.kind === 'release') {
      this.#driver.release(known.call, command.cause.value);
      this.#forget(known);
      return;
    }
    this.#driver.command(known.call, (endpoint, now) => {
      switch (command.kind) {
        case 'want-digits':
          endpoint.acknowledge(now);
          return;
        case 'proceed':
          endpoint.proceed(now);
          return;
        case 'progress':
          endpoint.progress(now);
          return;
        case 'alert':
          endpoint.alert(now, { inBand: command.inBand });
          return;
        case 'answer':
          endpoint.connect(now, command.beyond);
          return;
        case 'send-digits':
          endpoint.sendNumber(now, command.digits);
          return;
        case 'send-keys':
          // In the audio's own packets where the far side takes that, for then they keep their time; else by H.245.
          if (!known.media.sendKeys(command.keys, endpoint.telephoneEvent)) endpoint.sendDigits(command.keys);
      }
    });
  }

  #audioOf(leg: string): AudioEnd | undefined {
    return this.#legs.get(leg)?.media.audio;
  }

  #accountOf(leg: string, name: string): LegAccount {
    const known = this.#legs.get(leg);
    const media = known?.media.protection;
    // Keys are told and taken while it is proven, and only then: what became of the tunnel later has shown none.
    const wasProven = known?.proven === true || (media !== undefined && media !== 'clear');
    return { text: name, kind: 'h323', media, signalling: wasProven ? 'ipsec' : 'clear' };
  }

  #admit(call: string, ends: TcpEnds, _setup: ReceivedSetup): CallTerms | { readonly refuse: number } {
    const manager = this.#managerAt(ends.remote.address);
    const ports = manager === undefined ? undefined : this.#options.pool.take();
    if (manager === undefined || ports === undefined) return { refuse: NO_RESOURCES };
    const media = this.#media(ports, manager, () => this.#calls.get(call)?.leg);
    this.#calls.set(call, { call, manager, media, leg: undefined, told: '', proven: undefined });
    return this.#terms(manager, ports);
  }

  #terms(manager: CallManager, { port }: MediaPorts): CallTerms {
    const { codecs, suites, srtp, keyReading, keyForm, tunnelling, fastStart, telephoneEvent } = manager;
    const media = octetsOfAddress({ address: this.#options.mediaAddress, port });
    return {
      endpoint: {
        formats: codecs.map(formatOfCodec),
        suites,
        policy: srtp,
        terminalType: GATEWAY_TERMINAL_TYPE,
        drawNumber: () => randomInt(2 ** 24),
        drawKey: () => ({
          key: new Redacted(new Uint8Array(randomBytes(16))),
          salt: new Redacted(new Uint8Array(randomBytes(14))),
        }),
        keyForm,
        // A phone at the other end, which the manager lets hear us directly, knows G.711 by its own number.
        protectedPayloadType: 'of-format',
        // Who reads H.235.8 as OPAL does puts the key that he will receive with into his Ack.
        ackKey: manager.ackKey ?? (keyReading === 'receiver' ? 'own' : 'none'),
        media: media ?? { host: new Uint8Array(4), port },
        tunnelling,
        fastConnect: fastStart,
        telephoneEvent,
      },
      ...this.#protectionOf(manager),
    };
  }

  /** The name of the tunnel to a call manager is its own; without IPsec nothing of it can be proven. */
  #protectionOf({ name, srtp }: CallManager): { readonly protection?: string } {
    return this.#options.protection === undefined || srtp === 'forbid' ? {} : { protection: name };
  }

  #happened(call: string, event: CallsEvent): void {
    const known = this.#calls.get(call);
    if (known === undefined) return;
    if (event.kind === 'setup-offered') {
      this.#offered(known, event.setup);
      return;
    }
    if (event.kind === 'proof') {
      known.proven = (known.proven ?? true) && event.proof.proven;
      if (event.proof.proven) return;
      const { message = 'nothing proves it', nextStep = '' } = event.proof;
      this.#ports(known.manager.name).notice(
        'warning',
        `${event.of} to ${known.manager.name} is not proven: ${message}${nextStep && `; ${nextStep}`}`,
      );
      return;
    }
    const { leg } = known;
    const { heard } = this.#ports(known.manager.name);
    if (event.kind === 'released' || event.kind === 'unreachable') {
      const isEvent = event.kind === 'released';
      const value = isEvent ? event.cause : unreachableCauses[event.because];
      if (isEvent && event.because !== undefined) {
        this.#ports(known.manager.name).notice(
          'warning',
          `a call with ${known.manager.name} was ended: ${event.because}`,
        );
      }
      const location = isEvent && event.by === 'peer' ? BEYOND : HERE;
      if (leg !== undefined) heard(leg, { kind: 'released', cause: { value, location } });
      this.#forget(known);
      return;
    }
    if (event.kind === 'media-opened') known.media.opened(event);
    else if (event.kind === 'media-closed') known.media.closed(event.direction);
    if (leg === undefined) return;
    switch (event.kind) {
      case 'more-digits-wanted':
        heard(leg, { kind: 'more-digits-wanted' });
        return;
      case 'number': {
        const digits = event.calledNumber.slice(known.told.length);
        known.told = event.calledNumber;
        heard(leg, { kind: 'digits', digits, complete: event.complete });
        return;
      }
      case 'digits-ended':
        heard(leg, { kind: 'digits', digits: '', complete: true });
        return;
      case 'proceeding':
        heard(leg, { kind: 'proceeding', inBand: false });
        return;
      case 'progress':
      case 'alerting':
        heard(leg, { kind: event.kind, inBand: event.inBand });
        return;
      case 'connected':
        heard(leg, { kind: 'answered' });
        return;
      case 'digits':
        heard(leg, { kind: 'keys', keys: event.digits });
        return;
      case 'media-opened':
      case 'media-closed':
      case 'held':
      case 'resumed':
        return;
      case 'transfer-asked':
        // The dial peers decide who is called from here: a call manager that transfers calls the other itself.
        this.#driver.command(call, (endpoint) => endpoint.answerTransfer(event.invokeId, 'notAvailable'));
        return;
      default: // it goes on
    }
  }

  #offered(known: H323Leg, setup: ReceivedSetup): void {
    const area = known.manager.numbering;
    const { calledNumber, callingNumber, callingName, canOverlapSend, restricted } = setup;
    const called = { typeOfNumber: 0, numberingPlan: 1, digits: calledNumber };
    known.told = calledNumber;
    known.leg = this.#ports(known.manager.name).offered({
      called: numberOfParty(called, area),
      complete: !canOverlapSend,
      caller: {
        number: callingNumber === undefined ? '' : numberOfParty(callingNumber, area),
        ...(callingName === undefined ? {} : { name: callingName }),
        restricted,
        screening: callingNumber?.presentation?.screening ?? 0,
      },
    });
    this.#legs.set(known.leg, known);
  }

  #media(ports: MediaPorts, { telephoneEvent, name }: CallManager, legOf: () => string | undefined): H323Media {
    const heard = (event: Parameters<SidePorts['heard']>[1]) => {
      const leg = legOf();
      if (leg !== undefined) this.#ports(name).heard(leg, event);
    };
    return new H323Media(ports, telephoneEvent, {
      digit: (keys) => heard({ kind: 'keys', keys }),
      failed: () => {
        const leg = legOf();
        const known = leg === undefined ? undefined : this.#legs.get(leg);
        if (known === undefined) return;
        heard({ kind: 'released', cause: { value: NO_RESOURCES, location: HERE } });
        this.#driver.release(known.call, NO_RESOURCES);
        this.#forget(known);
      },
    });
  }

  /** Its keys are protected no longer. */
  #giveUp(known: H323Leg): void {
    const { leg, manager } = known;
    const cause = { value: NO_PROTECTION, location: HERE };
    if (leg !== undefined) this.#ports(manager.name).heard(leg, { kind: 'released', cause });
    this.#driver.release(known.call, NO_PROTECTION);
    this.#forget(known);
  }

  #forget(known: H323Leg): void {
    this.#calls.delete(known.call);
    if (known.leg !== undefined) this.#legs.delete(known.leg);
    known.media.audio.close();
  }

  #managerAt(address: string): CallManager | undefined {
    return this.#options.managers.find((one) => one.address === address);
  }
}
