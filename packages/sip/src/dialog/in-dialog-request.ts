import { cseq, formatCSeq } from '../message/cseq.ts';
import { parameterValue } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import { parseNameAddr } from '../message/name-addr.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { formatUri, parseSipUri } from '../message/uri.ts';
import { type Dialog, nextSequence } from './dialog.ts';

/** How many hops a request of ours may take (RFC 3261 §8.1.1.6). */
export const INITIAL_MAX_FORWARDS = '70';

export interface InDialogRequestOptions {
  /** Added after those of the dialog; Contact for INVITE and UPDATE, Content-Type for a body. */
  readonly headers?: readonly SipHeader[];
  readonly body?: Uint8Array;
}

const NO_BODY = new Uint8Array(0);

/** A request within the dialog, any but ACK and CANCEL, and the dialog after it (RFC 3261 §12.2.1.1). */
export function createInDialogRequest(
  dialog: Dialog,
  method: string,
  options: InDialogRequestOptions = {},
): { readonly dialog: Dialog; readonly request: SipRequest } {
  const sequence = nextSequence(dialog);
  return { dialog: { ...dialog, localSequence: sequence }, request: build(dialog, method, sequence, options) };
}

/**
 * The ACK for a 2xx (RFC 3261 §13.2.2.4): the number of its INVITE, and the INVITE's credentials, since
 * an ACK cannot be challenged (§22.1).
 */
export function createAck(dialog: Dialog, invite: SipRequest, options: InDialogRequestOptions = {}): SipRequest {
  const credentials = invite.headers.filter(({ name }) => name === 'Authorization' || name === 'Proxy-Authorization');
  const headers = [...credentials, ...(options.headers ?? [])];
  return build(dialog, 'ACK', cseq(invite)?.sequence ?? 0, { ...options, headers });
}

function build(dialog: Dialog, method: string, sequence: number, options: InDialogRequestOptions): SipRequest {
  const { uri, routes } = addressing(dialog);
  return {
    kind: 'request',
    method,
    uri,
    headers: [
      { name: 'Max-Forwards', value: INITIAL_MAX_FORWARDS },
      ...routes.map((value) => ({ name: 'Route', value })),
      { name: 'From', value: dialog.localAddress },
      { name: 'To', value: dialog.remoteAddress },
      { name: 'Call-ID', value: dialog.callId },
      { name: 'CSeq', value: formatCSeq({ sequence, method }) },
      ...(options.headers ?? []),
    ],
    body: options.body ?? NO_BODY,
  };
}

/** Request-URI and Route headers: loose routing, or strict where the first hop has no `lr` (RFC 3261 §12.2.1.1). */
function addressing(dialog: Dialog): { readonly uri: string; readonly routes: readonly string[] } {
  const { remoteTarget, routeSet } = dialog;
  const [first, ...rest] = routeSet;
  if (first === undefined) return { uri: remoteTarget, routes: [] };
  const firstUri = parseSipUri(parseNameAddr(first)?.uri ?? '');
  if (firstUri === undefined || parameterValue(firstUri.parameters, 'lr') !== undefined) {
    return { uri: remoteTarget, routes: routeSet };
  }
  // "If the route set is not empty, and its first URI does not contain the lr parameter, the UAC MUST place
  // the first URI from the route set into the Request-URI, stripping any parameters that are not allowed in a
  // Request-URI [...] The UAC MUST then place the remote target URI into the Route header field as the last value."
  const parameters = firstUri.parameters.filter(({ name }) => name.toLowerCase() !== 'method');
  return { uri: formatUri({ ...firstUri, parameters, headers: [] }), routes: [...rest, `<${remoteTarget}>`] };
}

/** The Record-Route headers of a request, which responses that make a dialog copy (RFC 3261 §12.1.1). */
export function recordRouteHeaders(request: SipRequest): readonly SipHeader[] {
  return headerValue(request, 'Record-Route') === undefined
    ? []
    : request.headers.filter(({ name }) => name === 'Record-Route');
}
