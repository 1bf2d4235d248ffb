import type { Certificate } from '../certificate.ts';
import type { FileReject, FileRule, SignerIdentity, TrustList, TrustListKind } from './types.ts';

/** The lists that a phone keeps. */
export interface HeldTrust {
  readonly ctl: TrustList | undefined;
  readonly itl: TrustList | undefined;
}

/** What TVS said of a certificate (QUERY or VERIFY): the certificate itself, and the roles it may play. */
export interface TvsVerdict {
  /** DER. */
  readonly certificate: Uint8Array;
  readonly roles: readonly number[];
}

/** A list that a server hands to a phone. */
export interface OfferedList {
  readonly kind: TrustListKind;
  /** The name that the phone asked for: `CTLSEP001122334455.tlv`, `ITLFile.tlv`. */
  readonly requestedName: string;
  readonly octets: Uint8Array;
}

/** What a phone has at hand when it judges. */
export interface AcceptanceOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  /**
   * Asked when no held list knows the signer. It answers at once: a phone judges, asks TVS over the network when the
   * refusal carries `askTvs`, and judges again with the answer.
   */
  readonly tvs?: (signer: SignerIdentity) => TvsVerdict | undefined;
}

/** Every rule by which a phone refuses a list or a file that is in order as such. */
export const acceptanceRules = {
  'file-name': 'The file is the one that was asked for.',
  'signer-unknown': 'A later list is signed by one whom the phone knows already, or for whom TVS vouches.',
  'signer-expired': 'The certificate of the signer has not ended.',
  'signer-not-yet-valid': 'The certificate of the signer has begun.',
  'older-than-held': 'A list is not older than the one that the phone holds.',
  'signer-role': 'A configuration file is signed by a certificate with the role TFTP or CCM+TFTP.',
  decryption: 'The file opens with the key of this phone.',
} as const;

export type AcceptanceRule = FileRule | keyof typeof acceptanceRules;

/** A refusal in a phone's words, as its status messages put it, and in ours. */
export interface AcceptanceRefusal extends Omit<FileReject<AcceptanceRule>, 'ok' | 'message'> {
  readonly accepted: false;
  readonly phoneWords: string;
  readonly ourWords: string;
  /** Present when TVS could still change the outcome: the signer to ask for. */
  readonly askTvs?: SignerIdentity;
}

export interface ListAccepted {
  readonly accepted: true;
  readonly list: TrustList;
  readonly signer: Certificate;
  /** `blind`: nothing vouched for the list, it was the first. */
  readonly by: 'blind' | 'CTL' | 'ITL' | 'TVS';
  readonly blind: boolean;
  /** Octet for octet the list that is held already. */
  readonly unchanged: boolean;
  /** What the phone holds from now on. */
  readonly held: HeldTrust;
  readonly phoneWords: string;
  readonly ourWords: string;
}

export type ListJudgment = ListAccepted | AcceptanceRefusal;
