import { createPrivateKey, type KeyObject } from 'node:crypto';
import { Redacted } from '@trustline/base';
import { decodeCertificatesPem, encodeCertificatesPem } from '@trustline/pki';
import type { PhoneIdentity, PhoneState } from '../../boot/state.ts';
import { PhoneError } from '../../error.ts';

/** A certificate of the phone with its key, as TLS wants them. */
export interface PemIdentity {
  readonly chainPem: string;
  readonly privateKeyPem: Redacted<string>;
}

/** The identity that a phone shows: its LSC, or else its MIC. */
export function shownIdentity({ lsc, mic }: PhoneState): PemIdentity | undefined {
  const identity = lsc ?? mic;
  return identity && pemIdentity(identity);
}

export function pemIdentity(identity: PhoneIdentity): PemIdentity {
  const pem = privateKeyOf(identity).export({ type: 'pkcs8', format: 'pem' });
  return {
    chainPem: encodeCertificatesPem([{ der: identity.certificate }]),
    privateKeyPem: new Redacted(pem.toString()),
  };
}

/** @throws {PhoneError} phone.state-damaged */
export function privateKeyOf({ privateKey }: PhoneIdentity): KeyObject {
  return readPrivateKey(privateKey);
}

/** As PKCS#8 in DER. */
export function writePrivateKey(privateKey: KeyObject): Redacted<Uint8Array> {
  return new Redacted(new Uint8Array(privateKey.export({ type: 'pkcs8', format: 'der' })));
}

/**
 * Reads what `writePrivateKey` wrote.
 *
 * @throws {PhoneError} phone.state-damaged
 */
export function readPrivateKey(privateKey: Redacted<Uint8Array>): KeyObject {
  try {
    return createPrivateKey({ key: Buffer.from(privateKey.reveal()), format: 'der', type: 'pkcs8' });
  } catch {
    // What OpenSSL says is left out: it may quote the key.
    throw new PhoneError('phone.state-damaged', 'The private key that the phone holds cannot be read.', {
      nextStep: 'Restore the state folder, or have CAPF issue a new certificate.',
    });
  }
}

export function identityOf(certificate: Uint8Array, privateKey: KeyObject): PhoneIdentity {
  return { certificate, privateKey: writePrivateKey(privateKey) };
}

/**
 * A certificate with its key from PEM, as `trustline phone mic` writes them; further certificates of the chain are
 * passed over.
 *
 * @throws {PhoneError} phone.credentials-malformed
 */
export function readIdentityPem(certificatePem: string, privateKeyPem: Redacted<string>): PhoneIdentity {
  try {
    const [certificate] = decodeCertificatesPem(certificatePem);
    if (certificate === undefined) throw new Error('there is no certificate');
    return identityOf(certificate, createPrivateKey(privateKeyPem.reveal()));
  } catch {
    throw new PhoneError('phone.credentials-malformed', 'The certificate or its key cannot be read.', {
      nextStep: 'Have them made again where the manager runs: trustline phone mic SEP… --out FOLDER',
    });
  }
}
