/** One end of a transfer: an address and a port, which RFC 1350 §4 calls a transfer identifier (TID). */
export interface TftpPeer {
  readonly address: string;
  readonly port: number;
}

/** A datagram for the socket of a transfer. */
export interface TftpTransmit {
  readonly kind: 'transmit';
  readonly to: TftpPeer;
  readonly bytes: Uint8Array;
}

/** Why a transfer came to nothing. */
export type TftpFailureCause =
  /** The peer answered nothing to any retransmission. */
  | 'no-answer'
  /** The peer ended it with an ERROR. */
  | 'peer-error'
  /** The peer sent what no peer may send at this point. */
  | 'protocol'
  /** It took longer than a whole transfer may. */
  | 'too-slow'
  /** The file is larger than the client takes. */
  | 'too-large'
  /** Our client was told to end it. */
  | 'given-up';

export interface TftpFailure {
  readonly kind: 'failed';
  readonly cause: TftpFailureCause;
  /** In an operator's words. What a peer wrote is in it without control characters. */
  readonly reason: string;
  /** The code of the peer's ERROR, with `peer-error`. */
  readonly errorCode: number | undefined;
}

export function isSamePeer(one: TftpPeer, other: TftpPeer): boolean {
  return one.port === other.port && one.address === other.address;
}

/** What a peer wrote, fit to be shown: short, and without control characters. */
export function shownText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return text.slice(0, 128).replace(/[\u0000-\u001f\u007f-\u009f]/g, '?');
}

/** How long to wait for the `attempt`-th answer, counted from 0: doubled each time (RFC 1123 §4.2.3.2), up to a bound. */
export function waitFor(attempt: number, first: number, longest: number): number {
  return Math.min(first * 2 ** attempt, Math.max(first, longest));
}
