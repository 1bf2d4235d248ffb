import { TrustlineError } from '@trustline/base';
import { codeOf } from './system-error.ts';

/** Where a server listens: an address of this machine, or `0.0.0.0` or `::` for all of them. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A server that could not be opened, with what to do about it. */
export function listenFailure(what: string, where: ListenAddress, cause: unknown): TrustlineError {
  const place = `${what} on ${where.host} port ${where.port}`;
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new TrustlineError('provisioning.port-in-use', `${place}: another program uses the port`, {
        nextStep: `Find it with "ss -lnp 'sport = :${where.port}'", stop it, or choose another port.`,
        cause,
      });
    case 'EACCES':
      return new TrustlineError('provisioning.port-not-allowed', `${place}: this user may not open the port`, {
        nextStep: 'Use a port above 1023, or give the service the capability CAP_NET_BIND_SERVICE.',
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new TrustlineError('provisioning.no-such-address', `This machine has no address ${where.host}`, {
        nextStep: 'Use one that "ip address" shows, or 0.0.0.0 or :: for all of them.',
        cause,
      });
    default:
      return new TrustlineError('provisioning.listen-failed', `${place} could not be opened (${codeOf(cause)})`, {
        cause,
      });
  }
}
