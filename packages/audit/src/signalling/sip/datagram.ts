import { endOfHead, type HeardMessage, MOST_BODY, readHead } from './message.ts';
import { afterKeepAlives, startLineAt } from './start-line.ts';

/** Messages of one datagram that are read: RFC 3261 §18.3 knows one, some senders put several there. */
const MOST_IN_A_DATAGRAM = 16;

/**
 * The messages of a datagram or of one WebSocket message, as far as they are there. A body that is shorter than its
 * Content-Length is given as it is, and octets behind a body are looked at for another message.
 *
 * @param isCut the capture has less of it than was sent
 */
export function messagesOf(octets: Uint8Array, isCut = false): readonly HeardMessage[] {
  const messages: HeardMessage[] = [];
  let at = afterKeepAlives(octets, 0);
  while (at < octets.length && messages.length < MOST_IN_A_DATAGRAM && startLineAt(octets, at) !== 'no') {
    const headEnd = endOfHead(octets, at, octets.length);
    const head = readHead(octets, at, headEnd ?? octets.length);
    if (head === undefined) break;
    const bodyStart = headEnd ?? octets.length;
    const present = octets.length - bodyStart;
    const length = Math.min(head.contentLength ?? present, present);
    const { start, headers } = head;
    const body = octets.subarray(bodyStart, bodyStart + Math.min(length, MOST_BODY));
    const isWhole = headEnd !== undefined && !isCut && (head.contentLength ?? 0) <= present;
    messages.push({ start, headers, body, isWhole });
    at = afterKeepAlives(octets, bodyStart + length);
  }
  return messages;
}
