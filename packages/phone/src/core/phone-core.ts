import { assertNever, Deadlines } from '@trustline/base';
import { preferredSuites, type SdesSuiteName } from '@trustline/keying';
import { parseServiceControl, SERVICE_CONTROL_EVENT } from '@trustline/provisioning';
import {
  type Authorization,
  type ClientTransactionId,
  createResponse,
  DigestClient,
  type DigestClientOptions,
  escapeUser,
  formatHost,
  formatNameAddr,
  fromAddress,
  headerValue,
  type InviteSession,
  LEAST_SESSION_INTERVAL,
  parseSipUri,
  RegistrationClient,
  type RegistrationOutput,
  type SipFlow,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  SipUserAgent,
  type SipUserAgentOutput,
  toTag,
  unescapeUri,
} from '@trustline/sip';
import type { MediaEndpoint } from '../call/call-media.ts';
import { sentenceOf } from '../call/ending.ts';
import { PhoneCall } from '../call/phone-call.ts';
import type { MediaSecurity } from '../call/security.ts';
import { PhoneError } from '../error.ts';
import type { PhoneOutput } from './outputs.ts';
import { type PhoneServer, serverText } from './phone-server.ts';
import { registrationAdvice } from './registration-advice.ts';

export interface PhoneCoreOptions {
  /** The directory number of the line. */
  readonly line: string;
  readonly displayName?: string;
  /** The device's name, for the instance in its Contact (RFC 5626 §4.1): SEP and a MAC address. */
  readonly device?: string;
  /** RFC 5626 §4.2: of its connection to this manager, where it has several; 1 by default. */
  readonly registrationId?: number;
  /** The call manager as it stands in URIs. */
  readonly server: PhoneServer;
  /** Default `require`. */
  readonly security?: MediaSecurity;
  /** Crypto suites by preference; `preferredSuites` of `keying` by default. */
  readonly suites?: readonly SdesSuiteName[];
  /**
   * SRTP session keys are derived anew after that many packets of ours (KDR, RFC 4568 §6.3.1): 0 (default) for never, or
   * a power of two up to 2^24. Few other phones take a line with it.
   */
  readonly keyDerivationRate?: number;
  readonly digest?: Omit<DigestClientOptions, 'random'>;
  /** Seconds to register for. */
  readonly expires?: number;
  /** Calls at a time; others are busy. Default 4. */
  readonly maximumCalls?: number;
  /** Text of User-Agent and Server. */
  readonly product?: string;
  /** Cryptographically strong. */
  readonly random: (length: number) => Uint8Array;
}

const DEFAULT_MAXIMUM_CALLS = 4;
/** RFC 4028 §4 recommends half an hour; the manager may shorten it. */
const sessionTimer = { interval: 1_800, minimum: LEAST_SESSION_INTERVAL } as const;

/**
 * The phone without I/O: one line that registers with a call manager, calls and is called. The adapter opens the
 * connection when it is asked for (`connect`), hands in messages and the time, and joins each call's media to sockets.
 *
 * @example
 * const phone = new PhoneCore({ line: '1001', server: { host: 'cm.example', port: 5061 }, random });
 * phone.start(now);
 * for (let output = phone.poll(); output !== undefined; output = phone.poll()) { … }
 */
export class PhoneCore {
  readonly #options: PhoneCoreOptions;
  readonly #agent: SipUserAgent;
  readonly #registration: RegistrationClient;
  readonly #deadlines = new Deadlines<string>();
  readonly #calls = new Map<string, PhoneCall>();
  readonly #bySession = new Map<InviteSession, PhoneCall>();
  #outputs: PhoneOutput[] = [];
  #flow: SipFlow | undefined;
  #register: ClientTransactionId | undefined;
  #isConnecting = false;
  /** What the registrar gave with the registration. */
  #gruu: string | undefined;
  #serviceRoute: readonly string[] = [];
  #isStopping = false;
  #lastCall = 0;

  constructor(options: PhoneCoreOptions) {
    this.#options = options;
    const { random, line, server } = options;
    const digest = options.digest === undefined ? undefined : new DigestClient({ ...options.digest, random });
    this.#agent = new SipUserAgent({
      random,
      contact: (flow) => this.#contact(flow),
      sessionTimer,
      reliableProvisionals: true,
      authorize: (_, flow) => this.#authorize(flow),
      methods: ['NOTIFY'],
      ...(options.product === undefined ? {} : { product: options.product }),
      ...(digest === undefined ? {} : { answerChallenge: (request, response) => digest.answer(request, response) }),
    });
    this.#registration = new RegistrationClient({
      registrar: `sip:${serverText(server)}`,
      addressOfRecord: `<sip:${escapeUser(line)}@${formatHost(server.host)}>`,
      contact: () => this.#registeredContact(),
      headers: [{ name: 'Supported', value: 'path, outbound, gruu' }],
      random,
      ...(options.expires === undefined ? {} : { expires: options.expires }),
      ...(digest === undefined ? {} : { digest }),
    });
  }

  get isRegistered(): boolean {
    return this.#registration.isRegistered;
  }

  /** Running calls, incoming ones that ring included. */
  get calls(): readonly PhoneCall[] {
    return [...this.#calls.values()];
  }

  call(id: string): PhoneCall | undefined {
    return this.#calls.get(id);
  }

  /** Registers, and stays registered. */
  start(now: number): void {
    this.#registration.start();
    this.#drain(now);
  }

  /** Takes the registration back. `unregistered` follows. */
  stop(now: number): void {
    this.#isStopping = true;
    this.#registration.unregister();
    this.#drain(now);
  }

  /** The connection that `connect` asked for is open. */
  connected(now: number, flow: SipFlow): void {
    this.#isConnecting = false;
    this.#flow = flow;
    this.#registration.start();
    this.#drain(now);
  }

  /** The connection that `connect` asked for could not be opened; it will be asked for again. */
  connectionFailed(now: number): void {
    this.#isConnecting = false;
    this.#registration.flowFailed(now);
    this.#drain(now);
  }

  /**
   * Calls a number. Events follow under the returned id.
   *
   * @throws {PhoneError} phone.not-connected
   */
  place(now: number, number: string, endpoint: MediaEndpoint): string {
    const flow = this.#connection();
    const call = this.#newCall('outgoing', { number, displayName: undefined }, flow);
    call.place(now, endpoint);
    this.#drain(now);
    return call.id;
  }

  answer(now: number, id: string, endpoint: MediaEndpoint): boolean {
    return this.#command(now, id, (call) => call.answer(now, endpoint));
  }

  /** Refuses a call that came in; 486 (busy) by default. */
  refuse(now: number, id: string, status = 486): boolean {
    return this.#command(now, id, (call) => call.refuse(now, status));
  }

  hold(now: number, id: string, holding: boolean): boolean {
    return this.#command(now, id, (call) => call.hold(now, holding));
  }

  /** Has the far end of a call talk to a number in our place. */
  transfer(now: number, id: string, number: string): boolean {
    const uri = `sip:${escapeUser(number)}@${formatHost(this.#options.server.host)}`;
    return this.#command(now, id, (call) => call.transfer(now, uri));
  }

  /** Has the far end of a call talk to whom another call of ours is with, or rings. */
  join(now: number, id: string, other: string): boolean {
    const partner = this.#calls.get(other);
    const replaces = partner?.replaces;
    if (partner === undefined || replaces === undefined || id === other) return false;
    const uri = `sip:${escapeUser(partner.number)}@${formatHost(this.#options.server.host)}`;
    return this.#command(now, id, (call) => call.transfer(now, uri, replaces));
  }

  /** Makes new keys for what we send in a call. */
  renewKeys(now: number, id: string): boolean {
    return this.#command(now, id, (call) => call.renewKeys(now));
  }

  hangUp(now: number, id: string): boolean {
    return this.#command(now, id, (call) => call.hangUp(now));
  }

  receive(now: number, flow: SipFlow, message: SipMessage): void {
    if (flow.id === this.#flow?.id) this.#registration.heard();
    this.#agent.receive(now, flow, message);
    this.#drain(now);
  }

  flowClosed(now: number, flowId: string): void {
    this.#agent.flowClosed(now, flowId);
    if (this.#flow?.id === flowId) {
      this.#flow = undefined;
      this.#register = undefined;
      this.#outputs.push({ kind: 'disconnected' });
      this.#registration.flowFailed(now);
    }
    this.#drain(now);
  }

  handleTime(now: number): void {
    this.#agent.handleTime(now);
    this.#registration.handleTime(now);
    for (let id = this.#deadlines.takeDue(now); id !== undefined; id = this.#deadlines.takeDue(now)) {
      this.#calls.get(id)?.handleTime(now);
    }
    this.#drain(now);
  }

  nextDeadline(): number | undefined {
    const all = [this.#agent.nextDeadline(), this.#registration.nextDeadline(), this.#deadlines.next()];
    const armed = all.filter((deadline) => deadline !== undefined);
    return armed.length === 0 ? undefined : Math.min(...armed);
  }

  poll(): PhoneOutput | undefined {
    return this.#outputs.shift();
  }

  #connection(): SipFlow {
    if (this.#flow !== undefined) return this.#flow;
    throw new PhoneError('phone.not-connected', 'The phone is not connected to its call manager', {
      nextStep: 'Wait until it is registered; it connects again by itself.',
    });
  }

  #command(now: number, id: string, act: (call: PhoneCall) => boolean): boolean {
    const call = this.#calls.get(id);
    const done = call === undefined ? false : act(call);
    this.#drain(now);
    return done;
  }

  /** Handles what the parts below have to say, until none has more. */
  #drain(now: number): void {
    for (;;) {
      const said = this.#agent.poll();
      if (said !== undefined) {
        this.#takeFromAgent(now, said);
        continue;
      }
      const step = this.#registration.poll();
      if (step === undefined) break;
      this.#takeFromRegistration(now, step);
    }
    for (const [id, call] of this.#calls) {
      const deadline = call.nextDeadline();
      if (deadline === undefined) this.#deadlines.clear(id);
      else this.#deadlines.set(id, deadline);
    }
  }

  #takeFromAgent(now: number, output: SipUserAgentOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#outputs.push(output);
        return;
      case 'incoming':
        this.#incoming(now, output.session, output.request);
        return;
      case 'session':
        this.#bySession.get(output.session)?.handle(now, output.event);
        return;
      case 'response':
        if (output.transaction !== this.#register) return;
        this.#registration.handleResponse(now, output.response);
        return;
      case 'request-failed':
        if (output.transaction === this.#register) this.#registration.handleFailure(now, output.cause);
        return;
      case 'request':
        this.#agent.respond(now, output.transaction, this.#notified(output.request));
        return;
      default:
        assertNever(output);
    }
  }

  #takeFromRegistration(now: number, output: RegistrationOutput): void {
    switch (output.kind) {
      case 'send':
        this.#sendRegister(now, output.request);
        return;
      case 'registered':
        this.#gruu = output.publicGruu;
        this.#serviceRoute = output.serviceRoute;
        this.#outputs.push({ kind: 'registered', expires: output.expires });
        for (const call of this.#calls.values()) {
          if (this.#flow !== undefined && call.session?.flow.id !== this.#flow.id) call.moveTo(now, this.#flow);
        }
        return;
      case 'failed':
        this.#outputs.push({
          kind: 'registration-failed',
          status: output.status,
          reason: sentenceOf(output.response) ?? (output.response === undefined ? 'no answer' : 'refused'),
          nextStep: registrationAdvice(output.response, this.#options.digest),
          retryAt: output.retryAt,
        });
        return;
      case 'unregistered':
        this.#outputs.push({ kind: 'unregistered' });
        return;
      case 'ping':
      case 'flow-dead': // the transport keeps its connections alive itself
        return;
      default:
        assertNever(output);
    }
  }

  #sendRegister(now: number, request: SipRequest): void {
    if (this.#flow === undefined) {
      // A phone that leaves opens no connection to say so: its registration ended with the last one.
      if (this.#isStopping) this.#outputs.push({ kind: 'unregistered' });
      else if (!this.#isConnecting) this.#outputs.push({ kind: 'connect' });
      this.#isConnecting = !this.#isStopping;
      return;
    }
    this.#register = this.#agent.sendRequest(now, this.#flow, request);
  }

  /** Only what comes from whoever took our REGISTER is obeyed: nobody else knows its Call-ID. */
  #notified(request: SipRequest): SipResponse {
    const ownTag = Array.from(this.#options.random(8), (octet) => octet.toString(16).padStart(2, '0')).join('');
    // Of a subscription that is not there (RFC 6665 §4.1.3).
    if (toTag(request) !== undefined) return createResponse(request, 481);
    const event = headerValue(request, 'Event')?.split(';')[0]?.trim().toLowerCase();
    if (event !== SERVICE_CONTROL_EVENT) return createResponse(request, 489, { toTag: ownTag, reason: 'Bad Event' });
    const control = parseServiceControl(request.body);
    if (control?.registerCallId !== this.#registration.callId) return createResponse(request, 400, { toTag: ownTag });
    this.#outputs.push({ kind: 'service-control', action: control.action });
    return createResponse(request, 200, { toTag: ownTag });
  }

  /** The manager alone may ask anything of this phone, over the connection that the phone opened to it. */
  #authorize(flow: SipFlow): Authorization {
    return flow.id === this.#flow?.id ? { kind: 'allow' } : { kind: 'refuse', status: 403 };
  }

  /** Of calls: the GRUU, which reaches this phone wherever it is (RFC 5627 §4.4), else for the flow (RFC 5626 §4.3). */
  #contact(flow: SipFlow): string {
    return this.#gruu === undefined ? this.#boundContact(flow).replace(/>$/, ';ob>') : `<${this.#gruu}>`;
  }

  #boundContact({ local, transport }: SipFlow): string {
    return `<sip:${escapeUser(this.#options.line)}@${formatHost(local.host)}:${local.port};transport=${transport}>`;
  }

  #registeredContact(): string {
    if (this.#flow === undefined) return '<sip:not-connected.invalid>'; // never sent
    const address = /^SEP([0-9A-F]{12})$/i.exec(this.#options.device ?? '')?.[1];
    if (address === undefined) return this.#boundContact(this.#flow);
    // RFC 5626 §4.1: the same for the life of the device, so that a new connection takes the place of the old one; §4.2.1:
    // a number for each manager, so that what is taken back at one of them is not what stands at another.
    const instance = `<urn:uuid:00000000-0000-0000-0000-${address.toLowerCase()}>`;
    return `${this.#boundContact(this.#flow)};+sip.instance="${instance}";reg-id=${this.#options.registrationId ?? 1}`;
  }

  #incoming(now: number, session: InviteSession, request: SipRequest): void {
    if (this.#calls.size >= (this.#options.maximumCalls ?? DEFAULT_MAXIMUM_CALLS)) {
      session.reject(now, 486);
      return;
    }
    const sender = fromAddress(request);
    const uri = sender === undefined ? undefined : parseSipUri(sender.uri);
    const number = uri?.user === undefined ? 'anonymous' : unescapeUri(uri.user);
    const call = this.#newCall('incoming', { number, displayName: sender?.displayName }, session.flow);
    this.#bySession.set(session, call);
    this.#outputs.push({ kind: 'incoming', call: call.id, number, displayName: sender?.displayName });
    call.receive(now, session, request);
  }

  #newCall(
    direction: PhoneCall['direction'],
    far: { readonly number: string; readonly displayName: string | undefined },
    flow: SipFlow,
  ): PhoneCall {
    this.#lastCall += 1;
    const id = `call-${this.#lastCall}`;
    const { random, security = 'require', suites = preferredSuites, keyDerivationRate = 0 } = this.#options;
    const call = new PhoneCall(id, direction, far, {
      security,
      media: { suites, keyDerivationRate, signallingIsProtected: flow.transport === 'tls', random },
      place: (now, offer) => {
        const session = this.#invite(now, far.number, offer);
        this.#bySession.set(session, call);
        return session;
      },
      emit: (event) => {
        this.#outputs.push({ kind: 'call', call: id, event });
        if (event.kind === 'ended') this.#forget(call);
      },
    });
    this.#calls.set(id, call);
    return call;
  }

  #forget(call: PhoneCall): void {
    this.#calls.delete(call.id);
    this.#deadlines.clear(call.id);
    for (const [session, owner] of this.#bySession) if (owner === call) this.#bySession.delete(session);
  }

  #invite(now: number, number: string, offer: Uint8Array): InviteSession {
    const host = formatHost(this.#options.server.host);
    const { line, displayName } = this.#options;
    const uri = `sip:${escapeUser(number)}@${host}`;
    return this.#agent.place(now, this.#connection(), {
      requestUri: uri,
      from: formatNameAddr({ uri: `sip:${escapeUser(line)}@${host}`, displayName, parameters: [] }),
      to: `<${uri}>`,
      route: this.#serviceRoute,
      offer,
    });
  }
}
