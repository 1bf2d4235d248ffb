import { BitString, Constructed, fromBER, Integer, Null, ObjectIdentifier, Sequence } from 'asn1js';
import { subjectName } from '../distinguished-name.ts';
import { spkiOf } from '../issue.ts';
import { encodePem } from '../pem.ts';
import { profiles, type TokenRole } from '../profiles.ts';
import { Name } from '../x509-library.ts';
import type { NewTokenKey } from './security-token.ts';

const sha512WithRsaEncryption = '1.2.840.113549.1.1.13'; // RFC 8017 §A.2.4

/** A certificate request (PKCS#10, RFC 2986 §4) for a token's new key, signed on the token; PEM. */
export async function writeTokenRequest(role: TokenRole, commonName: string, key: NewTokenKey): Promise<string> {
  const { organizationalUnit } = profiles[role];
  // The cluster puts its own organization into the certificate; the request only shows the key.
  const subject = new Name(subjectName({ commonName, organizationalUnit, organization: 'Trustline' }));
  const info = new Sequence({
    value: [
      new Integer({ value: 0 }),
      structure(new Uint8Array(subject.toArrayBuffer())),
      structure(spkiOf(key.publicKey)),
      new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [] }), // attributes, required even when empty
    ],
  });
  const signature = await key.sign('SHA-512', new Uint8Array(info.toBER()));
  const request = new Sequence({
    value: [
      info,
      new Sequence({ value: [new ObjectIdentifier({ value: sha512WithRsaEncryption }), new Null()] }),
      new BitString({ valueHex: Uint8Array.from(signature).buffer }),
    ],
  });
  return encodePem('CERTIFICATE REQUEST', new Uint8Array(request.toBER()));
}

function structure(der: Uint8Array) {
  return fromBER(Uint8Array.from(der)).result;
}
