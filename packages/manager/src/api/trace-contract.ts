import type { SecurityLevel } from '@trustline/evidence';
import type { Answer } from './answer.ts';

/** A SIP message that came or went while somebody watched; one a line. */
export interface TracedMessage extends Answer {
  /** ISO 8601. */
  readonly at: string;
  readonly direction: 'received' | 'sent';
  readonly transport: 'udp' | 'tcp' | 'tls' | 'wss';
  /** Address and port of this side, and of the other. */
  readonly local: string;
  readonly remote: string;
  /** The device at the other end; null for a stranger. */
  readonly device: string | null;
  /** `INVITE 1002`, `180 Ringing`. */
  readonly words: string;
  /** What it says of media, without keys: `RTP/SAVP AES_CM_128_HMAC_SHA1_80`; null where it says nothing. */
  readonly media: string | null;
  readonly callId: string;
  /** The leg that it belongs to; null where it belongs to none. */
  readonly leg: {
    readonly call: string;
    readonly role: 'calling' | 'called';
    readonly line: string;
    /** The level of the call after it. */
    readonly level: SecurityLevel;
  } | null;
}

/** A message with its text, without keys; one a line. */
export interface TracedText extends TracedMessage {
  /** Null for one over TLS, where the asker has not asked to see into TLS. */
  readonly text: string | null;
}
