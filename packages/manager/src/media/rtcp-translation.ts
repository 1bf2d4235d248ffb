/** RTCP on its way through the relay: in the SSRC and the numbers that the party at the other end knows. */
import { readUint16, readUint32, writeUint16, writeUint32 } from './octets.ts';
import type { RtpOutbound } from './rtp-outbound.ts';
import type { Transcoder } from './transcoder.ts';

const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const APPLICATION = 204;
/** Transport and payload feedback (RFC 4585 §6.1). */
const FEEDBACK = [205, 206];
const EXTENDED_REPORT = 207;
const REPORT_BLOCK_LENGTH = 24;

/** One who is heard, and one who hears. */
interface Direction {
  /** Our stream towards the party. */
  readonly outbound: RtpOutbound;
  /** What the party says on its way to the other, where it is brought into another format. */
  readonly transcoder: Transcoder | undefined;
}

/**
 * Rewrites a compound packet of one party for the other, in place: the sender's SSRC becomes ours towards the other, reports
 * about what we send to the one become reports about what the other sends. A goodbye is taken out: who ends a
 * call says so by signalling, and a change of source is none.
 *
 * @param from the party that sent it
 * @param to the party that is to have it
 * @returns the length of what is left, 0 when that is nothing or it was no compound packet (RFC 3550 A.2)
 */
export function translateRtcp(bytes: Uint8Array, length: number, from: Direction, to: Direction): number {
  let written = 0;
  for (let at = 0; at < length; ) {
    if (at + 4 > length || (bytes[at] as number) >> 6 !== 2) return 0;
    const end = at + 4 + 4 * readUint16(bytes, at + 2);
    if (end > length) return 0;
    if (translateOne(bytes, at, end, from, to)) {
      bytes.copyWithin(written, at, end);
      written += end - at;
    }
    at = end;
  }
  return written;
}

/** False for what is left out. */
function translateOne(bytes: Uint8Array, at: number, end: number, sender: Direction, reader: Direction): boolean {
  const [from, to] = [sender.outbound, reader.outbound];
  const heardBySender = reader.transcoder;
  const source = heardBySender === undefined ? from.source : heardBySender.source;
  const count = (bytes[at] as number) & 0x1f;
  const type = bytes[at + 1] as number;
  if (type === GOODBYE || end < at + 8) return false;
  if (type === SOURCE_DESCRIPTION) {
    if (count !== 1) return false; // whoever describes more than itself is a mixer, whose sources we do not pass on
    writeUint32(bytes, at + 4, to.ssrc);
    return true;
  }
  if (type !== SENDER_REPORT && type !== RECEIVER_REPORT && type !== APPLICATION) {
    if (type !== EXTENDED_REPORT && !FEEDBACK.includes(type)) return false;
    writeUint32(bytes, at + 4, to.ssrc);
    if (FEEDBACK.includes(type) && end >= at + 12 && source !== undefined) writeUint32(bytes, at + 8, source);
    return true;
  }
  writeUint32(bytes, at + 4, to.ssrc);
  if (type === APPLICATION) return true;
  let block = at + 8;
  if (type === SENDER_REPORT) {
    if (end < at + 28) return false;
    if (!translateSender(bytes, at, sender.transcoder, to)) return false;
    block = at + 28;
  }
  if (end < block + count * REPORT_BLOCK_LENGTH) return false;
  for (let number = 0; number < count; number++, block += REPORT_BLOCK_LENGTH) {
    if (readUint32(bytes, block) !== from.ssrc || source === undefined) continue;
    writeUint32(bytes, block, source);
    const offset = from.sequenceOffset + (heardBySender?.sequenceOffset ?? 0);
    writeUint16(bytes, block + 10, readUint16(bytes, block + 10) - offset);
    if (heardBySender === undefined) continue;
    writeUint32(bytes, block + 12, Math.round(readUint32(bytes, block + 12) / heardBySender.clockRatio)); // the jitter
  }
  return true;
}

/** What a sender's report says of the sender. False where that has no meaning for the reader yet. */
function translateSender(bytes: Uint8Array, at: number, transcoder: Transcoder | undefined, to: RtpOutbound): boolean {
  const timestamp = readUint32(bytes, at + 16);
  const translated = transcoder === undefined ? timestamp : transcoder.timestampOf(timestamp);
  if (translated === undefined) return false;
  writeUint32(bytes, at + 16, translated + to.timestampOffset);
  if (transcoder === undefined) return true;
  writeUint32(bytes, at + 20, transcoder.sent.packets);
  writeUint32(bytes, at + 24, transcoder.sent.octets);
  return true;
}
