/**
 * Where a message came from and how to answer it: one TLS or TCP connection, one WebSocket, or one UDP
 * remote address on one socket. The core knows a flow only as data; the adapter owns the socket.
 */
export interface SipFlow {
  /** Unique for the life of the process, never used again after the flow has closed. */
  readonly id: string;
  /** `wss`: a WebSocket over TLS (RFC 7118). */
  readonly transport: 'udp' | 'tcp' | 'tls' | 'wss';
  readonly local: SipHostPort;
  readonly remote: SipHostPort;
}

/** An address; `host` is an IP address in text without brackets, or a host name. */
export interface SipHostPort {
  readonly host: string;
  readonly port: number;
}

/** Whatever runs over TCP is retransmitted there: timers A, E and G never run there (RFC 3261 §17). */
export function isReliable(flow: SipFlow): boolean {
  return flow.transport !== 'udp';
}

/** The `transport` parameter of a URI that is reached on a flow: of a WebSocket `ws`, secure or not (RFC 7118 §5.2). */
export function uriTransport({ transport }: SipFlow): string {
  return transport === 'wss' ? 'ws' : transport;
}
