import { DeadlineQueue } from '@trustline/base';
import {
  type CallControlInput,
  type CallControlOutput,
  type Cause,
  causes,
  type LegId,
  q850,
} from '@trustline/callcontrol';
import type { SecurityLevel } from '@trustline/evidence';
import {
  type CallsEvent,
  type CallsOutput,
  type CallTerms,
  callControlCauseOf,
  EndpointCalls,
  type EndpointEvent,
  type HostPort,
  type Identity,
  type ReceivedSetup,
  type TcpEnds,
  type TransferError,
} from '@trustline/h323';
import type { KeyReadingShown } from '../../media/relay-control.ts';
import { Admissions, isSameCall, type Way } from './admissions.ts';
import { callTerms } from './call-terms.ts';
import { diversionsOf } from './diversions.ts';
import type { GatekeeperOutput, GatekeeperStanding } from './gatekeepers.ts';
import { type GatewayCall, isProven } from './gateway-call.ts';
import { GatewayMedia } from './gateway-media.ts';
import { GatewayProbes } from './gateway-probes.ts';
import type { GatekeeperSettings, GatewaySettings } from './gateway-settings.ts';
import { type ChosenStream, chooseStream } from './gateway-streams.ts';
import {
  authorityOf,
  callerOf,
  errorOfTransfer,
  noSrtpNotice,
  number,
  portIn,
  protectionOf,
  provenInput,
  saidOf,
  setupOf,
  unreachableWords,
} from './gateway-words.ts';
import type { H323LegsPorts } from './h323-legs-ports.ts';
import { KnownGateways } from './known-gateways.ts';
import { shownLevel } from './shown-level.ts';

type LegOutput = Extract<CallControlOutput, { readonly leg: LegId }>;
type Place = Extract<LegOutput, { kind: 'place' }>;
type SocketOutput = Exclude<CallsOutput, { readonly kind: 'event' }> | GatekeeperOutput;

/** Causes of Q.850 that we refuse with ourselves. */
const NO_CIRCUIT = 34;
const CALL_REJECTED = 21;
const DIGIT = 160;

/**
 * The door of H.323 gateways: translates between calls of H.323 and the vocabulary of call control. It decides nothing; what
 * policy, keys and levels mean is call control's. Sans-IO: what is wanted of connections and what is said to call control are
 * polled, and times are monotonic milliseconds.
 */
export class H323Legs {
  readonly #ports: H323LegsPorts;
  readonly #calls: EndpointCalls;
  readonly #gateways: KnownGateways;
  readonly #byLeg = new Map<LegId, GatewayCall>();
  readonly #byCall = new Map<string, GatewayCall>();
  readonly #admissions: Admissions;
  readonly #deadlines = new DeadlineQueue<string>();
  readonly #probes: GatewayProbes;
  readonly #inputs: CallControlInput[] = [];
  readonly #outputs: SocketOutput[] = [];
  #now = 0;

  constructor(ports: H323LegsPorts) {
    this.#ports = ports;
    this.#gateways = new KnownGateways(ports);
    this.#probes = new GatewayProbes({
      isOpen: (gateway) => this.#admissions.isOpen(gateway),
      identity: () => this.#identity(),
      drawCallReference: () => this.#drawCallReference(),
      say: (input) => void this.#inputs.push(input),
      output: (output) => void this.#outputs.push(output),
    });
    this.#admissions = new Admissions({
      random: ports.random,
      identity: () => this.#identity(),
      drawCallReference: () => this.#drawCallReference(),
      refuse: (leg, cause, said) => this.#refuse(leg, cause, said),
      dropped: (now, callIdentifier) => this.#dropped(now, callIdentifier),
      notice: (notice) => ports.notice(notice),
      output: (output) => void this.#outputs.push(output),
    });
    this.#calls = new EndpointCalls({
      identity: () => this.#identity(),
      drawCallReference: () => this.#drawCallReference(),
      admit: (id, ends) => this.#admit(id, ends),
      listenForH245: ports.listenForH245,
      stopListeningForH245: ports.stopListeningForH245,
    });
  }

  get size(): number {
    return this.#byLeg.size + this.#admissions.size;
  }

  /** Takes a gateway in, or its change: calls that are there go on as they were. */
  setGateway(now: number, settings: GatewaySettings): void {
    this.#admissions.setGateway(now, settings);
    this.#gateways.set(settings);
  }

  /** Calls of a gateway end, and it is reached no more. */
  removeGateway(now: number, device: string): void {
    if (!this.#gateways.remove(device)) return;
    this.#admissions.removeGateway(now, device);
    this.#probes.end(device);
    for (const call of [...this.#byLeg.values()]) {
      if (call.settings.device === device) this.#giveUp(now, call, 'destination-out-of-order', `${device} was removed`);
    }
  }

  /** The gateway at an address, if there is one. */
  gatewayAt(address: string): GatewaySettings | undefined {
    return this.#gateways.at(address);
  }

  /** How it is with the gatekeeper of a gateway; undefined where it has none. */
  gatekeeperOf(device: string): GatekeeperStanding | undefined {
    const gateway = this.#gateways.get(device);
    return gateway && this.#admissions.standingOf(gateway);
  }

  /** Calls of each gateway that there are now. */
  channelsOf(device: string): number {
    let channels = this.#admissions.channelsOf(device);
    for (const { settings } of this.#byLeg.values()) if (settings.device === device) channels += 1;
    return channels;
  }

  /** The gateway of a leg. */
  deviceOf(leg: LegId): string | undefined {
    return this.#byLeg.get(leg)?.settings.device ?? this.#admissions.deviceOf(leg);
  }

  /** The leg that a connection belongs to. */
  legOn(connection: string): LegId | undefined {
    return this.#byCall.get(this.#calls.callOn(connection) ?? '')?.leg;
  }

  /** The gateway of a leg, and the connection of its call signalling. */
  placeOf(leg: LegId): { readonly device: string; readonly connection: string | undefined } | undefined {
    const call = this.#byLeg.get(leg);
    return call && { device: call.settings.device, connection: this.#calls.connectionOf(call.id) };
  }

  /** What protects the signalling of a gateway has come up, or is gone. */
  protectionChanged(now: number, device: string, isUp: boolean): void {
    const gateway = this.#gateways.get(device);
    if (gateway === undefined) return;
    this.#now = now;
    this.#gateways.protectionChanged(gateway, isUp);
    if (isUp) this.#calls.askAgain(device);
    else {
      this.#calls.withdraw(now, device);
      for (const call of this.#byLeg.values()) {
        if (call.settings.device === device) for (const of of call.proofs.keys()) call.proofs.set(of, false);
      }
    }
    this.#tellCalls(device, isUp);
    this.#drain(now);
  }

  /** That what protects their signalling is gone, or back, belongs to what is known of each call. */
  #tellCalls(device: string, isUp: boolean): void {
    const words = isUp ? `IPsec to ${device} is back` : `IPsec to ${device} is gone`;
    for (const { leg, settings, isTold } of this.#byLeg.values()) {
      if (settings.device !== device || !isTold) continue;
      this.#inputs.push({ kind: 'protection', leg, state: isUp ? 'returned' : 'lost', words });
    }
  }

  /** Asks a gateway whether it takes calls, which is whether it answers on a connection; false where it is none of ours. */
  probe(device: string): boolean {
    const gateway = this.#gateways.get(device);
    const [address] = gateway?.addresses ?? [];
    if (gateway === undefined || address === undefined) return false;
    this.#probes.probe(gateway, address);
    return true;
  }

  /** A packet of a gateway has shown whose key protects: calls from the next one on need not find out. */
  keyReadingShown({ fingerprint, keyReading }: KeyReadingShown): void {
    for (const { media, settings } of this.#byLeg.values()) {
      if (settings.keyReading !== 'auto' || !media.gave(fingerprint)) continue;
      const known = this.#gateways.get(settings.device);
      if (known?.keyReading !== 'auto') return;
      const found = { ...known, keyReading };
      this.#gateways.change(found);
      this.#ports.found(found);
      return;
    }
  }

  /** What protected the signalling of a gateway stays away: its calls end. */
  protectionGivenUp(now: number, device: string): void {
    this.#now = now;
    for (const call of [...this.#byLeg.values()]) {
      if (call.settings.device !== device) continue;
      const { leg, isTold } = call;
      this.#forget(call);
      const words = `IPsec to ${device} did not come back`;
      if (isTold) this.#inputs.push({ kind: 'protection', leg, state: 'given-up', words });
      this.#calls.release(now, call.id, q850('protection-gone'));
    }
    this.#drain(now);
  }

  /** We are there no more: gatekeepers send us no further call. */
  leaveGatekeepers(now: number): void {
    for (const device of this.#gateways.devices) this.#admissions.removeGateway(now, device);
    this.#drain(now);
  }

  /** A socket for RAS is there, and where call signalling is taken. */
  rasOpened(now: number, gatekeeper: string, ras: HostPort, callSignalling: HostPort): void {
    this.#now = now;
    this.#admissions.opened(now, gatekeeper, ras, callSignalling);
    this.#drain(now);
  }

  rasFailed(now: number, gatekeeper: string, why: string): void {
    this.#now = now;
    this.#admissions.failed(now, gatekeeper, why);
  }

  rasReceived(now: number, gatekeeper: string, payload: Uint8Array, from: HostPort): void {
    this.#now = now;
    this.#admissions.received(now, gatekeeper, payload, from);
    this.#drain(now);
  }

  accepted(now: number, connection: string, ends: TcpEnds, h245Of?: string): void {
    this.#does(now, (calls) => calls.accepted(now, connection, ends, h245Of));
  }

  connected(now: number, connection: string, ends: TcpEnds): void {
    if (!this.#probes.connected(connection)) this.#does(now, (calls) => calls.connected(now, connection, ends));
  }

  failed(now: number, connection: string, because: 'refused' | 'silent' | 'failed'): void {
    if (!this.#probes.probed(connection, 'failed')) this.#does(now, (calls) => calls.failed(now, connection, because));
  }

  received(now: number, connection: string, payload: Uint8Array): void {
    if (!this.#probes.probed(connection, 'answered'))
      this.#does(now, (calls) => calls.received(now, connection, payload));
  }

  closed(now: number, connection: string): void {
    if (!this.#probes.probed(connection, 'closed')) this.#does(now, (calls) => calls.closed(now, connection));
  }

  proved(now: number, connection: string, proof: Parameters<EndpointCalls['proved']>[2]): void {
    this.#does(now, (calls) => calls.proved(now, connection, proof));
  }

  /** Call control wants something done on a leg of ours; false for a leg of another door. */
  control(now: number, output: LegOutput): boolean {
    if (output.kind === 'place') {
      const gateway = this.#gateways.get(output.device);
      if (gateway === undefined) return false;
      this.#now = now;
      this.#place(now, gateway, output);
      this.#drain(now);
      return true;
    }
    const call = this.#byLeg.get(output.leg);
    this.#now = now;
    if (call === undefined) return this.#admissions.withdraw(now, output);
    this.#control(now, call, output);
    this.#drain(now);
    return true;
  }

  /** What to tell call control next. */
  poll(): CallControlInput | undefined {
    return this.#inputs.shift();
  }

  /** What is wanted of connections next. */
  pollOutput(): SocketOutput | undefined {
    return this.#outputs.shift();
  }

  nextDeadline(): number {
    return Math.min(
      this.#deadlines.next() ?? Number.POSITIVE_INFINITY,
      this.#calls.nextDeadline() ?? Number.POSITIVE_INFINITY,
      this.#admissions.nextDeadline(),
      this.#gateways.nextDeadline(),
    );
  }

  handleTime(now: number): void {
    this.#now = now;
    this.#calls.handleTimeout(now);
    this.#admissions.handleTime(now);
    for (let leg = this.#deadlines.takeDue(now); leg !== undefined; leg = this.#deadlines.takeDue(now)) {
      const call = this.#byLeg.get(leg);
      if (call?.silentUntil !== undefined && call.silentUntil <= now) {
        this.#giveUp(now, call, ...this.#gateways.whySilent(call.settings, 'says nothing to the call'));
      } else {
        call?.media.handleTime(now);
      }
    }
    this.#gateways.handleTime(now);
    this.#drain(now);
  }

  #does(now: number, act: (calls: EndpointCalls) => void): void {
    this.#now = now;
    act(this.#calls);
    this.#drain(now);
  }

  /** Takes what has become of calls, until nothing more does. */
  #drain(now: number): void {
    for (let output = this.#calls.poll(); output !== undefined; output = this.#calls.poll()) {
      if (output.kind === 'event') this.#happened(now, output.call, output.event);
      else this.#outputs.push(output);
    }
    for (const { leg, media, silentUntil } of this.#byLeg.values()) {
      const all = [media.deadline, silentUntil].filter((at) => at !== undefined);
      this.#deadlines.set(leg, all.length === 0 ? undefined : Math.min(...all));
    }
  }

  // From call control.

  #place(now: number, gateway: GatewaySettings, output: Place): void {
    const { leg, offer } = output;
    const chosen = offer === undefined ? undefined : chooseStream(offer, gateway);
    const [address] = gateway.addresses;
    if (this.channelsOf(gateway.device) >= gateway.channels) {
      this.#refuse(leg, 'no-circuit-available', `All ${gateway.channels} channels of ${gateway.device} are taken`);
    } else if (chosen !== undefined && 'fault' in chosen) {
      this.#cannot(leg, chosen.fault);
    } else if (chosen !== undefined && chosen.keys.size === 0 && gateway.policy === 'require') {
      this.#cannot(leg, 'security-required', this.#gateways.takesOnlyEncrypted(gateway));
    } else if (address === undefined) {
      this.#refuse(leg, 'subscriber-absent');
    } else if (gateway.gatekeeper === undefined) {
      this.#call(now, gateway, output, chosen, { to: { address, port: gateway.port } });
    } else {
      const goes = (at: number, way: Way) => this.#call(at, gateway, output, chosen, way);
      this.#admissions.toPlace(now, gateway, gateway.gatekeeper, output, goes);
    }
  }

  #refuse(leg: LegId, cause: Cause, found?: string): void {
    this.#inputs.push({ kind: 'refused', leg, cause, ...(found === undefined ? {} : { found }) });
  }

  /** It is the gateway that cannot have these media: another of the route may. */
  #cannot(leg: LegId, cause: Cause, found?: string): void {
    this.#inputs.push({ kind: 'refused', leg, cause, ...(found === undefined ? {} : { found }), ofWay: true });
  }

  #call(now: number, gateway: GatewaySettings, output: Place, chosen: ChosenStream | undefined, way: Way): void {
    const { leg, offer } = output;
    const { to, as, endpointIdentifier } = way;
    const id = this.#calls.place({
      ...this.#termsOf(gateway, chosen, () => this.#byLeg.get(leg)),
      to,
      ...(as === undefined ? {} : { as }),
      ...(gateway.localAddress === undefined ? {} : { from: gateway.localAddress }),
      setup: { ...setupOf(output), ...(endpointIdentifier === undefined ? {} : { endpointIdentifier }) },
    });
    const call = this.#newCall(gateway, leg, id, 'to-gateway');
    if (as !== undefined) call.admission = { callIdentifier: as.identity.callIdentifier, isGiven: true };
    if (offer !== undefined && !call.media.takes(offer)) {
      this.#forget(call);
      this.#calls.release(now, id, q850('not-acceptable-here'));
      this.#cannot(
        leg,
        'not-acceptable-here',
        `${gateway.device} wants to be sent its own key, the caller makes its own, and there is no media relay`,
      );
      return;
    }
    call.isTold = true;
    if (output.silence !== undefined && output.isLast !== true) call.silentUntil = now + output.silence;
    call.media.placed(offer);
  }

  #control(now: number, call: GatewayCall, output: Exclude<LegOutput, { kind: 'place' }>): void {
    const { media } = call;
    if (call.isAnswered && 'level' in output) this.#show(now, call, output.level);
    switch (output.kind) {
      case 'ring':
        this.#calls.command(now, call.id, (endpoint) =>
          endpoint.alert(now, { callWaiting: output.callWaiting === true }),
        );
        return;
      case 'accept':
      case 'accept-with-offer': {
        call.isAnswered = true;
        const fault =
          output.kind === 'accept'
            ? media.takeAnswer(now, output.answer)
            : media.takeOffer(now, output.offer, 'answer');
        if (fault !== undefined) this.#giveUp(now, call, fault, 'The gateway can have none of the media of the called');
        else this.#calls.command(now, call.id, (endpoint) => endpoint.connect(now, this.#shown(call, output.level)));
        return;
      }
      case 'offer': {
        const fault = media.takeOffer(now, output.offer, 'answer');
        if (fault !== undefined) this.#inputs.push({ kind: 'offer-refused', leg: call.leg, cause: fault });
        return;
      }
      case 'request-offer':
        media.makeOffer(now, 'offer');
        return;
      case 'answer': {
        const fault = media.takeAnswer(now, output.answer);
        if (fault !== undefined)
          this.#giveUp(now, call, fault, 'The gateway can have none of the media of the other end');
        return;
      }
      case 'refuse-offer':
        media.offerRefused(now, output.cause);
        return;
      case 'refuse-transfer':
        this.#transferOver(now, call, errorOfTransfer(output.cause) ?? 'notAvailable');
        return;
      case 'transfer-failed':
        this.#transferOver(now, call, errorOfTransfer(output.cause) ?? 'establishmentFailure');
        return;
      case 'transferred':
        this.#transferOver(now, call);
        return;
      case 'refuse':
      case 'release':
      case 'cancel':
        this.#forget(call);
        this.#calls.release(now, call.id, q850(output.cause));
        return;
      case 'digit':
        this.#calls.command(now, call.id, (endpoint) => endpoint.sendDigits(output.digit));
        return;
      default: // nothing of it is for a gateway
    }
  }

  /** The far side reads what the lock of a phone would mean. */
  #show(now: number, call: GatewayCall, level: SecurityLevel): void {
    const before = call.shown;
    const text = this.#shown(call, level);
    if (text !== before) this.#calls.command(now, call.id, (endpoint) => endpoint.show(text));
  }

  #shown(call: GatewayCall, level: SecurityLevel): string {
    call.shown = shownLevel(level, this.#ports.shownFarSide(call.leg));
    return call.shown;
  }

  // From the gateway.

  /** A Setup: whose it is. Unknown addresses do not come so far. */
  #admit(id: string, { remote }: TcpEnds): CallTerms | { readonly refuse: number } {
    const gateway = this.gatewayAt(remote.address);
    if (gateway === undefined) return { refuse: CALL_REJECTED };
    if (this.channelsOf(gateway.device) >= gateway.channels) return { refuse: NO_CIRCUIT };
    return this.#termsOf(gateway, undefined, () => this.#byCall.get(id));
  }

  #happened(now: number, id: string, event: CallsEvent): void {
    if (event.kind === 'proof') this.#proved(now, event);
    if (event.kind === 'setup-offered') this.#offered(now, id, event);
    const call = this.#byCall.get(id);
    if (call === undefined) return;
    // The connection and its proof are ours; whatever else happens the gateway has said.
    if (event.kind !== 'reached' && event.kind !== 'proof') call.silentUntil = undefined;
    switch (event.kind) {
      case 'reached':
        call.media.reached(now);
        return;
      case 'proof':
        call.proofs.set(event.of, event.proof.proven);
        if (!event.proof.proven) call.unproven = event.proof.message;
        else if (event.of === 'signalling') this.#inputs.push(provenInput(call));
        return;
      case 'unreachable':
        this.#unreachable(call, event.because);
        return;
      case 'released':
        this.#released(call, event);
        return;
      case 'alerting':
      case 'progress':
        if (event.kind === 'alerting') this.#rings(call, event.callWaiting);
        if (event.inBand) call.media.givesEarly();
        return;
      case 'connected':
        call.port = portIn(event.display);
        call.isConnected = true;
        if (call.isTold) this.#inputs.push({ kind: 'answering', leg: call.leg });
        call.media.connected(now);
        return;
      case 'number':
      case 'digits-ended':
        if ('calledNumber' in event) call.dialled = event.calledNumber;
        this.#dialled(now, call, 'calledNumber' in event ? event.complete : true);
        return;
      case 'digits':
        this.#digits(call, event.digits, event.milliseconds ?? DIGIT);
        return;
      case 'transfer-asked':
        this.#transferAsked(now, call, event);
        return;
      case 'media-opened':
      case 'media-closed':
      case 'media-wanted':
      case 'held':
      case 'resumed':
        call.media.happened(event);
        return;
      default: // it goes on
    }
  }

  /** One transfer at a time, of a call that is answered, to a number: of our other calls the gateway knows no identity. */
  #transferAsked(now: number, call: GatewayCall, asked: Extract<EndpointEvent, { kind: 'transfer-asked' }>): void {
    const { number: to, callIdentity, invokeId } = asked;
    const error = callIdentity !== '' ? 'unrecognizedCallIdentity' : 'invalidCallState';
    if (callIdentity !== '' || !call.isAnswered || call.transfer !== undefined) {
      this.#calls.command(now, call.id, (endpoint) => endpoint.answerTransfer(invokeId, error));
      return;
    }
    call.transfer = invokeId;
    this.#inputs.push({ kind: 'transfer', leg: call.leg, to: { kind: 'number', number: to } });
  }

  #transferOver(now: number, call: GatewayCall, error?: TransferError): void {
    const { transfer } = call;
    call.transfer = undefined;
    if (transfer !== undefined)
      this.#calls.command(now, call.id, (endpoint) => endpoint.answerTransfer(transfer, error));
  }

  #offered(now: number, id: string, { setup, proven }: Extract<EndpointEvent, { kind: 'setup-offered' }>): void {
    const ends = this.#calls.endsOf(id);
    const gateway = ends === undefined ? undefined : this.gatewayAt(ends.remote.address);
    if (gateway === undefined) {
      this.#calls.release(now, id, CALL_REJECTED);
      return;
    }
    const call = this.#newCall(gateway, this.#ports.newLeg(), id, 'from-gateway');
    call.proofs.set('signalling', proven);
    call.setup = setup;
    call.dialled = setup.calledNumber;
    this.#dialled(now, call, !setup.canOverlapSend);
  }

  /** More digits of the number, or all of them: the call begins when it leads somewhere. */
  #dialled(now: number, call: GatewayCall, isWhole: boolean): void {
    const { setup, dialled, leg, settings } = call;
    if (setup === undefined || call.isTold || call.admission?.isGiven === false) return;
    const soFar = isWhole ? 'complete' : this.#ports.dialledSoFar(now, dialled);
    if (soFar === 'incomplete' || soFar === 'extendable') {
      this.#calls.command(now, call.id, (endpoint) => endpoint.acknowledge(now));
      return;
    }
    if (settings.gatekeeper !== undefined && call.admission === undefined) {
      this.#askToAnswer(now, call, setup, settings.gatekeeper);
      return;
    }
    call.isTold = true;
    this.#calls.command(now, call.id, (endpoint) => endpoint.proceed(now));
    const diversions = diversionsOf(setup.diversion, dialled);
    this.#inputs.push({
      kind: 'incoming',
      leg,
      device: settings.device,
      line: setup.callingNumber?.digits ?? '',
      destination: dialled,
      protection: protectionOf(settings, isProven(call)),
      caller: callerOf(setup),
      ...(diversions.length === 0 ? {} : { diversions }),
      takesDigits: true,
    });
  }

  /** Its gatekeeper is asked before anybody hears of it. */
  #askToAnswer(now: number, call: GatewayCall, setup: ReceivedSetup, gatekeeper: GatekeeperSettings): void {
    const callIdentifier = setup.callIdentifier ?? this.#ports.random(16);
    call.admission = { callIdentifier, isGiven: false };
    this.#admissions.toAnswer(now, gatekeeper, { ...setup, callIdentifier }, call.dialled, (at, admission) => {
      if (!admission.isAdmitted) {
        this.#giveUp(at, call, admission.cause, admission.said);
        return;
      }
      call.admission = { callIdentifier, isGiven: true };
      this.#dialled(at, call, true);
    });
  }

  #dropped(now: number, callIdentifier: Uint8Array): void {
    for (const call of [...this.#byLeg.values()]) {
      if (call.admission === undefined || !isSameCall(call.admission.callIdentifier, callIdentifier)) continue;
      this.#giveUp(now, call, 'normal-clearing', `the gatekeeper of ${call.settings.device} ended the call`);
    }
  }

  #rings(call: GatewayCall, callWaiting: boolean): void {
    if (call.isRinging) return;
    call.isRinging = true;
    this.#inputs.push({ kind: 'ringing', leg: call.leg, ...(callWaiting ? { callWaiting } : {}) });
  }

  #digits({ leg, isAnswered }: GatewayCall, digits: string, milliseconds: number): void {
    if (!isAnswered) return;
    for (const digit of digits) {
      if (/[0-9A-Da-d*#]/.test(digit)) this.#inputs.push({ kind: 'digit', leg, digit, milliseconds });
    }
  }

  #proved(now: number, { ends, proof }: Extract<CallsEvent, { kind: 'proof' }>): void {
    const gateway = this.gatewayAt(ends.remote.address);
    if (gateway !== undefined) this.#gateways.proved(now, gateway, proof, ends.remote);
  }

  #unreachable(call: GatewayCall, because: 'refused' | 'silent' | 'failed'): void {
    const { device, addresses, port } = call.settings;
    const [address = ''] = addresses;
    const said = `${device} ${unreachableWords[because]}`;
    const remoteAddress = authorityOf({ address, port });
    this.#ports.notice({ kind: 'gateway-unreachable', device, cause: said, reason: because, remoteAddress });
    if (because !== 'silent') this.#leave(call, 'network-out-of-order', said);
    else this.#leave(call, ...this.#gateways.whySilent(call.settings, unreachableWords.silent));
  }

  #released(call: GatewayCall, { cause, because }: Extract<EndpointEvent, { kind: 'released' }>): void {
    const isOfSecurity = because === 'not-proven' || because === 'clear' || because === 'clear-fast-start';
    const wasSecure = call.media.isSecure;
    // Where encryption is only preferred the call may be tried without, and call control is to know that it may.
    const isOfMedia = wasSecure && !call.isAnswered && (isOfSecurity || cause === 57 || cause === 88);
    const named = callControlCauseOf(cause);
    const own = isOfMedia && call.settings.policy === 'prefer' ? 'not-acceptable-here' : named;
    const known = causes.find((one) => one === own) ?? 'temporary-failure';
    const said = because === undefined ? undefined : saidOf(call, because);
    // What it says itself (57, 88) may be of the called, once he was rung; what we found is of the gateway.
    const isPlaced = call.direction === 'to-gateway' && !call.isAnswered;
    const isOfWay = isPlaced && (isOfSecurity || (isOfMedia && !call.isConnected && !call.isRinging));
    const isOfPolicy = call.settings.policy === 'require' && because !== 'not-proven';
    if (isOfWay && isOfPolicy) this.#ports.notice(noSrtpNotice(call.settings));
    this.#leave(call, known, said, isOfWay);
  }

  /** A call is over: call control hears of it as it has to be said in its state. */
  #leave(call: GatewayCall, cause: Cause, found: string | undefined, isOfWay = false): void {
    this.#forget(call);
    if (!call.isTold) return;
    const { leg, direction, isAnswered } = call;
    const words = found === undefined ? {} : { found };
    if (isAnswered) this.#inputs.push({ kind: 'released', leg, cause, ...words });
    else if (direction === 'to-gateway')
      this.#inputs.push({ kind: 'refused', leg, cause, ...words, ...(isOfWay ? { ofWay: true } : {}) });
    else this.#inputs.push({ kind: 'cancelled', leg, ...words });
  }

  #giveUp(now: number, call: GatewayCall, cause: Cause, said: string): void {
    this.#leave(call, cause, said);
    this.#calls.release(now, call.id, q850(cause));
  }

  #forget(call: GatewayCall): void {
    const { admission, settings } = call;
    if (admission !== undefined && settings.gatekeeper !== undefined) {
      this.#admissions.ended(this.#now, settings.gatekeeper, admission.callIdentifier);
    }
    call.media.end();
    this.#byLeg.delete(call.leg);
    this.#byCall.delete(call.id);
    this.#deadlines.clear(call.leg);
  }

  #newCall(settings: GatewaySettings, leg: LegId, id: string, direction: GatewayCall['direction']): GatewayCall {
    const media = new GatewayMedia({
      leg,
      settings,
      random: this.#ports.random,
      ownAddress: () => this.#calls.endsOf(id)?.local.address ?? settings.localAddress ?? '0.0.0.0',
      isProven: () => isProven(call),
      movesWithKeys: this.#ports.movesWithKeys,
      wish: this.#ports.wish,
      unwish: this.#ports.unwish,
      configure: (now, terms) => this.#calls.command(now, id, (endpoint) => endpoint.configure(now, terms)),
      telephoneEvent: () => this.#calls.telephoneEventOf(id),
      say: (input) => {
        if (input.kind !== 'answered') {
          this.#inputs.push(input);
          return;
        }
        call.isAnswered = true;
        this.#inputs.push(call.port === undefined ? input : { ...input, port: call.port });
      },
      failed: (cause, said) => this.#giveUp(this.#now, call, cause, said),
    });
    const call: GatewayCall = {
      leg,
      id,
      settings,
      direction,
      media,
      proofs: new Map(),
      unproven: undefined,
      isTold: false,
      silentUntil: undefined,
      isRinging: false,
      isConnected: false,
      isAnswered: false,
      setup: undefined,
      dialled: '',
      port: undefined,
      admission: undefined,
      transfer: undefined,
      shown: undefined,
    };
    this.#byLeg.set(leg, call);
    this.#byCall.set(id, call);
    return call;
  }

  #termsOf(gateway: GatewaySettings, chosen: ChosenStream | undefined, call: () => GatewayCall | undefined): CallTerms {
    const { random } = this.#ports;
    return callTerms(gateway, chosen, random, (suite) => call()?.media.keyFor(suite));
  }

  #drawCallReference(): number {
    return 1 + (number(this.#ports.random(2)) % 0x7fff);
  }

  #identity(): Identity {
    const { random } = this.#ports;
    return {
      endpointType: { gateway: {}, mc: false, undefinedNode: false },
      callIdentifier: random(16),
      conferenceId: random(16),
    };
  }
}
