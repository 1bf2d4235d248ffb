/** What the call manager's core bears, and how often it looks at what waits. */

/** Connections that a phone may have at once: it needs one, and another while it moves. Beyond it the oldest goes. */
export const CONNECTIONS_OF_A_PHONE = 4;
/**
 * On UDP a transaction lives 32 s after its answer (RFC 3261 §17.2.2): these carry some 3,000 requests a second, of devices
 * that have proved who they are. What is refused is not kept, and what is beyond them is answered 503.
 */
export const transactionLimits = {
  serverTransactions: 100_000,
  reservedForDialogs: 20_000,
  clientTransactions: 100_000,
};
/** A session outlives its call by as long, on every transport (RFC 6026 §7.1). */
export const maximumSessions = 100_000;
/** How often expired registrations are looked for, in milliseconds. */
export const EXPIRY_INTERVAL = 1_000;
/** How long what is said of our load holds, in milliseconds (RFC 7339 §4.3). */
export const OVERLOAD_VALIDITY = 500;
