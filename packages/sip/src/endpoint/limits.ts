/** How much one endpoint holds at a time. */
export interface SipEndpointLimits {
  /**
   * Server transactions in being. Beyond it a request outside any dialog is answered 503 with
   * Retry-After and kept nowhere (RFC 3261 §21.5.4).
   */
  readonly serverTransactions: number;
  /**
   * Server transactions above `serverTransactions` that only requests within a dialog may use,
   * so that a storm of registrations does not keep a running call from being hung up.
   */
  readonly reservedForDialogs: number;
  /** Client transactions in being; beyond it `sendRequest` ends in a transport error. */
  readonly clientTransactions: number;
  /** The Retry-After of a 503, in seconds. */
  readonly retryAfterSeconds: number;
}

/** On UDP a server transaction lives 32 s after its answer: 20,000 carry some 600 requests a second. */
export const defaultSipEndpointLimits: SipEndpointLimits = {
  serverTransactions: 20_000,
  reservedForDialogs: 5_000,
  clientTransactions: 20_000,
  retryAfterSeconds: 10,
};
