import type { KeyObject } from 'node:crypto';
import type { SubjectName } from './certificate.ts';
import { subjectName } from './distinguished-name.ts';
import { profileExtensions, publicKeyOf, signingAlgorithmOf, signingKeyOf } from './issue.ts';
import { encodePem } from './pem.ts';
import { type CertificateRole, profiles } from './profiles.ts';
import { Pkcs10CertificateRequestGenerator } from './x509-library.ts';

/** A certificate request (PKCS#10, RFC 2986) that asks an outside CA for what the role's profile says, as PEM. */
export async function writeCertificateRequest(
  role: CertificateRole,
  subject: { readonly commonName: string; readonly organization: string },
  subjectNames: readonly SubjectName[],
  privateKey: KeyObject,
): Promise<string> {
  const profile = profiles[role];
  const algorithm = signingAlgorithmOf(privateKey);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: subjectName({ ...subject, organizationalUnit: profile.organizationalUnit }),
    keys: {
      privateKey: signingKeyOf(privateKey),
      publicKey: publicKeyOf(privateKey).toCryptoKey(algorithm, true, ['verify']),
    },
    signingAlgorithm: algorithm,
    extensions: [...profileExtensions(profile, subjectNames)],
  });
  return encodePem('CERTIFICATE REQUEST', new Uint8Array(request.rawData));
}
