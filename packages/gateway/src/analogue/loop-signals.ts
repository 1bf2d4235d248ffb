/** What the exchange's end of a two-wire line does (FXS): its battery, and ringing current. */
export type OfficeSignal =
  /** Reversed when the far end has answered, where the line has that; off for a moment when the call is over. */
  { readonly kind: 'battery'; readonly battery: Battery } | { readonly kind: 'ringing'; readonly on: boolean };

export type Battery = 'normal' | 'reversed' | 'off';

/** What the subscriber's end does (FXO, or a telephone): it closes the loop or opens it. */
export interface StationSignal {
  readonly kind: 'loop';
  readonly closed: boolean;
}

/** How caller ID is sent on a line; `none` where it is not. */
export type CallerIdMethod = 'bell-202' | 'v23' | 'dtmf' | 'none';
