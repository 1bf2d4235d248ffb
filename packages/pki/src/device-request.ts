import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { Set as Asn1Set, BitString, Constructed, fromBER, Integer, Null, ObjectIdentifier, Sequence } from 'asn1js';
import { fieldsOf, subjectName } from './distinguished-name.ts';
import { PkiError } from './error.ts';
import { profileExtensions, profileFor } from './issue.ts';
import { profiles } from './profiles.ts';
import { Name } from './x509-library.ts';

/** extensionRequest (RFC 2985 §5.4.2). */
const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

/** sha256WithRSAEncryption (RFC 8017 §A.2.4), ecdsa-with-SHA256 (RFC 5758 §3.2). */
const signatureAlgorithms = { rsa: '1.2.840.113549.1.1.11', ec: '1.2.840.10045.4.3.2' } as const;

/**
 * What a device has to sign to ask for a certificate: a CertificationRequestInfo (RFC 2986 §4.1) in DER, which names the
 * device and asks for what the profile of LSCs says.
 *
 * @param publicKey SubjectPublicKeyInfo in DER
 * @throws {PkiError} pki.refused-request when the key is neither RSA nor EC
 */
export function deviceRequestInfo(device: string, organization: string, publicKey: Uint8Array): Uint8Array {
  const key = keyOf(publicKey);
  if (key === undefined) throw new PkiError('pki.refused-request', `the key of ${device} is neither RSA nor EC`);
  const profile = profileFor(profiles['locally-significant'], key);
  const { organizationalUnit } = profile;
  const name = new Name(subjectName({ commonName: device, organization, organizationalUnit }));
  const extensions = profileExtensions(profile, []).map(({ rawData }) => parsed(new Uint8Array(rawData)));
  const extensionRequest = new Sequence({
    value: [
      new ObjectIdentifier({ value: EXTENSION_REQUEST }),
      new Asn1Set({ value: [new Sequence({ value: extensions })] }),
    ],
  });
  const info = new Sequence({
    value: [
      new Integer({ value: 0 }),
      parsed(new Uint8Array(name.toArrayBuffer())),
      parsed(publicKey),
      new Constructed({ idBlock: { tagClass: 3, tagNumber: 0 }, value: [extensionRequest] }),
    ],
  });
  return new Uint8Array(info.toBER());
}

/**
 * The request (PKCS#10, RFC 2986 §4) that a device has signed with SHA-256: RSA by PKCS#1 v1.5, EC by ECDSA in DER.
 * Undefined when the signature is not by the key that the request is for: it then proves nothing.
 *
 * @param info of `deviceRequestInfo`
 */
export function signedDeviceRequest(info: Uint8Array, signature: Uint8Array): Uint8Array | undefined {
  const read = readDeviceRequestInfo(info);
  const key = read && keyOf(read.publicKey);
  if (key === undefined || !isSignedBy(key, info, signature)) return undefined;
  const isRsa = key.asymmetricKeyType === 'rsa';
  const algorithm = new ObjectIdentifier({ value: signatureAlgorithms[isRsa ? 'rsa' : 'ec'] });
  const request = new Sequence({
    value: [
      parsed(info),
      // RFC 8017 §A.2.4: the parameters of RSA are NULL; RFC 5758 §3.2: those of ECDSA are absent.
      new Sequence({ value: isRsa ? [algorithm, new Null()] : [algorithm] }),
      new BitString({ valueHex: Uint8Array.from(signature).buffer }),
    ],
  });
  return new Uint8Array(request.toBER());
}

/** Whom a CertificationRequestInfo names, and for which key (SubjectPublicKeyInfo in DER); undefined when it is none. */
export function readDeviceRequestInfo(
  info: Uint8Array,
): { readonly commonNames: readonly string[]; readonly publicKey: Uint8Array } | undefined {
  try {
    const [version, subject, publicKey, attributes, ...more] = elementsOf(info);
    const isWhole =
      version instanceof Integer &&
      version.valueBlock.valueDec === 0 &&
      subject instanceof Sequence &&
      publicKey instanceof Sequence &&
      attributes instanceof Constructed &&
      more.length === 0;
    if (!isWhole) return undefined;
    const name = new Name(Uint8Array.from(subject.valueBeforeDecodeView));
    return { commonNames: fieldsOf(name, 'CN'), publicKey: Uint8Array.from(publicKey.valueBeforeDecodeView) };
  } catch {
    return undefined; // the libraries throw at some broken values
  }
}

function elementsOf(der: Uint8Array): readonly unknown[] {
  const { offset, result } = fromBER(Uint8Array.from(der));
  return offset === der.byteLength && result instanceof Sequence ? result.valueBlock.value : [];
}

function parsed(der: Uint8Array) {
  return fromBER(Uint8Array.from(der)).result;
}

/** Undefined for what is no key, or of another kind than devices have. */
function keyOf(spki: Uint8Array): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'rsa' || key.asymmetricKeyType === 'ec' ? key : undefined;
  } catch {
    return undefined;
  }
}

function isSignedBy(key: KeyObject, info: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify('sha256', info, key, signature);
  } catch {
    return false; // not of the key's form
  }
}
