import type { Diversion, DiversionReason } from '@trustline/callcontrol';
import {
  addresses,
  escapeUser,
  formatHost,
  parameterValue,
  parseSipUri,
  type SipFlow,
  type SipHeader,
  type SipRequest,
  unescapeUri,
} from '@trustline/sip';
import { userOf } from './identity.ts';

/** The response that stands for the reason of a step (RFC 7044 §7.1); none for one that nobody was asked for. */
const statusOfReason: Readonly<Record<DiversionReason, number | undefined>> = {
  unconditional: 302,
  'user-busy': 486,
  'no-answer': 408,
  unavailable: 480,
  deflection: 302,
  unknown: undefined,
};

/** Steps that are believed of a message. */
const MOST_STEPS = 10;

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
    const reason = diversions[at] === undefined || status === undefined ? '' : `?Reason=SIP%3Bcause%3D${status}`;
    const index = `index=1${'.1'.repeat(at)}`;
    return `${uri(number, reason)};${index}${at === 0 ? '' : `;mp=1${'.1'.repeat(at - 1)}`}`;
  });
  const steps = diversions.toReversed().map(({ from, reason }) => `${uri(from)};reason=${reason}`);
  return [
    { name: 'History-Info', value: history.join(', ') },
    { name: 'Diversion', value: steps.join(', ') },
  ];
}

/**
 * How a call came to the trunk that sends it here, oldest first: what Diversion says (RFC 5806), or without one
 * History-Info (RFC 7044). Addresses that name no number are passed over.
 */
export function diversionsOf(request: SipRequest): readonly Diversion[] {
  const diverted = (addresses(request, 'Diversion') ?? []).slice(0, MOST_STEPS).toReversed();
  const steps =
    diverted.length > 0
      ? diverted.map(({ uri, parameters }) => ({
          number: userOf(uri),
          reason: diversionReasons.get(parameterValue(parameters, 'reason')?.toLowerCase() ?? '') ?? 'unknown',
        }))
      : // The last entry is where the call is now.
        (addresses(request, 'History-Info') ?? []).slice(0, MOST_STEPS).slice(0, -1).map(historyStep);
  const last = userOf(request.uri) ?? '';
  return steps.flatMap(({ number: from, reason }, at) =>
    from === undefined ? [] : [{ from, to: steps[at + 1]?.number ?? last, reason }],
  );
}

const diversionReasons: ReadonlyMap<string, DiversionReason> = new Map(
  (Object.keys(statusOfReason) as DiversionReason[]).map((reason) => [reason, reason]),
);

function historyStep({ uri }: { readonly uri: string }): { number: string | undefined; reason: DiversionReason } {
  const written = parseSipUri(uri)?.headers.find(({ name }) => name.toLowerCase() === 'reason')?.value ?? '';
  const status = Number(/SIP\s*;\s*cause\s*=\s*(\d{3})/i.exec(unescapeUri(written))?.[1]);
  const [reason = 'unknown'] = [...diversionReasons.values()].filter((one) => statusOfReason[one] === status);
  return { number: userOf(uri), reason };
}
