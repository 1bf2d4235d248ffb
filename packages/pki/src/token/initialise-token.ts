import { type Certificate, readCertificate } from '../certificate.ts';
import { TokenError } from './error.ts';
import type { InitialisableToken } from './security-token.ts';
import { tokenNameOf } from './token-name.ts';
import { writeTokenRequest } from './write-token-request.ts';

/** Asks whoever issues the tokens' certificates: a request (PKCS#10, PEM) in, the certificate and its issuer out. */
export type TokenCertificateIssuer = (
  request: string,
  token: { readonly serial: string; readonly lab: boolean },
) => Promise<{ readonly certificate: Uint8Array; readonly issuer: Uint8Array }>;

/**
 * Makes a token ready to sign trust lists: a key is made on it, and its certificate stored beside it. Broken off in
 * between it can be repeated: the key that was made is used then.
 *
 * @throws {TokenError} token.already-initialised, token.certificate-refused, and what the token itself answers
 */
export async function initialiseToken(token: InitialisableToken, issue: TokenCertificateIssuer): Promise<Certificate> {
  const key = await token.makeKey();
  const { serial } = token;
  const { lab } = token.attestation;
  const request = await writeTokenRequest(lab ? 'lab-sast' : 'sast', tokenNameOf(serial), key);
  const issued = await issue(request, { serial, lab });
  const certificate = readCertificate(issued.certificate);
  const isOurKey = certificate.publicKey.equals(key.publicKey);
  if (!isOurKey || !certificate.signedBy(readCertificate(issued.issuer))) {
    throw new TokenError('token.certificate-refused', 'the certificate that came back is not for the token’s key', {
      nextStep: 'Check that the manager is the one you meant, then try again. Nothing was stored on the token.',
    });
  }
  await token.storeCertificate(certificate);
  return certificate;
}
