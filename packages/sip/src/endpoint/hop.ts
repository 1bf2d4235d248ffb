import { hexadecimal } from '@trustline/base';
import type { SipFlow, SipHostPort } from '../flow.ts';
import { parameterValue, withParameter } from '../message/grammar.ts';
import { headerValue, prependHeader } from '../message/headers.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { formatVia, parseVia, type Via } from '../message/via.ts';

/** "The branch ID inserted by an element compliant with this specification MUST always begin with" it (RFC 3261 §8.1.1.7). */
export const branchCookie = 'z9hG4bK';

/** RFC 3261 §8.1.1.6: "A UAC MUST insert a Max-Forwards header field [...] with a value that SHOULD be 70." */
const initialMaxForwards = '70';

/** 128 random bits: nobody answers or cancels a transaction without having seen it. */
export function newBranch(random: (length: number) => Uint8Array): string {
  return branchCookie + hexadecimal(random(16));
}

/**
 * Puts this hop on top of a request: a Via with a branch of its own, an empty `rport` (RFC 3581 §3) and on TLS
 * `alias` (RFC 5923), and Max-Forwards where the user has set none.
 */
export function stampRequest(request: SipRequest, flow: SipFlow, sentBy: SipHostPort, branch: string): SipRequest {
  const via: Via = {
    protocol: 'SIP/2.0',
    transport: flow.transport.toUpperCase(),
    host: sentBy.host,
    port: sentBy.port,
    parameters: [
      { name: 'branch', value: branch },
      { name: 'rport', value: undefined },
      // What the peer asks of us comes back down this connection, which has proved both ends (RFC 5923 §5, §6).
      ...(flow.transport === 'tls' ? [{ name: 'alias', value: undefined }] : []),
    ],
  };
  const value = formatVia(via);
  const stamped = prependHeader(request, 'Via', value);
  if (headerValue(request, 'Max-Forwards') !== undefined) return stamped;
  const [top, ...rest] = stamped.headers;
  const maxForwards: SipHeader = { name: 'Max-Forwards', value: initialMaxForwards };
  return { ...stamped, headers: [top ?? { name: 'Via', value }, maxForwards, ...rest] };
}

/** A request as received, with its topmost Via taken apart. */
export interface ArrivedRequest {
  /** The request with `received` and `rport` filled in. */
  readonly request: SipRequest;
  /** The topmost Via as the sender wrote it. */
  readonly via: Via;
}

/** Notes in the topmost Via where a request really came from; undefined if it has no readable Via. */
export function noteSource(request: SipRequest, remote: SipHostPort): ArrivedRequest | undefined {
  const at = request.headers.findIndex(({ name }) => name === 'Via');
  const hops = parseVia(request.headers[at]?.value ?? '');
  const via = hops?.[0];
  if (hops === undefined || via === undefined) return undefined;
  const filled = withSource(via, remote);
  if (filled === via) return { request, via };
  const value = [filled, ...hops.slice(1)].map(formatVia).join(', ');
  const headers = request.headers.map((header, index) => (index === at ? { name: 'Via', value } : header));
  return { request: { ...request, headers }, via };
}

function withSource(via: Via, remote: SipHostPort): Via {
  let { parameters } = via;
  const asksForPort = parameterValue(parameters, 'rport') !== undefined;
  // "If the host portion of the "sent-by" parameter contains a domain name, or if it contains an IP
  // address that differs from the packet source address, the server MUST add a "received" parameter"
  // (RFC 3261 §18.2.1); with rport it MUST be there "even if it is identical" (RFC 3581 §4). Whatever
  // the sender put there itself is replaced.
  if (asksForPort || via.host !== remote.host) {
    parameters = withParameter(parameters, 'received', remote.host);
  } else if (parameterValue(parameters, 'received') !== undefined) {
    parameters = withParameter(parameters, 'received', null);
  }
  // "It MUST set the value of the "rport" parameter to the source port of the request" (RFC 3581 §4).
  if (asksForPort) parameters = withParameter(parameters, 'rport', String(remote.port));
  return parameters === via.parameters ? via : { ...via, parameters };
}
