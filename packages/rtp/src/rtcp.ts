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
      readonly chunks: readonly { readonly ssrc: number; readonly items: readonly SourceDescriptionItem[] }[];
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

export declare function parseRtcpCompound(bytes: Uint8Array): readonly RtcpPacket[] | RtpRejection;
export declare function serializeRtcpCompound(packets: readonly RtcpPacket[]): Uint8Array;
