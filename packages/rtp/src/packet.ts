import { ByteWriter, TrustlineError } from '@trustline/base';
import type { RtpRejection } from './rejection.ts';

export const RTP_HEADER_LENGTH = 12;
const VERSION_2 = 2;
const MAXIMUM_CSRC = 15;

/** A header extension as RFC 3550 §5.3.1 frames it; `data` is a whole number of 32-bit words. */
export interface RtpHeaderExtension {
  /** The 16 bits that the profile defines: 0xBEDE for one-byte elements of RFC 8285. */
  readonly profile: number;
  readonly data: Uint8Array;
}

/** One RTP packet (RFC 3550 §5.1). Integers are unsigned and as wide as their fields. */
export interface RtpPacket {
  readonly marker: boolean;
  /** 0 to 127. */
  readonly payloadType: number;
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  /** At most 15. */
  readonly csrcs: readonly number[];
  readonly extension: RtpHeaderExtension | undefined;
  readonly payload: Uint8Array;
  /** Octets of padding, its count octet included; 0 for none, at most 255. */
  readonly paddingLength: number;
}

/**
 * Reads RTP headers without allocating: make one, `read` every packet into it, and take what you need before the
 * next. The offsets hold for the bytes that were read.
 */
export class RtpHeaderView {
  marker = false;
  payloadType = 0;
  sequenceNumber = 0;
  timestamp = 0;
  ssrc = 0;
  csrcCount = 0;
  hasExtension = false;
  payloadOffset = 0;
  payloadLength = 0;
  paddingLength = 0;

  /** Reads `bytes[0, length)`. Returns why it is no RTP packet, or undefined when the fields are set. */
  read(bytes: Uint8Array, length: number = bytes.byteLength): RtpRejection | undefined {
    if (length < RTP_HEADER_LENGTH) return 'too-short';
    const first = octet(bytes, 0);
    if (first >> 6 !== VERSION_2) return 'bad-version';
    const csrcCount = first & 0x0f;
    let offset = RTP_HEADER_LENGTH + 4 * csrcCount;
    if (offset > length) return 'truncated-csrc';
    const hasExtension = (first & 0x10) !== 0;
    if (hasExtension) {
      if (offset + 4 > length) return 'truncated-extension';
      offset += 4 + 4 * uint16(bytes, offset + 2);
      if (offset > length) return 'truncated-extension';
    }
    let paddingLength = 0;
    if ((first & 0x20) !== 0) {
      paddingLength = offset < length ? octet(bytes, length - 1) : 0;
      if (paddingLength === 0 || offset + paddingLength > length) return 'bad-padding';
    }
    const second = octet(bytes, 1);
    this.marker = second >= 0x80;
    this.payloadType = second & 0x7f;
    this.sequenceNumber = uint16(bytes, 2);
    this.timestamp = uint32(bytes, 4);
    this.ssrc = uint32(bytes, 8);
    this.csrcCount = csrcCount;
    this.hasExtension = hasExtension;
    this.payloadOffset = offset;
    this.payloadLength = length - offset - paddingLength;
    this.paddingLength = paddingLength;
    return undefined;
  }
}

/** Parses one packet. `payload` and extension data are views of `bytes`; copy what you keep. */
export function parseRtpPacket(bytes: Uint8Array): RtpPacket | RtpRejection {
  const view = new RtpHeaderView();
  const rejection = view.read(bytes);
  if (rejection !== undefined) return rejection;
  const csrcs: number[] = [];
  for (let i = 0; i < view.csrcCount; i++) csrcs.push(uint32(bytes, RTP_HEADER_LENGTH + 4 * i));
  const extensionAt = RTP_HEADER_LENGTH + 4 * view.csrcCount;
  return {
    marker: view.marker,
    payloadType: view.payloadType,
    sequenceNumber: view.sequenceNumber,
    timestamp: view.timestamp,
    ssrc: view.ssrc,
    csrcs,
    extension: view.hasExtension
      ? { profile: uint16(bytes, extensionAt), data: bytes.subarray(extensionAt + 4, view.payloadOffset) }
      : undefined,
    payload: bytes.subarray(view.payloadOffset, view.payloadOffset + view.payloadLength),
    paddingLength: view.paddingLength,
  };
}

/** @throws {TrustlineError} rtp.invalid-packet when a field does not fit the wire */
export function serializeRtpPacket(packet: RtpPacket): Uint8Array {
  checkPacket(packet);
  const { csrcs, extension, paddingLength } = packet;
  const writer = new ByteWriter(RTP_HEADER_LENGTH + packet.payload.byteLength + paddingLength);
  writer.u8((VERSION_2 << 6) | (paddingLength > 0 ? 0x20 : 0) | (extension === undefined ? 0 : 0x10) | csrcs.length);
  writer.u8((packet.marker ? 0x80 : 0) | packet.payloadType);
  writer.u16(packet.sequenceNumber).u32(packet.timestamp).u32(packet.ssrc);
  for (const csrc of csrcs) writer.u32(csrc);
  if (extension !== undefined) {
    writer
      .u16(extension.profile)
      .u16(extension.data.byteLength / 4)
      .bytes(extension.data);
  }
  writer.bytes(packet.payload);
  if (paddingLength > 0) writer.zeros(paddingLength - 1).u8(paddingLength);
  return writer.finish();
}

/**
 * Writes a plain 12-octet header for the media path, without CSRC, extension or padding. Returns its length.
 * `out` has at least 12 octets; timestamps and sequence numbers are taken modulo their width.
 */
export function writeRtpHeader(
  out: Uint8Array,
  marker: boolean,
  payloadType: number,
  sequenceNumber: number,
  timestamp: number,
  ssrc: number,
): number {
  out[0] = VERSION_2 << 6;
  out[1] = (marker ? 0x80 : 0) | (payloadType & 0x7f);
  out[2] = sequenceNumber >>> 8;
  out[3] = sequenceNumber;
  writeUint32(out, 4, timestamp);
  writeUint32(out, 8, ssrc);
  return RTP_HEADER_LENGTH;
}

/** Whether a datagram of a multiplexed port is RTCP: its packet type is 192 to 223 (RFC 5761 §4). */
export function isRtcp(bytes: Uint8Array): boolean {
  const type = bytes[1];
  return type !== undefined && type >= 192 && type <= 223;
}

function checkPacket(packet: RtpPacket): void {
  const { extension } = packet;
  const fits =
    unsigned(packet.payloadType, 0x7f) &&
    unsigned(packet.sequenceNumber, 0xffff) &&
    unsigned(packet.timestamp, 0xffff_ffff) &&
    unsigned(packet.ssrc, 0xffff_ffff) &&
    packet.csrcs.length <= MAXIMUM_CSRC &&
    packet.csrcs.every((csrc) => unsigned(csrc, 0xffff_ffff)) &&
    unsigned(packet.paddingLength, 0xff) &&
    (extension === undefined ||
      (unsigned(extension.profile, 0xffff) &&
        extension.data.byteLength % 4 === 0 &&
        extension.data.byteLength / 4 <= 0xffff));
  if (!fits) throw new TrustlineError('rtp.invalid-packet', 'a field of the RTP packet does not fit (RFC 3550 §5.1)');
}

function unsigned(value: number, maximum: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= maximum;
}

// Plain octet access: a DataView would be an allocation per packet. Callers have checked the bounds.
function octet(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

function uint16(bytes: Uint8Array, at: number): number {
  return (octet(bytes, at) << 8) | octet(bytes, at + 1);
}

function uint32(bytes: Uint8Array, at: number): number {
  return ((uint16(bytes, at) << 16) | uint16(bytes, at + 2)) >>> 0;
}

function writeUint32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
}
