import { SipError } from '../error.ts';
import type { SipHostPort } from '../flow.ts';
import { addressText } from './address.ts';

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A listener that could not be opened, with what to do about it. */
export function listenFailure(transport: string, where: SipHostPort, cause: unknown): SipError {
  const place = `${transport.toUpperCase()} ${addressText(where)}`;
  switch (codeOf(cause)) {
    case 'EADDRINUSE':
      return new SipError('sip.port-in-use', `${place} is used by another program`, {
        nextStep: `Find it with "ss -lnp 'sport = :${where.port}'", stop it, or give this listener another port.`,
        cause,
      });
    case 'EACCES':
      return new SipError('sip.port-not-allowed', `${place} may not be opened by this user`, {
        nextStep: 'Use a port above 1023, or allow this one (net.ipv4.ip_unprivileged_port_start).',
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SipError('sip.no-such-address', `This machine has no address ${where.host}`, {
        nextStep: 'Use one that "ip address" shows, or 0.0.0.0 or :: for all of them.',
        cause,
      });
    default:
      return new SipError('sip.listen-failed', `${place} could not be opened (${describe(cause)})`, { cause });
  }
}

/** An outgoing connection that did not come about. */
export function connectFailure(transport: string, where: SipHostPort, cause: unknown): SipError {
  const place = `${transport.toUpperCase()} ${addressText(where)}`;
  switch (codeOf(cause)) {
    case 'ECONNREFUSED':
      return new SipError('sip.connect-refused', `Nothing listens on ${place}`, {
        nextStep: 'Check the address and the port, and that the far end is running.',
        cause,
      });
    case 'ETIMEDOUT':
      return new SipError('sip.connect-timeout', `${place} did not answer in time`, {
        nextStep: 'Check the route and the firewalls between here and there.',
        cause,
      });
    default:
      return new SipError('sip.connect-failed', `No connection to ${place}: ${handshakeFailure(cause)}`, { cause });
  }
}

/** What went wrong in a TLS handshake, in an operator's words. OpenSSL's own words stay behind them. */
export function handshakeFailure(error: unknown): string {
  const code = codeOf(error);
  switch (code) {
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
    case 'ERR_SSL_INAPPROPRIATE_FALLBACK':
      return 'the two ends have no TLS version in common (the far end may be older than TLS 1.2)';
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_NO_SUITABLE_SIGNATURE_ALGORITHM':
    case 'ERR_SSL_NO_SHARED_SIGNATURE_ALGORITHMS':
      return 'the two ends have no cipher suite or signature algorithm in common';
    case 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return 'the far end found nothing acceptable in our offer of cipher suites or certificates';
    case 'ERR_SSL_HTTP_REQUEST':
      return 'the far end speaks HTTP without TLS';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the far end does not speak TLS on this port';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_EXPIRED':
    case 'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED':
      return 'the far end does not accept our certificate: its trust bundle may be missing or old';
    case 'ERR_SSL_EE_KEY_TOO_SMALL':
    case 'ERR_SSL_CA_KEY_TOO_SMALL':
    case 'ERR_SSL_CA_MD_TOO_WEAK':
      return "the far end's certificate uses a key or a digest that is too weak";
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'the handshake was not finished in time';
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the far end closed the connection during the handshake';
    default:
      return `the handshake failed (${describe(error)})`;
  }
}

/** A client that sent something other than a TLS record: what it looks like. */
export function notTls(first: Uint8Array): string {
  const text = new TextDecoder('latin1').decode(first.subarray(0, 64));
  const word = /^([A-Z]{2,16}) [^\r\n]*SIP\/2\.0|^([A-Z]{2,16}) sips?:/.exec(text);
  const method = word?.[1] ?? word?.[2];
  if (method !== undefined) return `the far end speaks plain SIP (${method}) on a TLS port`;
  if (/^(GET|POST|HEAD|PUT|OPTIONS) \//.test(text)) return 'the far end speaks HTTP without TLS';
  return 'the far end sent something that is not TLS';
}

function describe(error: unknown): string {
  const code = codeOf(error);
  if (code !== '') return code;
  return error instanceof Error ? error.message : 'unknown reason';
}
