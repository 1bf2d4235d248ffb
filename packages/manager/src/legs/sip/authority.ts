import { formatHost, type SipFlow, type SipHostPort } from '@trustline/sip';

/** `192.0.2.7:49152`, `[2001:db8::7]:49152`. */
export function authorityOf({ host, port }: SipHostPort): string {
  return `${formatHost(host)}:${port}`;
}

/** The peer's address, for events and records. */
export function addressOf(flow: SipFlow): string {
  return authorityOf(flow.remote);
}

/** The host of an authority, without the port. */
export function hostOf(authority: string): string {
  return /^(?<host>\[.*\]|[^:]*):\d+$/.exec(authority)?.groups?.['host'] ?? authority;
}
