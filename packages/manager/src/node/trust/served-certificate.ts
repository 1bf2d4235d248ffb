import { isIPv6 } from 'node:net';
import { type ConnectionOptions, connect } from 'node:tls';
import { type Certificate, readCertificate } from '@trustline/pki';

/** A TLS listener of this machine. */
export interface TlsPlace {
  readonly service: string;
  readonly host: string;
  readonly port: number;
  /** TLS 1.0 and old hashes. */
  readonly legacy: boolean;
}

/** Milliseconds until a listener of this machine counts as one that does not answer. */
const patience = 5_000;

/** The certificate that a listener shows to who comes now and knows signatures of this kind alone. */
export function servedCertificate({ host, port, legacy }: TlsPlace, kind: 'RSA' | 'EC'): Promise<Certificate> {
  const options: ConnectionOptions = {
    host: ownAddress(host),
    port,
    rejectUnauthorized: false, // what is shown is compared with what was made, octet for octet
    sigalgs: kind === 'RSA' ? 'RSA-PSS+SHA256:RSA+SHA256:RSA+SHA1' : 'ECDSA+SHA256:ECDSA+SHA384',
    ...(legacy ? ({ minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const) : {}),
  };
  return new Promise((resolve, reject) => {
    const socket = connect(options, () => {
      const { raw } = socket.getPeerCertificate();
      socket.destroy();
      if (raw === undefined) reject(new Error('it showed no certificate'));
      else resolve(readCertificate(new Uint8Array(raw)));
    });
    socket.setTimeout(patience, () => socket.destroy(new Error('it does not answer')));
    socket.once('error', reject);
  });
}

/** An address by which this machine reaches a listener of its own. */
function ownAddress(host: string): string {
  if (host === '' || host === '0.0.0.0') return '127.0.0.1';
  return isIPv6(host) && host === '::' ? '::1' : host;
}
