import { assertNever, ByteReader, ByteWriter, TrustlineError } from '@trustline/base';
import type { RtpRejection } from './rejection.ts';

/** 64-bit NTP time as two 32-bit numbers (RFC 3550 §4). */
export interface NtpTimestamp {
  readonly seconds: number;
  readonly fraction: number;
}

/** RFC 3550 §6.4.1. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Lost in 1/256 since the last report, 0 to 255. */
  readonly fractionLost: number;
  /** Signed 24 bits: duplicates make it negative. */
  readonly cumulativeLost: number;
  readonly highestSequenceNumber: number;
  /** In timestamp units. */
  readonly jitter: number;
  /** Middle 32 bits of the last SR's NTP timestamp, 0 for none. */
  readonly lastSenderReport: number;
  /** 1/65,536 s since that SR arrived. */
  readonly delaySinceLastSenderReport: number;
}

export interface SourceDescriptionItem {
  /** 1 CNAME, 2 NAME, 3 EMAIL, 4 PHONE, 5 LOC, 6 TOOL, 7 NOTE, 8 PRIV. */
  readonly type: number;
  readonly value: Uint8Array;
}

export interface SourceDescriptionChunk {
  readonly ssrc: number;
  readonly items: readonly SourceDescriptionItem[];
}

export type RtcpPacket =
  | {
      readonly kind: 'sender-report';
      readonly ssrc: number;
      readonly ntp: NtpTimestamp;
      readonly rtpTimestamp: number;
      readonly packetCount: number;
      readonly octetCount: number;
      readonly reports: readonly ReportBlock[];
      readonly extension: Uint8Array;
    }
  | {
      readonly kind: 'receiver-report';
      readonly ssrc: number;
      readonly reports: readonly ReportBlock[];
      readonly extension: Uint8Array;
    }
  | {
      readonly kind: 'source-description';
      readonly chunks: readonly SourceDescriptionChunk[];
    }
  | { readonly kind: 'goodbye'; readonly sources: readonly number[]; readonly reason: Uint8Array | undefined }
  | {
      readonly kind: 'application';
      readonly subtype: number;
      readonly ssrc: number;
      /** Four ASCII characters. */
      readonly name: string;
      readonly data: Uint8Array;
    }
  /** Any other type; `count` is the 5-bit field and `data` what follows the first word. */
  | { readonly kind: 'unknown'; readonly packetType: number; readonly count: number; readonly data: Uint8Array };

const VERSION_2 = 2;
const SENDER_REPORT = 200;
const RECEIVER_REPORT = 201;
const SOURCE_DESCRIPTION = 202;
const GOODBYE = 203;
const APPLICATION = 204;
/** The five bits that count blocks, chunks or sources. */
const MAXIMUM_COUNT = 31;
const REPORT_BLOCK_LENGTH = 24;

/**
 * Parses a compound packet. Any order and any types are read, reduced-size packets too (RFC 5506); what is not
 * known is kept. Byte fields are views of `bytes`; copy what you keep. Never throws.
 *
 * @see RFC 3550 §6.4 to §6.7, A.2
 */
export function parseRtcpCompound(bytes: Uint8Array): readonly RtcpPacket[] | RtpRejection {
  const packets: RtcpPacket[] = [];
  let offset = 0;
  if (bytes.byteLength < 4) return 'too-short';
  while (offset < bytes.byteLength) {
    if (offset + 4 > bytes.byteLength) return 'bad-length';
    const header = new ByteReader(bytes.subarray(offset));
    const first = header.u8();
    const packetType = header.u8();
    const length = 4 + 4 * header.u16();
    if (first >> 6 !== VERSION_2) return 'bad-version';
    let end = offset + length;
    if (end > bytes.byteLength) return 'bad-length';
    if ((first & 0x20) !== 0) {
      const padding = length > 4 ? (bytes[end - 1] as number) : 0;
      // "padding should only be required on one individual packet", the last (RFC 3550 §6.4.1)
      if (end !== bytes.byteLength || padding === 0 || padding % 4 !== 0 || padding > length - 4) return 'bad-padding';
      end -= padding;
    }
    const packet = parseBody(packetType, first & 0x1f, bytes.subarray(offset + 4, end));
    if (packet === undefined) return 'malformed';
    packets.push(packet);
    offset += length;
  }
  return packets;
}

function parseBody(packetType: number, count: number, body: Uint8Array): RtcpPacket | undefined {
  const reader = new ByteReader(body);
  switch (packetType) {
    case SENDER_REPORT: {
      if (body.byteLength < 24 + REPORT_BLOCK_LENGTH * count) return undefined;
      return {
        kind: 'sender-report',
        ssrc: reader.u32(),
        ntp: { seconds: reader.u32(), fraction: reader.u32() },
        rtpTimestamp: reader.u32(),
        packetCount: reader.u32(),
        octetCount: reader.u32(),
        reports: readReports(reader, count),
        extension: reader.take(reader.remaining),
      };
    }
    case RECEIVER_REPORT: {
      if (body.byteLength < 4 + REPORT_BLOCK_LENGTH * count) return undefined;
      return {
        kind: 'receiver-report',
        ssrc: reader.u32(),
        reports: readReports(reader, count),
        extension: reader.take(reader.remaining),
      };
    }
    case SOURCE_DESCRIPTION:
      return readSourceDescription(reader, count);
    case GOODBYE:
      return readGoodbye(reader, count);
    case APPLICATION: {
      if (body.byteLength < 8) return undefined;
      const ssrc = reader.u32();
      const name = String.fromCharCode(...reader.take(4));
      return { kind: 'application', subtype: count, ssrc, name, data: reader.take(reader.remaining) };
    }
    default:
      return { kind: 'unknown', packetType, count, data: body };
  }
}

function readReports(reader: ByteReader, count: number): ReportBlock[] {
  return Array.from({ length: count }, () => ({
    ssrc: reader.u32(),
    fractionLost: reader.u8(),
    cumulativeLost: (reader.u24() << 8) >> 8,
    highestSequenceNumber: reader.u32(),
    jitter: reader.u32(),
    lastSenderReport: reader.u32(),
    delaySinceLastSenderReport: reader.u32(),
  }));
}

function readSourceDescription(reader: ByteReader, count: number): RtcpPacket | undefined {
  const chunks: SourceDescriptionChunk[] = [];
  for (let chunk = 0; chunk < count; chunk++) {
    if (reader.remaining < 4) return undefined;
    const ssrc = reader.u32();
    const items: SourceDescriptionItem[] = [];
    for (;;) {
      if (reader.remaining < 1) return undefined;
      const type = reader.u8();
      if (type === 0) break;
      if (reader.remaining < 1) return undefined;
      const length = reader.u8();
      if (reader.remaining < length) return undefined;
      items.push({ type, value: reader.take(length) });
    }
    // the list ends with at least one null octet and the chunk at a word (RFC 3550 §6.5)
    reader.skip(Math.min(reader.remaining, (4 - (reader.offset % 4)) % 4));
    chunks.push({ ssrc, items });
  }
  return { kind: 'source-description', chunks };
}

function readGoodbye(reader: ByteReader, count: number): RtcpPacket | undefined {
  if (reader.remaining < 4 * count) return undefined;
  const sources = Array.from({ length: count }, () => reader.u32());
  let reason: Uint8Array | undefined;
  if (reader.remaining > 0) {
    const length = reader.u8();
    if (length > reader.remaining) return undefined;
    reason = reader.take(length);
  }
  return { kind: 'goodbye', sources, reason };
}

/**
 * Writes the packets one after the other.
 *
 * @throws {TrustlineError} rtp.invalid-rtcp when a count, length or name does not fit the wire
 */
export function serializeRtcpCompound(packets: readonly RtcpPacket[]): Uint8Array {
  const writer = new ByteWriter();
  for (const packet of packets) writePacket(writer, packet);
  return writer.finish();
}

function writePacket(writer: ByteWriter, packet: RtcpPacket): void {
  const start = writer.length;
  const [packetType, count] = typeAndCount(packet);
  if (count > MAXIMUM_COUNT) throw invalid(`a packet counts at most ${MAXIMUM_COUNT} entries, not ${count}`);
  writer.u8((VERSION_2 << 6) | count);
  writer.u8(packetType).u16(0);
  switch (packet.kind) {
    case 'sender-report':
      writer.u32(packet.ssrc).u32(packet.ntp.seconds).u32(packet.ntp.fraction);
      writer.u32(packet.rtpTimestamp).u32(packet.packetCount).u32(packet.octetCount);
      for (const report of packet.reports) writeReport(writer, report);
      writer.bytes(packet.extension);
      break;
    case 'receiver-report':
      writer.u32(packet.ssrc);
      for (const report of packet.reports) writeReport(writer, report);
      writer.bytes(packet.extension);
      break;
    case 'source-description':
      for (const chunk of packet.chunks) {
        writer.u32(chunk.ssrc);
        for (const item of chunk.items) {
          if (item.type === 0) throw invalid('an SDES item of type 0 would end its list');
          writer.u8(item.type).u8(shortLength(item.value)).bytes(item.value);
        }
        writer.zeros(4 - (writer.length % 4)); // at least one
      }
      break;
    case 'goodbye':
      for (const source of packet.sources) writer.u32(source);
      if (packet.reason !== undefined) {
        writer.u8(shortLength(packet.reason)).bytes(packet.reason);
        writer.zeros((4 - (writer.length % 4)) % 4);
      }
      break;
    case 'application':
      if (!/^[\0-\xff]{4}$/.test(packet.name)) throw invalid('the name of an APP packet has four octets');
      writer.u32(packet.ssrc);
      for (const character of packet.name) writer.u8(character.charCodeAt(0));
      writer.bytes(packet.data);
      break;
    case 'unknown':
      writer.bytes(packet.data);
      break;
    default:
      assertNever(packet);
  }
  const length = writer.length - start;
  if (length % 4 !== 0 || length / 4 - 1 > 0xffff) throw invalid('an RTCP packet is a whole number of words');
  writer.setU16(start + 2, length / 4 - 1);
}

function typeAndCount(packet: RtcpPacket): readonly [number, number] {
  switch (packet.kind) {
    case 'sender-report':
      return [SENDER_REPORT, packet.reports.length];
    case 'receiver-report':
      return [RECEIVER_REPORT, packet.reports.length];
    case 'source-description':
      return [SOURCE_DESCRIPTION, packet.chunks.length];
    case 'goodbye':
      return [GOODBYE, packet.sources.length];
    case 'application':
      return [APPLICATION, packet.subtype];
    case 'unknown':
      return [packet.packetType, packet.count];
    default:
      return assertNever(packet);
  }
}

function writeReport(writer: ByteWriter, report: ReportBlock): void {
  writer.u32(report.ssrc).u8(report.fractionLost);
  writer.u8((report.cumulativeLost >> 16) & 0xff).u16(report.cumulativeLost & 0xffff);
  writer.u32(report.highestSequenceNumber).u32(report.jitter);
  writer.u32(report.lastSenderReport).u32(report.delaySinceLastSenderReport);
}

function shortLength(value: Uint8Array): number {
  if (value.byteLength > 0xff) throw invalid(`a text has at most 255 octets, not ${value.byteLength}`);
  return value.byteLength;
}

function invalid(message: string): TrustlineError {
  return new TrustlineError('rtp.invalid-rtcp', `${message} (RFC 3550 §6)`);
}
