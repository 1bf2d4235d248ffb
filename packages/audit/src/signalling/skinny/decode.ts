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

/** Managers of other makes leave out the end of a message; so many octets of zeros stand for it. */
const LEFT_OUT = 160;

/**
 * Reads a message of a connection whose protocol version may not be in the capture: the layout that fits best is taken,
 * that of `agreed` or of the header where several do. What a message ends before is zero, which is no encryption where it is
 * a key. Undefined for a message that is not known, or not what it claims.
 */
export function decodeMessage(frame: SccpFrame, agreed: number | undefined): KnownMessage | undefined {
  if (messageKindOf(frame.messageId) === undefined) return undefined;
  const likely = [agreed ?? 0, frame.headerVersion].filter((version) => version > 0);
  const versions = new Set([...likely, ...layoutVersions]);
  const body = frame.bytes.subarray(frame.start, frame.end);
  const found = bestOf(frame.messageId, body, versions);
  if (found !== undefined || body.byteLength < 8) return found;
  const filled = new Uint8Array(body.byteLength + LEFT_OUT);
  filled.set(body);
  return bestOf(frame.messageId, filled, versions);
}

function bestOf(messageId: number, body: Uint8Array, versions: Iterable<number>): KnownMessage | undefined {
  let best: KnownMessage | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const version of versions) {
    const message = decodeBody(messageId, body, version);
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
