import { isReliable, type SipFlow } from '../flow.ts';
import type { CSeq } from '../message/cseq.ts';
import { headerValue } from '../message/headers.ts';
import { fromTag } from '../message/name-addr.ts';
import type { SipRequest } from '../message/types.ts';
import { formatVia, type Via, viaBranch } from '../message/via.ts';
import { branchCookie } from './hop.ts';

/**
 * What a request is matched to its server transaction by.
 */
export interface ServerKey {
  readonly text: string;
  /** The sender predates RFC 3261: its branch names nothing, and To tags have to be compared besides. */
  readonly rfc2543: boolean;
}

/** The method of the transaction that an ACK or a CANCEL is about. */
export const inviteMethod = 'INVITE';

/**
 * The key of the server transaction with `method` that a request belongs to (RFC 3261 §17.2.3):
 * branch, sent-by and method, "except for ACK, where the method of the request that created the
 * transaction is INVITE". On a connection the connection is part of the key too: nobody joins, or
 * cancels, a transaction that came in on another's.
 */
export function serverKey(flow: SipFlow, request: SipRequest, via: Via, cseq: CSeq, method: string): ServerKey {
  const connection = isReliable(flow) ? flow.id : '';
  const branch = viaBranch(via);
  if (branch?.startsWith(branchCookie)) {
    // "The sent-by value in the top Via of the request is equal": hosts compare without regard to case.
    return { text: join(connection, method, branch, via.host.toLowerCase(), String(via.port ?? '')), rfc2543: false };
  }
  // "If the branch parameter is not present, or does not contain the magic cookie, [...] the Request-URI,
  // To tag, From tag, Call-ID, CSeq, and top Via header field match those of the request being matched."
  const callId = headerValue(request, 'Call-ID') ?? '';
  const from = fromTag(request) ?? '';
  return {
    text: join(connection, method, request.uri, from, callId, String(cseq.sequence), formatVia(via)),
    rfc2543: true,
  };
}

/** Requests that came by different ways but are one and the same (RFC 3261 §8.2.2.2). */
export function mergeKey(request: SipRequest, cseq: CSeq): string {
  return join(headerValue(request, 'Call-ID') ?? '', fromTag(request) ?? '', String(cseq.sequence), cseq.method);
}

/** "The branch parameter and the method in the CSeq" (RFC 3261 §17.1.3). */
export function clientKey(branch: string, method: string): string {
  return join(method, branch);
}

/** No part can hold a line feed, so parts never run into each other. */
function join(...parts: readonly string[]): string {
  return parts.join('\n');
}
