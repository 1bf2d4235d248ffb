import type { Certificate } from '../certificate.ts';
import { sameSerial } from '../trust-list/certificate-fields.ts';
import { headerTags } from '../trust-list/header.ts';
import { rejectFile } from '../trust-list/tlv.ts';
import type { FileReject, HeaderLayout } from '../trust-list/types.ts';
import { fieldAt, signatureProblem } from '../trust-list/verify.ts';
import { parseSignedFile, type SignedFile } from './parse.ts';

export type VerifiedSignedFile =
  | {
      readonly ok: true;
      readonly file: SignedFile;
      readonly layout: HeaderLayout;
      readonly signer: Certificate;
    }
  | FileReject;

/**
 * Says whether one of these certificates signed a file, and whether the file is the one that was asked for.
 *
 * @param signers those that may sign it: for a phone, the certificates of its lists with the role TFTP or CCM+TFTP
 * @param fileName the name that was asked for, `.sgn` included; a signed file under another name is another's file
 */
export function verifySignedFile(
  octets: Uint8Array,
  signers: readonly Certificate[],
  fileName: string,
): VerifiedSignedFile {
  const parsed = parseSignedFile(octets);
  if (!parsed.ok) return parsed;
  const { file, layout } = parsed;
  const { signer: identity, fileName: found } = file.header;
  if (found !== fileName) {
    return rejectFile('file-name', fieldAt(layout, headerTags.fileName), `it is ${found}, not ${fileName}`);
  }
  const candidates = signers.filter(({ serialNumber }) => sameSerial(serialNumber, identity.serialNumber));
  const problems = candidates.map((candidate) => signatureProblem(octets, file.header, layout, candidate));
  const signer = candidates[problems.indexOf(undefined)];
  if (signer !== undefined) return { ok: true, file, layout, signer };
  const missing = `the signer has serial number ${identity.serialNumber}`;
  return problems[0] ?? rejectFile('signer-unknown', fieldAt(layout, headerTags.signerId), missing);
}
