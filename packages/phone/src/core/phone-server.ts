import { formatHost } from '@trustline/sip';

/** The call manager as it stands in URIs, and as it is found. */
export interface PhoneServer {
  /** A name, or an IP address without brackets. */
  readonly host: string;
  /** Absent for a domain whose servers the domain name system tells (RFC 3263). */
  readonly port?: number | undefined;
}

/** `cm.example:5061`, `[2001:db8::7]`. */
export function serverText({ host, port }: PhoneServer): string {
  return port === undefined ? formatHost(host) : `${formatHost(host)}:${port}`;
}
