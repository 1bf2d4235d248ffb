import {
  createResponse,
  type GruuIssuer,
  parseUri,
  type SipFlow,
  type SipRequest,
  type SipResponse,
  uriTransport,
} from '@trustline/sip';
import type { DeviceDirectory } from '../../device-directory.ts';
import { authorityOf } from './authority.ts';
import { userOf } from './identity.ts';
import { warningHeader } from './leg-headers.ts';

/** A number, and where a GRUU was asked for the one device of it that is meant. */
export interface Destination {
  readonly destination: string;
  readonly onlyOn?: string;
}

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

/** What was dialled, and on which device alone, if it was an address that one of ours was given (RFC 5627). */
export function whomIsMeant(
  gruus: GruuIssuer | undefined,
  directory: DeviceDirectory,
  request: SipRequest,
): Destination {
  const gruu = gruus?.read(request.uri);
  if (gruu === undefined) return { destination: destinationOf(request) };
  const isMeant = (device: string) =>
    directory.bindings(device, gruu.user).some(({ instance, callId }) => gruu.names(instance, callId));
  return { destination: gruu.user, onlyOn: directory.devicesOf(gruu.user).find(isMeant) ?? '' };
}
