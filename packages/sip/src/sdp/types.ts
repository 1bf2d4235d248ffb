/**
 * A session description (RFC 8866 §5). Values stand as they were written; attributes keep their order
 * and are never interpreted here, so that what we do not know survives.
 */
export interface SessionDescription {
  readonly origin: SdpOrigin;
  /** `s=`. */
  readonly name: string;
  /** `i=`. */
  readonly information: string | undefined;
  readonly uri: string | undefined;
  readonly emails: readonly string[];
  readonly phones: readonly string[];
  readonly connection: SdpConnection | undefined;
  readonly bandwidths: readonly SdpBandwidth[];
  /** At least one in a valid description. */
  readonly times: readonly SdpTime[];
  /** `k=`, obsolete and never acted on. */
  readonly key: string | undefined;
  readonly attributes: readonly SdpAttribute[];
  readonly media: readonly MediaDescription[];
}

/** `o=` (RFC 8866 §5.2). The two numbers may exceed 2^53, so they stay text. */
export interface SdpOrigin {
  readonly username: string;
  readonly sessionId: string;
  readonly sessionVersion: string;
  readonly networkType: string;
  readonly addressType: string;
  readonly address: string;
}

/** `c=` (RFC 8866 §5.7). */
export interface SdpConnection {
  readonly networkType: string;
  readonly addressType: string;
  /** With TTL and count where they are given: `233.252.0.1/127/3`. */
  readonly address: string;
}

/** `b=`; `value` in kilobits per second for CT and AS, in bits per second for TIAS, RS and RR. */
export interface SdpBandwidth {
  readonly type: string;
  readonly value: number;
}

/** `t=` with what belongs to it. */
export interface SdpTime {
  readonly start: string;
  readonly stop: string;
  /** `r=` lines. */
  readonly repeats: readonly string[];
  /** `z=`. */
  readonly zone: string | undefined;
}

/** `a=name` or `a=name:value`; `value` is undefined for the first form and '' for `a=name:`. */
export interface SdpAttribute {
  readonly name: string;
  readonly value: string | undefined;
}

/** `m=` and what follows it (RFC 8866 §5.14). */
export interface MediaDescription {
  /** audio, video, text, application, message, image, or another token. */
  readonly type: string;
  /** 0 refuses or ends the stream (RFC 3264 §6). */
  readonly port: number;
  /** The count after a slash, undefined where there is none. */
  readonly portCount: number | undefined;
  /** RTP/AVP, RTP/SAVP, … as written. */
  readonly protocol: string;
  /** Payload type numbers for RTP, as written; at least one. */
  readonly formats: readonly string[];
  readonly information: string | undefined;
  readonly connections: readonly SdpConnection[];
  readonly bandwidths: readonly SdpBandwidth[];
  readonly key: string | undefined;
  readonly attributes: readonly SdpAttribute[];
}
