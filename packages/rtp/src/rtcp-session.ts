import type { RtpRejection } from './rejection.ts';
import type { RtcpPacket } from './rtcp.ts';

export interface RtcpSessionOptions {
  readonly ssrc: number;
  /** CNAME of the source description (RFC 7022 recommends a random one). */
  readonly canonicalName: string;
  readonly clockRate: number;
  /** Unix time in milliseconds when the monotonic clock read 0; SR timestamps and round trips use it. */
  readonly unixTimeAtZero: number;
  /** Session bandwidth in bits per second; 64,000 + headers by default. */
  readonly sessionBandwidth?: number;
  readonly random: (length: number) => Uint8Array;
}

export type RtcpSessionOutput =
  | { readonly kind: 'transmit'; readonly packet: Uint8Array }
  /** The far end said goodbye. */
  | { readonly kind: 'goodbye'; readonly ssrc: number; readonly reason: string | undefined };

/** The two directions of a call as statistics know them. */
export interface MediaStatistics {
  readonly packetsSent: number;
  readonly octetsSent: number;
  readonly packetsReceived: number;
  readonly packetsLost: number;
  /** Lost share since the session began, 0 to 1. */
  readonly lossRatio: number;
  readonly jitterMilliseconds: number;
  readonly roundTripMilliseconds: number | undefined;
  /** What the far end reports about our packets. */
  readonly remoteLossRatio: number | undefined;
  readonly remoteJitterMilliseconds: number | undefined;
}

export declare class RtcpSession {
  constructor(options: RtcpSessionOptions);
  handleSent(now: number, timestamp: number, payloadLength: number): void;
  /** Returns whether the packet belongs to a validated source (RFC 3550 A.1). */
  handleReceived(now: number, ssrc: number, sequenceNumber: number, timestamp: number): boolean;
  /** `compound` is one decrypted RTCP packet. */
  handleRtcp(now: number, compound: Uint8Array): readonly RtcpPacket[] | RtpRejection;
  handleTimeout(now: number): void;
  /** Sends the goodbye at the end of the session. */
  leave(now: number, reason?: string): void;
  nextDeadline(): number | undefined;
  poll(): RtcpSessionOutput | undefined;
  statistics(): MediaStatistics;
}
