/**
 * Where a message came from and how to answer it: one TLS or TCP connection, or one UDP
 * remote address on one socket. The core knows a flow only as data; the adapter owns the socket.
 */
export interface SipFlow {
  /** Unique for the life of the process, never used again after the flow has closed. */
  readonly id: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  readonly local: SipHostPort;
  readonly remote: SipHostPort;
}

/** An address; `host` is an IP address in text without brackets, or a host name. */
export interface SipHostPort {
  readonly host: string;
  readonly port: number;
}

/** TCP and TLS retransmit by themselves: timers A, E and G never run there (RFC 3261 §17). */
export function isReliable(flow: SipFlow): boolean {
  return flow.transport !== 'udp';
}
