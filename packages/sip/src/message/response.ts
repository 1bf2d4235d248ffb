import { SipError } from '../error.ts';
import { canonicalHeaderName } from './header-names.ts';
import { withTag } from './name-addr.ts';
import { reasonPhrase } from './reason.ts';
import type { SipHeader, SipRequest, SipResponse } from './types.ts';

export interface ResponseOptions {
  /** Default: the registered phrase of the status. */
  readonly reason?: string;
  /** Set in To where the request's To has no tag; every response but 100 needs one (RFC 3261 §8.2.6.2). */
  readonly toTag?: string;
  /** Added after the copied ones, in this order. */
  readonly headers?: readonly SipHeader[];
  /** Its Content-Type goes into `headers`. */
  readonly body?: Uint8Array;
}

const NO_BODY = new Uint8Array(0);

/**
 * A response to a request, with Via, From, To, Call-ID and CSeq as RFC 3261 §8.2.6.2 copies them
 * (and Timestamp into a 100, §8.2.6.1). Record-Route is the dialog's to copy (§12.1.1).
 *
 * @throws {SipError} `sip.bad-status` for a status outside 100 to 699.
 */
export function createResponse(request: SipRequest, status: number, options: ResponseOptions = {}): SipResponse {
  if (!Number.isInteger(status) || status < 100 || status > 699) {
    throw new SipError('sip.bad-status', `A response has a status from 100 to 699, not ${status}`);
  }
  const headers: SipHeader[] = [];
  for (const header of request.headers) {
    switch (header.name) {
      case 'Via':
      case 'From':
      case 'Call-ID':
      case 'CSeq':
        headers.push(header);
        break;
      case 'To':
        // A tag the request brought stays: it names the dialog.
        headers.push(
          options.toTag === undefined ? header : { name: 'To', value: withTag(header.value, options.toTag) },
        );
        break;
      case 'Timestamp':
        if (status === 100) headers.push(header);
        break;
      default:
    }
  }
  for (const header of options.headers ?? []) {
    const name = canonicalHeaderName(header.name);
    headers.push(name === header.name ? header : { name, value: header.value });
  }
  return {
    kind: 'response',
    status,
    reason: options.reason ?? reasonPhrase(status),
    headers,
    body: options.body ?? NO_BODY,
  };
}
