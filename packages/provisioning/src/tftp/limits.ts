/** What TFTP transfers may cost. Times are milliseconds. */
export interface TftpLimits {
  /** Transfers at the same time. */
  readonly transfers: number;
  /** Of them, to one address. Phones behind one address translation share it. */
  readonly transfersPerAddress: number;
  /** The largest block that is agreed to (RFC 2348), in octets; 1,428 leaves an Ethernet frame whole through tunnels. */
  readonly blockSize: number;
  /** The most blocks on the way at once that are agreed to (RFC 7440). */
  readonly windowSize: number;
  /** The first wait for an answer where no `timeout` option was agreed (RFC 2349). It doubles with every silence. */
  readonly firstTimeout: number;
  /** The longest wait that doubling leads to, and the longest `timeout` that is agreed to. */
  readonly longestTimeout: number;
  /** How often the same packets are sent again without progress before a transfer is given up. */
  readonly retransmissions: number;
  /**
   * The same, as long as the peer has not answered at all: nobody knows then whether it asked, or whether a stranger
   * asked in its name to have our packets fall on it.
   */
  readonly unansweredRetransmissions: number;
  /** How often an unknown sender is told that it is unknown, per transfer. */
  readonly unknownSenderErrors: number;
  /** The longest time for a whole transfer, progress or not. */
  readonly transferTime: number;
  /** The largest file that a client takes, in octets. */
  readonly fileSize: number;
}

export const defaultTftpLimits: TftpLimits = {
  transfers: 2_000,
  transfersPerAddress: 64,
  blockSize: 1_428,
  windowSize: 64,
  firstTimeout: 1_000,
  longestTimeout: 8_000,
  retransmissions: 5,
  unansweredRetransmissions: 2,
  unknownSenderErrors: 8,
  transferTime: 900_000,
  fileSize: 128 * 1_024 * 1_024,
};
