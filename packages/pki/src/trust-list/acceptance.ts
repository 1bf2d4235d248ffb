import type { Certificate } from '../certificate.ts';
import { describeWhen } from '../describe-time.ts';
import type {
  AcceptanceOptions,
  AcceptanceRefusal,
  AcceptanceRule,
  HeldTrust,
  ListAccepted,
  ListJudgment,
  OfferedList,
} from './acceptance-types.ts';
import { acceptanceRules } from './acceptance-types.ts';
import { listFileName } from './build.ts';
import { headerTags } from './header.ts';
import { certificatesFor, heldCertificates, isReleasingList } from './held.ts';
import { serializeTrustList } from './parse.ts';
import { rolesForService, trustRoles } from './roles.ts';
import { type FileReject, fileRules, type SignerIdentity, type TrustList } from './types.ts';
import { fieldAt, sameOctets, verifyTrustList } from './verify.ts';

/**
 * Decides as a phone does whether it takes a list. Pure: the same for a phone that boots and for a simulation of it.
 *
 * - The first CTL is taken blindly, even where an ITL is held: clusters enter mixed mode with tokens that no ITL names.
 * - A later CTL is signed by a SAST of the CTL that is held.
 * - With a CTL, an ITL is signed by a certificate that the CTL names SAST, TFTP or CCM+TFTP. Without one the first ITL
 *   is taken blindly, and so is the one after a releasing list; any other is signed by a SAST of the ITL that is held.
 * - For a signer whom the list that decides does not know, TVS may vouch, if the phone knows a TVS.
 * - A list older than the one held is refused, and a signer whose certificate is not valid now.
 *
 * Where documents leave it open the stricter reading was taken: the ITL never vouches for a CTL, a CTL leaves no word
 * to the ITL before it, and ages bind ITLs as they bind CTLs. A phone that is less strict is not locked out by it.
 */
export function judgeOfferedList(
  held: HeldTrust,
  { kind, requestedName, octets }: OfferedList,
  { now, tvs }: AcceptanceOptions,
): ListJudgment {
  const phoneWords = `Trust List update failed (${kind})`;
  const refuse = (rule: AcceptanceRule, offset: number, words: string) => refusal(rule, offset, phoneWords, words);
  const verified = verifyTrustList(octets);
  if (!verified.ok) return fileRefusal(verified, phoneWords);
  const { list, layout, signer } = verified;
  const { fileName, timestamp } = list.header;
  if (fileName !== listFileName(kind) && fileName !== requestedName) {
    return refuse('file-name', fieldAt(layout, headerTags.fileName), `it is ${fileName}, not ${requestedName}`);
  }
  const present = kind === 'CTL' ? held.ctl : held.itl;
  const accept = (by: ListAccepted['by'], ourWords: string, unchanged = false): ListAccepted => ({
    accepted: true,
    list,
    signer,
    by,
    blind: by === 'blind',
    unchanged,
    held: kind === 'CTL' ? { ...held, ctl: list } : { ...held, itl: list },
    phoneWords: unchanged ? `${kind} installed` : 'Trust List Updated',
    ourWords,
  });
  if (present !== undefined && sameOctets(serializeTrustList(present), octets)) {
    return accept(kind, `The ${kind} is the one that is held already.`, true);
  }
  const outside = outsideValidity(signer, now);
  const signerOffset = fieldAt(layout, headerTags.signerId);
  if (outside !== undefined) {
    return refuse(`signer-${outside.rule}`, signerOffset, `${signer.subject} ${outside.words}`);
  }
  const voucher = findVoucher(held, kind, signer, list.header.signer, tvs);
  if ('rule' in voucher) {
    const refused = refuse(voucher.rule, signerOffset, voucher.words);
    return voucher.mayAskTvs ? { ...refused, askTvs: list.header.signer } : refused;
  }
  if (voucher.by !== 'blind' && isOlder(list, present)) {
    const words = `it was made ${describeStamp(timestamp)}, the one held ${describeStamp(present?.header.timestamp)}`;
    return refuse('older-than-held', fieldAt(layout, headerTags.timestamp), words);
  }
  return accept(voucher.by, voucher.words);
}

type Voucher =
  | { readonly by: ListAccepted['by']; readonly words: string }
  | { readonly rule: AcceptanceRule; readonly words: string; readonly mayAskTvs: boolean };

/** Who vouches for the signer of a list, or why nobody does. */
function findVoucher(
  held: HeldTrust,
  kind: OfferedList['kind'],
  signer: Certificate,
  identity: SignerIdentity,
  tvs: AcceptanceOptions['tvs'],
): Voucher {
  if (isTakenBlindly(held, kind)) {
    const why = kind === 'ITL' && held.itl !== undefined ? `The ${kind} after a releasing one` : `The first ${kind}`;
    const words = `${why} was taken blindly: nothing vouches for ${signer.subject} but its own list.`;
    return { by: 'blind', words };
  }
  const deciding = kind === 'CTL' || held.ctl !== undefined ? 'CTL' : 'ITL';
  const known = heldCertificates(held).filter(
    ({ list, certificate }) => list === deciding && certificate.fingerprint === signer.fingerprint,
  );
  const roles = kind === 'ITL' && deciding === 'CTL' ? itlSignersInCtl : [trustRoles.SAST];
  if (known.some(({ role }) => roles.includes(role))) {
    return { by: deciding, words: `Signed by ${signer.subject}, whom the ${deciding} that is held knows.` };
  }
  const vouched = canAskTvs(held) ? tvs?.(identity) : undefined;
  if (vouched?.roles.includes(trustRoles.SAST) === true && sameOctets(vouched.certificate, signer.der)) {
    return { by: 'TVS', words: `Signed by ${signer.subject}, for whom TVS vouches.` };
  }
  const mayAskTvs = canAskTvs(held) && vouched === undefined;
  return known.length > 0
    ? {
        rule: 'signer-role',
        words: `the ${deciding} that is held knows ${signer.subject}, but not as one who signs lists`,
        mayAskTvs,
      }
    : { rule: 'signer-unknown', words: `${signer.subject} is not in the ${deciding} that is held`, mayAskTvs };
}

/** In mixed mode the CTL names the servers that sign an ITL by their role as TFTP servers; tokens may sign as well. */
const itlSignersInCtl: readonly number[] = [trustRoles.SAST, ...rolesForService('TFTP')];

function isTakenBlindly({ ctl, itl }: HeldTrust, kind: OfferedList['kind']): boolean {
  if (kind === 'CTL') return ctl === undefined;
  return ctl === undefined && (itl === undefined || isReleasingList(itl));
}

/** A phone without a TVS certificate cannot tell a TVS from anyone else. */
export function canAskTvs(held: HeldTrust): boolean {
  return certificatesFor(held, 'TVS').length > 0;
}

function isOlder(list: TrustList, present: TrustList | undefined): boolean {
  return (list.header.timestamp ?? 0) < (present?.header.timestamp ?? 0);
}

function describeStamp(seconds: number | undefined): string {
  return seconds === undefined ? 'at an unknown time' : new Date(seconds * 1000).toISOString();
}

/** Whether a certificate is outside its validity, in the words of the rules. Times are epoch milliseconds. */
export function outsideValidity({ notBefore, notAfter }: Certificate, now: number) {
  if (now > notAfter) return { rule: 'expired', words: `expired ${describeWhen(notAfter, now)}` } as const;
  if (now < notBefore) return { rule: 'not-yet-valid', words: `begins ${describeWhen(notBefore, now)}` } as const;
  return undefined;
}

/** A file that is refused as such, in both tongues. */
export function fileRefusal({ rule, offset, message }: FileReject, phoneWords: string): AcceptanceRefusal {
  return { accepted: false, rule, offset, phoneWords, ourWords: message };
}

/** A refusal in both tongues. Phones show one of few messages, and keep to themselves which rule it was. */
export function refusal(rule: AcceptanceRule, offset: number, phoneWords: string, words: string): AcceptanceRefusal {
  const rules: Readonly<Record<AcceptanceRule, string>> = { ...fileRules, ...acceptanceRules };
  return { accepted: false, rule, offset, phoneWords, ourWords: `${words}. ${rules[rule]}` };
}
