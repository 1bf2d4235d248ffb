import { cseq } from '../message/cseq.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest } from '../message/types.ts';
import type { RequestContent } from '../session/commands.ts';
import { formatSipfrag, parseSipfrag, SIPFRAG_TYPE } from './sipfrag.ts';

/** The event package of a REFER (RFC 3515 §3.1). */
export const REFER_EVENT = 'refer';
/** Seconds that a subscription is said to last; a call that rings longer than that is not told of any more. */
export const REFER_EXPIRES = 600;

/**
 * The subscription that a REFER makes, at the one that got it (RFC 3515 §2.4.4): each step is one NOTIFY, and the final
 * one ends the subscription. Written out as contents of NOTIFY requests; who sends them knows the dialog.
 */
export class ReferNotifier {
  readonly #event: string;
  readonly #startedAt: number;
  #isOver = false;

  /** @param isFirst whether no REFER came before this one in the dialog: then it needs no `id` (RFC 3515 §2.4.6) */
  constructor(now: number, refer: SipRequest, isFirst: boolean) {
    this.#startedAt = now;
    this.#event = isFirst ? REFER_EVENT : `${REFER_EVENT};id=${cseq(refer)?.sequence ?? 0}`;
  }

  /** The subscription has ended; nothing more may be said in it. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** The NOTIFY that tells a status of the call referred to; a final one ends the subscription (RFC 3515 §2.4.7). */
  notify(now: number, status: number, reason?: string): RequestContent | undefined {
    if (this.#isOver) return undefined;
    this.#isOver = status >= 200;
    const left = Math.max(1, REFER_EXPIRES - Math.floor((now - this.#startedAt) / 1_000));
    const state = this.#isOver ? 'terminated;reason=noresource' : `active;expires=${left}`;
    return {
      method: 'NOTIFY',
      headers: [
        { name: 'Event', value: this.#event },
        { name: 'Subscription-State', value: state },
        { name: 'Content-Type', value: SIPFRAG_TYPE },
      ],
      body: formatSipfrag(status, reason),
    };
  }
}

/** What a NOTIFY about a REFER says to the one that sent the REFER. */
export interface ReferNotice {
  readonly status: number;
  readonly reason: string;
  /** The subscription is over: nothing will follow. */
  readonly isLast: boolean;
}

/** Reads a NOTIFY; undefined where it is of another event or holds no status line. */
export function readReferNotice(request: SipRequest): ReferNotice | undefined {
  const [event = '', ...rest] = (headerValue(request, 'Event') ?? '').split(';').map((part) => part.trim());
  const [state = ''] = (headerValue(request, 'Subscription-State') ?? '').split(';').map((part) => part.trim());
  if (event.toLowerCase() !== REFER_EVENT || rest.some((part) => part === '')) return undefined;
  const fragment = parseSipfrag(request.body);
  if (fragment === undefined) return undefined;
  return { ...fragment, isLast: state.toLowerCase() === 'terminated' || fragment.status >= 200 };
}
