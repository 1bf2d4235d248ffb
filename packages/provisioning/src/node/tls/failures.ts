import { codeOf } from '../system-error.ts';

/** The services that phones reach by TLS. */
export type TlsService = 'CAPF' | 'TVS';

/** Why a TLS connection did not come about, in an operator's words. */
export function tlsFailure(error: unknown): string {
  const code = codeOf(error, error instanceof Error ? error.message : 'unknown reason');
  switch (code) {
    case 'ECONNREFUSED':
      return 'nothing listens there';
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to it (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return 'the far end closed the connection during the TLS handshake';
    case 'ERR_SSL_UNSUPPORTED_PROTOCOL':
    case 'ERR_SSL_VERSION_TOO_LOW':
    case 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION':
      return 'the two ends have no TLS version in common; phones that know only TLS 1.0 need a legacy listener';
    case 'ERR_SSL_NO_SHARED_CIPHER':
    case 'ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE':
    case 'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE':
      return 'the two ends have no cipher suite in common';
    case 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA':
    case 'ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE':
    case 'ERR_SSL_SSL/TLS_ALERT_CERTIFICATE_UNKNOWN':
      return 'the far end does not accept our certificate: its trust list may be missing or old';
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_HTTP_REQUEST':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return 'the far end does not speak TLS on this port';
    case 'ERR_TLS_HANDSHAKE_TIMEOUT':
      return 'the TLS handshake was not finished in time';
    default:
      return `the TLS handshake failed (${code})`;
  }
}
