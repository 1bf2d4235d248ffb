import { reasonPhrase } from '../message/reason.ts';

/** The Content-Type of a NOTIFY about a REFER (RFC 3515 §2.4.5, RFC 3420). */
export const SIPFRAG_TYPE = 'message/sipfrag;version=2.0';

/** A status line alone, which is all that a NOTIFY about a REFER has to hold (RFC 3515 §2.4.5). */
export function formatSipfrag(status: number, reason: string = reasonPhrase(status)): Uint8Array {
  return new TextEncoder().encode(`SIP/2.0 ${status} ${reason}\r\n`);
}

/** The status of the status line that a fragment begins with; undefined where it begins with something else. */
export function parseSipfrag(body: Uint8Array): { readonly status: number; readonly reason: string } | undefined {
  const text = new TextDecoder().decode(body.subarray(0, 512));
  const match = /^SIP\/2\.0 ([1-6]\d\d)(?: ([^\r\n]*))?(?:\r?\n|$)/i.exec(text);
  return match === null ? undefined : { status: Number(match[1]), reason: match[2] ?? '' };
}
