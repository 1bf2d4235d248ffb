import { type Certificate, readCertificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { publicKeyOctets, sameSerial } from './certificate-fields.ts';
import { headerTags, signedOctets } from './header.ts';
import { parseTrustList } from './parse.ts';
import { recordTags } from './record.ts';
import { trustRoles } from './roles.ts';
import { isSignedBy } from './sign.ts';
import { rejectFile } from './tlv.ts';
import type {
  FileReject,
  FileRule,
  HeaderLayout,
  SignedHeader,
  TrustList,
  TrustListLayout,
  TrustRecord,
} from './types.ts';

export type VerifiedTrustList =
  | {
      readonly ok: true;
      readonly list: TrustList;
      readonly layout: TrustListLayout;
      /** The certificate of the SAST record whose key made the signature. */
      readonly signer: Certificate;
    }
  | FileReject;

/**
 * Says whether a trust list holds together: layout, certificates, and the signature by a SAST of the list itself. It
 * does not say whether anyone should believe that SAST: see `judgeOfferedList`.
 */
export function verifyTrustList(octets: Uint8Array): VerifiedTrustList {
  const parsed = parseTrustList(octets);
  if (!parsed.ok) return parsed;
  const { list, layout } = parsed;
  const certificates: (Certificate | undefined)[] = [];
  for (const [index, record] of list.records.entries()) {
    const read = certificateOfRecord(record, layout.records[index]?.fields ?? new Map());
    if (read !== undefined && 'ok' in read) return read;
    certificates.push(read);
  }
  const { serialNumber } = list.header.signer;
  // Serial numbers are unique per issuer only, and issuers are written in more than one way: the key decides.
  const candidates = certificates.filter(
    (certificate, index): certificate is Certificate =>
      list.records[index]?.role === trustRoles.SAST &&
      certificate !== undefined &&
      sameSerial(certificate.serialNumber, serialNumber),
  );
  const problems = candidates.map((signer) => signatureProblem(octets, list.header, layout, signer));
  const signer = candidates[problems.indexOf(undefined)];
  if (signer !== undefined) return { ok: true, list, layout, signer };
  const missing = `the signer has serial number ${serialNumber}`;
  return problems[0] ?? rejectFile('signer-missing', fieldAt(layout, headerTags.signerId), missing);
}

/** The certificate of a record, nothing for a record without one, or what is wrong with it. */
function certificateOfRecord(
  record: TrustRecord,
  fields: ReadonlyMap<number, number>,
): Certificate | FileReject | undefined {
  if (record.certificate === undefined) return undefined;
  const at = (tag: number) => fields.get(tag) ?? 0;
  let certificate: Certificate;
  let key: Uint8Array;
  try {
    certificate = readCertificate(record.certificate);
    key = publicKeyOctets(certificate.publicKey);
  } catch (error) {
    if (!(error instanceof PkiError)) throw error;
    return rejectFile('certificate-unreadable', at(recordTags.certificate), error.message);
  }
  if (record.serialNumber !== undefined && !sameSerial(record.serialNumber, certificate.serialNumber)) {
    const message = `the record says ${record.serialNumber}, the certificate ${certificate.serialNumber}`;
    return rejectFile('serial-mismatch', at(recordTags.serialNumber), message);
  }
  if (record.publicKey !== undefined && !sameOctets(record.publicKey, key)) {
    return rejectFile('key-mismatch', at(recordTags.publicKey), `the key is not that of ${certificate.subject}`);
  }
  return certificate;
}

/** What is wrong with the signature of a file, if this certificate is its signer. */
export function signatureProblem(
  octets: Uint8Array,
  header: SignedHeader,
  layout: HeaderLayout,
  signer: Certificate,
): FileReject | undefined {
  const refuse = (rule: FileRule, message: string) => rejectFile(rule, layout.signature.offset, message);
  const { signature, digest } = header;
  if (signer.key.kind !== 'RSA' || signer.key.bits < 1024 || signer.key.bits !== signature.byteLength * 8) {
    return refuse('signer-key', `the key of ${signer.subject} cannot have made it`);
  }
  const isRight = isSignedBy(signer, digest, signedOctets(octets, layout), signature);
  return isRight ? undefined : refuse('signature', `${signer.subject} did not sign this file as it stands`);
}

export function fieldAt({ fields }: HeaderLayout, tag: number): number {
  return fields.get(tag) ?? 0;
}

/** For what is public; nothing secret is compared here. */
export function sameOctets(one: Uint8Array, other: Uint8Array): boolean {
  return one.byteLength === other.byteLength && one.every((octet, at) => octet === other[at]);
}
