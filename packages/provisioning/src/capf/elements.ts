import { ByteReader, ByteWriter, Redacted } from '@trustline/base';
import {
  type ElementForm,
  type ElementValues,
  numberForm,
  octetForm,
  octetsForm,
  type ReadableForms,
  readElements,
  textForm,
  type WireResult,
} from '../elements/elements.ts';
import { CAPF_HEAD, type CapfMessage } from './message.ts';

/** What END_SESSION and the answers say. Two implementations agree on these; other numbers are passed on. */
export const capfReason = { noAction: 0, done: 1, declined: 7, unknownDevice: 9 } as const;

/** What a certificate is, in CERT_TYPE and before a CERTIFICATE. */
export const capfCertificateType = { LSC: 1, MIC: 2 } as const;

export const capfAuthentication = { none: 0, password: 1, nullString: 2, LSC: 3, MIC: 4 } as const;

export const capfKeyType = { RSA: 0, EC: 1 } as const;

export const capfCurve = { 'P-256': 0, 'P-384': 1, 'P-521': 2 } as const;

/** The curves that CURVE can name. */
export type CapfCurve = keyof typeof capfCurve;

/** A key to be made, as KEY_GEN_REQ asks for it. */
export type CapfKeyRequest =
  | { readonly type: 'RSA'; readonly bits: number }
  | { readonly type: 'EC'; readonly curve: CapfCurve };

/** A certificate as CAPF carries it. */
export interface CapfCertificate {
  /** 1 LSC, 2 MIC. */
  readonly type: number;
  readonly der: Uint8Array;
}

/** A signature with the number of its hash: `capfHash`. */
export interface CapfSha2Signature {
  readonly hash: number;
  readonly signature: Uint8Array;
}

/**
 * Hashes as SHA2_SIGNED_DATA and SUDI_DATA number them: 1 SHA-1 and 3 SHA-512 are known. That 2 is SHA-256 is a guess from
 * its place between them; DIGEST_TYPE, whose form is not public, says the hash by the same numbers here, as a u8.
 */
export const capfHash = { 'SHA-1': 1, 'SHA-256': 2, 'SHA-512': 3 } as const;

const certificate: ElementForm<CapfCertificate> = {
  tag: 4,
  name: 'CERTIFICATE',
  encode: ({ type, der }) =>
    new ByteWriter(der.byteLength + 5)
      .u8(1)
      .u16(der.byteLength + 2)
      .u8(0)
      .u8(type)
      .bytes(der)
      .finish(),
  decode: (value) => {
    if (value.byteLength < 6) return undefined;
    const reader = new ByteReader(value);
    const tag = reader.u8();
    const length = reader.u16();
    if (tag !== 1 || length !== reader.remaining || reader.u8() !== 0) return undefined;
    return { type: reader.u8(), der: reader.take(reader.remaining) };
  },
};

const sha2Signature: ElementForm<CapfSha2Signature> = {
  tag: 20,
  name: 'SHA2_SIGNED_DATA',
  encode: ({ hash, signature }) =>
    new ByteWriter(signature.byteLength + 3).u8(hash).u16(signature.byteLength).bytes(signature).finish(),
  decode: (value) => {
    if (value.byteLength < 4) return undefined;
    const reader = new ByteReader(value);
    const hash = reader.u8();
    return reader.u16() === reader.remaining ? { hash, signature: reader.take(reader.remaining) } : undefined;
  },
};

const passwordText = textForm(11, 'PASSWORD');

const password: ElementForm<Redacted<string>> = {
  tag: passwordText.tag,
  name: passwordText.name,
  encode: (string) => passwordText.encode(string.reveal()),
  decode: (value) => {
    const string = passwordText.decode(value);
    return string === undefined ? undefined : new Redacted(string);
  },
};

/**
 * The elements of CAPF. CERT_ID (5) is known by name only and is read as octets; the form of RETRY_DELAY (12) is not
 * public: seconds as a u16, like the other counts here; that of DIGEST_TYPE (19) neither: a `capfHash`.
 */
export const capfElement = {
  reason: octetForm(1, 'REASON'),
  reasonInfo: textForm(2, 'REASON_INFO'),
  certificateType: octetForm(3, 'CERT_TYPE'),
  certificate,
  certificateId: octetsForm(5, 'CERT_ID'),
  /** A signature; in SIGN_CERT_REQ what is to be signed. */
  signedData: octetsForm(6, 'SIGNED_DATA'),
  version: octetForm(7, 'VERSION'),
  authenticationType: octetForm(8, 'AUTH_TYPE'),
  /** An X.509 SubjectPublicKeyInfo, not a PKCS#10 request. */
  publicKey: octetsForm(9, 'PUBLIC_KEY'),
  keySize: numberForm(10, 'KEY_SIZE', 2),
  password,
  retryDelay: numberForm(12, 'RETRY_DELAY', 2),
  deviceName: textForm(13, 'DEVICE_NAME'),
  sudiData: octetsForm(16, 'SUDI_DATA'),
  keyType: octetForm(17, 'KEY_TYPE'),
  curve: octetForm(18, 'CURVE'),
  digestType: octetForm(19, 'DIGEST_TYPE'),
  sha2Signature,
} as const;

/** Picks elements out of a message, each at most once. */
export function readCapfElements<const F extends ReadableForms>(
  message: CapfMessage,
  forms: F,
): WireResult<ElementValues<F>> {
  return readElements('capf', message.elements, CAPF_HEAD, forms);
}
