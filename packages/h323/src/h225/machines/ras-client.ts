import { Deadlines } from '@trustline/base';
import type * as H225 from '../../generated/h225.types.ts';
import { addressOf, type MediaAddress, transportAddress } from '../../h245/audio-format.ts';
import { RasTransactions, type Transaction } from './ras-transactions.ts';

const PROTOCOL = '0.0.8.2250.0.4';
/** 64 kbit/s each way, in units of 100 bit/s (H.225.0 §7.9). */
const BANDWIDTH = 1_280;
/** How long after a failure it begins anew. */
const RESTART = 30_000;
/** Seconds a registration is asked to last. */
const TIME_TO_LIVE = 300;

export interface RasClientOptions {
  readonly endpointType: H225.EndpointType;
  readonly vendor: H225.VendorIdentifier;
  readonly aliases: readonly H225.AliasAddress[];
  /** Where we take calls, and where we take RAS. */
  readonly callSignalAddress: MediaAddress;
  readonly rasAddress: MediaAddress;
  /** The gatekeeper, asked directly; where there is none, the multicast group 224.0.1.41:1718 is. */
  readonly gatekeeper?: MediaAddress;
  readonly gatekeeperIdentifier?: string;
  /** 1 to 65,535. */
  readonly firstRequest: number;
}

/** A call, as the gatekeeper knows it. */
export interface RasCall {
  readonly callReference: number;
  /** 16 octets each. */
  readonly callIdentifier: Uint8Array;
  readonly conferenceId: Uint8Array;
  /** True where the call comes to us. */
  readonly answer: boolean;
  readonly calling: readonly H225.AliasAddress[];
  readonly called: readonly H225.AliasAddress[];
}

/** Where a datagram goes: the gatekeeper's address, or the multicast group of discovery (H.225.0 §7.8.1). */
export type RasDestination = MediaAddress | 'multicast';

export type RasEvent =
  | { readonly kind: 'registered'; readonly endpointIdentifier: string }
  | { readonly kind: 'unregistered'; readonly because: string }
  /** `destination` is where Setup goes: the called itself, or the gatekeeper where that routes the call. */
  | {
      readonly kind: 'admitted';
      readonly call: RasCall;
      readonly destination: MediaAddress;
      readonly routed: boolean;
      readonly endpointIdentifier: string;
    }
  | { readonly kind: 'refused'; readonly call: RasCall; readonly because: string }
  /** The gatekeeper ends the call. */
  | { readonly kind: 'dropped'; readonly call: RasCall };

export type RasOutput =
  | { readonly kind: 'send'; readonly message: H225.RasMessage; readonly to: RasDestination }
  | { readonly kind: 'event'; readonly event: RasEvent };

type Purpose =
  | { readonly kind: 'discovery' | 'registration' | 'keep-alive' | 'unregistration' | 'report' }
  | { readonly kind: 'admission' | 'disengage'; readonly call: RasCall };

interface Known {
  readonly call: RasCall;
  readonly routed: boolean;
  readonly reportEvery: number | undefined;
  readonly reportAt: number | undefined;
}

/**
 * An endpoint at its gatekeeper (H.225.0 §7.7 to §7.15): discovery, registration that is kept alive, admission of calls that
 * go direct or by the gatekeeper, and their end. It begins anew by itself after a failure. What does not come from the
 * gatekeeper, or answers nothing, is dropped and counted.
 */
export class RasClient {
  readonly #options: RasClientOptions;
  readonly #outputs: RasOutput[] = [];
  readonly #timers = new Deadlines<'renew' | 'restart'>();
  readonly #transactions: RasTransactions<RasDestination, Purpose>;
  readonly #calls = new Map<string, Known>();
  #state: 'idle' | 'discovering' | 'registering' | 'registered' = 'idle';
  #gatekeeper: MediaAddress | undefined;
  #gatekeeperIdentifier: string | undefined;
  #endpointIdentifier = '';
  dropped = 0;

  constructor(options: RasClientOptions) {
    this.#options = options;
    this.#transactions = new RasTransactions(options.firstRequest);
  }

  get registered(): boolean {
    return this.#state === 'registered';
  }

  poll(): RasOutput | undefined {
    return this.#outputs.shift();
  }

  /** Looks for the gatekeeper and registers there. */
  start(now: number): void {
    if (this.#state === 'idle') this.#discover(now);
  }

  /** Unregisters; calls that stand go on. */
  stop(now: number): void {
    if (this.#state === 'registered') {
      const { callSignalAddress } = this.#options;
      this.#ask(now, { kind: 'unregistration' }, (requestSeqNum) => ({
        kind: 'unregistrationRequest',
        value: {
          requestSeqNum,
          callSignalAddress: [transportAddress(callSignalAddress)],
          endpointIdentifier: this.#endpointIdentifier,
        },
      }));
    }
    this.#state = 'idle';
    this.#timers.clearAll();
  }

  /** Asks for admission; answered by `admitted` or `refused`. Refused at once where we are not registered. */
  admit(now: number, call: RasCall): void {
    if (this.#state !== 'registered') {
      this.#tell({ kind: 'refused', call, because: 'not registered with a gatekeeper' });
      return;
    }
    const { callIdentifier, callReference, conferenceId, answer, calling, called } = call;
    const { callSignalAddress } = this.#options;
    this.#ask(now, { kind: 'admission', call }, (requestSeqNum) => ({
      kind: 'admissionRequest',
      value: {
        requestSeqNum,
        callType: { kind: 'pointToPoint' },
        callModel: { kind: 'direct' },
        endpointIdentifier: this.#endpointIdentifier,
        ...(called.length === 0 ? {} : { destinationInfo: called }),
        srcInfo: calling,
        ...(answer ? {} : { srcCallSignalAddress: transportAddress(callSignalAddress) }),
        bandWidth: BANDWIDTH,
        callReferenceValue: callReference,
        conferenceID: conferenceId,
        activeMC: false,
        answerCall: answer,
        canMapAlias: true,
        callIdentifier: { guid: callIdentifier },
        ...this.#identified(),
      },
    }));
  }

  /** Tells the gatekeeper that an admitted call is over. */
  disengage(now: number, callIdentifier: Uint8Array): void {
    const known = this.#calls.get(nameOf(callIdentifier));
    if (known === undefined) return;
    this.#calls.delete(nameOf(callIdentifier));
    const { call } = known;
    this.#ask(now, { kind: 'disengage', call }, (requestSeqNum) => ({
      kind: 'disengageRequest',
      value: {
        requestSeqNum,
        endpointIdentifier: this.#endpointIdentifier,
        conferenceID: call.conferenceId,
        callReferenceValue: call.callReference,
        disengageReason: { kind: 'normalDrop' },
        callIdentifier: { guid: call.callIdentifier },
        answeredCall: call.answer,
        ...this.#identified(),
      },
    }));
  }

  receive(now: number, message: H225.RasMessage, from: MediaAddress): void {
    const answer =
      message.kind === '...' || !('requestSeqNum' in message.value) ? undefined : message.value.requestSeqNum;
    if (answer === undefined) {
      this.#drop();
      return;
    }
    const pending = this.#transactions.get(answer);
    const discovery =
      message.kind === 'gatekeeperConfirm' ||
      message.kind === 'gatekeeperReject' ||
      message.kind === 'requestInProgress';
    const known = this.#gatekeeper !== undefined && sameHost(from, this.#gatekeeper);
    if (!known && !(discovery && pending?.purpose.kind === 'discovery')) {
      this.#drop();
      return;
    }
    if (this.#asked(now, message)) return;
    if (pending === undefined) {
      this.#drop();
      return;
    }
    if (message.kind === 'requestInProgress') {
      this.#transactions.extend(now, answer, message.value.delay);
      return;
    }
    if (!this.#answered(now, message, pending, from)) {
      this.#drop();
      return;
    }
    this.#transactions.end(answer);
  }

  nextDeadline(): number | undefined {
    const reports = [...this.#calls.values()].flatMap(({ reportAt }) => reportAt ?? []);
    const all = [this.#timers.next(), this.#transactions.nextDeadline(), ...reports].filter((at) => at !== undefined);
    return all.length === 0 ? undefined : Math.min(...all);
  }

  handleTimeout(now: number): void {
    const { again, lost } = this.#transactions.takeDue(now);
    for (const { message, to } of again) this.#send(message, to);
    for (const { purpose } of lost) this.#lost(now, purpose);
    for (let timer = this.#timers.takeDue(now); timer !== undefined; timer = this.#timers.takeDue(now)) {
      if (timer === 'renew') this.#register(now, true);
      else this.#discover(now);
    }
    for (const [name, known] of this.#calls) {
      if (known.reportAt === undefined || known.reportEvery === undefined || known.reportAt > now) continue;
      this.#calls.set(name, { ...known, reportAt: now + known.reportEvery });
      this.#ask(now, { kind: 'report' }, (requestSeqNum) => this.#report(requestSeqNum, [known], true));
    }
  }

  /** Requests of the gatekeeper. Each is answered as often as it comes. */
  #asked(now: number, message: H225.RasMessage): boolean {
    switch (message.kind) {
      case 'unregistrationRequest': {
        const { requestSeqNum } = message.value;
        this.#reply({ kind: 'unregistrationConfirm', value: { requestSeqNum } });
        if (this.#state === 'registered')
          this.#fail(now, `the gatekeeper unregistered us: ${message.value.reason?.kind ?? 'no reason'}`);
        return true;
      }
      case 'disengageRequest': {
        const { requestSeqNum, callIdentifier, callReferenceValue } = message.value;
        const known = [...this.#calls.values()].find(({ call }) =>
          callIdentifier === undefined
            ? call.callReference === callReferenceValue
            : nameOf(call.callIdentifier) === nameOf(callIdentifier.guid),
        );
        this.#reply({ kind: 'disengageConfirm', value: { requestSeqNum } });
        if (known === undefined) return true;
        this.#calls.delete(nameOf(known.call.callIdentifier));
        this.#tell({ kind: 'dropped', call: known.call });
        return true;
      }
      case 'infoRequest': {
        const { requestSeqNum, callReferenceValue, callIdentifier } = message.value;
        // Reference zero is every call (H.225.0 §7.15.1).
        const all = [...this.#calls.values()].filter(
          ({ call }) =>
            callReferenceValue === 0 ||
            (callIdentifier === undefined
              ? call.callReference === callReferenceValue
              : nameOf(call.callIdentifier) === nameOf(callIdentifier.guid)),
        );
        this.#reply(this.#report(requestSeqNum, all, false));
        return true;
      }
      case 'bandwidthRequest':
        this.#reply({
          kind: 'bandwidthConfirm',
          value: { requestSeqNum: message.value.requestSeqNum, bandWidth: message.value.bandWidth },
        });
        return true;
      default:
        return false;
    }
  }

  /** False where the message is no answer to this request. */
  #answered(
    now: number,
    message: H225.RasMessage,
    { purpose, to }: Transaction<RasDestination, Purpose>,
    from: MediaAddress,
  ): boolean {
    const { kind } = message;
    if (purpose.kind === 'discovery') {
      if (kind !== 'gatekeeperConfirm' && kind !== 'gatekeeperReject') return false;
      if (kind === 'gatekeeperReject') {
        // A group may have another one that takes us.
        if (to !== 'multicast') this.#fail(now, `the gatekeeper refused: ${message.value.rejectReason.kind}`);
        return true;
      }
      this.#gatekeeper = addressOf(message.value.rasAddress) ?? from;
      this.#gatekeeperIdentifier = message.value.gatekeeperIdentifier;
      this.#register(now, false);
      return true;
    }
    if (purpose.kind === 'registration' || purpose.kind === 'keep-alive') {
      if (kind === 'registrationConfirm') {
        this.#confirmed(now, message.value);
        return true;
      }
      if (kind !== 'registrationReject') return false;
      const reason = message.value.rejectReason.kind;
      if (purpose.kind === 'keep-alive' && reason === 'fullRegistrationRequired') this.#register(now, false);
      else if (purpose.kind === 'keep-alive' && reason === 'discoveryRequired') this.#discover(now);
      else this.#fail(now, `the gatekeeper refused to register us: ${reason}`);
      return true;
    }
    if (purpose.kind === 'admission') {
      const { call } = purpose;
      if (kind === 'admissionReject') {
        this.#tell({ kind: 'refused', call, because: message.value.rejectReason.kind });
        return true;
      }
      if (kind !== 'admissionConfirm') return false;
      this.#admitted(now, call, message.value);
      return true;
    }
    const ends: readonly string[] =
      purpose.kind === 'disengage'
        ? ['disengageConfirm', 'disengageReject']
        : purpose.kind === 'unregistration'
          ? ['unregistrationConfirm', 'unregistrationReject']
          : ['infoRequestAck', 'infoRequestNak'];
    return ends.includes(kind);
  }

  #confirmed(now: number, { endpointIdentifier, timeToLive }: H225.RegistrationConfirm): void {
    const before = this.#state;
    this.#state = 'registered';
    this.#endpointIdentifier = endpointIdentifier;
    // Half of it leaves time to ask several times.
    if (timeToLive !== undefined && timeToLive > 0) this.#timers.set('renew', now + timeToLive * 500);
    if (before !== 'registered') this.#tell({ kind: 'registered', endpointIdentifier });
  }

  #admitted(now: number, call: RasCall, confirm: H225.AdmissionConfirm): void {
    const destination = addressOf(confirm.destCallSignalAddress);
    if (destination === undefined) {
      this.#tell({ kind: 'refused', call, because: 'the gatekeeper named no address of IP' });
      return;
    }
    const routed = confirm.callModel.kind === 'gatekeeperRouted';
    const reportEvery = confirm.irrFrequency === undefined ? undefined : confirm.irrFrequency * 1_000;
    const reportAt = reportEvery === undefined ? undefined : now + reportEvery;
    this.#calls.set(nameOf(call.callIdentifier), { call, routed, reportEvery, reportAt });
    this.#tell({ kind: 'admitted', call, destination, routed, endpointIdentifier: this.#endpointIdentifier });
  }

  #lost(now: number, purpose: Purpose): void {
    if (purpose.kind === 'admission') {
      this.#tell({ kind: 'refused', call: purpose.call, because: 'the gatekeeper does not answer' });
    } else if (purpose.kind !== 'disengage' && purpose.kind !== 'unregistration' && purpose.kind !== 'report') {
      this.#fail(now, 'the gatekeeper does not answer');
    }
  }

  #fail(now: number, because: string): void {
    if (this.#state === 'idle') return;
    this.#state = 'discovering';
    this.#timers.clearAll();
    this.#timers.set('restart', now + RESTART);
    this.#tell({ kind: 'unregistered', because });
  }

  #discover(now: number): void {
    const { gatekeeper, gatekeeperIdentifier, rasAddress, endpointType, aliases } = this.#options;
    this.#state = 'discovering';
    this.#timers.clearAll();
    this.#gatekeeper = gatekeeper;
    const to = gatekeeper ?? 'multicast';
    const make = (requestSeqNum: number): H225.RasMessage => ({
      kind: 'gatekeeperRequest',
      value: {
        requestSeqNum,
        protocolIdentifier: PROTOCOL,
        rasAddress: transportAddress(rasAddress),
        endpointType,
        ...(gatekeeperIdentifier === undefined ? {} : { gatekeeperIdentifier }),
        endpointAlias: aliases,
      },
    });
    this.#send(this.#transactions.begin(now, to, { kind: 'discovery' }, make).message, to);
  }

  #register(now: number, keepAlive: boolean): void {
    const { callSignalAddress, rasAddress, endpointType, vendor, aliases } = this.#options;
    if (!keepAlive) this.#state = 'registering';
    this.#ask(now, { kind: keepAlive ? 'keep-alive' : 'registration' }, (requestSeqNum) => ({
      kind: 'registrationRequest',
      value: {
        requestSeqNum,
        protocolIdentifier: PROTOCOL,
        discoveryComplete: true,
        callSignalAddress: [transportAddress(callSignalAddress)],
        rasAddress: [transportAddress(rasAddress)],
        terminalType: endpointType,
        ...(keepAlive ? {} : { terminalAlias: aliases }),
        endpointVendor: vendor,
        timeToLive: TIME_TO_LIVE,
        keepAlive,
        ...(keepAlive ? { endpointIdentifier: this.#endpointIdentifier } : {}),
        willSupplyUUIEs: false,
        ...this.#identified(),
      },
    }));
  }

  #report(requestSeqNum: number, known: readonly Known[], unsolicited: boolean): H225.RasMessage {
    const { endpointType, rasAddress, callSignalAddress, aliases } = this.#options;
    return {
      kind: 'infoRequestResponse',
      value: {
        requestSeqNum,
        endpointType,
        endpointIdentifier: this.#endpointIdentifier,
        rasAddress: transportAddress(rasAddress),
        callSignalAddress: [transportAddress(callSignalAddress)],
        endpointAlias: aliases,
        perCallInfo: known.map(({ call, routed }) => ({
          callReferenceValue: call.callReference,
          conferenceID: call.conferenceId,
          originator: !call.answer,
          h245: {},
          callSignaling: {},
          callType: { kind: 'pointToPoint' },
          bandWidth: BANDWIDTH,
          callModel: { kind: routed ? 'gatekeeperRouted' : 'direct' },
          callIdentifier: { guid: call.callIdentifier },
        })),
        needResponse: false,
        unsolicited,
      },
    };
  }

  #identified(): { readonly gatekeeperIdentifier?: string } {
    return this.#gatekeeperIdentifier === undefined ? {} : { gatekeeperIdentifier: this.#gatekeeperIdentifier };
  }

  /** A request to the gatekeeper that is known. */
  #ask(now: number, purpose: Purpose, make: (requestSeqNum: number) => H225.RasMessage): void {
    const to = this.#gatekeeper;
    if (to === undefined) return;
    const { message } = this.#transactions.begin(now, to, purpose, make);
    // A report without `needResponse` is not answered, so it is not sent again.
    if (purpose.kind === 'report' && message.kind === 'infoRequestResponse')
      this.#transactions.end(message.value.requestSeqNum);
    this.#send(message, to);
  }

  #reply(message: H225.RasMessage): void {
    if (this.#gatekeeper !== undefined) this.#send(message, this.#gatekeeper);
  }

  #send(message: H225.RasMessage, to: RasDestination): void {
    this.#outputs.push({ kind: 'send', message, to });
  }

  #tell(event: RasEvent): void {
    this.#outputs.push({ kind: 'event', event });
  }

  #drop(): void {
    this.dropped += 1;
  }
}

function nameOf(callIdentifier: Uint8Array): string {
  return Array.from(callIdentifier, (octet) => octet.toString(16).padStart(2, '0')).join('');
}

function sameHost(one: MediaAddress, other: MediaAddress): boolean {
  return one.host.byteLength === other.host.byteLength && one.host.every((octet, i) => octet === other.host[i]);
}
