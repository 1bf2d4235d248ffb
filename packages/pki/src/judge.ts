import type { DeviceProof, TrustSource } from './trust-source.ts';

export type RefusalCode =
  | 'no-certificate'
  | 'malformed-certificate'
  | 'expired'
  | 'not-yet-valid'
  | 'self-signed'
  | 'unknown-issuer'
  | 'wrong-issuer-for-purpose'
  | 'bad-signature'
  | 'issuer-expired'
  | 'issuer-not-an-authority'
  | 'path-too-long'
  | 'weak-key'
  | 'weak-signature'
  | 'wrong-purpose'
  | 'unknown-critical-extension'
  | 'revoked'
  | 'no-device-name'
  | 'no-operator-name'
  | 'enrolment-only';

/** Why a certificate was refused. `reason` is for people; `subject` is claimed by the peer and proves nothing. */
export interface Refusal {
  readonly accepted: false;
  readonly code: RefusalCode;
  readonly reason: string;
  readonly subject: string | undefined;
  readonly fingerprint: string | undefined;
}

/** What was proved by a certificate that was believed. */
export interface ProvenCertificate {
  readonly accepted: true;
  readonly subject: string;
  readonly issuer: string;
  readonly serialNumber: string;
  readonly fingerprint: string;
  /** Epoch milliseconds; a connection must be judged again before it. */
  readonly notAfter: number;
}

export interface ProvenDevice extends ProvenCertificate {
  readonly device: string;
  readonly means: DeviceProof;
}

export interface ProvenOperator extends ProvenCertificate {
  readonly operator: string;
}

export type DeviceJudgment = ProvenDevice | Refusal;
export type OperatorJudgment = ProvenOperator | Refusal;

export interface JudgeOptions {
  /** `enrolment` also believes a MIC, which otherwise needs the policy's consent. Default `registration`. */
  readonly purpose?: 'registration' | 'enrolment';
  /** Phones of the RSA-1024 and SHA-1 era, on listeners that say so. Default false. */
  readonly legacy?: boolean;
}

export declare function judgeDeviceCertificate(
  trust: TrustSource,
  chain: readonly Uint8Array[],
  now: number,
  options?: JudgeOptions,
): DeviceJudgment;

export declare function judgeOperatorCertificate(
  trust: TrustSource,
  chain: readonly Uint8Array[],
  now: number,
): OperatorJudgment;
