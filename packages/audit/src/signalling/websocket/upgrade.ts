import type { Recognition } from '../reader.ts';
import { endOfHead } from '../sip/message.ts';

/** Longest head of HTTP that is waited for, in octets. */
export const MOST_UPGRADE_HEAD = 16_384;

const latin1 = new TextDecoder('latin1');
const beginnings = ['GET ', 'HTTP/1.1 101'].map((text) => new TextEncoder().encode(text));

/** Whether a side begins with the upgrade of RFC 6455 §4 to SIP (RFC 7118 §4): the request, or the answer to it. */
export function recogniseUpgrade(octets: Uint8Array): Recognition {
  const isPossible = beginnings.some((beginning) =>
    beginning.every((octet, at) => at >= octets.length || octets[at] === octet),
  );
  if (!isPossible || octets.length === 0) return octets.length === 0 ? 'more' : 'no';
  const end = endOfHead(octets, 0, Math.min(octets.length, MOST_UPGRADE_HEAD));
  if (end === undefined) return octets.length < MOST_UPGRADE_HEAD ? 'more' : 'no';
  const head = latin1.decode(octets.subarray(0, end));
  const isWebSocket = /^Upgrade[ \t]*:[ \t]*websocket/im.test(head);
  return isWebSocket && /^Sec-WebSocket-Protocol[ \t]*:.*\bsips?\b/im.test(head) ? 'yes' : 'no';
}

/** Whether HTTP is what begins there, so that its head is to be passed over. */
export function isUpgradeHead(octets: Uint8Array, at: number, end: number): boolean {
  return beginnings.some((beginning) =>
    beginning.every((octet, index) => at + index >= end || octets[at + index] === octet),
  );
}
