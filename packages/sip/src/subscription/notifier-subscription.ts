import { Deadlines } from '@trustline/base';
import { acceptSequence, type Dialog, refreshTarget } from '../dialog/dialog.ts';
import { type DialogKey, dialogKey } from '../dialog/dialog-key.ts';
import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import { headerValue } from '../message/headers.ts';
import { parseRetryAfter } from '../message/numbers.ts';
import type { SipRequest, SipResponse } from '../message/types.ts';
import { type EventType, formatEventType } from './event-type.ts';
import { type ExpiryRules, grantExpiry, type SubscribeAnswer } from './expiry.ts';
import { formatSubscriptionState, type SubscriptionReason } from './subscription-state.ts';

/** What a NOTIFY carries. Written when it is sent, since what waits for its turn is overtaken by what is newer. */
export interface NotifyBody {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** Writes the present state of the resource, as document number `version` of this subscription, from 0. */
export type WriteState = (now: number, version: number) => NotifyBody | undefined;

export interface NotifierOptions {
  readonly event: EventType;
  readonly expiry: ExpiryRules;
  /** Our Contact in the NOTIFY requests. */
  readonly contact: string;
  readonly writeState: WriteState;
  /** Milliseconds between two NOTIFY requests that are sent because the state changed; 0 for none. */
  readonly leastInterval?: number;
}

export type NotifierOutput =
  /** Send this in a transaction, and hand in what comes of it. */
  | { readonly kind: 'notify'; readonly request: SipRequest }
  /** Nothing more will be sent or taken. */
  | { readonly kind: 'ended'; readonly cause: 'unsubscribed' | 'expired' | 'terminated' | 'failed' };

type EndCause = Extract<NotifierOutput, { kind: 'ended' }>['cause'];

interface Ending {
  readonly reason: SubscriptionReason;
  readonly retryAfter?: number;
  readonly by: EndCause;
}

/** Milliseconds that a NOTIFY waits which the subscriber could not take and gave no time for. */
const RETRY_AFTER = 5_000;

/**
 * One subscription at its notifier, in a dialog of its own (RFC 6665 §4.2): accepted already, since who may subscribe is
 * for others to say. One NOTIFY is on its way at a time, so that none overtakes another; changes meanwhile become one.
 */
export class NotifierSubscription {
  readonly event: EventType;
  readonly #options: NotifierOptions;
  readonly #deadlines = new Deadlines<'expiry' | 'notify'>();
  readonly #outputs: NotifierOutput[] = [];
  #dialog: Dialog;
  #expiresAt: number;
  /** Absent while the subscription lives; then why it is over. */
  #ending: Ending | undefined;
  #isOver = false;
  #isOnItsWay = false;
  #isWanted = false;
  /** Nothing but the end is said before. */
  #notBefore = 0;
  #version = 0;

  /**
   * A SUBSCRIBE was answered 2xx; the first NOTIFY is there to be polled.
   *
   * @param dialog made of the SUBSCRIBE by `createCalleeDialog`
   * @param expires seconds granted; 0 for one that only wants to know once (RFC 6665 §4.4.3)
   */
  constructor(now: number, dialog: Dialog, expires: number, options: NotifierOptions) {
    this.event = options.event;
    this.#options = options;
    this.#dialog = dialog;
    this.#expiresAt = now + 1_000 * expires;
    this.#granted(now, expires);
  }

  get key(): DialogKey {
    return dialogKey(this.#dialog);
  }

  /** A SUBSCRIBE within the dialog: it goes on, or with `Expires: 0` it is over (RFC 6665 §4.2.1.2, §4.1.2.3). */
  subscribe(now: number, request: SipRequest): SubscribeAnswer {
    if (this.#ending !== undefined || this.#isOver) return { status: 481, headers: [] };
    const dialog = acceptSequence(this.#dialog, request);
    if (dialog === undefined) return { status: 500, headers: [{ name: 'Retry-After', value: '1' }] };
    this.#dialog = dialog;
    const grant = grantExpiry(request, this.#options.expiry);
    if (!grant.granted) return grant.answer;
    this.#dialog = refreshTarget(this.#dialog, request);
    this.#expiresAt = now + 1_000 * grant.expires;
    this.#granted(now, grant.expires);
    return { status: 200, headers: [{ name: 'Expires', value: String(grant.expires) }] };
  }

  /** The state of the resource has changed. */
  changed(now: number): void {
    if (this.#ending !== undefined) return;
    this.#want(now, this.#notBefore);
  }

  /** Ends it from our side; the subscriber is told why, and when it may come again in seconds. */
  terminate(now: number, reason: SubscriptionReason, retryAfter?: number): void {
    if (this.#ending !== undefined) return;
    this.#end(now, { reason, by: 'terminated', ...(retryAfter === undefined ? {} : { retryAfter }) });
  }

  /** The subscriber cannot be reached any more: over at once, and nobody is told. */
  abandon(): void {
    this.#over('failed');
  }

  /** Of the NOTIFY that is on its way. */
  handleResponse(now: number, response: SipResponse): void {
    if (response.status < 200 || !this.#isOnItsWay) return;
    if (response.status < 300) {
      this.#sent(now);
      return;
    }
    const said = parseRetryAfter(headerValue(response, 'Retry-After') ?? '');
    // "481 [...] the notifier MUST remove the corresponding subscription" (RFC 6665 §4.2.2). Of the rest only one that says
    // when to come again leaves room for another try (RFC 5057 §5.1); whoever cannot take a NOTIFY subscribes anew.
    if (said === undefined || this.#ending !== undefined) {
      this.#over('failed');
      return;
    }
    this.#isOnItsWay = false;
    this.#notBefore = now + (said.seconds === 0 ? RETRY_AFTER : 1_000 * said.seconds);
    this.#want(now, this.#notBefore);
  }

  /** The NOTIFY got no final response: nobody is there (RFC 6665 §4.2.2). */
  handleFailure(): void {
    if (this.#isOnItsWay) this.#over('failed');
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): void {
    for (let timer = this.#deadlines.takeDue(now); timer !== undefined; timer = this.#deadlines.takeDue(now)) {
      if (timer === 'notify') this.#sendIfFree(now);
      // "When a subscription expires [...] the notifier SHOULD send a NOTIFY [...] terminated [...] reason=timeout" (§4.4.1).
      else this.#end(now, { reason: 'timeout', by: 'expired' });
    }
  }

  poll(): NotifierOutput | undefined {
    return this.#outputs.shift();
  }

  /** "Upon successfully accepting or refreshing a subscription, notifiers MUST send a NOTIFY request immediately" (§4.2.1.2). */
  #granted(now: number, expires: number): void {
    if (expires === 0) {
      this.#end(now, { reason: 'timeout', by: 'unsubscribed' });
      return;
    }
    this.#deadlines.set('expiry', this.#expiresAt);
    this.#want(now, now);
  }

  #end(now: number, ending: Ending): void {
    this.#ending = ending;
    this.#deadlines.clearAll();
    this.#want(now, now);
  }

  #want(now: number, at: number): void {
    this.#isWanted = true;
    if (at > now) this.#deadlines.set('notify', at);
    else this.#sendIfFree(now);
  }

  #sendIfFree(now: number): void {
    if (this.#isOnItsWay || this.#isOver || !this.#isWanted) return;
    this.#deadlines.clear('notify');
    this.#isWanted = false;
    this.#isOnItsWay = true;
    this.#notBefore = now + (this.#options.leastInterval ?? 0);
    const content = this.#options.writeState(now, this.#version);
    if (content !== undefined) this.#version += 1;
    const { dialog, request } = createInDialogRequest(this.#dialog, 'NOTIFY', {
      headers: [
        { name: 'Contact', value: this.#options.contact },
        { name: 'Event', value: formatEventType(this.event) },
        { name: 'Subscription-State', value: this.#state(now) },
        ...(content === undefined ? [] : [{ name: 'Content-Type', value: content.contentType }]),
      ],
      ...(content === undefined ? {} : { body: content.body }),
    });
    this.#dialog = dialog;
    this.#outputs.push({ kind: 'notify', request });
  }

  #state(now: number): string {
    const expires = Math.max(0, Math.round((this.#expiresAt - now) / 1_000));
    const { reason, retryAfter } = this.#ending ?? {};
    const common = { reason, retryAfter, parameters: [] };
    return formatSubscriptionState(
      reason === undefined
        ? { state: 'active', expires, ...common }
        : { state: 'terminated', expires: undefined, ...common },
    );
  }

  #sent(now: number): void {
    this.#isOnItsWay = false;
    if (this.#isWanted && !this.#deadlines.has('notify')) this.#sendIfFree(now);
    else if (this.#ending !== undefined) this.#over(this.#ending.by);
  }

  #over(cause: EndCause): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#ending ??= { reason: 'giveup', by: cause };
    this.#deadlines.clearAll();
    this.#outputs.push({ kind: 'ended', cause });
  }
}
