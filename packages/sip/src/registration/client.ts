import { assertNever, Deadlines } from '@trustline/base';
import { INITIAL_MAX_FORWARDS } from '../dialog/in-dialog-request.ts';
import type { DigestClient } from '../digest/client.ts';
import { formatCSeq } from '../message/cseq.ts';
import { parameterValue, parseDecimal } from '../message/grammar.ts';
import { headerValue, withHeader } from '../message/headers.ts';
import { addresses, contacts, formatNameAddr, type NameAddr, parseNameAddr, withTag } from '../message/name-addr.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { newToken } from '../session/invite-request.ts';

/** RFC 5626 §4.5: the wait doubles from the base with each failure, up to the maximum; milliseconds. */
const RETRY_BASE = 30_000;
/** The first try after a working flow was lost comes soon, spread so that a restarted registrar can breathe. */
export const RETRY_FIRST = 5_000;
const RETRY_MAXIMUM = 1_800_000;

/** The longest registration a 423 can make us ask for, in seconds. */
const LONGEST_EXPIRES = 86_400;

/** How long the far end of a stream may take for its pong (RFC 5626 §4.4.1). */
const PONG_PATIENCE = 10_000;

export interface RegistrationClientOptions {
  /** The registrar's URI, for instance `sip:cm.example`. */
  readonly registrar: string;
  /** From and To without tags. */
  readonly addressOfRecord: string;
  /**
   * The Contact value, with `+sip.instance` and `reg-id` where the phone has them; asked for with every REGISTER, since
   * it is another one on another connection.
   */
  readonly contact: string | (() => string);
  /** What to ask for, in seconds. */
  readonly expires?: number;
  /** Answers 401 and 407. */
  readonly digest?: Pick<DigestClient, 'answer' | 'credentials'>;
  /** Supported, Allow and the like. */
  readonly headers?: readonly SipHeader[];
  /** Pings on streams (RFC 5626 §3.5.1) keep the flow and show that it is alive; none by default. */
  readonly keepAlive?: 'stream' | 'none';
  readonly random: (length: number) => Uint8Array;
}

export type RegistrationOutput =
  /** Send this in a transaction, and hand in what comes of it. */
  | { readonly kind: 'send'; readonly request: SipRequest }
  | {
      readonly kind: 'registered';
      readonly expires: number;
      /** Route values for requests of ours outside any dialog, first hop first (RFC 3608 §6.1). */
      readonly serviceRoute: readonly string[];
      /** The address of this phone alone that anybody may have (RFC 5627 §4.2); undefined where none was given. */
      readonly publicGruu: string | undefined;
      readonly response: SipResponse;
    }
  /** Refused or unreachable. It goes on by itself at `retryAt`; undefined: only `start` goes on. */
  | {
      readonly kind: 'failed';
      readonly status: number;
      readonly response: SipResponse | undefined;
      readonly retryAt: number | undefined;
    }
  | { readonly kind: 'unregistered' }
  /** Send a double CRLF down the flow. */
  | { readonly kind: 'ping' }
  /** No pong came: close the flow and open another, then `start`. */
  | { readonly kind: 'flow-dead' };

type State =
  | { readonly name: 'idle' }
  /** `purpose` of the REGISTER that is on its way. */
  | { readonly name: 'waiting'; readonly purpose: 'register' | 'unregister'; readonly request: SipRequest }
  | { readonly name: 'registered' }
  /** Until the retry timer, or for good where the registrar said no. */
  | { readonly name: 'failed' };

type Timer = 'refresh' | 'retry' | 'ping' | 'pong';

/**
 * The phone's half of a registration (RFC 3261 §10.2, RFC 5626 §4): registers, answers challenges,
 * refreshes in time, backs off, unregisters. It sends nothing itself: `poll` says what to send.
 */
export class RegistrationClient {
  readonly #options: RegistrationClientOptions;
  readonly #callId: string;
  readonly #tag: string;
  readonly #deadlines = new Deadlines<Timer>();
  readonly #outputs: RegistrationOutput[] = [];
  #state: State = { name: 'idle' };
  #sequence = 0;
  #expires: number;
  #failures = 0;
  /** A hop on the way keeps no flows (RFC 5626 §4.2.1, 439): the binding goes without `reg-id`. */
  #withoutFlow = false;
  #pingInterval: readonly [least: number, most: number] = [95_000, 120_000];

  constructor(options: RegistrationClientOptions) {
    this.#options = options;
    this.#expires = options.expires ?? 3_600;
    // "All registrations from a UAC SHOULD use the same Call-ID" (RFC 3261 §10.2).
    this.#callId = newToken(options.random) + newToken(options.random);
    this.#tag = newToken(options.random);
  }

  /** The Call-ID of every REGISTER. */
  get callId(): string {
    return this.#callId;
  }

  get isRegistered(): boolean {
    return this.#state.name === 'registered' || (this.#state.name === 'waiting' && this.#deadlines.has('refresh'));
  }

  /** Registers now: at first, on a new flow, or when the user asks for it. */
  start(): void {
    this.#deadlines.clearAll();
    this.#send('register');
  }

  /** Removes the binding. */
  unregister(): void {
    this.#deadlines.clearAll();
    this.#send('unregister');
  }

  /** The flow has closed: what is on its way is lost. The next `send` needs another flow. */
  flowFailed(now: number): void {
    if (this.#state.name !== 'idle') this.#fail(now, 503, undefined);
  }

  /** A pong, or anything else, has come in on the flow. */
  heard(): void {
    this.#deadlines.clear('pong');
  }

  handleResponse(now: number, response: SipResponse): void {
    if (this.#state.name !== 'waiting' || response.status < 200) return;
    const { purpose, request } = this.#state;
    const { status } = response;
    if (status < 300) {
      if (purpose === 'register') this.#registered(now, response);
      else this.#unregistered();
      return;
    }
    if (status === 401 || status === 407) {
      const credentials = this.#options.digest?.answer(request, response);
      if (credentials !== undefined) {
        this.#send(purpose, credentials);
        return;
      }
    }
    if (status === 423 && purpose === 'register') {
      // "the UA MAY retry the registration after making the expiration interval [...] equal to or greater than the
      // expiration interval within the Min-Expires" (RFC 3261 §10.2.8).
      const minimum = parseDecimal(headerValue(response, 'Min-Expires') ?? '');
      if (minimum !== undefined && minimum > this.#expires && minimum <= LONGEST_EXPIRES) {
        this.#expires = minimum;
        this.#send(purpose);
        return;
      }
    }
    if (status === 439 && purpose === 'register' && !this.#withoutFlow) {
      this.#withoutFlow = true;
      this.#send(purpose);
      return;
    }
    this.#fail(now, status, response);
  }

  /** The REGISTER got no final response. */
  handleFailure(now: number, cause: 'timeout' | 'transport'): void {
    if (this.#state.name === 'waiting') this.#fail(now, cause === 'timeout' ? 408 : 503, undefined);
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      switch (timer) {
        case 'refresh':
        case 'retry':
          this.#send('register');
          break;
        case 'ping':
          this.#outputs.push({ kind: 'ping' });
          this.#deadlines.set('pong', now + PONG_PATIENCE);
          this.#armPing(now);
          break;
        case 'pong':
          this.#outputs.push({ kind: 'flow-dead' });
          this.#deadlines.clear('ping');
          break;
        default:
          assertNever(timer);
      }
    }
  }

  poll(): RegistrationOutput | undefined {
    return this.#outputs.shift();
  }

  #send(purpose: 'register' | 'unregister', credentials?: SipHeader): void {
    const { registrar, addressOfRecord, headers = [], digest } = this.#options;
    this.#sequence += 1;
    const plain: SipRequest = {
      kind: 'request',
      method: 'REGISTER',
      uri: registrar,
      headers: [
        { name: 'Max-Forwards', value: INITIAL_MAX_FORWARDS },
        { name: 'From', value: withTag(addressOfRecord, this.#tag) },
        { name: 'To', value: addressOfRecord },
        { name: 'Call-ID', value: this.#callId },
        { name: 'CSeq', value: formatCSeq({ sequence: this.#sequence, method: 'REGISTER' }) },
        { name: 'Contact', value: this.#contact() },
        { name: 'Expires', value: String(purpose === 'register' ? this.#expires : 0) },
        ...headers,
      ],
      body: new Uint8Array(0),
    };
    const known = credentials ?? digest?.credentials(plain);
    const request = known === undefined ? plain : withHeader(plain, known.name, known.value);
    this.#state = { name: 'waiting', purpose, request };
    this.#outputs.push({ kind: 'send', request });
  }

  #registered(now: number, response: SipResponse): void {
    const expires = this.#grantedExpires(response);
    this.#state = { name: 'registered' };
    this.#failures = 0;
    this.#deadlines.clear('retry');
    // Half of a short registration is left as time for retries, ten minutes of a long one (3GPP TS 24.229 §5.1.1.4.1).
    this.#deadlines.set('refresh', now + 1_000 * (expires > 1_200 ? expires - 600 : expires / 2));
    this.#noteFlowTimer(response);
    if (this.#options.keepAlive === 'stream') this.#armPing(now);
    const publicGruu = parameterValue(this.#ownContact(response)?.parameters ?? [], 'pub-gruu');
    const serviceRoute = (addresses(response, 'Service-Route') ?? []).map(formatNameAddr);
    this.#outputs.push({ kind: 'registered', expires, serviceRoute, publicGruu, response });
  }

  /** What the registrar granted for our own contact; its Expires header, or what we asked for, where it does not say. */
  #grantedExpires(response: SipResponse): number {
    const contact = this.#ownContact(response);
    const text = (contact && parameterValue(contact.parameters, 'expires')) ?? headerValue(response, 'Expires');
    return Math.max(1, parseDecimal(text ?? '', LONGEST_EXPIRES) ?? this.#expires);
  }

  #contact(): string {
    const { contact } = this.#options;
    const whole = typeof contact === 'string' ? contact : contact();
    return this.#withoutFlow ? whole.replace(/;reg-id=\d+/i, '') : whole;
  }

  #ownContact(response: SipResponse): NameAddr | undefined {
    const own = parseNameAddr(this.#contact())?.uri;
    const list = contacts(response);
    return list === 'all' ? undefined : list?.find(({ uri }) => uri === own);
  }

  #unregistered(): void {
    this.#state = { name: 'idle' };
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'unregistered' });
  }

  #fail(now: number, status: number, response: SipResponse | undefined): void {
    const unregistering = this.#state.name === 'waiting' && this.#state.purpose === 'unregister';
    const worked = this.#state.name === 'registered';
    this.#deadlines.clearAll();
    if (unregistering) {
      // The binding will expire; nobody waits for it.
      this.#outputs.push({ kind: 'failed', status, response, retryAt: undefined });
      this.#unregistered();
      return;
    }
    this.#state = { name: 'failed' };
    if (!worked) this.#failures += 1;
    const retryAt = isFinal(status)
      ? undefined
      : now + (retryAfter(response) ?? (worked ? RETRY_FIRST * this.#fraction() : this.#backOff()));
    if (retryAt !== undefined) this.#deadlines.set('retry', retryAt);
    this.#outputs.push({ kind: 'failed', status, response, retryAt });
  }

  /** RFC 5626 §4.5: "the delay time is computed by selecting a uniform random time between 50 and 100 percent of W". */
  #backOff(): number {
    const upper = Math.min(RETRY_MAXIMUM, RETRY_BASE * 2 ** Math.min(this.#failures, 16));
    return upper * (0.5 + 0.5 * this.#fraction());
  }

  /** RFC 5626 §4.4.1: between 80 and 100 percent of the Flow-Timer, 95 to 120 s without one. */
  #noteFlowTimer(response: SipResponse): void {
    const seconds = parseDecimal(headerValue(response, 'Flow-Timer') ?? '', LONGEST_EXPIRES);
    if (seconds !== undefined && seconds > 0) this.#pingInterval = [800 * seconds, 1_000 * seconds];
  }

  #armPing(now: number): void {
    const [least, most] = this.#pingInterval;
    this.#deadlines.set('ping', now + least + (most - least) * this.#fraction());
  }

  /** From 0 up to, not including, 1. */
  #fraction(): number {
    const [high = 0, low = 0] = this.#options.random(2);
    return (256 * high + low) / 65_536;
  }
}

/** Trying the same again would not help, until somebody changes something (RFC 3261 §21.4). */
function isFinal(status: number): boolean {
  return status >= 400 && status < 500 && ![408, 430, 480, 491, 494].includes(status);
}

/** In milliseconds. */
function retryAfter(response: SipResponse | undefined): number | undefined {
  const text = response === undefined ? undefined : headerValue(response, 'Retry-After')?.split(/[;( ]/, 1)[0];
  const seconds = parseDecimal(text ?? '', LONGEST_EXPIRES);
  return seconds === undefined ? undefined : 1_000 * seconds;
}
