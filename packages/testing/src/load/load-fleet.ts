import type { Redacted } from '@trustline/base';
import {
  type ClientTransactionId,
  DigestClient,
  fromAddress,
  type InviteSession,
  type SessionEvent,
  type SipFlow,
  type SipMessage,
  type SipRequest,
  type SipResponse,
  SipUserAgent,
  type SipUserAgentOutput,
} from '@trustline/sip';
import { LoadDescriptions } from './load-descriptions.ts';

export interface LoadPhoneOptions {
  /** The digest user name. */
  readonly device: string;
  readonly line: string;
  /** Without one it answers no challenge: its connection proves who it is. */
  readonly password?: Redacted<string>;
}

/** One phone of a fleet: a name, a line and its way to the server. */
export interface LoadPhone {
  readonly device: string;
  readonly line: string;
  readonly addressOfRecord: string;
  readonly digest: DigestClient | undefined;
  readonly callId: string;
  flow: SipFlow | undefined;
  sequence: number;
  /** From the moment that it calls or is called until the caller has seen the end. */
  isInCall: boolean;
}

/** What came of a REGISTER or a call, and when that had begun. */
export interface LoadOutcome {
  readonly kind:
    | 'registered'
    | 'not-registered'
    /** The caller has its answer. */
    | 'connected'
    /** The call was hung up by its caller. */
    | 'call-over'
    | 'call-failed';
  readonly phone: LoadPhone;
  readonly startedAt: number;
  readonly at: number;
  /** Of the refusal; 408 stands for no answer, 503 also for a lost connection. */
  readonly status: number;
}

export type LoadOutput = Extract<SipUserAgentOutput, { readonly kind: 'transmit' }> | LoadOutcome;

export interface LoadFleetOptions {
  readonly random: (length: number) => Uint8Array;
  /** Whom they register with, a host name. */
  readonly domain: string;
  /** Whether their calls offer SRTP with SDES keys. */
  readonly secureMedia: boolean;
  /** Milliseconds from the answer to the caller's BYE. */
  readonly talkTime: number;
}

interface RunningRegister {
  readonly phone: LoadPhone;
  readonly request: SipRequest;
  readonly startedAt: number;
}

interface RunningCall {
  readonly phone: LoadPhone;
  readonly called: LoadPhone;
  readonly startedAt: number;
  status: number;
  connected: boolean;
}

/** As many as a process has memory for: what is to be measured is the far end. */
const unlimited = 10_000_000;

/**
 * Thousands of phones in one SIP user agent, without I/O: each has a flow of its own to the server, registers, calls
 * another and takes calls at once. It is driven like any machine; what comes of its work comes out of `poll`.
 */
export class LoadFleet {
  talkTime: number;
  readonly #options: LoadFleetOptions;
  readonly #agent: SipUserAgent;
  readonly #descriptions: LoadDescriptions;
  readonly #byFlow = new Map<string, LoadPhone>();
  readonly #byAddress = new Map<string, LoadPhone>();
  readonly #registers = new Map<ClientTransactionId, RunningRegister>();
  readonly #calls = new Map<InviteSession, RunningCall>();
  /** Every session that is not over, of callers and called, with the phone that it is at. */
  readonly #sessions = new Map<InviteSession, LoadPhone>();
  /** In the order of their ends. */
  readonly #talking: { readonly session: InviteSession; readonly until: number }[] = [];
  readonly #outputs: LoadOutput[] = [];
  #now = 0;

  constructor(options: LoadFleetOptions) {
    this.#options = options;
    this.talkTime = options.talkTime;
    this.#descriptions = new LoadDescriptions(options.random);
    this.#agent = new SipUserAgent({
      random: options.random,
      contact: (flow) => this.#contact(flow),
      answerChallenge: (request, response) => this.#phoneOf(request)?.digest?.answer(request, response),
      maximumSessions: unlimited,
      limits: { serverTransactions: unlimited, clientTransactions: unlimited },
    });
  }

  /** Calls that have begun and are not over. */
  get calls(): number {
    return this.#calls.size;
  }

  /** Sessions that are answered and not over, at callers and at called. */
  get talking(): number {
    return [...this.#sessions.keys()].filter(({ phase }) => phase === 'established').length;
  }

  addPhone({ device, line, password }: LoadPhoneOptions): LoadPhone {
    const { random, domain } = this.#options;
    const phone: LoadPhone = {
      device,
      line,
      addressOfRecord: `sip:${line}@${domain}`,
      digest: password && new DigestClient({ username: device, password, random }),
      callId: Buffer.from(random(16)).toString('hex'),
      flow: undefined,
      sequence: 0,
      isInCall: false,
    };
    this.#byAddress.set(phone.addressOfRecord, phone);
    return phone;
  }

  /** From now on the phone speaks and is spoken to on this flow, in its calls too. */
  connected(now: number, phone: LoadPhone, flow: SipFlow): void {
    this.#now = now;
    if (phone.flow !== undefined) this.#byFlow.delete(phone.flow.id);
    phone.flow = flow;
    this.#byFlow.set(flow.id, phone);
    for (const [session, of] of this.#sessions) if (of === phone) session.moveTo(now, flow);
  }

  /** Sends a REGISTER: at first, or as a refresh. */
  register(now: number, phone: LoadPhone): void {
    this.#now = now;
    phone.sequence += 1;
    const plain = this.#registerRequest(phone);
    const credentials = phone.digest?.credentials(plain);
    this.#sendRegister(now, now, phone, credentials ? { ...plain, headers: [...plain.headers, credentials] } : plain);
  }

  /** Calls another phone of the fleet. */
  call(now: number, caller: LoadPhone, called: LoadPhone): void {
    this.#now = now;
    if (caller.flow === undefined) {
      this.#say('call-failed', { phone: caller, startedAt: now }, 503);
      return;
    }
    const requestUri = called.addressOfRecord;
    const credentials = caller.digest?.credentials(request('INVITE', requestUri, []));
    const session = this.#agent.place(now, caller.flow, {
      requestUri,
      from: `<${caller.addressOfRecord}>`,
      to: `<${requestUri}>`,
      offer: this.#descriptions.offer(caller.flow.local.host, this.#options.secureMedia),
      headers: credentials === undefined ? [] : [credentials],
    });
    this.#calls.set(session, { phone: caller, called, startedAt: now, status: 408, connected: false });
    caller.isInCall = true;
    called.isInCall = true;
    this.#sessions.set(session, caller);
  }

  /** Hangs up all calls that are connected. */
  hangUp(now: number): void {
    this.#now = now;
    this.#talking.length = 0;
    for (const [session, { connected }] of this.#calls) if (connected) session.bye(now);
  }

  /** Hangs up one call at this end of it; false where nobody talks who is at that end. */
  hangUpOne(now: number, end: 'calling' | 'called'): boolean {
    this.#now = now;
    const direction = end === 'calling' ? 'outgoing' : 'incoming';
    for (const session of this.#sessions.keys()) {
      if (session.phase === 'established' && session.direction === direction) return session.bye(now);
    }
    return false;
  }

  receive(now: number, flow: SipFlow, message: SipMessage): void {
    this.#agent.receive(now, flow, message);
    this.#drain(now);
  }

  flowClosed(now: number, flowId: string): void {
    const phone = this.#byFlow.get(flowId);
    this.#byFlow.delete(flowId);
    if (phone?.flow?.id === flowId) phone.flow = undefined;
    this.#agent.flowClosed(now, flowId);
    this.#drain(now);
  }

  handleTime(now: number): void {
    this.#agent.handleTime(now);
    while (this.#talking[0] !== undefined && this.#talking[0].until <= now) {
      this.#talking.shift()?.session.bye(now);
    }
    this.#drain(now);
  }

  nextDeadline(): number | undefined {
    const agent = this.#agent.nextDeadline();
    const talk = this.#talking[0]?.until;
    return agent === undefined || talk === undefined ? (agent ?? talk) : Math.min(agent, talk);
  }

  poll(): LoadOutput | undefined {
    this.#drain(this.#now);
    return this.#outputs.shift();
  }

  /** Takes what the user agent says, and keeps what is to be sent in its order. */
  #drain(now: number): void {
    this.#now = now;
    for (let output = this.#agent.poll(); output !== undefined; output = this.#agent.poll()) {
      if (output.kind === 'transmit') this.#outputs.push(output);
      else if (output.kind === 'incoming') this.#answer(now, output.session, output.session.initialOffer);
      else if (output.kind === 'session') this.#event(now, output.session, output.event);
      else if (output.kind === 'response') this.#response(now, output.transaction, output.response);
      else if (output.kind === 'request-failed') this.#notRegistered(output.transaction, output.cause);
    }
  }

  #answer(now: number, session: InviteSession, offer: Uint8Array | undefined): void {
    const phone = this.#byFlow.get(session.flow.id);
    if (phone !== undefined) this.#sessions.set(session, phone);
    session.ring(now, 180);
    const { host } = session.flow.local;
    session.accept(
      now,
      offer === undefined
        ? this.#descriptions.offer(host, this.#options.secureMedia)
        : this.#descriptions.answer(host, offer),
    );
  }

  #event(now: number, session: InviteSession, event: SessionEvent): void {
    if (event.kind === 'offer')
      session.answerOffer(now, this.#descriptions.answer(session.flow.local.host, event.offer));
    if (event.kind === 'ended') this.#sessions.delete(session);
    const call = this.#calls.get(session);
    if (call === undefined) return;
    if (event.kind === 'accepted') {
      call.connected = true;
      this.#say('connected', call, 200);
      if (this.talkTime === 0) session.bye(now);
      else if (Number.isFinite(this.talkTime)) this.#talking.push({ session, until: now + this.talkTime });
    } else if (event.kind === 'rejected') {
      call.status = event.status;
    } else if (event.kind === 'ended') {
      this.#calls.delete(session);
      call.phone.isInCall = false;
      call.called.isInCall = false;
      const isWhole = call.connected && event.cause === 'bye' && event.by === 'local';
      this.#say(isWhole ? 'call-over' : 'call-failed', call, call.status);
    }
  }

  #response(now: number, transaction: ClientTransactionId, response: SipResponse): void {
    const running = this.#registers.get(transaction);
    if (running === undefined || response.status < 200) return;
    this.#registers.delete(transaction);
    const { phone, startedAt, request: sent } = running;
    const { status } = response;
    if (status < 300) {
      this.#say('registered', running, status);
      return;
    }
    const credentials = phone.digest?.answer(sent, response);
    if (credentials === undefined) {
      this.#say('not-registered', running, status);
      return;
    }
    phone.sequence += 1;
    const again = this.#registerRequest(phone);
    this.#sendRegister(now, startedAt, phone, { ...again, headers: [...again.headers, credentials] });
  }

  #notRegistered(transaction: ClientTransactionId, cause: 'timeout' | 'transport'): void {
    const running = this.#registers.get(transaction);
    if (running === undefined) return;
    this.#registers.delete(transaction);
    this.#say('not-registered', running, cause === 'timeout' ? 408 : 503);
  }

  #say(
    kind: LoadOutcome['kind'],
    { phone, startedAt }: Pick<RunningCall, 'phone' | 'startedAt'>,
    status: number,
  ): void {
    this.#outputs.push({ kind, phone, startedAt, at: this.#now, status });
  }

  #sendRegister(now: number, startedAt: number, phone: LoadPhone, sent: SipRequest): void {
    if (phone.flow === undefined) {
      this.#say('not-registered', { phone, startedAt }, 503);
      return;
    }
    const transaction = this.#agent.sendRequest(now, phone.flow, sent);
    this.#registers.set(transaction, { phone, request: sent, startedAt });
  }

  #registerRequest({ addressOfRecord, flow, callId, sequence }: LoadPhone): SipRequest {
    return request('REGISTER', `sip:${this.#options.domain}`, [
      ['Max-Forwards', '70'],
      ['From', `<${addressOfRecord}>;tag=${callId.slice(0, 16)}`],
      ['To', `<${addressOfRecord}>`],
      ['Call-ID', callId],
      ['CSeq', `${sequence} REGISTER`],
      ['Contact', flow === undefined ? '' : this.#contact(flow)],
      ['Expires', '3600'],
    ]);
  }

  #contact(flow: SipFlow): string {
    const { host, port } = flow.local;
    return `<sip:${this.#byFlow.get(flow.id)?.line ?? 'nobody'}@${host}:${port};transport=${flow.transport}>`;
  }

  #phoneOf(sent: SipRequest): LoadPhone | undefined {
    return this.#byAddress.get(fromAddress(sent)?.uri ?? '');
  }
}

function request(
  method: string,
  uri: string,
  headers: readonly (readonly [name: string, value: string])[],
): SipRequest {
  return {
    kind: 'request',
    method,
    uri,
    headers: headers.map(([name, value]) => ({ name, value })),
    body: new Uint8Array(0),
  };
}
