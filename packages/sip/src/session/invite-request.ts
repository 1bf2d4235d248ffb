import { hexadecimal } from '@trustline/base';
import { INITIAL_MAX_FORWARDS } from '../dialog/in-dialog-request.ts';
import { formatCSeq } from '../message/cseq.ts';
import { withTag } from '../message/name-addr.ts';
import type { SipHeader, SipRequest } from '../message/types.ts';
import { sdpHeaders } from './body.ts';
import type { PlaceOptions } from './commands.ts';

const NO_BODY = new Uint8Array(0);

/** The INVITE outside any dialog that begins a session (RFC 3261 §13.2.1). */
export function createInvite(
  options: PlaceOptions,
  own: {
    readonly callId: string;
    readonly tag: string;
    readonly contact: string;
    readonly headers: readonly SipHeader[];
  },
): SipRequest {
  const { offer } = options;
  return {
    kind: 'request',
    method: 'INVITE',
    uri: options.requestUri,
    headers: [
      { name: 'Max-Forwards', value: String(options.maxForwards ?? INITIAL_MAX_FORWARDS) },
      ...(options.route ?? []).map((value) => ({ name: 'Route', value })),
      { name: 'From', value: withTag(options.from, own.tag) },
      { name: 'To', value: options.to },
      { name: 'Call-ID', value: own.callId },
      { name: 'CSeq', value: formatCSeq({ sequence: 1, method: 'INVITE' }) },
      { name: 'Contact', value: own.contact },
      ...own.headers,
      ...(options.headers ?? []),
      ...sdpHeaders(offer),
    ],
    body: offer ?? NO_BODY,
  };
}

/** 64 bits in hexadecimal: RFC 3261 §19.3 asks for at least 32 random bits in a tag. */
export function newToken(random: (length: number) => Uint8Array): string {
  return hexadecimal(random(8));
}
