import type { Certificate } from '../certificate.ts';
import type { FileRule, SignerIdentity, TrustList, TrustListKind } from './types.ts';

/** The lists that a phone keeps. */
export interface HeldTrust {
  readonly ctl: TrustList | undefined;
  readonly itl: TrustList | undefined;
}

/**
 * What TVS said of a certificate (QUERY or VERIFY): the certificate itself, and the roles it may play. One that it does
 * not vouch for has no roles; to have no verdict yet is another thing, and means that it can be asked.
 */
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

/** Every rule by which a phone refuses what is in order as such. */
export const acceptanceRules = {
  'signer-role': 'Lists are signed by a SAST, configuration files by a certificate with the role TFTP or CCM+TFTP.',
  'signer-expired': 'The certificate of the signer has not ended.',
  'signer-not-yet-valid': 'The certificate of the signer has begun.',
  'older-than-held': 'A list is not older than the one that the phone holds.',
  'server-unreadable': 'The certificate of a server can be read.',
  'server-unknown': 'The certificate of a server is in a list of the phone, or TVS vouches for it.',
  'server-role': 'The list that names a server gives it the role of the service.',
  'server-expired': 'The certificate of a server has not ended.',
  'server-not-yet-valid': 'The certificate of a server has begun.',
} as const;

export type AcceptanceRule = FileRule | keyof typeof acceptanceRules;

/**
 * A refusal in a phone's words and in ours. The phone's are after the status messages of the administration guides; they
 * differ from model to model, so nothing may depend on them.
 */
export interface AcceptanceRefusal {
  readonly accepted: false;
  readonly rule: AcceptanceRule;
  /** Octets from the start of the file; 0 where the matter is not one of a place. */
  readonly offset: number;
  readonly phoneWords: string;
  readonly ourWords: string;
  /** Present when the phone knows a TVS and was not given its word yet: the certificate to ask for. */
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

export interface FileAccepted {
  readonly accepted: true;
  readonly signer: Certificate;
  readonly by: 'lists' | 'TVS';
  /** The configuration itself, decrypted where it was encrypted. */
  readonly plain: Uint8Array;
  readonly phoneWords: string;
  readonly ourWords: string;
}

export type FileJudgment = FileAccepted | AcceptanceRefusal;

export interface ServerAccepted {
  readonly accepted: true;
  readonly certificate: Certificate;
  readonly by: 'CTL' | 'ITL' | 'TVS';
  readonly ourWords: string;
}

export type ServerByListsJudgment = ServerAccepted | AcceptanceRefusal;
