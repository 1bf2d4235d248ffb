/**
 * The base values of RFC 3261 table 4, in milliseconds; every transaction timer derives from them.
 * Change them only for networks whose round trip really is different (RFC 3261 §17.1.1.1).
 */
export interface TransactionTimers {
  /** Estimate of the round-trip time. */
  readonly t1: number;
  /** The longest interval between retransmissions of non-INVITE requests and INVITE responses. */
  readonly t2: number;
  /** The longest time a message stays in the network. */
  readonly t4: number;
}

/** RFC 3261 table 4. */
export const defaultTransactionTimers: TransactionTimers = { t1: 500, t2: 4_000, t4: 5_000 };
