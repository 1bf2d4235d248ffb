import type { PartyNumber } from '@trustline/h323';

/** G.711's law on the port's side: the octets go through unchanged where both sides have the same. */
export type CompandingLaw = 'A' | 'mu';

/** Audio goes through a port in blocks of 20 ms of G.711. */
export const AUDIO_BLOCK_OCTETS = 160;

/** Who calls, as far as the caller lets it be known. */
export interface CallingParty {
  /** `presentation` says whether it may be shown (Q.951): indicator 1 is restricted. */
  readonly number?: PartyNumber;
  /** Never that of a caller whose number is restricted. */
  readonly name?: string;
}

/** A call that the gateway places at a port. */
export interface OutgoingCall {
  readonly called: PartyNumber;
  /** More digits may follow by `sendDigits` where it is not. */
  readonly complete: boolean;
  readonly calling?: CallingParty;
  /** Who the call was first for, and why it was diverted. */
  readonly redirecting?: PartyNumber;
}

/** What there is to say when a call ends; `value` is that of Q.850. */
export interface ReleaseCause {
  readonly value: number;
  /** Who says it, as in a cause of Q.931: 0 the user, 2 the public network that serves it, 10 a network beyond. */
  readonly location: number;
}

export type VoicePortEvent =
  /**
   * Somebody calls from the far side. The called number may be empty, as that of an FXO port always is: then the gateway
   * has its own plan for the port. Where it is not complete, digits follow, asked for by `wantDigits`.
   */
  | {
      readonly kind: 'incoming';
      readonly call: number;
      readonly called: PartyNumber;
      readonly complete: boolean;
      readonly calling: CallingParty;
      readonly redirecting?: PartyNumber;
    }
  /** More digits of the called number; `complete` with or without a digit where no more will come. */
  | { readonly kind: 'digits'; readonly call: number; readonly digits: string; readonly complete: boolean }
  /** Of a call that was placed incomplete: the far side waits for digits. */
  | { readonly kind: 'more-digits-wanted'; readonly call: number }
  /**
   * How a placed call goes on. `inBand`: tones or words of the far side are to be heard from now on. A `progress` with a
   * cause says why the call will fail, while words about it are still to be heard; `released` follows.
   */
  | { readonly kind: 'proceeding' | 'alerting'; readonly call: number; readonly inBand: boolean }
  | { readonly kind: 'progress'; readonly call: number; readonly inBand: boolean; readonly cause?: ReleaseCause }
  | { readonly kind: 'answered'; readonly call: number; readonly connected?: PartyNumber }
  /** Keys pressed at the far end in a call that stands: of Q.931 keypad, or heard as DTMF by an analogue port. */
  | { readonly kind: 'keys'; readonly call: number; readonly keys: string }
  /** The hook was pressed for a moment (an FXS port). */
  | { readonly kind: 'hook-flash'; readonly call: number }
  /** The last event of a call, as soon as its end is known; it comes for `release` too. Its channel may be busy a little longer. */
  | {
      readonly kind: 'released';
      readonly call: number;
      readonly cause: ReleaseCause;
      readonly by: 'far-end' | 'gateway' | 'timer' | 'line';
    }
  /** 20 ms from the far side. It is also the moment to `write` 20 ms. The octets are good until the next call of `poll`. */
  | { readonly kind: 'audio'; readonly call: number; readonly octets: Uint8Array }
  /** Whether calls can be placed at all; a port begins out of service. */
  | { readonly kind: 'service'; readonly inService: boolean; readonly reason: string };

/**
 * A port of the gateway towards the public network or a telephone: what a primary rate access, an FXS and an FXO port have
 * in common. Calls have numbers of the port's own, which are not used again.
 *
 * A placed call: `place`; then `more-digits-wanted`, `proceeding`, `progress`, `alerting`, `answered`, each or none;
 * `released`. A call from the far side: `incoming`; then `wantDigits` or `proceed`, `progress`, `alert`, `answer`, in this
 * order, each or none; `released`. A command that does not fit what the call has come to does nothing.
 *
 * The line's side (frames, hook, audio) is each kind's own. Time is monotonic milliseconds passed in.
 */
export interface VoicePort {
  /** As call records and displays show it, for instance `0/1`. */
  readonly name: string;
  readonly kind: 'pri' | 'fxs' | 'fxo';
  readonly law: CompandingLaw;
  readonly inService: boolean;
  /** How many calls there can be, and how many more there can be now. */
  readonly channels: number;
  readonly freeChannels: number;

  /** Places a call and returns its number. What it cannot do comes as `released`: 34 where no channel is free, 38 out of service. */
  place(now: number, outgoing: OutgoingCall): number;
  /** More digits of a placed call's number. */
  sendDigits(now: number, call: number, digits: string, complete: boolean): void;
  /** The number of a call from the far side is not complete yet. */
  wantDigits(now: number, call: number): void;
  proceed(now: number, call: number): void;
  /** Tones or words that are written are to be heard; the cause says why the call will fail. */
  progress(now: number, call: number, cause?: ReleaseCause): void;
  /** The called rings; the far side makes its ringing tone unless `inBand`. */
  alert(now: number, call: number, inBand: boolean): void;
  answer(now: number, call: number, connected?: PartyNumber): void;
  /** Keys to the far end of a call that stands, in the way of the port: as DTMF in the audio. */
  sendKeys(now: number, call: number, keys: string): void;
  release(now: number, call: number, cause: ReleaseCause): void;
  /** 20 ms to the far side: `AUDIO_BLOCK_OCTETS` octets in the port's law, copied. Late or missing blocks are silence. */
  write(call: number, octets: Uint8Array): void;
  /** The channel that carries a call, as the far side numbers it (the timeslot of an access); undefined where none does yet. */
  channelOf(call: number): number | undefined;

  poll(): VoicePortEvent | undefined;
  nextDeadline(): number | undefined;
  handleTime(now: number): void;
}
