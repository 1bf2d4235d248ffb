/** What captures are made of, whatever the file format. */

/** Link types (https://www.tcpdump.org/linktypes.html), those whose frames this room reads. */
export const linkTypes = {
  null: 0,
  ethernet: 1,
  ppp: 9,
  /** Raw IP as some systems number it in a file. */
  rawBsd: 12,
  rawOpenBsd: 14,
  /** PPP in HDLC-like framing, its address and control in front. */
  pppHdlc: 50,
  pppoe: 51,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

/**
 * A moment of wall time. One number of nanoseconds since 1970 would not fit a double, so it is split:
 * whole microseconds since 1970 in UTC, and 0 to 999 nanoseconds beyond.
 */
export interface CaptureTime {
  readonly microseconds: number;
  readonly nanoseconds: number;
}

/** The moment of a `Date.now()` or of any milliseconds since 1970, fractions kept to the microsecond. */
export function timeFromMilliseconds(milliseconds: number): CaptureTime {
  return { microseconds: Math.round(milliseconds * 1000), nanoseconds: 0 };
}

export interface CaptureInterface {
  readonly linkType: number;
  /** The most octets that are kept of a packet; 0 for no limit. */
  readonly snapLength: number;
  readonly name: string | undefined;
}

/** Which way a packet went, seen from the interface that captured it. */
export type CaptureDirection = 'inbound' | 'outbound';

/** Its `data` stays valid: nothing is written over it. */
export interface CapturedPacket {
  readonly kind: 'packet';
  /** Number in the capture, from 1, as other tools count. */
  readonly number: number;
  readonly interface: CaptureInterface;
  /** Undefined for a Simple Packet Block, which has none. */
  readonly time: CaptureTime | undefined;
  readonly data: Uint8Array;
  /** Octets on the wire; more than `data` holds when the capture cut it. */
  readonly originalLength: number;
  readonly direction: CaptureDirection | undefined;
  readonly comment: string | undefined;
}

/** A pcapng Decryption Secrets Block: keys that travel with the capture, in the format that `type` names. */
export interface CaptureSecrets {
  readonly kind: 'secrets';
  readonly type: number;
  readonly data: Uint8Array;
}

export type CaptureItem =
  | { readonly kind: 'section'; readonly format: 'pcap' | 'pcapng'; readonly littleEndian: boolean }
  | { readonly kind: 'interface'; readonly interface: CaptureInterface }
  | CapturedPacket
  | CaptureSecrets
  /** A pcapng block of a type that is not read, for instance name resolution. */
  | { readonly kind: 'unknown-block'; readonly type: number; readonly body: Uint8Array };

/** Formats of secrets in a capture (draft-ietf-opsawg-pcapng §4.7), those that are of use here. */
export const secretsTypes = {
  /** The lines of an `SSLKEYLOGFILE`. */
  tlsKeyLog: 0x544c534b,
} as const;

/** How a capture ended. In each case everything up to the last whole packet has been read. */
export type CaptureEnd =
  | { readonly kind: 'complete' }
  /** The file stops within a packet or block. */
  | { readonly kind: 'truncated'; readonly offset: number }
  /** From this octet on the file is not what it says it is. */
  | { readonly kind: 'malformed'; readonly offset: number; readonly sentence: string };
