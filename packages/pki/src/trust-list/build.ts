import type { Certificate } from '../certificate.ts';
import { certificateFieldsOf, signerIdentityOf } from './certificate-fields.ts';
import { signedOctets, unsignedHeader } from './header.ts';
import { parseTrustList, serializeTrustList } from './parse.ts';
import { recordTags } from './record.ts';
import { type TrustRole, trustRoles } from './roles.ts';
import { assertSignedBy, type SigningDigest, signatureLengthOf, type UnsignedFile } from './sign.ts';
import { invalid } from './tlv.ts';
import type { FormatVersion, TrustList, TrustListKind, TrustRecord } from './types.ts';

/** One record to be made. */
export interface RecordRequest {
  readonly role: TrustRole | number;
  /** Host name or dotted address; the empty text for tokens. */
  readonly dnsName?: string;
  /** Dotted IPv4. */
  readonly ipAddress?: string;
  /** Without one the record marks a server of a non-secure cluster, and phones reach it in the clear. */
  readonly certificate?: Certificate;
  /** Whether the certificate's own signature is repeated, as in lists without tokens (default: it is not). */
  readonly withSignature?: boolean;
}

export interface TrustListRequest {
  readonly kind: TrustListKind;
  /** Default: `CTLFile.tlv` or `ITLFile.tlv`, also for the file of one phone, as CUCM has it. */
  readonly fileName?: string;
  /** Seconds since 1970. A phone refuses a list that is older than its own. */
  readonly timestamp: number;
  readonly digest: SigningDigest;
  /** Left out for phones of 8.6 to 10.5; 1.1 turns newer phones to EC keys and HTTPS 6971. */
  readonly signerVersion?: FormatVersion;
  /** Must stand in `records` with the role SAST. */
  readonly signer: Certificate;
  readonly records: readonly RecordRequest[];
}

/** A trust list that lacks nothing but its signature. */
export interface UnsignedTrustList extends UnsignedFile {
  /** What it will say; its signature is of zeros yet. */
  readonly list: TrustList;
}

/** CTL and ITL of every CUCM release that was seen. */
const listVersion: FormatVersion = { major: 1, minor: 2 };

/** The name that stands inside a list of this kind. */
export function listFileName(kind: TrustListKind): string {
  return `${kind}File.tlv`;
}

/**
 * Makes a trust list, all but its signature, in the layout of CUCM.
 *
 * @throws {PkiError} pki.invalid-file-value, pki.unsuited-signer
 */
export function buildTrustList(request: TrustListRequest): UnsignedTrustList {
  const { signer, digest, kind } = request;
  const isSast = ({ role, certificate }: RecordRequest) =>
    numberOfRole(role) === trustRoles.SAST && certificate?.fingerprint === signer.fingerprint;
  if (!request.records.some(isSast)) invalid(`the signer ${signer.subject} is not in the list with the role SAST`);
  const header = unsignedHeader({
    version: listVersion,
    signerVersion: request.signerVersion,
    signer: signerIdentityOf(signer),
    digest,
    signatureLength: signatureLengthOf(signer),
    fileName: request.fileName ?? listFileName(kind),
    timestamp: request.timestamp,
    encryption: undefined,
  });
  const list: TrustList = { header, records: request.records.map(makeRecord) };
  const octets = octetsToSign(list);
  return {
    list,
    digest,
    octets,
    finish(signature) {
      assertSignedBy(signer, digest, octets, signature);
      return serializeTrustList({ ...list, header: { ...header, signature } });
    },
  };
}

function octetsToSign(list: TrustList): Uint8Array {
  const written = serializeTrustList(list);
  const read = parseTrustList(written); // what a phone would not read is found here, before a token is asked
  if (!read.ok) invalid(read.message);
  return signedOctets(written, read.layout);
}

/** A record in the order of CUCM: 2, 3, 4, 5, 6, 7, 8, 9, 10. */
function makeRecord({ role, dnsName, ipAddress, certificate, withSignature }: RecordRequest): TrustRecord {
  const fields = certificate === undefined ? undefined : certificateFieldsOf(certificate);
  const record = {
    role: numberOfRole(role),
    dnsName,
    subject: fields?.subject,
    issuer: fields?.issuer,
    serialNumber: fields?.serialNumber,
    publicKey: fields?.publicKey,
    signature: withSignature === true ? fields?.signature : undefined,
    certificate: certificate?.der,
    ipAddress,
    certificateHash: undefined,
    hashAlgorithm: undefined,
    unknown: [],
  };
  const tags = recordOrder.filter(([, field]) => record[field] !== undefined).map(([tag]) => tag);
  return { ...record, tags };
}

const recordOrder = [
  [recordTags.dnsName, 'dnsName'],
  [recordTags.subject, 'subject'],
  [recordTags.role, 'role'],
  [recordTags.issuer, 'issuer'],
  [recordTags.serialNumber, 'serialNumber'],
  [recordTags.publicKey, 'publicKey'],
  [recordTags.signature, 'signature'],
  [recordTags.certificate, 'certificate'],
  [recordTags.ipAddress, 'ipAddress'],
] as const;

function numberOfRole(role: TrustRole | number): number {
  return typeof role === 'number' ? role : trustRoles[role];
}
