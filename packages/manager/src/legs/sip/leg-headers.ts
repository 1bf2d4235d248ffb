import type { CallerIdentity, Cause } from '@trustline/callcontrol';
import {
  escapeUser,
  formatHost,
  maxBreadth,
  maxForwards,
  type SipFlow,
  type SipHeader,
  type SipRequest,
} from '@trustline/sip';
import { authorityOf } from './authority.ts';
import { quotable, reasonOfCause, statusOfCause } from './cause-table.ts';

/** A phone shows a call answered elsewhere as no missed call when it is told so (RFC 3326 §3.1). */
export function reasonOfCancel(cause: Cause): string {
  return cause === 'answered-elsewhere' ? 'SIP;cause=200;text="Call completed elsewhere"' : reasonOfCause(cause);
}

/** @param isFound the warning says what was found, in the place of the cause: programs are told it too */
export function refusalHeaders(flow: SipFlow, cause: Cause, warning: string, isFound?: boolean): readonly SipHeader[] {
  const code = cause === 'bandwidth' ? 370 : 399;
  const headers = [
    warningHeader(flow, warning, code),
    { name: 'Reason', value: reasonOfCause(cause, isFound ? warning : cause) },
  ];
  // RFC 3261 §21.5.4: an overload passes; the phone may try again.
  return statusOfCause(cause) === 503 ? [...headers, { name: 'Retry-After', value: '10' }] : headers;
}

/**
 * RFC 3261 §20.43. What a quoted string may not hold is left out of the text.
 *
 * @param code 370 where there is not enough bandwidth; 399, the default, is a text that only a person reads
 */
export function warningHeader(flow: SipFlow, warning: string, code: 370 | 399 = 399): SipHeader {
  return { name: 'Warning', value: `${code} ${authorityOf(flow.local)} "${quotable(warning)}"` };
}

/**
 * Who calls, asserted (RFC 3325). A trunk or gateway is inside the trust domain: it is told always, and that the caller
 * withholds it (`Privacy: id`, §9.3) and what others have signed about it (RFC 8224), unchanged. A phone is where the
 * domain ends: it is told what the caller withholds from nobody (§7).
 */
export function assertedIdentity(caller: CallerIdentity, flow: SipFlow, isTrusted: boolean): readonly SipHeader[] {
  if (caller.number === '' || (caller.anonymous && !isTrusted)) return [];
  const { signed } = caller;
  return [
    { name: 'P-Asserted-Identity', value: callerAddress({ ...caller, anonymous: false }, flow) },
    ...(caller.anonymous ? [{ name: 'Privacy', value: 'id' }] : []),
    ...(signed?.statements ?? []).map((value) => ({ name: 'Identity', value })),
    ...(signed?.date === undefined ? [] : [{ name: 'Date', value: signed.date }]),
  ];
}

/** Who has sent the caller here, as it was proved (RFC 3892 §3): no header where nobody has. */
export function referredByHeader(referrer: CallerIdentity | undefined, flow: SipFlow): readonly SipHeader[] {
  return referrer === undefined ? [] : [{ name: 'Referred-By', value: callerAddress(referrer, flow) }];
}

/** The From of a call to a phone; RFC 3323 §4.1.1.3 where the caller withholds name and number. */
export function callerAddress(caller: CallerIdentity, flow: SipFlow): string {
  if (caller.anonymous) return '"Anonymous" <sip:anonymous@anonymous.invalid>';
  const uri = `<sip:${escapeUser(caller.number)}@${formatHost(flow.local.host)}>`;
  const name = caller.displayName?.replace(/[\\"\r\n]/g, ' ').trim() ?? '';
  return name === '' ? uri : `"${name}" ${uri}`;
}

/** A loop through several call managers is found by what is left of its hops, which each takes one of (RFC 7332 §4). */
export function hopsLeft(request: SipRequest): { readonly hopsLeft?: number } {
  const left = maxForwards(request);
  return left === undefined ? {} : { hopsLeft: left };
}

/** Of a loop that forks at each round: it rings so many at once and no more (RFC 5393 §5). */
export function breadth(request: SipRequest): { readonly breadth?: number } {
  const most = maxBreadth(request);
  return most === undefined ? {} : { breadth: most };
}
