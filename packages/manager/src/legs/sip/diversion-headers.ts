import type { Diversion, DiversionReason } from '@trustline/callcontrol';
import { escapeUser, formatHost, type SipFlow, type SipHeader } from '@trustline/sip';

/** The response that stands for the reason of a step (RFC 7044 §7.1); none for one that nobody was asked for. */
const statusOfReason: Readonly<Record<DiversionReason, number | undefined>> = {
  unconditional: 302,
  'user-busy': 486,
  'no-answer': 408,
  unavailable: 480,
};

/**
 * How a call came to the line that it rings on: History-Info (RFC 7044 §5), oldest first, and Diversion (RFC 5806 §4),
 * newest first, which desk phones show.
 *
 * @param line the one that rings; no header where the call was for it from the start
 */
export function diversionHeaders(diversions: readonly Diversion[], line: string, flow: SipFlow): readonly SipHeader[] {
  if (diversions.length === 0) return [];
  const uri = (number: string, headers = '') => `<sip:${escapeUser(number)}@${formatHost(flow.local.host)}${headers}>`;
  const history = [...diversions.map(({ from }) => from), line].map((number, at) => {
    const status = statusOfReason[diversions[at]?.reason ?? 'unconditional'];
    // The reason stands with the target that was left, as an escaped header of its URI (RFC 7044 §5.2).
    const reason = diversions[at] === undefined ? '' : `?Reason=SIP%3Bcause%3D${status}`;
    const index = `index=1${'.1'.repeat(at)}`;
    return `${uri(number, reason)};${index}${at === 0 ? '' : `;mp=1${'.1'.repeat(at - 1)}`}`;
  });
  const steps = diversions.toReversed().map(({ from, reason }) => `${uri(from)};reason=${reason}`);
  return [
    { name: 'History-Info', value: history.join(', ') },
    { name: 'Diversion', value: steps.join(', ') },
  ];
}
