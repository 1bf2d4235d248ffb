import { Deadlines } from '@trustline/base';
import { INITIAL_MAX_FORWARDS } from '../dialog/in-dialog-request.ts';
import type { DigestClient } from '../digest/client.ts';
import { formatCSeq } from '../message/cseq.ts';
import { parseDecimal } from '../message/grammar.ts';
import { headerValue, withHeader } from '../message/headers.ts';
import { fromTag, toTag, withTag } from '../message/name-addr.ts';
import { MAXIMUM_SECONDS, parseRetryAfter } from '../message/numbers.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { newToken } from '../session/invite-request.ts';
import { type EventType, eventTypeOf, formatEventType, isSameEvent } from './event-type.ts';
import { minimumExpires } from './expiry.ts';
import { createNotifiedDialog, type NotifyTaken, SubscribedDialog } from './subscribed-dialog.ts';
import { subscriptionStateOf } from './subscription-state.ts';

/** "Timer N [...] is set to 64*T1" (RFC 6665 §4.1.2): the first NOTIFY has to come within it. */
const TIMER_N = 32_000;
/** Milliseconds before another try where the notifier said no time. */
const RETRY = 30_000;
/** Dialogs of one SUBSCRIBE: more forks than that are somebody else's mistake. */
const MAXIMUM_FORKS = 8;

export interface SubscriberOptions {
  /** What is subscribed to: the Request-URI, and the To. */
  readonly resource: string;
  /** From without a tag. */
  readonly from: string;
  readonly contact: string;
  readonly event: EventType;
  /** Seconds to ask for. */
  readonly expires: number;
  /** Media types that are understood (RFC 6665 §4.1.2.1); without, the default of the package. */
  readonly accept?: readonly string[];
  /**
   * Whether several notifiers may answer one SUBSCRIBE, as the event package says (RFC 6665 §4.5.2): otherwise the first
   * is kept and the others are told 481.
   */
  readonly forks: 'one' | 'all';
  readonly digest?: DigestClient;
  readonly headers?: readonly SipHeader[];
  readonly random: (length: number) => Uint8Array;
}

export type SubscriberOutput =
  /** Send this in a transaction, and hand in what comes of it with the same `token`. */
  | { readonly kind: 'send'; readonly token: SubscriberToken; readonly request: SipRequest }
  /** A notifier has said how the resource is; `notifier` tells forks apart. */
  | { readonly kind: 'notified'; readonly notifier: string; readonly request: SipRequest }
  /** One of the notifiers is not there any more. */
  | { readonly kind: 'left'; readonly notifier: string }
  /** No subscription is left. It begins anew at `retryAt`; undefined: only `start` goes on. */
  | {
      readonly kind: 'ended';
      /** The reason of the last NOTIFY, or the status that refused a SUBSCRIBE. */
      readonly reason: string;
      readonly retryAt: number | undefined;
    };

/** The SUBSCRIBE outside a dialog, or the one of a dialog by its notifier's tag. */
export type SubscriberToken = string;

const FIRST: SubscriberToken = '';

/**
 * A subscriber (RFC 6665 §4.1): asks, is told, refreshes each dialog in time, and asks anew where the notifier says that
 * it may. It sends nothing itself: `poll` says what to send.
 */
export class Subscriber {
  readonly #options: SubscriberOptions;
  readonly #deadlines = new Deadlines<'first-notify' | 'again'>();
  readonly #outputs: SubscriberOutput[] = [];
  /** By the notifier's tag. */
  readonly #dialogs = new Map<string, SubscribedDialog>();
  #callId = '';
  #tag = '';
  #sequence = 0;
  #expires: number;
  /** The SUBSCRIBE outside a dialog that waits for its final response. */
  #asked: SipRequest | undefined;
  #isWanted = false;

  constructor(options: SubscriberOptions) {
    this.#options = options;
    this.#expires = options.expires;
  }

  /** How many notifiers there are. */
  get size(): number {
    return this.#dialogs.size;
  }

  /** Subscribes, in a new dialog. */
  start(): void {
    const { random } = this.#options;
    this.#isWanted = true;
    this.#dialogs.clear();
    this.#deadlines.clearAll();
    this.#callId = newToken(random) + newToken(random);
    this.#tag = newToken(random);
    this.#sequence = 0;
    this.#ask();
  }

  /** Unsubscribes from every notifier; their last NOTIFY says `terminated` (RFC 6665 §4.1.2.3). */
  stop(): void {
    this.#isWanted = false;
    this.#deadlines.clearAll();
    for (const [tag, dialog] of this.#dialogs) this.#send(tag, dialog.unsubscribe());
  }

  /** Whether a NOTIFY is for this subscriber: its Call-ID, our tag, the event (RFC 6665 §4.4.1). */
  isFor(notify: SipRequest): boolean {
    const event = eventTypeOf(notify);
    return (
      this.#callId !== '' &&
      headerValue(notify, 'Call-ID') === this.#callId &&
      toTag(notify) === this.#tag &&
      event !== undefined &&
      isSameEvent(event, this.#options.event)
    );
  }

  /** Takes a NOTIFY that {@link isFor} is true of; the status answers it. */
  notify(now: number, request: SipRequest): number {
    const state = subscriptionStateOf(request);
    if (state === undefined) return 400;
    const tag = fromTag(request) ?? '';
    const known = this.#dialogs.get(tag);
    if (known === undefined && !this.#mayJoin()) return 481;
    const made = known === undefined ? createNotifiedDialog(request, this.#tag, this.#sequence) : undefined;
    const dialog = known ?? (made === undefined ? undefined : new SubscribedDialog(made, this.#options));
    if (dialog === undefined) return 400;
    const taken = dialog.notify(now, request, state, this.#expires);
    if (taken.kind === 'refused') return taken.status;
    this.#deadlines.clear('first-notify');
    this.#dialogs.set(tag, dialog);
    this.#outputs.push({ kind: 'notified', notifier: tag, request });
    if (taken.kind === 'over') this.#left(now, tag, taken);
    return 200;
  }

  handleResponse(now: number, token: SubscriberToken, response: SipResponse): void {
    if (response.status < 200) return;
    if (token !== FIRST) {
      this.#refreshed(now, token, response);
      return;
    }
    const asked = this.#asked;
    if (asked === undefined) return;
    this.#asked = undefined;
    const { status } = response;
    if (status < 300) {
      const granted = parseDecimal(headerValue(response, 'Expires') ?? '', MAXIMUM_SECONDS);
      if (granted !== undefined) this.#expires = Math.min(this.#expires, granted);
      if (this.#dialogs.size === 0) this.#deadlines.set('first-notify', now + TIMER_N);
      return;
    }
    if (this.#mayAskAgain(asked, response)) return;
    // "489 (Bad Event)" and other refusals are final; what is temporary says so (RFC 6665 §4.1.2.1, RFC 3261 §21.4).
    this.#over(now, String(status), retryOf(response));
  }

  /** A SUBSCRIBE got no final response. */
  handleFailure(now: number, token: SubscriberToken): void {
    if (token === FIRST) {
      this.#asked = undefined;
      this.#over(now, '408', RETRY);
    } else this.#left(now, token, { kind: 'over', reason: '408', retryAfter: 0 });
  }

  nextDeadline(): number | undefined {
    let earliest = this.#deadlines.next();
    for (const dialog of this.#dialogs.values()) {
      const next = dialog.nextDeadline();
      if (next !== undefined && (earliest === undefined || next < earliest)) earliest = next;
    }
    return earliest;
  }

  handleTime(now: number): void {
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      if (timer === 'again') this.start();
      // "[if] Timer N expires prior to the receipt of a NOTIFY, [...] the subscriber considers the attempt a failure" (§4.1.2.4).
      else this.#over(now, 'no-notify', RETRY);
    }
    for (const [tag, dialog] of this.#dialogs) {
      const due = dialog.handleTime(now);
      if (due === 'expired') this.#left(now, tag, { kind: 'over', reason: 'timeout', retryAfter: 0 });
      else if (due !== undefined) this.#send(tag, due);
    }
  }

  poll(): SubscriberOutput | undefined {
    return this.#outputs.shift();
  }

  /** A further notifier is welcome: the first, or a fork where the package knows them. */
  #mayJoin(): boolean {
    if (!this.#isWanted) return false;
    return this.#dialogs.size < (this.#options.forks === 'one' ? 1 : MAXIMUM_FORKS);
  }

  #ask(credentials?: SipHeader): void {
    const { resource, from, contact, event, accept, headers = [], digest } = this.#options;
    this.#sequence += 1;
    const plain: SipRequest = {
      kind: 'request',
      method: 'SUBSCRIBE',
      uri: resource,
      headers: [
        { name: 'Max-Forwards', value: INITIAL_MAX_FORWARDS },
        { name: 'From', value: withTag(from, this.#tag) },
        { name: 'To', value: `<${resource}>` },
        { name: 'Call-ID', value: this.#callId },
        { name: 'CSeq', value: formatCSeq({ sequence: this.#sequence, method: 'SUBSCRIBE' }) },
        { name: 'Contact', value: contact },
        { name: 'Event', value: formatEventType(event) },
        { name: 'Expires', value: String(this.#expires) },
        ...(accept === undefined ? [] : [{ name: 'Accept', value: accept.join(', ') }]),
        ...headers,
      ],
      body: new Uint8Array(0),
    };
    const known = credentials ?? digest?.credentials(plain);
    this.#asked = known === undefined ? plain : withHeader(plain, known.name, known.value);
    this.#send(FIRST, this.#asked);
  }

  /** Answers a challenge, or asks for as long as is wanted at least. */
  #mayAskAgain(asked: SipRequest, response: SipResponse): boolean {
    const { status } = response;
    if (status === 401 || status === 407) {
      const credentials = this.#options.digest?.answer(asked, response);
      if (credentials === undefined) return false;
      this.#ask(credentials);
      return true;
    }
    const minimum = minimumExpires(response);
    if (status !== 423 || minimum === undefined || minimum <= this.#expires) return false;
    this.#expires = minimum;
    this.#ask();
    return true;
  }

  #refreshed(now: number, tag: string, response: SipResponse): void {
    const dialog = this.#dialogs.get(tag);
    if (dialog === undefined) return;
    const step = dialog.handleResponse(now, response);
    if (step === undefined) return;
    if (step.kind === 'send') this.#send(tag, step.request);
    else this.#left(now, tag, step);
  }

  #left(now: number, tag: string, { reason, retryAfter }: Extract<NotifyTaken, { kind: 'over' }>): void {
    if (!this.#dialogs.delete(tag)) return;
    this.#outputs.push({ kind: 'left', notifier: tag });
    if (this.#dialogs.size === 0) this.#over(now, reason, retryAfter);
  }

  /** @param retryAfter milliseconds; undefined where another try would not help */
  #over(now: number, reason: string, retryAfter: number | undefined): void {
    const retryAt = this.#isWanted && retryAfter !== undefined ? now + retryAfter : undefined;
    this.#deadlines.clearAll();
    if (retryAt !== undefined) this.#deadlines.set('again', retryAt);
    this.#outputs.push({ kind: 'ended', reason, retryAt });
  }

  #send(token: SubscriberToken, request: SipRequest): void {
    this.#outputs.push({ kind: 'send', token, request });
  }
}

function retryOf(response: SipResponse): number | undefined {
  const said = parseRetryAfter(headerValue(response, 'Retry-After') ?? '');
  if (said !== undefined) return 1_000 * said.seconds;
  return response.status === 408 || response.status === 480 || response.status >= 500 ? RETRY : undefined;
}
