import type { SecurityLevel } from '@trustline/evidence';
import type { MediaKey } from './keys.ts';

/** The media that one end offers or answers, in no protocol's words. SDP, Skinny's and H.245's are translated at the door. */
export interface MediaDescription {
  /** In the order of the offer; an answer has as many, in the same order (RFC 3264 §6). */
  readonly streams: readonly MediaStream[];
  /** Session-level attributes that nobody here interprets, raw and in order. */
  readonly attributes: readonly MediaAttribute[];
}

export interface MediaStream {
  /** `audio`, `video`, `application`, … */
  readonly type: string;
  /** Where this end receives. */
  readonly address: string;
  /** 0 refuses the stream. */
  readonly port: number;
  readonly transport: MediaTransport;
  /** As this end sees it: `sendonly` is what a phone says that holds the other. */
  readonly direction: MediaDirection;
  /** In the order of preference. */
  readonly formats: readonly MediaFormat[];
  /**
   * The keys that this end sends with: in an offer one or more to choose from, most preferred first, in an answer the
   * one chosen. Never keys that came over signalling which the leg knows to be unreadable as a key.
   */
  readonly keys: readonly MediaKey[];
  /**
   * The key that this end receives with, where whoever sends to it has to use that one in place of its own: a gateway for
   * which the key of the receiver protects (H.235.8 leaves it open). Only the relay is ever told to.
   */
  readonly receivesWith?: MediaKey;
  /** With `receivesWith`: nobody knows yet whether the end sends with that key and receives with the one of `keys`. */
  readonly mayBeSwapped?: true;
  /** It is the relay that sends here, and it sends with whichever key the other end receives with. */
  readonly isOfRelay?: true;
  /** All other attributes, raw and in order. */
  readonly attributes: readonly MediaAttribute[];
}

/** `RTP/AVP` and `RTP/SAVP` are understood; any other is carried as it is and counts as clear. */
export type MediaTransport = 'RTP/AVP' | 'RTP/SAVP' | (string & {});

export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

export interface MediaAttribute {
  readonly name: string;
  /** Absent for a property attribute such as `a=rtcp-mux`. */
  readonly value?: string;
}

export interface MediaFormat {
  /** The RTP payload type, 0–127; for transports that are not RTP the format's text stands in `encoding`. */
  readonly payloadType: number;
  /** The encoding name, `PCMU`; empty when only the number was given. */
  readonly encoding: string;
  /** In hertz; 0 when unknown. */
  readonly clockRate: number;
  readonly channels: number;
  /** The format's parameters as written (`a=fmtp`), `0-15`. */
  readonly parameters?: string;
}

/** How an offer asks for security. AVP with keys is understood when read and never written (RFC 4568 wants SAVP). */
export type OfferedSecurity = 'secure' | 'clear-with-keys' | 'clear';

export function isActive(stream: MediaStream): boolean {
  return stream.port !== 0;
}

/** What an offer asks for, over its streams that are not refused: one secure stream makes the offer secure. */
export function offeredSecurity(offer: MediaDescription): OfferedSecurity {
  const active = offer.streams.filter(isActive);
  if (active.some((stream) => stream.transport === 'RTP/SAVP')) return 'secure';
  return active.some((stream) => stream.keys.length > 0) ? 'clear-with-keys' : 'clear';
}

/** True when at least one stream is up and every stream that is up has a key. */
export function isEncrypted(description: MediaDescription): boolean {
  const active = description.streams.filter(isActive);
  return active.length > 0 && active.every(isSecure);
}

/** True for a stream that travels as SRTP: it has a key, in SAVP or, by a stranger's wish, in AVP. */
export function isSecure(stream: MediaStream): boolean {
  return stream.keys.length > 0 && (stream.transport === 'RTP/SAVP' || stream.transport === 'RTP/AVP');
}

/** The same stream, refused: nothing flows, and no key is told. */
export function refused(stream: MediaStream): MediaStream {
  return { ...stream, port: 0, keys: [], direction: 'inactive' };
}

const ranks: Readonly<Record<SecurityLevel, number>> = { 'non-secure': 0, authenticated: 1, encrypted: 2 };

/** The weakest of the levels: a call is as secure as its weakest leg. */
export function lowestLevel(levels: readonly SecurityLevel[]): SecurityLevel {
  let lowest: SecurityLevel = 'encrypted';
  for (const level of levels) if (ranks[level] < ranks[lowest]) lowest = level;
  return levels.length === 0 ? 'non-secure' : lowest;
}

/** Whether every stream that is in use has keys. */
export function isAllSecure({ streams }: MediaDescription): boolean {
  return streams.every((stream) => !isActive(stream) || isSecure(stream));
}
