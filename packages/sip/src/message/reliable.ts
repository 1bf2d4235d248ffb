import { cseq, MAXIMUM_SEQUENCE, parseCSeq } from './cseq.ts';
import { parseDecimal } from './grammar.ts';
import { headerValue } from './headers.ts';
import { headerTokens } from './tokens.ts';
import type { SipMessage, SipRequest, SipResponse } from './types.ts';

/** The option tag of reliable provisional responses (RFC 3262 §8.1). */
export const RELIABLE = '100rel';

/** What a PRACK acknowledges (RFC 3262 §7.2): `776656 1 INVITE`. */
export interface ResponseAcknowledged {
  readonly responseNumber: number;
  readonly sequence: number;
  readonly method: string;
}

/** The RSeq of a reliable provisional response, 1 to 2^31 - 1 at its start (RFC 3262 §3, §7.1); undefined for any other. */
export function reliableNumber(response: SipResponse): number | undefined {
  if (response.status <= 100 || response.status >= 200 || !requires(response, RELIABLE)) return undefined;
  const number = parseDecimal(headerValue(response, 'RSeq') ?? '', 2 ** 32 - 1);
  return number === 0 ? undefined : number;
}

export function responseAcknowledged(prack: SipRequest): ResponseAcknowledged | undefined {
  const match = /^(\d{1,10})\s+(.*)$/.exec(headerValue(prack, 'RAck') ?? '');
  const responseNumber = parseDecimal(match?.[1] ?? '', 2 ** 32 - 1);
  const ofRequest = parseCSeq(match?.[2] ?? '');
  return responseNumber === undefined || ofRequest === undefined ? undefined : { responseNumber, ...ofRequest };
}

/** The RAck for a reliable provisional response. */
export function acknowledging(response: SipResponse): string | undefined {
  const number = reliableNumber(response);
  const request = cseq(response);
  return number === undefined || request === undefined ? undefined : `${number} ${request.sequence} ${request.method}`;
}

/** "The value of the header field [of the first response] is chosen uniformly between 1 and 2**31 - 1" (RFC 3262 §3). */
export function firstReliableNumber(random: (length: number) => Uint8Array): number {
  const value = new DataView(random(4).slice().buffer).getUint32(0) & MAXIMUM_SEQUENCE;
  return Math.max(1, value);
}

/** Whether a message lists an option tag in its Require. */
export function requires(message: SipMessage, tag: string): boolean {
  return headerTokens(message, 'Require')?.some((one) => one.toLowerCase() === tag) ?? false;
}
