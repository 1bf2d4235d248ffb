import type { Redacted } from '@trustline/base';

/** The lists that a phone holds, octet for octet as they were served. */
export interface HeldLists {
  readonly ctl: Uint8Array | undefined;
  readonly itl: Uint8Array | undefined;
}

/** Who signed a file, as its header says. */
export interface FileSigner {
  /** Subject of the certificate. */
  readonly name: string;
  readonly issuer: string;
  /** Lower-case hex. */
  readonly serialNumber: string;
}

/** What TVS vouches for. */
export interface TvsVoucher {
  /** DER. */
  readonly certificate: Uint8Array;
  /** Numbers of roles, as in a trust list. */
  readonly roles: readonly number[];
}

/** What is known at the moment of judging. */
export interface JudgingContext {
  /** Epoch milliseconds. */
  readonly now: number;
  /** The answer of TVS, where it has been asked and vouched. */
  readonly voucher: TvsVoucher | undefined;
}

export interface Refusal {
  readonly accepted: false;
  /** Stable and machine-readable. `decryption` is the one that makes a phone ask for a new certificate. */
  readonly rule: string;
  /** Octets from the start of the file; 0 where the matter is not one of a place. */
  readonly offset: number;
  readonly phoneWords: string;
  readonly ourWords: string;
  /** Present when TVS may know more. */
  readonly askTvs?: FileSigner;
}

interface Acceptance {
  readonly accepted: true;
  readonly phoneWords: string;
  readonly ourWords: string;
}

export type ListVerdict = (Acceptance & { readonly blind: boolean; readonly unchanged: boolean }) | Refusal;
export type FileVerdict = (Acceptance & { readonly plain: Uint8Array }) | Refusal;
export type ServerVerdict = { readonly accepted: true; readonly ourWords: string } | Refusal;

/** What a server does for a phone. */
export type PhoneService = 'CCM' | 'CAPF' | 'TVS' | 'TFTP' | 'APP-SERVER';

/**
 * What the lists say of call managers. `non-secure`: the CTL names them and gives none a certificate, which is how
 * a cluster that left mixed mode looks on the wire. `unnamed`: no list says anything of them.
 */
export type CallManagerTrust = 'secure' | 'non-secure' | 'unnamed';

/** The rules by which a phone believes. All of them are pure: what was judged once is judged the same again. */
export interface TrustJudge {
  judgeList(
    held: HeldLists,
    offered: { readonly kind: 'CTL' | 'ITL'; readonly requestedName: string; readonly octets: Uint8Array },
    context: JudgingContext,
  ): ListVerdict;
  /** Verifies, and then decrypts what is encrypted. The key is PKCS#8 DER. */
  openFile(
    held: HeldLists,
    offered: { readonly requestedName: string; readonly octets: Uint8Array },
    context: JudgingContext & { readonly privateKey: Redacted<Uint8Array> | undefined },
  ): FileVerdict;
  /** By its own certificate (DER) from the TLS handshake. */
  judgeServer(held: HeldLists, service: PhoneService, certificate: Uint8Array, context: JudgingContext): ServerVerdict;
  /** Whether a phone with these lists takes signed configurations only. */
  requiresSignedFiles(held: HeldLists): boolean;
  callManagers(held: HeldLists): CallManagerTrust;
}
