/** What of `Alert-Info` (RFC 3261 §20.4) is said and read in a 180: that the called is in another call (RFC 7462). */
import { headerValues, parseCallInfo, type SipHeader, type SipResponse } from '@trustline/sip';

const callWaiting = 'urn:alert:service:call-waiting';

/** For the caller, who can go on waiting or call later. */
export function callWaitingHeader(isWaiting: boolean): readonly SipHeader[] {
  return isWaiting ? [{ name: 'Alert-Info', value: `<${callWaiting}>` }] : [];
}

/** Whether who is called says so; other alerts, and what is no Alert-Info, say nothing of it. */
export function saysCallWaiting(response: SipResponse): boolean {
  const values = headerValues(response, 'Alert-Info').flatMap((value) => parseCallInfo(value) ?? []);
  return values.some(({ uri }) => uri.toLowerCase() === callWaiting);
}
