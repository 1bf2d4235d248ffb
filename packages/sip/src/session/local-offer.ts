import type { ClientTransactionId } from '../endpoint/outputs.ts';
import { parseDecimal } from '../message/grammar.ts';
import { headerValue } from '../message/headers.ts';
import type { SipHeader, SipResponse } from '../message/types.ts';

/** How often one offer of ours may meet one of the peer's before that is reported. */
export const MAXIMUM_GLARES = 8;

/** The longest Retry-After, in seconds, that a session waits out by itself. */
const LONGEST_RETRY_AFTER = 10;

/** An offer of ours within the session, or a request for the peer's, from the command to its outcome. */
export interface LocalOffer {
  readonly method: 'INVITE' | 'UPDATE';
  /** Undefined: a re-INVITE that asks the peer to offer. */
  readonly sdp: Uint8Array | undefined;
  readonly headers: readonly SipHeader[];
  readonly glares: number;
  /** Undefined while it waits for its turn. */
  readonly transaction: ClientTransactionId | undefined;
  /** Before that it may not be sent. */
  readonly notBefore: number | undefined;
}

/**
 * How long to wait, in milliseconds, before a request is tried again that was refused only because it
 * met another one; undefined for any other refusal.
 */
export function retryDelay(
  response: SipResponse,
  ownsCallId: boolean,
  random: (length: number) => Uint8Array,
): number | undefined {
  if (response.status === 491) {
    // "If the UAC is the owner of the Call-ID of the dialog ID, T has a randomly chosen value between 2.1 and 4
    // seconds in units of 10 ms. [Else] between 0 and 2 seconds in units of 10 ms" (RFC 3261 §14.1).
    return ownsCallId ? 2_100 + 10 * below(191, random) : 10 * below(201, random);
  }
  if (response.status !== 500) return undefined;
  // "a 500 (Server Internal Error) response [...] MUST include a Retry-After header field with a randomly
  // chosen value of between 0 and 10 seconds" (RFC 3261 §14.2, RFC 3311 §5.2).
  const seconds = parseDecimal(headerValue(response, 'Retry-After')?.split(/[;( ]/, 1)[0] ?? '');
  return seconds === undefined || seconds > LONGEST_RETRY_AFTER ? undefined : 1_000 * seconds;
}

/** The Retry-After with which we refuse a request that came while another is being served. */
export function retryAfterHeader(random: (length: number) => Uint8Array): SipHeader {
  return { name: 'Retry-After', value: String(below(11, random)) };
}

/** A number from 0 up to, not including, `limit` (at most 256). */
function below(limit: number, random: (length: number) => Uint8Array): number {
  const octet = random(1)[0] ?? 0;
  return Math.floor((octet / 256) * limit);
}
