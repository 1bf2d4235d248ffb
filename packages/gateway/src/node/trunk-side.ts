import { randomBytes } from 'node:crypto';
import { causeOfSipStatus, sipStatusOfCause } from '@trustline/h323';
import {
  type InviteSession,
  q850CauseOfReason,
  type SessionEvent,
  type SipMessage,
  SipUserAgent,
  type SipUserAgentOutput,
} from '@trustline/sip';
import { SipDriver } from '@trustline/sip/node';
import type { CallRequest, LegCommand, LegEvent } from '../calls/leg.ts';
import { numberForCarrier, numberOfParty } from '../numbers/numbering-area.ts';
import { TrunkMedia, type TrunkMediaOutcome } from '../trunks/trunk-media.ts';
import { inviteOf, requestOf } from '../trunks/trunk-requests.ts';
import type { AudioEnd } from './audio-end.ts';
import { IpAudio } from './ip-audio.ts';
import type { MediaPortPool } from './media-port-pool.ts';
import type { GatewaySide, LegAccount, SidePorts } from './side.ts';
import type { ConfiguredTrunk, ProvenCarrier } from './trunk-credentials.ts';
import { type TrunkCheck, TrunkLink } from './trunk-link.ts';

/** Causes of Q.850, and who says them: the network of the carrier, or this gateway. */
const OUT_OF_ORDER = 38;
const NO_RESOURCES = 47;
const TIMED_OUT = 102;
const NORMAL = 16;
const CARRIER = 3;
const HERE = 5;

interface TrunkLeg {
  readonly name: string;
  readonly session: InviteSession;
  readonly media: TrunkMedia;
  readonly audio: IpAudio;
  readonly request: CallRequest;
  /** Of an outgoing one: it was offered without keys, after they were refused. */
  readonly isClearRetry: boolean;
  /** The answer that an incoming one is given, made when it came. */
  answer: Uint8Array | undefined;
  protection: string | undefined;
  silence: NodeJS.Timeout | undefined;
  isOver: boolean;
}

export interface TrunkSideOptions {
  readonly trunk: ConfiguredTrunk;
  readonly folder: string;
  readonly mediaAddress: string;
  readonly pool: MediaPortPool;
  readonly nameServers?: readonly string[];
  readonly tested: (checks: readonly TrunkCheck[]) => void;
}

/** The calls with one carrier by SIP, in the words of the gateway. */
export class TrunkSide implements GatewaySide {
  readonly #options: TrunkSideOptions;
  readonly #ports: SidePorts;
  readonly #agent: SipUserAgent;
  readonly #driver: SipDriver<ProvenCarrier, SipUserAgentOutput>;
  readonly #link: TrunkLink;
  readonly #legs = new Map<string, TrunkLeg>();
  readonly #bySession = new Map<InviteSession, TrunkLeg>();

  /** @throws {GatewayError} where the carrier cannot be used as it is written */
  constructor(options: TrunkSideOptions, ports: SidePorts) {
    this.#options = options;
    this.#ports = ports;
    this.#agent = new SipUserAgent({
      random,
      contact: (flow) => this.#link.contact(flow),
      product: 'Trustline gateway',
      authorize: (_now, flow) =>
        this.#link.isTheirs(flow) ? { kind: 'allow' } : { kind: 'refuse', status: 403, reason: 'Forbidden' },
      answerChallenge: (request, response, session) => this.#link.answerChallenge(request, response, session.flow),
      reliableProvisionals: true,
      sessionTimer: { interval: 1_800, minimum: 90 },
    });
    this.#driver = new SipDriver<ProvenCarrier, SipUserAgentOutput>({
      machine: this.#agent,
      onOutput: (output) => this.#output(output),
      onFlowClosed: (flow) => this.#link.flowClosed(flow.id),
    });
    this.#link = new TrunkLink(
      {
        trunk: options.trunk,
        folder: options.folder,
        ...(options.nameServers === undefined ? {} : { nameServers: options.nameServers }),
        notice: (level, text) => ports.notice(level, text),
        tested: options.tested,
      },
      { hub: this.#driver.hub, agent: this.#agent, command: (act) => this.#driver.command(act) },
    );
  }

  /** Looks for the carrier; that it cannot be reached now is told, and tried again. */
  async start(): Promise<void> {
    await this.#link.start();
  }

  place(leg: string, request: CallRequest): void {
    this.#place(leg, request, false);
  }

  command(name: string, command: LegCommand): void {
    const leg = this.#legs.get(name);
    if (leg !== undefined) this.#driver.command((now) => this.#does(now, leg, command));
  }

  audioOf(leg: string): AudioEnd | undefined {
    return this.#legs.get(leg)?.audio;
  }

  accountOf(leg: string): LegAccount {
    const { name } = this.#options.trunk;
    return {
      text: `trunk ${name}`,
      kind: 'trunk',
      media: this.#legs.get(leg)?.protection,
      signalling: this.#link.isTls ? 'tls' : 'clear',
    };
  }

  async stop(): Promise<void> {
    for (const leg of [...this.#legs.values()])
      this.command(leg.name, { kind: 'release', cause: { value: NORMAL, location: HERE } });
    this.#link.stop();
    await new Promise((resolve) => setImmediate(resolve));
    this.#driver.close();
  }

  #place(name: string, request: CallRequest, isClearRetry: boolean): void {
    const flow = this.#link.flow;
    const ports = flow === undefined ? undefined : this.#options.pool.take();
    if (flow === undefined || ports === undefined) {
      const value = flow === undefined ? OUT_OF_ORDER : NO_RESOURCES;
      this.#ports.heard(name, { kind: 'released', cause: { value, location: HERE } });
      return;
    }
    const { trunk } = this.#options;
    const media = this.#media(ports.port);
    const invite = inviteOf(inAreaOf(request, trunk.numbering), {
      domain: this.#link.domain,
      number: trunk.number,
      secure: false,
    });
    this.#driver.command((now) => {
      const session = this.#agent.place(now, flow, {
        ...invite,
        route: this.#link.serviceRoute,
        offer: media.offer(isClearRetry),
      });
      const leg = this.#add(name, session, media, ports, request, isClearRetry);
      leg.silence = setTimeout(() => this.#isSilent(leg), trunk.silentSeconds * 1_000);
    });
  }

  #does(now: number, leg: TrunkLeg, command: LegCommand): void {
    const { session } = leg;
    const isOutgoing = session.direction === 'outgoing';
    switch (command.kind) {
      case 'alert':
        if (!isOutgoing) session.ring(now, command.inBand ? 183 : 180, this.#early(leg, command.inBand));
        return;
      case 'progress':
        if (!isOutgoing) session.ring(now, 183, this.#early(leg, true));
        return;
      case 'answer':
        if (!isOutgoing && leg.answer !== undefined) session.accept(now, leg.answer);
        return;
      case 'send-keys':
        if (!leg.audio.sendDigits(command.keys)) this.#sendInfo(now, leg, command.keys);
        return;
      case 'release':
        this.#release(now, leg, command.cause.value);
        return;
      case 'proceed':
      case 'want-digits':
      case 'send-digits':
      // A carrier sends numbers whole (RFC 3578 is for others), and its INVITE has had its 100 already.
    }
  }

  #early(leg: TrunkLeg, inBand: boolean) {
    return inBand && leg.answer !== undefined ? { earlyAnswer: leg.answer } : {};
  }

  /** For a far side without telephone-events. */
  #sendInfo(now: number, { session }: TrunkLeg, keys: string): void {
    if (!session.peerNames('INFO')) return;
    for (const key of keys) {
      const body = new TextEncoder().encode(`Signal=${key}\r\nDuration=160\r\n`);
      session.info(now, { contentType: 'application/dtmf-relay', body });
    }
  }

  #release(now: number, leg: TrunkLeg, cause: number): void {
    const { session } = leg;
    const reason = `Q.850;cause=${cause}`;
    if (session.phase === 'established') session.bye(now, { reason });
    else if (session.direction === 'outgoing') session.cancel(now, { reason });
    else session.reject(now, sipStatusOfCause(cause), { headers: [{ name: 'Reason', value: reason }] });
    this.#forget(leg);
  }

  #isSilent(leg: TrunkLeg): void {
    if (leg.isOver) return;
    // Whether it is there at all is asked now, so that the next call need not wait.
    this.#link.askNow();
    this.#lost(leg, { value: TIMED_OUT, location: HERE });
  }

  /** Ends a leg by ourselves, and tells. */
  #lost(leg: TrunkLeg, cause: { readonly value: number; readonly location: number }): void {
    this.#ports.heard(leg.name, { kind: 'released', cause });
    this.#driver.command((now) => this.#release(now, leg, cause.value));
  }

  #output(output: Exclude<SipUserAgentOutput, { kind: 'transmit' }>): void {
    const now = performance.now();
    switch (output.kind) {
      case 'incoming':
        this.#incoming(now, output.session);
        return;
      case 'session':
        this.#session(now, output.session, output.event);
        return;
      case 'response':
        this.#link.handleResponse(now, output.transaction, output.response);
        return;
      case 'request-failed':
        this.#link.handleFailure(now, output.transaction, output.cause);
        return;
      case 'request':
    }
  }

  #incoming(now: number, session: InviteSession): void {
    const request = requestOf(session.invite);
    const ports = request === undefined ? undefined : this.#options.pool.take();
    if (request === undefined || ports === undefined) {
      session.reject(now, request === undefined ? 484 : 503);
      return;
    }
    const media = this.#media(ports.port);
    const offer = session.initialOffer;
    const outcome = offer === undefined ? undefined : media.answer(offer);
    if (outcome?.kind !== 'agreed') {
      const because = outcome?.because ?? 'an INVITE without an offer is not taken';
      this.#ports.notice('warning', `a call of ${this.#options.trunk.name} was refused: ${because}`);
      session.reject(now, 488, {
        headers: [{ name: 'Warning', value: `399 trustline "${because.replaceAll('"', "'")}"` }],
      });
      ports.rtp.close();
      ports.rtcp.close();
      return;
    }
    const area = this.#options.trunk.numbering;
    const inArea = (digits: string) => numberOfParty({ typeOfNumber: 0, numberingPlan: 1, digits }, area);
    const told = {
      ...request,
      called: inArea(request.called),
      caller: { ...request.caller, number: inArea(request.caller.number) },
    };
    const name = this.#ports.offered(told);
    const leg = this.#add(name, session, media, ports, told, false);
    leg.answer = outcome.sdp;
    this.#agree(leg, outcome);
  }

  #session(now: number, session: InviteSession, event: SessionEvent): void {
    const leg = this.#bySession.get(session);
    if (leg === undefined) return;
    switch (event.kind) {
      case 'progress': {
        clearTimeout(leg.silence);
        const early = event.earlyAnswer === undefined ? undefined : leg.media.takeAnswer(event.earlyAnswer, true);
        const inBand = early?.kind === 'agreed';
        if (inBand) this.#agree(leg, early);
        if (event.status === 180) this.#ports.heard(leg.name, { kind: 'alerting', inBand });
        else this.#ports.heard(leg.name, inBand ? { kind: 'progress', inBand } : { kind: 'proceeding', inBand: false });
        return;
      }
      case 'accepted': {
        clearTimeout(leg.silence);
        const outcome = leg.media.takeAnswer(event.answer);
        if (outcome.kind === 'refused') {
          this.#ports.notice('warning', `an answer of ${this.#options.trunk.name} cannot be taken: ${outcome.because}`);
          this.#lost(leg, { value: outcome.security ? 57 : 88, location: HERE });
          return;
        }
        this.#agree(leg, outcome);
        this.#ports.heard(leg.name, { kind: 'answered' });
        return;
      }
      case 'rejected':
        this.#rejected(leg, event.status, event.response);
        return;
      case 'offer': {
        const outcome = leg.media.answer(event.offer);
        if (outcome.kind === 'agreed') {
          this.#agree(leg, outcome);
          session.answerOffer(now, outcome.sdp);
        } else session.rejectOffer(now, 488);
        return;
      }
      case 'info': {
        const keys = /(?:^|Signal\s*=\s*)([0-9*#A-D])\b/i.exec(
          new TextDecoder('latin1').decode(event.message.body),
        )?.[1];
        if (keys !== undefined) this.#ports.heard(leg.name, { kind: 'keys', keys: keys.toUpperCase() });
        return;
      }
      case 'ended': {
        const value = event.message === undefined ? undefined : q850CauseOfReason(event.message);
        const said: LegEvent = {
          kind: 'released',
          cause: { value: value ?? causeOfEnd(event.cause), location: CARRIER },
        };
        this.#ports.heard(leg.name, said);
        this.#forget(leg);
        return;
      }
      default:
    }
  }

  /** A refusal of keys is tried again without them, where that is allowed. */
  #rejected(leg: TrunkLeg, status: number, response: SipMessage): void {
    const mayBeClear = this.#options.trunk.srtp === 'prefer' && leg.media.offersKeys && !leg.isClearRetry;
    if (mayBeClear && [415, 488, 606].includes(status)) {
      this.#forget(leg);
      this.#place(leg.name, leg.request, true);
      return;
    }
    this.#ports.heard(leg.name, {
      kind: 'released',
      cause: { value: q850CauseOfReason(response) ?? causeOfSipStatus(status), location: CARRIER },
    });
    this.#forget(leg);
  }

  #agree(leg: TrunkLeg, { agreement }: Extract<TrunkMediaOutcome, { kind: 'agreed' }>): void {
    const { rtp, rtcp, codec, payloadType, payloadTypes, telephoneEvents, keys } = agreement;
    leg.protection = keys === 'clear' ? 'clear' : keys.send.profile;
    const { send, receive } = telephoneEvents;
    leg.audio.receive(
      agreement.receives
        ? {
            payloadTypes,
            ...(receive === undefined ? {} : { telephoneEvent: receive }),
            keys: keys === 'clear' ? [] : [keys.receive],
          }
        : undefined,
    );
    leg.audio.send(
      agreement.sends
        ? {
            remote: rtp,
            rtcp,
            codec,
            payloadType,
            ...(send === undefined ? {} : { telephoneEvent: send }),
            ...(keys === 'clear' ? {} : { keys: keys.send }),
          }
        : undefined,
    );
  }

  #media(port: number): TrunkMedia {
    const { trunk, mediaAddress } = this.#options;
    return new TrunkMedia({
      address: mediaAddress,
      port,
      srtp: trunk.srtp,
      signallingIsProtected: this.#link.isTls,
      random,
    });
  }

  #add(
    name: string,
    session: InviteSession,
    media: TrunkMedia,
    ports: ConstructorParameters<typeof IpAudio>[0],
    request: CallRequest,
    isClearRetry: boolean,
  ): TrunkLeg {
    const leg: TrunkLeg = {
      name,
      session,
      media,
      request,
      isClearRetry,
      audio: new IpAudio(ports, {
        digit: (keys) => this.#ports.heard(name, { kind: 'keys', keys }),
        failed: () => this.#lost(leg, { value: NO_RESOURCES, location: HERE }),
      }),
      answer: undefined,
      protection: undefined,
      silence: undefined,
      isOver: false,
    };
    this.#legs.set(name, leg);
    this.#bySession.set(session, leg);
    return leg;
  }

  #forget(leg: TrunkLeg): void {
    leg.isOver = true;
    clearTimeout(leg.silence);
    this.#bySession.delete(leg.session);
    if (this.#legs.get(leg.name) === leg) this.#legs.delete(leg.name);
    leg.audio.close();
    leg.media.close();
  }
}

/** The numbers of a call as its carrier is told them. */
function inAreaOf(request: CallRequest, area: ConfiguredTrunk['numbering']): CallRequest {
  const { called, caller, diverted } = request;
  return {
    ...request,
    called: numberForCarrier(called, area),
    caller: { ...caller, number: numberForCarrier(caller.number, area) },
    ...(diverted === undefined ? {} : { diverted: { ...diverted, number: numberForCarrier(diverted.number, area) } }),
  };
}

function causeOfEnd(cause: Extract<SessionEvent, { kind: 'ended' }>['cause']): number {
  if (cause === 'bye' || cause === 'cancelled') return NORMAL;
  return cause === 'timeout' || cause === 'not-refreshed' ? TIMED_OUT : 41;
}

function random(length: number): Uint8Array {
  return new Uint8Array(randomBytes(length));
}
