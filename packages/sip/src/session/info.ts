import type { ServerTransactionId } from '../endpoint/outputs.ts';
import { headerValue } from '../message/headers.ts';
import type { SipRequest } from '../message/types.ts';
import { mediaType } from './body.ts';
import type { SessionLink } from './session-link.ts';

/** Answers an INFO; false if it was refused and means nothing to the session. */
export function answerInfo(
  now: number,
  link: SessionLink,
  types: ReadonlySet<string>,
  transaction: ServerTransactionId,
  request: SipRequest,
): boolean {
  if (headerValue(request, 'Info-Package') !== undefined) {
    // "the UA MUST send a 469 (Bad Info Package) response [with] a Recv-Info header field" (RFC 6086 §4.2.2).
    link.refuse(now, transaction, request, 469, { headers: [{ name: 'Recv-Info', value: '' }] });
    return false;
  }
  if (request.body.length > 0 && !types.has(mediaType(request))) {
    link.refuseBody(now, transaction, request, [...types].join(', '));
    return false;
  }
  link.respond(now, transaction, link.answerTo(request, 200));
  return true;
}
