import type { SipHostPort } from '../flow.ts';

/** An address as Node.js reports it; an IPv4 address that came in on an IPv6 socket is IPv4 again. */
export function hostPort(host: string | undefined, port: number | undefined): SipHostPort {
  const address = host ?? '';
  return { host: address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address, port: port ?? 0 };
}

/** For people and for table keys. */
export function addressText({ host, port }: SipHostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
