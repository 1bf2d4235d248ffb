/** How much one phone may ask of a manager. */
export interface ServerLimits {
  /** Octets of a message id and body together. */
  readonly longestMessage: number;
  /** A phone that registers asks about a hundred things at once. */
  readonly messages: { readonly perSecond: number; readonly burst: number };
  /** How many messages may be dropped before the connection is closed. */
  readonly dropped: { readonly perSecond: number; readonly burst: number };
  /** Faster than fingers, as slow as a speed dial that a phone dials itself. */
  readonly digits: { readonly perSecond: number; readonly burst: number };
  /** How many messages may be malformed or out of place before the connection is closed. */
  readonly bad: { readonly perSecond: number; readonly burst: number };
  /** Milliseconds for a phone that is connected to ask for something. */
  readonly registration: number;
  /** Milliseconds after which a phone that is served is said to be ready, whatever it has not asked yet. */
  readonly ready: number;
  /** How many times a phone may miss its sign of life. */
  readonly missedKeepAlives: number;
}

export const defaultServerLimits: ServerLimits = {
  longestMessage: 8_192,
  messages: { perSecond: 50, burst: 300 },
  dropped: { perSecond: 1, burst: 1_000 },
  digits: { perSecond: 20, burst: 40 },
  bad: { perSecond: 0.1, burst: 50 },
  registration: 30_000,
  ready: 10_000,
  missedKeepAlives: 3,
};
