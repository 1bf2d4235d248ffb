import type { SipHostPort } from '@trustline/sip';
import { PhoneError } from '../../error.ts';

/** Why no registration came of a connection, as far as the port that was asked tells it. */

interface Place {
  readonly server: SipHostPort;
  readonly isSecure: boolean;
}

const listenerOf = (isSecure: boolean) =>
  isSecure ? '{ transport: sccp-tls }, 2443 unless told' : '{ transport: sccp }, 2000 unless told';

/** No connection, or no TLS on it. */
export function unreachable({ server, isSecure }: Place, cause: unknown): PhoneError {
  const { code } = cause as { code?: unknown };
  const nextStep =
    code === 'ECONNREFUSED'
      ? `Nobody listens there. Add { transport: ${isSecure ? 'sccp-tls' : 'sccp'} } to the listeners in trustline.yaml and start the manager again, or ask for the port that it has: trustline status`
      : isSecure && (code === 'ECONNRESET' || String(code).startsWith('ERR_SSL_'))
        ? `That port does not speak TLS. A phone with a certificate asks for ${listenerOf(true)}: trustline status`
        : 'Check that it runs, and that it listens for Skinny there: trustline status';
  return new PhoneError(
    'phone.manager-unreachable',
    `No connection to the manager at ${textOf({ server, isSecure })}: ${reasonOf(cause)}`,
    { nextStep, cause },
  );
}

/** A connection without TLS that was closed before the manager said anything: so do ports of TLS. */
export function closedInClear(server: SipHostPort): PhoneError {
  return new PhoneError(
    'phone.manager-unreachable',
    `${textOf({ server, isSecure: false })} closed the connection without a word`,
    {
      nextStep: `A port that speaks TLS does so. A non-secure phone asks for ${listenerOf(false)}, and a secure one has credentials: trustline status shows the ports.`,
    },
  );
}

/** The connection was taken, and not an octet came. */
export function silent(place: Place): PhoneError {
  return new PhoneError(
    'phone.manager-unreachable',
    `${textOf(place)} takes the connection, and answers nothing to Skinny`,
    { nextStep: `It may be a port of SIP. Skinny is at ${listenerOf(place.isSecure)}: trustline status` },
  );
}

function textOf({ server: { host, port }, isSecure }: Place): string {
  return `${isSecure ? 'TLS' : 'TCP'} ${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.name === 'AbortError' ? 'it did not answer in time' : cause.message;
}
