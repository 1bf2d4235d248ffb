import { Deadlines } from '@trustline/base';
import { acceptSequence, createCalleeDialog, type Dialog, refreshTarget } from '../dialog/dialog.ts';
import { createInDialogRequest } from '../dialog/in-dialog-request.ts';
import type { DigestClient } from '../digest/client.ts';
import { parseDecimal } from '../message/grammar.ts';
import { headerValue, withHeader } from '../message/headers.ts';
import { MAXIMUM_SECONDS } from '../message/numbers.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';
import { type EventType, formatEventType } from './event-type.ts';
import { minimumExpires } from './expiry.ts';
import type { SubscriptionState } from './subscription-state.ts';

interface SubscribedDialogOptions {
  readonly contact: string;
  readonly event: EventType;
  readonly expires: number;
  readonly digest?: DigestClient;
}

/** What a NOTIFY came to. */
export type NotifyTaken =
  | { readonly kind: 'goes-on' }
  /** `retryAfter` in milliseconds; undefined where the notifier wants no other try. */
  | { readonly kind: 'over'; readonly reason: string; readonly retryAfter: number | undefined }
  | { readonly kind: 'refused'; readonly status: number };

/**
 * The dialog that a NOTIFY makes at the subscriber; it may come before the response to its SUBSCRIBE (RFC 6665 §4.4.1).
 *
 * @param localSequence the CSeq of that SUBSCRIBE
 */
export function createNotifiedDialog(notify: SipRequest, localTag: string, localSequence: number): Dialog | undefined {
  const dialog = createCalleeDialog(notify, localTag);
  // Every NOTIFY goes through `notify`, the first one too.
  return dialog === undefined ? undefined : { ...dialog, state: 'confirmed', localSequence, remoteSequence: undefined };
}

/** One notifier of a subscriber: its dialog, and when it is asked again. */
export class SubscribedDialog {
  readonly #options: SubscribedDialogOptions;
  readonly #deadlines = new Deadlines<'refresh' | 'expiry'>();
  #dialog: Dialog;
  #asked: SipRequest | undefined;
  #expires: number;

  constructor(dialog: Dialog, options: SubscribedDialogOptions) {
    this.#dialog = dialog;
    this.#options = options;
    this.#expires = options.expires;
  }

  /** @param granted seconds of the SUBSCRIBE, where the NOTIFY says none */
  notify(now: number, request: SipRequest, state: SubscriptionState, granted: number): NotifyTaken {
    const dialog = acceptSequence(this.#dialog, request);
    if (dialog === undefined) return { kind: 'refused', status: 500 };
    this.#dialog = refreshTarget(dialog, request);
    if (state.state === 'terminated') return ended(state);
    // "If [the] header field also contains an expires parameter, the subscriber SHOULD take it as the authoritative
    // subscription duration and adjust accordingly" (RFC 6665 §4.1.3).
    if (state.expires !== undefined || !this.#deadlines.has('expiry')) this.#arm(now, state.expires ?? granted);
    return { kind: 'goes-on' };
  }

  unsubscribe(): SipRequest {
    this.#deadlines.clear('refresh');
    return this.#subscribe(0);
  }

  handleResponse(
    now: number,
    response: SipResponse,
  ): Extract<NotifyTaken, { kind: 'over' }> | { readonly kind: 'send'; readonly request: SipRequest } | undefined {
    const asked = this.#asked;
    if (asked === undefined) return undefined;
    this.#asked = undefined;
    const { status } = response;
    if (status < 300) {
      const expires = parseDecimal(headerValue(response, 'Expires') ?? '', MAXIMUM_SECONDS);
      if (headerValue(asked, 'Expires') !== '0') this.#arm(now, expires ?? this.#expires);
      this.#dialog = refreshTarget(this.#dialog, response);
      return undefined;
    }
    if (status === 401 || status === 407) {
      const credentials = this.#options.digest?.answer(asked, response);
      if (credentials !== undefined) {
        return { kind: 'send', request: this.#subscribe(Number(headerValue(asked, 'Expires')), credentials) };
      }
    }
    const minimum = minimumExpires(response);
    if (status === 423 && minimum !== undefined && minimum > this.#expires) {
      this.#expires = minimum;
      return { kind: 'send', request: this.#subscribe(minimum) };
    }
    // "If a SUBSCRIBE request to refresh a subscription receives a 404, 405, 410, 416, 480-485, 489, 501, or 604 response,
    // the subscriber MUST consider the subscription terminated"; after any other it lives on until it expires (§4.1.2.2).
    if (!endsSubscription.has(status)) return undefined;
    return { kind: 'over', reason: String(status), retryAfter: status === 481 ? 0 : undefined };
  }

  nextDeadline(): number | undefined {
    return this.#deadlines.next();
  }

  handleTime(now: number): SipRequest | 'expired' | undefined {
    const timer = this.#deadlines.takeDue(now);
    if (timer === undefined) return undefined;
    return timer === 'refresh' ? this.#subscribe(this.#expires) : 'expired';
  }

  #subscribe(expires: number, credentials?: SipHeader): SipRequest {
    const { dialog, request } = createInDialogRequest(this.#dialog, 'SUBSCRIBE', {
      headers: [
        { name: 'Contact', value: this.#options.contact },
        { name: 'Event', value: formatEventType(this.#options.event) },
        { name: 'Expires', value: String(expires) },
      ],
    });
    this.#dialog = dialog;
    const known = credentials ?? this.#options.digest?.credentials(request);
    this.#asked = known === undefined ? request : withHeader(request, known.name, known.value);
    return this.#asked;
  }

  /** Half of a short subscription is left as time for retries, ten minutes of a long one, as of a registration. */
  #arm(now: number, expires: number): void {
    this.#deadlines.set('refresh', now + 1_000 * (expires > 1_200 ? expires - 600 : expires / 2));
    this.#deadlines.set('expiry', now + 1_000 * expires);
  }
}

const endsSubscription = new Set([404, 405, 410, 416, 480, 481, 482, 483, 484, 485, 489, 501, 604]);

/** What the reasons ask of a subscriber (RFC 6665 §4.1.3). */
function ended({ reason = '', retryAfter }: SubscriptionState): Extract<NotifyTaken, { kind: 'over' }> {
  switch (reason) {
    case 'rejected':
    case 'noresource':
    case 'invariant':
      return { kind: 'over', reason, retryAfter: undefined };
    case 'deactivated':
    case 'timeout':
      return { kind: 'over', reason, retryAfter: 0 };
    default: // probation, giveup, and what is not known: again, not before it is wanted
      return { kind: 'over', reason, retryAfter: 1_000 * (retryAfter ?? 30) };
  }
}
