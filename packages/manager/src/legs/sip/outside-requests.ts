import {
  createResponse,
  parseUri,
  type SipFlow,
  type SipRequest,
  type SipResponse,
  uriTransport,
} from '@trustline/sip';
import { authorityOf } from './authority.ts';
import { userOf } from './identity.ts';
import { warningHeader } from './leg-headers.ts';

/** Our Contact: requests within the dialog come back down the same flow. */
export function contactOf(flow: SipFlow, user?: string): string {
  return `<sip:${user === undefined ? '' : `${user}@`}${authorityOf(flow.local)};transport=${uriTransport(flow)}>`;
}

/** A REFER outside a dialog would have a phone called that is in no call: nobody here needs that. */
export function refusedOutside(request: SipRequest, flow: SipFlow, toTag: string): SipResponse {
  const headers = [warningHeader(flow, 'A REFER is taken within a call only')];
  return createResponse(request, 403, { toTag, headers });
}

/** The number that a request asks for. */
export function destinationOf(request: SipRequest): string {
  return userOf(request.uri) ?? (parseUri(request.uri) === undefined ? request.uri : '');
}
