/**
 * Trust lists (CTL and ITL, `*.tlv`) and the header that they share with signed phone files (`.sgn`, `.enc.sgn`):
 * plain values, one for one with the octets of a file. Everything in them is big-endian.
 */

/** `CTL`: what holders of security tokens signed. `ITL`: what the cluster signs for itself. The layout is the same. */
export type TrustListKind = 'CTL' | 'ITL';

/** 1 = SHA-1, 2 = SHA-256 (defined, and used by nobody seen), 3 = SHA-512. */
export type ListDigest = 'SHA-1' | 'SHA-256' | 'SHA-512';

export interface FormatVersion {
  readonly major: number;
  readonly minor: number;
}

/** A tag that nothing here gives a meaning to, kept so that a file is written again octet for octet. */
export interface UnknownField {
  readonly tag: number;
  readonly value: Uint8Array;
}

/** Who signed a file, as its header says: SIGNERID with its three parts. */
export interface SignerIdentity {
  /** Subject of the signer's certificate: `CN=…;OU=…;O=…` as CUCM writes it. */
  readonly name: string;
  /** The octets of the certificate's serial number as they stand in the file, lower-case hex. */
  readonly serialNumber: string;
  /** Name of the issuer of the signer's certificate. */
  readonly issuer: string;
}

/** How the payload of an `.enc.sgn` is protected: AES-128-CBC under a key wrapped to the phone's own public key. */
export interface EncryptionInfo {
  /** 16 octets. */
  readonly initializationVector: Uint8Array;
  /** Octets of `0x0D` at the end of the plain file, 1 to 16. */
  readonly paddingLength: number;
  /** The AES key under RSAES-PKCS1-v1_5, as long as the phone's modulus. */
  readonly wrappedKey: Uint8Array;
  readonly hash: ListDigest;
  /** `hash` over the plain file, before padding. */
  readonly plainHash: Uint8Array;
}

/** The header that begins trust lists and signed files. Its length field is not here: writing works it out. */
export interface SignedHeader {
  readonly version: FormatVersion;
  /** Tag 28. Absent in lists of 8.6 to 10.5; 1.1 turns newer phones to EC keys and HTTPS 6971. */
  readonly signerVersion: FormatVersion | undefined;
  readonly signer: SignerIdentity;
  /** Tags within SIGNERID in the order of the file: CUCM writes 4, 5, 6, others 4, 6, 5. */
  readonly signerTags: readonly number[];
  readonly digest: ListDigest;
  /** RSASSA-PKCS1-v1_5 over the whole file without the SIGNATURE field: 64, 128, 256 or 512 octets. */
  readonly signature: Uint8Array;
  /** Without the NUL that ends it in the file. */
  readonly fileName: string;
  /** Seconds since 1970, 32 bits; absent in firmware files. */
  readonly timestamp: number | undefined;
  readonly encryption: EncryptionInfo | undefined;
  /** All top-level tags in the order of the file, padding aside. */
  readonly tags: readonly number[];
  readonly unknown: readonly UnknownField[];
  /** Octets of `0x0D` that end the header. */
  readonly padding: number;
}

/** One record of a trust list: what a certificate is trusted for, or (without certificate) that a server has none. */
export interface TrustRecord {
  /** Number of the role; `trustRoles` names those that are known. */
  readonly role: number;
  /** Host name or dotted address; the empty text for tokens. */
  readonly dnsName: string | undefined;
  readonly subject: string | undefined;
  readonly issuer: string | undefined;
  /** Octets as they stand in the file, lower-case hex. */
  readonly serialNumber: string | undefined;
  /** RSA: `RSAPublicKey` (PKCS#1 DER). EC: the uncompressed point (X9.62). */
  readonly publicKey: Uint8Array | undefined;
  /** The certificate's own signature; absent in lists of the CTL client. */
  readonly signature: Uint8Array | undefined;
  /** X.509 DER; absent in the records that mark a server of a non-secure cluster. */
  readonly certificate: Uint8Array | undefined;
  /** Dotted IPv4. */
  readonly ipAddress: string | undefined;
  readonly certificateHash: Uint8Array | undefined;
  readonly hashAlgorithm: number | undefined;
  /** Tags after RECORDLENGTH in the order of the file. */
  readonly tags: readonly number[];
  readonly unknown: readonly UnknownField[];
}

export interface TrustList {
  readonly header: SignedHeader;
  readonly records: readonly TrustRecord[];
}

/** Where things stand in the octets that a value was read from, for reports. */
export interface HeaderLayout {
  /** Of each top-level field, by tag. */
  readonly fields: ReadonlyMap<number, number>;
  /** The SIGNATURE field whole, tag and length included: the only octets that are not signed. */
  readonly signature: { readonly offset: number; readonly length: number };
  /** Octets from the start of the file to the first record, or to the payload. */
  readonly headerLength: number;
}

export interface TrustListLayout extends HeaderLayout {
  readonly records: readonly { readonly offset: number; readonly fields: ReadonlyMap<number, number> }[];
}

/** Why a file is not what it should be. `message` may be shown to a person. */
export interface FileReject<Rule extends string = FileRule> {
  readonly ok: false;
  readonly rule: Rule;
  /** Octets from the start of the file. */
  readonly offset: number;
  readonly message: string;
}

/** What can be wrong with a file as such, without asking who believes it. */
export type FileRule = keyof typeof fileRules;

/** Every rule that a file is held to, with what it says. */
export const fileRules = {
  'too-large': 'A file is no larger than any that a phone takes.',
  'short-input': 'Every field lies within the file and within what contains it.',
  version: 'The file begins with VERSION, of a major version that is known.',
  'header-length': 'HEADERLENGTH comes second and is the octet after the padding.',
  'missing-tag': 'Every field that a header or record must have is there.',
  'duplicate-tag': 'No field that is known occurs twice.',
  'tag-order': 'Header fields keep their order: the SIGNATURE could be moved otherwise, for it is not signed.',
  padding: 'Padding ends the header and stands nowhere else.',
  'field-length': 'A field has the length that its kind has.',
  text: 'A text is UTF-8 and ends with its only NUL.',
  digest: 'The digest algorithm is SHA-1, SHA-256 or SHA-512.',
  'signature-algorithm':
    'The signature algorithm is RSASSA-PKCS1-v1_5, and the signature as long as its key size says.',
  encryption: 'The encryption is AES-128-CBC with 1 to 16 octets of padding, and the hash has the length of its kind.',
  'record-length': 'A record begins with RECORDLENGTH and is as long as that says.',
  'too-many-records': 'A list has no more records than any cluster has certificates.',
  'certificate-unreadable': 'The certificate of a record can be read.',
  'serial-mismatch': 'The serial number of a record is that of its certificate.',
  'key-mismatch': 'The public key of a record is that of its certificate.',
  'signer-missing': 'The signer is in the list, with a certificate and the role SAST.',
  'signer-key': 'The signer has an RSA key of 1024 to 4096 bits, and the signature is as long as it.',
  'file-name': 'The file is the one that was asked for.',
  'signer-unknown': 'The signer is known, with a role that may sign this.',
  decryption: 'The file opens with the key of this phone.',
  signature: 'The signature is that of the signer over the whole file without its SIGNATURE field.',
} as const;
