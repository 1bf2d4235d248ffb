import type { SecurityLevel } from '@trustline/evidence';
import type { Answer } from './answer.ts';

/** A message of SIP or Skinny (SCCP) that came or went while somebody watched; one a line. */
export interface TracedMessage extends Answer {
  /** ISO 8601. */
  readonly at: string;
  readonly direction: 'received' | 'sent';
  readonly protocol: 'sip' | 'sccp' | 'h323';
  readonly transport: 'udp' | 'tcp' | 'tls' | 'wss';
  /** Address and port of this side, and of the other. */
  readonly local: string;
  readonly remote: string;
  /** The device at the other end; null for a stranger. */
  readonly device: string | null;
  /** `INVITE 1002`, `180 Ringing`; of Skinny `OffHook`, `CallState Connected`; of H.323 `Setup 9123`, `Facility: openLogicalChannel`. */
  readonly words: string;
  /** What it says of media, without keys: `RTP/SAVP AES_CM_128_HMAC_SHA1_80`; null where it says nothing. */
  readonly media: string | null;
  /** Why, in the words for people of a refusal or a hang-up; null where it says nothing. */
  readonly reason: string | null;
  /** Of SIP the Call-ID; of Skinny the phone's name and its reference of the call, 0 for none: `SEP001122334455/3`; of H.323 the gateway and a connection: `gw1/out3`. */
  readonly callId: string;
  /** The leg that it belongs to; null where it belongs to none, as that of a call that was refused before it began. */
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
  /** Null for one over TLS, where the asker has not asked to see into TLS, and for Skinny and H.323, which are no text. */
  readonly text: string | null;
}
