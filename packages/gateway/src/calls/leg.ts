import type { ReleaseCause } from '../voice-port.ts';

/** Who calls, as far as it may be known further on. */
export interface Caller {
  /** `+` and E.164 where that is known; empty where the caller has none. */
  readonly number: string;
  readonly name?: string;
  /** The caller wants not to be shown: the number goes on with this mark where the far side keeps it, or not at all. */
  readonly restricted: boolean;
  /** Who says so, of Q.951: 0 the user, unscreened; 1 verified; 3 the network. */
  readonly screening: number;
}

/** What a call is for when it comes, and when it goes out. */
export interface CallRequest {
  readonly called: string;
  /** Whether no more digits will come. */
  readonly complete: boolean;
  readonly caller: Caller;
  /** Who the call was first for. */
  readonly diverted?: { readonly number: string; readonly reason?: number };
}

/** What one side of a call says, whatever it speaks. */
export type LegEvent =
  /** More digits of the called number; `complete` with or without a digit where no more will come. */
  | { readonly kind: 'digits'; readonly digits: string; readonly complete: boolean }
  /** The far side of a call that was placed incomplete waits for digits. */
  | { readonly kind: 'more-digits-wanted' }
  /** `inBand`: there is something to be heard from now on. */
  | { readonly kind: 'proceeding' | 'alerting'; readonly inBand: boolean }
  | { readonly kind: 'progress'; readonly inBand: boolean; readonly cause?: ReleaseCause }
  | { readonly kind: 'answered'; readonly connected?: string }
  /** Keys pressed while the two can hear each other. */
  | { readonly kind: 'keys'; readonly keys: string }
  /** The last of a leg. */
  | { readonly kind: 'released'; readonly cause: ReleaseCause };

/** What one side of a call is told. What does not fit its state is passed over by it. */
export type LegCommand =
  | { readonly kind: 'want-digits' | 'proceed' }
  | { readonly kind: 'send-digits'; readonly digits: string; readonly complete: boolean }
  | { readonly kind: 'progress'; readonly cause?: ReleaseCause }
  | { readonly kind: 'alert'; readonly inBand: boolean }
  /** `beyond` names the port that the call goes on by, for who may read it: `port 0/1:7`. */
  | { readonly kind: 'answer'; readonly connected?: string; readonly beyond?: string }
  | { readonly kind: 'send-keys'; readonly keys: string }
  | { readonly kind: 'release'; readonly cause: ReleaseCause };

/** What is played to one side. */
export type ProgressTone = 'ringback' | 'busy' | 'congestion';
