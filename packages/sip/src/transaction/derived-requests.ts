import { formatCSeq, parseCSeq } from '../message/cseq.ts';
import type { SipHeader, SipRequest, SipResponse } from '../message/types.ts';

const noBody = new Uint8Array(0);

/**
 * The ACK for a final response of 300 to 699, which belongs to the INVITE's own transaction.
 *
 * "The ACK MUST contain a single Via header field, and this MUST be equal to the top Via header field
 * of the original request. [...] values for the Call-ID, From, and Request-URI that are equal to
 * [those] in the request passed to the transport by the client transaction. The To header field in
 * the ACK MUST equal the To header field in the response being acknowledged. [...] Route header
 * fields [...] MUST appear in the ACK" (RFC 3261 §17.1.1.3).
 */
export function ackForRejection(invite: SipRequest, response: SipResponse): SipRequest {
  const to = response.headers.find(({ name }) => name === 'To');
  return derive('ACK', invite, to === undefined ? [] : [to], []);
}

/**
 * The CANCEL of an INVITE: Request-URI, Call-ID, To, the number of CSeq and From "MUST be identical to
 * those in the request being cancelled, including tags. [It] MUST have only a single Via header field
 * value matching the top Via value in the request being cancelled", and its Routes (RFC 3261 §9.1).
 * `reason` is the value of a Reason header (RFC 3326).
 */
export function cancelFor(invite: SipRequest, reason: string | undefined): SipRequest {
  const to = invite.headers.filter(({ name }) => name === 'To');
  return derive('CANCEL', invite, to, reason === undefined ? [] : [{ name: 'Reason', value: reason }]);
}

function derive(method: string, invite: SipRequest, to: readonly SipHeader[], extra: readonly SipHeader[]): SipRequest {
  const headers: SipHeader[] = [];
  let viaCopied = false;
  for (const header of invite.headers) {
    switch (header.name) {
      case 'Via':
        if (!viaCopied) headers.push(header);
        viaCopied = true;
        break;
      case 'From':
      case 'Call-ID':
      case 'Route':
        headers.push(header);
        break;
      case 'CSeq': {
        const sequence = parseCSeq(header.value)?.sequence ?? 0;
        headers.push({ name: 'CSeq', value: formatCSeq({ sequence, method }) });
        break;
      }
      default:
    }
  }
  headers.push({ name: 'Max-Forwards', value: '70' }, ...to, ...extra);
  return { kind: 'request', method, uri: invite.uri, headers, body: noBody };
}
