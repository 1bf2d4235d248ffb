import { SipError } from '../error.ts';
import type { SipHeader } from '../message/types.ts';

/** What a caller asks for. */
export interface PlaceOptions {
  readonly requestUri: string;
  /** From and To values without tags. */
  readonly from: string;
  readonly to: string;
  /** The offer; without one the callee makes it (RFC 3261 §13.2.1). */
  readonly offer?: Uint8Array | undefined;
  /** Route values, first hop first: a pre-loaded route set, for instance the Path of a registration. */
  readonly route?: readonly string[];
  /** Call-Info, P-Asserted-Identity and the like. */
  readonly headers?: readonly SipHeader[];
  /** Hops that are left, for a call that goes on from another (RFC 7332 §4); 70 by default. */
  readonly maxForwards?: number;
  /** Milliseconds after which a `silent` event says that nothing has come back, not even 100; never by default. */
  readonly silence?: number;
  /** Made from randomness by default. */
  readonly callId?: string;
}

/** What may go with any message of a session. */
export interface MessageExtras {
  readonly headers?: readonly SipHeader[];
}

export interface RingOptions extends MessageExtras {
  /** Early media, a preview of the answer; `accept` gives it again. */
  readonly earlyAnswer?: Uint8Array;
  /**
   * Makes the offer for a caller that made none and wants to hear reliably that it rings (RFC 3262 §5); asked for where one is
   * due. It is answered in the PRACK; the offer that `accept` then brings goes in a re-INVITE after the ACK.
   */
  readonly offer?: () => Uint8Array;
}

export interface RejectOptions extends MessageExtras {
  /** The reason phrase. */
  readonly reason?: string;
}

export interface HangUpOptions extends MessageExtras {
  /** The value of a Reason header, for instance `Q.850;cause=16` (RFC 3326). */
  readonly reason?: string;
}

export interface ReofferOptions extends MessageExtras {
  /**
   * UPDATE needs a peer that allows it, and an answer without delay (RFC 3311 §5.1); while our INVITE has no final response
   * nothing else goes, and that where `progress` says `takesOffers`. Default: INVITE.
   */
  readonly method?: 'INVITE' | 'UPDATE';
}

export interface InfoContent extends MessageExtras {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** A request of the user's own within the dialog, of a method that the session has no meaning for: REFER, NOTIFY. */
export interface RequestContent extends MessageExtras {
  readonly method: string;
  /** Its Content-Type goes into `headers`. */
  readonly body?: Uint8Array;
}

/** A command that no state of the network excuses. */
export function wrongCommand(message: string): SipError {
  return new SipError('sip.wrong-command', message);
}
