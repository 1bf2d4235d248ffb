import {
  decodeBody,
  type KnownMessage,
  MediaPayloadType,
  messageKindOf,
  type ReceivedMessage,
  type SccpFrame,
} from '@trustline/sccp';

/** Protocol versions at which layouts change; what is between two of them is as the lower one. */
const layoutVersions = [11, 17, 22, 20, 18, 16, 15, 3];
const codecs: ReadonlySet<number> = new Set(Object.values(MediaPayloadType));

/**
 * Reads a message of a connection whose protocol version may not be in the capture: the layout that fits best is taken,
 * that of `agreed` or of the header where several do. Undefined for a message that is not known, or not what it claims.
 */
export function decodeMessage(frame: SccpFrame, agreed: number | undefined): KnownMessage | undefined {
  if (messageKindOf(frame.messageId) === undefined) return undefined;
  const likely = [agreed ?? 0, frame.headerVersion].filter((version) => version > 0);
  let best: KnownMessage | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const version of new Set([...likely, ...layoutVersions])) {
    const message = decodeBody(frame.messageId, frame.bytes, version, frame.start, frame.end);
    const found = misfits(message);
    if (found < least) {
      least = found;
      best = message as KnownMessage;
    }
    if (least === 0) break;
  }
  return best;
}

/** How far a layout is from fitting: octets too many weigh little, what cannot be an address or a port much. */
function misfits(message: ReceivedMessage): number {
  if (message.kind === 'Malformed' || message.kind === 'Unknown') return Number.POSITIVE_INFINITY;
  let found = 0;
  if (message.trailing !== undefined) found += message.trailing.reveal().some((octet) => octet !== 0) ? 2 : 1;
  for (const [name, value] of Object.entries(message)) {
    if (/IpAddr$/i.test(name) && typeof value === 'string' && value.includes('/')) found += 8;
    if (/PortNumber$/i.test(name) && typeof value === 'number' && value > 0xffff) found += 8;
    if (name === 'compressionType' && !codecs.has(value as number)) found += 4;
  }
  return found;
}
