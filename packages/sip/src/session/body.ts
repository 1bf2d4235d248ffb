import { headerValue } from '../message/headers.ts';
import type { SipHeader, SipMessage } from '../message/types.ts';

export const SDP_TYPE = 'application/sdp';

/** What a message's body means to a session. */
export type DescriptionBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'sdp'; readonly sdp: Uint8Array }
  /** A body that must be understood and is not: 415 (RFC 3261 §8.2.3). */
  | { readonly kind: 'unsupported' };

export function descriptionOf(message: SipMessage): DescriptionBody {
  if (message.body.length === 0) return { kind: 'none' };
  if (mediaType(message) === SDP_TYPE && headerValue(message, 'Content-Encoding') === undefined) {
    return { kind: 'sdp', sdp: message.body };
  }
  // "The parameter value "optional" lets the UAS ignore it" (RFC 3261 §20.11).
  const disposition = headerValue(message, 'Content-Disposition')?.toLowerCase().replaceAll(' ', '') ?? '';
  return disposition.includes('handling=optional') ? { kind: 'none' } : { kind: 'unsupported' };
}

/** The session description of a message, if it is one we can read. */
export function sdpOf(message: SipMessage): Uint8Array | undefined {
  const body = descriptionOf(message);
  return body.kind === 'sdp' ? body.sdp : undefined;
}

/** In lower case, without parameters. */
export function mediaType(message: SipMessage): string {
  return (headerValue(message, 'Content-Type') ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The header that goes with a body of SDP, none where there is no body. */
export function sdpHeaders(sdp: Uint8Array | undefined): readonly SipHeader[] {
  return sdp === undefined ? [] : [{ name: 'Content-Type', value: SDP_TYPE }];
}
