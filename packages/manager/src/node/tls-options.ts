import type { SecureContextOptions } from 'node:tls';
import type { Cluster } from '@trustline/pki/node';

/** Forward secrecy and authenticated encryption only (RFC 9325 §4.2); TLS 1.3's own suites are always there. */
const cipherSuites = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES256-GCM-SHA384',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-RSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-RSA-AES128-GCM-SHA256',
].join(':');

/**
 * How our listeners speak TLS: 1.2 and 1.3, the RSA-2048 and the ECDSA certificate side by side, and the hybrid
 * post-quantum group first where the far end has it. `legacy` opens the door to phones of the TLS 1.0, SHA-1 and
 * RSA-1024 era, for a listener of their own; OpenSSL wants its security level lowered for that.
 */
export function tlsOptions(cluster: Cluster, legacy: boolean): SecureContextOptions {
  const identities = cluster.callManagerIdentities();
  const certificates = {
    cert: identities.map(({ chainPem }) => chainPem),
    key: identities.map(({ privateKeyPem }) => privateKeyPem.reveal()),
  };
  if (legacy)
    return { ...certificates, minVersion: 'TLSv1', ciphers: 'ALL:!aNULL:!eNULL:@SECLEVEL=0', ecdhCurve: 'auto' };
  return {
    ...certificates,
    minVersion: 'TLSv1.2',
    ciphers: cipherSuites,
    ecdhCurve: 'X25519MLKEM768:X25519:P-256:P-384',
    honorCipherOrder: true,
  };
}
