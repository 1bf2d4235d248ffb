import { assertNever, DeadlineQueue } from '@trustline/base';
import { createCalleeDialog } from '../dialog/dialog.ts';
import { type DialogKey, dialogKeyOf, dialogKeyOfRequest } from '../dialog/dialog-key.ts';
import { SipEndpoint } from '../endpoint/endpoint.ts';
import type { ClientTransactionId, ServerTransactionId, SipEndpointOutput } from '../endpoint/outputs.ts';
import type { SipFlow } from '../flow.ts';
import { cseq } from '../message/cseq.ts';
import { headerValue, headerValues } from '../message/headers.ts';
import { fromTag, toTag } from '../message/name-addr.ts';
import { RELIABLE } from '../message/reliable.ts';
import { createResponse } from '../message/response.ts';
import type { SipHeader, SipMessage, SipRequest, SipResponse } from '../message/types.ts';
import type { Replaces } from '../refer/replaces.ts';
import { descriptionOf, SDP_TYPE } from '../session/body.ts';
import type { PlaceOptions } from '../session/commands.ts';
import type { SessionHost } from '../session/host.ts';
import { createInvite, newToken } from '../session/invite-request.ts';
import { InviteSession } from '../session/invite-session.ts';
import type { KeptSession } from '../session/kept-session.ts';
import { retryAfterHeader } from '../session/local-offer.ts';
import { SessionTimer, tooBriefSession } from '../session/session-timer.ts';
import { defaultTransactionTimers } from '../transaction/timers.ts';
import { DEFAULT_INFO_TYPES, DEFAULT_MAXIMUM_SESSIONS, type SipUserAgentOptions } from './options.ts';
import type { SipUserAgentOutput } from './outputs.ts';

/** What every user agent serves by itself or through a session. */
const SESSION_METHODS = ['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'UPDATE', 'INFO'];

/** Methods that have a meaning: not allowed here (405), where any other is not known at all (501). */
const EXTENSION_METHODS = new Set(['REGISTER', 'PRACK', 'SUBSCRIBE', 'NOTIFY', 'REFER', 'MESSAGE', 'PUBLISH']);

/**
 * A SIP user agent without I/O: an endpoint, its sessions on any number of flows, and the answers that
 * need no user (OPTIONS, 405, 420, 481, 501). A back-to-back user agent and a phone are both made of it.
 *
 * @example
 * const agent = new SipUserAgent({ random, contact: (flow) => `<sip:1001@${flow.local.host}>` });
 * const session = agent.place(now, flow, { requestUri: 'sip:1002@cm.example', from, to, offer });
 * agent.receive(now, flow, message);
 * for (let output = agent.poll(); output !== undefined; output = agent.poll()) { … }
 */
export class SipUserAgent {
  readonly #endpoint: SipEndpoint;
  readonly #options: SipUserAgentOptions;
  readonly #random: (length: number) => Uint8Array;
  readonly #supported: readonly string[];
  readonly #methods: ReadonlySet<string>;
  readonly #sessionMethods: ReadonlySet<string>;
  readonly #allow: string;
  readonly #host: SessionHost;
  readonly #sessions = new Set<InviteSession>();
  readonly #byDialog = new Map<DialogKey, InviteSession>();
  readonly #byTransaction = new Map<ClientTransactionId | ServerTransactionId, InviteSession>();
  /** Callers whose INVITE has no dialog yet, by Call-ID and their tag. */
  readonly #byCaller = new Map<string, InviteSession>();
  readonly #byFlow = new Map<string, Set<InviteSession>>();
  readonly #deadlines = new DeadlineQueue<InviteSession>();
  /** Requests of the user outside any session. */
  readonly #requests = new Set<ClientTransactionId>();
  #outputs: SipUserAgentOutput[] = [];
  #nextOutput = 0;
  /** What every message says of us is the same each time. */
  readonly #capabilitiesOf = new Map<string, readonly SipHeader[]>();
  #now = 0;
  #lastSession = 0;

  constructor(options: SipUserAgentOptions) {
    const { random, timers = defaultTransactionTimers } = options;
    this.#options = options;
    this.#random = random;
    const { reliableProvisionals = false, sessionTimer } = options;
    this.#supported = [
      ...(options.supported ?? []),
      ...(reliableProvisionals ? [RELIABLE] : []),
      ...(sessionTimer === undefined ? [] : ['timer']),
    ];
    this.#methods = new Set(options.methods ?? []);
    this.#sessionMethods = new Set([...SESSION_METHODS, ...(reliableProvisionals ? ['PRACK'] : [])]);
    this.#allow = [...this.#sessionMethods, ...this.#methods].join(', ');
    this.#endpoint = new SipEndpoint({
      random,
      timers,
      ...(options.sentBy === undefined ? {} : { sentBy: options.sentBy }),
      ...(options.limits === undefined ? {} : { limits: options.limits }),
    });
    this.#host = {
      endpoint: this.#endpoint,
      timers,
      random,
      holdAcks: options.holdAcks ?? false,
      sessionTimer,
      reliableProvisionals,
      infoTypes: new Set(options.infoTypes ?? DEFAULT_INFO_TYPES),
      contact: options.contact,
      capabilities: (message) => this.#capabilities(message),
      answerChallenge: (...challenged) => options.answerChallenge?.(...challenged),
      emit: (session, event) => this.#outputs.push({ kind: 'session', session, event }),
      own: (transaction, session) => this.#byTransaction.set(transaction, session),
      disown: (transaction) => this.#byTransaction.delete(transaction),
      bind: (key, session) => this.#byDialog.set(key, session),
      unbind: (key) => this.#byDialog.delete(key),
      moved: (session, from) => this.#moved(session, from),
      changed: (now, session) => this.#changed(now, session),
    };
  }

  /** Sessions in being, those included that are over and only finish their transactions. */
  get sessionCount(): number {
    return this.#sessions.size;
  }

  /** Transactions in being; on UDP they outlive what they were for by half a minute. */
  get transactions(): { readonly client: number; readonly server: number } {
    return this.#endpoint.transactions;
  }

  /** How many entries the tables hold; all zero once everything is over. */
  get tableSizes(): Readonly<
    Record<'sessions' | 'dialogs' | 'transactions' | 'callers' | 'flows' | 'requests', number>
  > {
    return {
      sessions: this.#sessions.size,
      dialogs: this.#byDialog.size,
      transactions: this.#byTransaction.size,
      callers: this.#byCaller.size,
      flows: this.#byFlow.size,
      requests: this.#requests.size,
    };
  }

  /** Sends an INVITE outside any dialog (RFC 3261 §13.2). */
  place(now: number, flow: SipFlow, options: PlaceOptions): InviteSession {
    this.#now = now;
    const tag = newToken(this.#random);
    const invite = createInvite(options, {
      callId: options.callId ?? newToken(this.#random) + newToken(this.#random),
      tag,
      contact: this.#options.contact(flow),
      // The first reliable response to an INVITE without an offer would make the offer, for its PRACK to answer: that
      // needs an answer at once, which a user has only with the answer of the called (RFC 3262 §5).
      headers: [...this.#capabilities('request', options.offer === undefined), ...this.#timerHeaders()],
    });
    const session = InviteSession.place(now, this.#host, this.#newSessionId(), flow, invite, tag, options.silence);
    this.#byCaller.set(callerKey(session.callId, tag), session);
    this.#add(session);
    this.#changed(now, session);
    return session;
  }

  /** Goes on with a session that another process had with this peer, over this flow; the flow may have to be made yet. */
  resume(now: number, flow: SipFlow, kept: KeptSession): InviteSession {
    this.#now = now;
    const session = InviteSession.resume(now, this.#host, this.#newSessionId(), flow, kept);
    this.#add(session);
    this.#changed(now, session);
    return session;
  }

  /** The session of a dialog by its identifiers as a Replaces header names them (RFC 3891 §3): the to-tag is ours. */
  sessionOf({ callId, toTag, fromTag }: Replaces): InviteSession | undefined {
    return this.#byDialog.get(dialogKeyOf(callId, toTag, fromTag));
  }

  /** The session that placed this INVITE: it has come back here by proxies (RFC 5393 §4.2). */
  placedSession(invite: SipRequest): InviteSession | undefined {
    return this.#byCaller.get(callerKey(headerValue(invite, 'Call-ID') ?? '', fromTag(invite) ?? ''));
  }

  /** Sends a request outside any session; `response` outputs or one `request-failed` follow. */
  sendRequest(now: number, flow: SipFlow, request: SipRequest): ClientTransactionId {
    this.#now = now;
    const transaction = this.#endpoint.sendRequest(now, flow, request);
    this.#requests.add(transaction);
    return transaction;
  }

  /** Answers a `request` output, or a session's `request` event. */
  respond(now: number, transaction: ServerTransactionId, response: SipResponse): boolean {
    this.#now = now;
    return this.#endpoint.respond(now, transaction, response);
  }

  receive(now: number, flow: SipFlow, message: SipMessage): void {
    this.#now = now;
    if (!this.#isForBefore(message)) this.#endpoint.receive(now, flow, message);
    this.#drain();
  }

  /** An answer to an INVITE of the process before this one, in a session that goes on: it has its ACK, and is done with. */
  #isForBefore(message: SipMessage): boolean {
    if (message.kind !== 'response' || message.status < 200 || message.status >= 300) return false;
    if (cseq(message)?.method !== 'INVITE') return false;
    const key = dialogKeyOf(headerValue(message, 'Call-ID') ?? '', fromTag(message) ?? '', toTag(message) ?? '');
    return this.#byDialog.get(key)?.acknowledgeForBefore(this.#now, message) === true;
  }

  /** The flow is gone: what needs it fails; established sessions say `flow-lost` and go on. */
  flowClosed(now: number, flowId: string): void {
    this.#now = now;
    this.#endpoint.flowClosed(now, flowId);
    this.#drain();
    for (const session of [...(this.#byFlow.get(flowId) ?? [])]) session.handleFlowClosed(now);
  }

  handleTime(now: number): void {
    this.#now = now;
    this.#endpoint.handleTime(now);
    this.#drain();
    for (let due = this.#deadlines.takeDue(now); due !== undefined; due = this.#deadlines.takeDue(now)) {
      due.handleTime(now);
    }
  }

  nextDeadline(): number | undefined {
    const endpoint = this.#endpoint.nextDeadline();
    const sessions = this.#deadlines.next();
    return endpoint === undefined || sessions === undefined ? (endpoint ?? sessions) : Math.min(endpoint, sessions);
  }

  poll(): SipUserAgentOutput | undefined {
    this.#drain();
    const output = this.#outputs[this.#nextOutput];
    if (output === undefined) {
      this.#outputs = [];
      this.#nextOutput = 0;
      return undefined;
    }
    this.#nextOutput += 1;
    return output;
  }

  #drain(): void {
    for (let output = this.#endpoint.poll(); output !== undefined; output = this.#endpoint.poll()) this.#take(output);
  }

  #take(output: SipEndpointOutput): void {
    switch (output.kind) {
      case 'transmit':
        this.#outputs.push(output);
        return;
      case 'request':
        this.#takeRequest(output.flow, output.transaction, output.request);
        return;
      case 'response': {
        const { transaction, response } = output;
        const session = this.#byTransaction.get(transaction);
        if (session !== undefined) session.handleResponse(this.#now, transaction, response);
        else if (this.#requests.has(transaction)) {
          if (response.status >= 200) this.#requests.delete(transaction);
          this.#outputs.push(output);
        }
        return;
      }
      case 'timeout':
        this.#failed(output.transaction, 'timeout');
        return;
      case 'transport-error':
        this.#failed(output.transaction, 'transport');
        return;
      case 'cancelled':
        this.#byTransaction.get(output.transaction)?.handleCancelled(this.#now, output.transaction, output.cancel);
        return;
      case 'ack':
      case 'no-ack':
        // The refusal of an INVITE is done with either way.
        return;
      default:
        assertNever(output);
    }
  }

  #failed(transaction: ClientTransactionId | ServerTransactionId, cause: 'timeout' | 'transport'): void {
    const session = this.#byTransaction.get(transaction);
    if (session !== undefined) session.handleFailure(this.#now, transaction, cause === 'timeout' ? 408 : 503);
    else if (isClient(transaction) && this.#requests.delete(transaction)) {
      this.#outputs.push({ kind: 'request-failed', transaction, cause });
    }
  }

  #takeRequest(flow: SipFlow, transaction: ServerTransactionId | undefined, request: SipRequest): void {
    const key = dialogKeyOfRequest(request);
    const session = key === undefined ? undefined : this.#byDialog.get(key);
    const authorization = this.#options.authorize?.(this.#now, flow, request, session) ?? { kind: 'allow' };
    if (transaction === undefined) {
      if (authorization.kind === 'allow') session?.handleRequest(this.#now, flow, undefined, request);
      return;
    }
    if (authorization.kind === 'refuse') {
      const { status, reason, headers = [] } = authorization;
      this.#endpoint.refuse(transaction, (toTag) =>
        createResponse(request, status, { toTag, headers, ...(reason === undefined ? {} : { reason }) }),
      );
      return;
    }
    if (!this.#understands(transaction, request)) return;
    if (session !== undefined) session.handleRequest(this.#now, flow, transaction, request);
    else if (key !== undefined && !this.#isOfUsersDialogs(request)) this.#refuseUnknownDialog(transaction, request);
    else this.#takeOutside(flow, transaction, request);
  }

  /** The checks that come before a request's own meaning: method (RFC 3261 §8.2.1), Require (§8.2.2.3). */
  #understands(transaction: ServerTransactionId, request: SipRequest): boolean {
    const { method } = request;
    if (!this.#sessionMethods.has(method) && !this.#methods.has(method)) {
      this.#answer(transaction, request, EXTENSION_METHODS.has(method) ? 405 : 501, [
        { name: 'Allow', value: this.#allow },
      ]);
      return false;
    }
    const required = headerValues(request, 'Require')
      .flatMap((line) => line.split(','))
      .map((tag) => tag.trim());
    const unsupported = required.filter((tag) => tag !== '' && !this.#supported.includes(tag.toLowerCase()));
    if (unsupported.length === 0) return true;
    // "the UAS MUST respond by generating a response with status code 420 (Bad Extension) [and] add an
    // Unsupported header field, and list in it those options it does not understand."
    this.#answer(transaction, request, 420, [{ name: 'Unsupported', value: unsupported.join(', ') }]);
    return false;
  }

  /** Subscriptions have dialogs of their own (RFC 6665 §4.5.1), which the user knows who answers these methods. */
  #isOfUsersDialogs({ method }: SipRequest): boolean {
    return (method === 'SUBSCRIBE' || method === 'NOTIFY') && this.#methods.has(method);
  }

  /** A To tag that names no session of ours (RFC 3261 §12.2.2). */
  #refuseUnknownDialog(transaction: ServerTransactionId, request: SipRequest): void {
    const caller = this.#byCaller.get(callerKey(headerValue(request, 'Call-ID') ?? '', toTag(request) ?? ''));
    // On UDP a callee's request may overtake the response that makes its dialog: it may try again.
    if (caller !== undefined) this.#answer(transaction, request, 500, [retryAfterHeader(this.#random)]);
    else this.#answer(transaction, request, 481);
  }

  #takeOutside(flow: SipFlow, transaction: ServerTransactionId, request: SipRequest): void {
    if (this.#methods.has(request.method)) {
      this.#outputs.push({ kind: 'request', transaction, flow, request });
      return;
    }
    switch (request.method) {
      case 'INVITE':
        this.#takeInvite(flow, transaction, request);
        return;
      case 'OPTIONS':
        // "The response to an OPTIONS is constructed using the standard rules"; Allow, Accept, Accept-Encoding,
        // Accept-Language and Supported SHOULD be present (RFC 3261 §11.2).
        this.#answer(transaction, request, 200, [
          { name: 'Accept', value: SDP_TYPE },
          { name: 'Accept-Encoding', value: 'identity' },
          { name: 'Accept-Language', value: 'en' },
        ]);
        return;
      default:
        // BYE, UPDATE, INFO and PRACK mean something only within a dialog.
        this.#answer(transaction, request, 481);
    }
  }

  #takeInvite(flow: SipFlow, transaction: ServerTransactionId, request: SipRequest): void {
    if (this.#sessions.size >= (this.#options.maximumSessions ?? DEFAULT_MAXIMUM_SESSIONS)) {
      this.#answer(transaction, request, 503, [{ name: 'Retry-After', value: '10' }]);
      return;
    }
    const dialog = createCalleeDialog(request, newToken(this.#random));
    if (dialog === undefined) {
      this.#answer(transaction, request, 400, [], 'Bad Request - Contact Or Record-Route');
      return;
    }
    if (descriptionOf(request).kind === 'unsupported') {
      this.#answer(transaction, request, 415, [{ name: 'Accept', value: SDP_TYPE }]);
      return;
    }
    const { sessionTimer } = this.#options;
    const minimum = sessionTimer === undefined ? undefined : tooBriefSession(request, sessionTimer);
    if (minimum !== undefined) {
      this.#answer(transaction, request, 422, [{ name: 'Min-SE', value: String(minimum) }]);
      return;
    }
    const session = InviteSession.receive(
      this.#now,
      this.#host,
      this.#newSessionId(),
      flow,
      transaction,
      request,
      dialog,
    );
    this.#add(session);
    this.#changed(this.#now, session);
    this.#outputs.push({ kind: 'incoming', session, request });
  }

  #answer(
    transaction: ServerTransactionId,
    request: SipRequest,
    status: number,
    headers: readonly SipHeader[] = [],
    reason?: string,
  ): void {
    const response = createResponse(request, status, {
      toTag: newToken(this.#random),
      headers: [...this.#capabilities('response').filter(({ name }) => !has(headers, name)), ...headers],
      ...(reason === undefined ? {} : { reason }),
    });
    this.#endpoint.respond(this.#now, transaction, response);
  }

  #capabilities(message: 'request' | 'response', withoutReliable = false): readonly SipHeader[] {
    const kind = withoutReliable ? `${message}-without-reliable` : message;
    let made = this.#capabilitiesOf.get(kind);
    if (made === undefined) {
      made = this.#makeCapabilities(message, withoutReliable);
      this.#capabilitiesOf.set(kind, made);
    }
    return made;
  }

  #makeCapabilities(message: 'request' | 'response', withoutReliable: boolean): readonly SipHeader[] {
    const { product } = this.#options;
    const headers: SipHeader[] = [{ name: 'Allow', value: this.#allow }];
    const supported = withoutReliable ? this.#supported.filter((tag) => tag !== RELIABLE) : this.#supported;
    if (supported.length > 0) headers.push({ name: 'Supported', value: supported.join(', ') });
    if (product !== undefined) headers.push({ name: message === 'request' ? 'User-Agent' : 'Server', value: product });
    return headers;
  }

  #timerHeaders(): readonly SipHeader[] {
    const { sessionTimer } = this.#options;
    return sessionTimer === undefined ? [] : new SessionTimer(sessionTimer).requestHeaders();
  }

  #newSessionId(): string {
    this.#lastSession += 1;
    return `session:${this.#lastSession}`;
  }

  #add(session: InviteSession): void {
    this.#sessions.add(session);
    this.#atFlow(session.flow).add(session);
  }

  #atFlow(flow: SipFlow): Set<InviteSession> {
    const known = this.#byFlow.get(flow.id);
    if (known !== undefined) return known;
    const sessions = new Set<InviteSession>();
    this.#byFlow.set(flow.id, sessions);
    return sessions;
  }

  #leaveFlow(session: InviteSession, flow: SipFlow): void {
    const sessions = this.#byFlow.get(flow.id);
    sessions?.delete(session);
    if (sessions?.size === 0) this.#byFlow.delete(flow.id);
  }

  #moved(session: InviteSession, from: SipFlow): void {
    this.#leaveFlow(session, from);
    if (this.#sessions.has(session)) this.#atFlow(session.flow).add(session);
  }

  #changed(now: number, session: InviteSession): void {
    this.#now = now;
    if (!this.#sessions.has(session)) return;
    if (session.phase !== 'calling') this.#byCaller.delete(callerKey(session.callId, session.localTag));
    if (session.isSettled) {
      this.#sessions.delete(session);
      this.#deadlines.set(session, undefined);
      this.#leaveFlow(session, session.flow);
      this.#options.settled?.(session);
    } else this.#deadlines.set(session, session.nextDeadline());
  }
}

function callerKey(callId: string, tag: string): string {
  return `${callId} ${tag}`;
}

function has(headers: readonly SipHeader[], name: string): boolean {
  return headers.some((header) => header.name === name);
}

function isClient(transaction: ClientTransactionId | ServerTransactionId): transaction is ClientTransactionId {
  return transaction.startsWith('client:');
}
