/** What the transports of one node may cost, and how long they wait. Times are in milliseconds. */
export interface SipTransportLimits {
  /**
   * TCP and TLS connections. At the limit the oldest that has not proved who it is goes first; when
   * there is none, the newcomer goes.
   */
  readonly connections: number;
  /** Those of them that have not proved who they are: beyond it the oldest of these goes. */
  readonly unauthenticatedConnections: number;
  /** UDP remote addresses kept as flows, ruled in the same way. */
  readonly datagramFlows: number;
  /** TLS handshakes that may use the processor at the same time; further clients wait their turn. */
  readonly handshakes: number;
  /** From the accepted connection to the end of the handshake and of the judgement. */
  readonly handshakeTimeout: number;
  /** For the outgoing connection to be there, handshake included. */
  readonly connectTimeout: number;
  /** From the first octets of a message to its end. */
  readonly messageTimeout: number;
  /** Silence on a connection, or UDP flow, that has not proved who it is. */
  readonly unauthenticatedIdleTimeout: number;
  /** Silence on one that has; long, because a phone may register for an hour and send no keep-alive. */
  readonly idleTimeout: number;
  /** Octets waiting to be read by the far end; a slower reader is closed. */
  readonly writeBacklog: number;
}

export const defaultSipTransportLimits: SipTransportLimits = {
  connections: 10_000,
  unauthenticatedConnections: 10_000,
  datagramFlows: 10_000,
  handshakes: 64,
  handshakeTimeout: 10_000,
  connectTimeout: 10_000,
  messageTimeout: 10_000,
  unauthenticatedIdleTimeout: 64_000,
  idleTimeout: 7_200_000,
  writeBacklog: 1_048_576,
};
