import type { KeyObject } from 'node:crypto';
import { type Certificate, readCertificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { decryptSignedFile } from '../signed-file/decrypt.ts';
import { parseSignedFile } from '../signed-file/parse.ts';
import { verifySignedFile } from '../signed-file/verify.ts';
import { canAskTvs, fileRefusal, outsideValidity, refusal } from './acceptance.ts';
import type { AcceptanceOptions, AcceptanceRule, FileJudgment, HeldTrust, TvsVerdict } from './acceptance-types.ts';
import { sameSerial } from './certificate-fields.ts';
import { headerTags } from './header.ts';
import { certificatesFor, heldCertificates } from './held.ts';
import { rolesForService } from './roles.ts';
import { fieldAt } from './verify.ts';

/** A signed configuration that a server hands to a phone. */
export interface OfferedFile {
  /** The name that the phone asked for, with its ending: `SEP001122334455.cnf.xml.enc.sgn`. */
  readonly requestedName: string;
  readonly octets: Uint8Array;
}

export interface FileJudgeOptions extends AcceptanceOptions {
  /** The phone's own key, for files that are encrypted to it. */
  readonly privateKey?: KeyObject;
}

/**
 * Decides as a phone does whether it takes a signed configuration (`.sgn`, `.enc.sgn`): signed by a certificate that
 * its lists name TFTP or CCM+TFTP (or for which TVS vouches as such), under the name that was asked for, and opening
 * with the phone's key where it is encrypted. Nothing is decrypted before the signature has been found right.
 */
export function judgeOfferedFile(
  held: HeldTrust,
  { requestedName, octets }: OfferedFile,
  { now, tvs, privateKey }: FileJudgeOptions,
): FileJudgment {
  const phoneWords = `File auth error: ${requestedName}`;
  const refuse = (rule: AcceptanceRule, offset: number, words: string) => refusal(rule, offset, phoneWords, words);
  const parsed = parseSignedFile(octets);
  if (!parsed.ok) return fileRefusal(parsed, phoneWords);
  const { signer: identity } = parsed.file.header;
  const signerOffset = fieldAt(parsed.layout, headerTags.signerId);
  const listed = certificatesFor(held, 'TFTP');
  const isListed = listed.some(({ serialNumber }) => sameSerial(serialNumber, identity.serialNumber));
  const vouched = isListed || !canAskTvs(held) ? undefined : tvs?.(identity);
  const byTvs = vouched === undefined ? undefined : signerVouchedFor(vouched);
  const verified = verifySignedFile(octets, byTvs === undefined ? listed : [byTvs], requestedName);
  if (!verified.ok) {
    if (verified.rule !== 'signer-unknown') return fileRefusal(verified, phoneWords);
    const holder = heldCertificates(held).find(({ certificate }) =>
      sameSerial(certificate.serialNumber, identity.serialNumber),
    );
    const refused =
      holder === undefined
        ? refuse('signer-unknown', signerOffset, `${identity.name} is in no list of the phone`)
        : refuse('signer-role', signerOffset, `${identity.name} is listed, but not as a TFTP server`);
    return canAskTvs(held) && vouched === undefined ? { ...refused, askTvs: identity } : refused;
  }
  const { file, layout, signer } = verified;
  const outside = outsideValidity(signer, now);
  if (outside !== undefined)
    return refuse(`signer-${outside.rule}`, signerOffset, `${signer.subject} ${outside.words}`);
  const accept = (plain: Uint8Array): FileJudgment => ({
    accepted: true,
    signer,
    by: byTvs === undefined ? 'lists' : 'TVS',
    plain,
    phoneWords: requestedName,
    ourWords: `${requestedName} was signed by ${signer.subject}${byTvs === undefined ? '' : ', for whom TVS vouches'}.`,
  });
  if (file.header.encryption === undefined) return accept(file.payload);
  if (privateKey === undefined) {
    return refuse('decryption', layout.headerLength, 'the file is encrypted, and the phone has no key');
  }
  const opened = decryptSignedFile(file, layout, privateKey);
  return opened.ok ? accept(opened.plain) : fileRefusal(opened, phoneWords);
}

function signerVouchedFor({ certificate, roles }: TvsVerdict): Certificate | undefined {
  if (!rolesForService('TFTP').some((role) => roles.includes(role))) return undefined;
  try {
    return readCertificate(certificate);
  } catch (error) {
    if (error instanceof PkiError) return undefined;
    throw error;
  }
}
