import type { Redacted } from '@trustline/base';
import type { CapfKeyRequest } from './elements.ts';
import type { CapfProof } from './proof.ts';

/** The kinds of certificate by which a device may prove itself to CAPF. */
export type EnrolmentCertificate = 'LSC' | 'MIC';

/** How a device has to prove itself before its pending operation is carried out. Times are monotonic milliseconds. */
export type EnrolmentAuthentication =
  /** By the string (4 to 16 digits) that the operator reads out and someone types into the phone. */
  | { readonly by: 'string'; readonly string: Redacted<string> }
  /** By a certificate that it has, of one of these kinds. */
  | { readonly by: 'certificate'; readonly kinds: readonly [EnrolmentCertificate, ...EnrolmentCertificate[]] }
  /** By nothing, until then: whoever comes first and says that name is believed. */
  | { readonly by: 'nothing'; readonly until: number };

/** What is to be done the next time a device comes. */
export type EnrolmentAction =
  | { readonly kind: 'install'; readonly key: CapfKeyRequest }
  | { readonly kind: 'delete' }
  | { readonly kind: 'fetch' };

export interface EnrolmentOperation {
  /** The caller's name for it, repeated in every event. */
  readonly id: string;
  readonly action: EnrolmentAction;
  readonly authentication: EnrolmentAuthentication;
}

/**
 * An installation whose certificate an outside authority issues, by files: the key that the phone has made. The operation
 * is bound to it, so that whoever comes again under the phone's name cannot put another in its place.
 */
export interface OutsideIssue {
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
  /** PKCS#10 in DER, signed by that key; undefined where the phone could not sign one. */
  readonly request: Uint8Array | undefined;
  /** In DER, once it was imported. */
  readonly certificate: Uint8Array | undefined;
}

/** Why an operation is not pending any more. */
export type OperationEnd = 'done' | 'cancelled' | 'replaced' | 'window-over' | 'given-up';

/** A step of an enrolment, with its cause in an operator's words. `alarm` wants a human being. */
export interface EnrolmentEvent {
  readonly kind:
    | 'operation-pending'
    | 'operation-closed'
    | 'authenticated'
    | 'refused'
    | 'locked'
    | 'unlocked'
    | 'certificate-issued'
    | 'certificate-stored'
    | 'certificate-fetched'
    | 'certificate-deleted'
    | 'certificate-not-issued'
    | 'waiting-for-outside-authority'
    | 'session-failed';
  readonly severity: 'information' | 'warning' | 'alarm';
  /** As the peer calls itself; undefined while it has not. Proved only where `authenticated` was said of it. */
  readonly device: string | undefined;
  /** The address it came from; undefined where the operator acted. */
  readonly address: string | undefined;
  readonly operation: string | undefined;
  readonly cause: string;
  /** `refused`: which rule. */
  readonly rule?: RefusalRule;
  /** `operation-closed`: why. */
  readonly end?: OperationEnd;
}

export type RefusalRule =
  | 'unknown-device'
  | 'nothing-pending'
  | 'second-try'
  | 'proved-again'
  | 'replay-suspected'
  | 'busy'
  | 'locked'
  | 'wrong-string'
  | 'string-missing'
  | 'certificate-missing'
  | 'certificate-refused'
  | 'wrong-kind-of-certificate'
  | 'proof-wrong'
  | 'device-rate'
  | 'address-rate';

/** What a phone shows of itself in AUTH_RES. */
export interface EnrolmentClaim {
  readonly device: string;
  readonly address: string;
  readonly string: Redacted<string> | undefined;
  readonly proof: CapfProof | undefined;
  /** SUDI_DATA as it came, with the number of the session that it must be for. */
  readonly sudi?: { readonly data: Uint8Array; readonly sessionId: number } | undefined;
}

/** What the judge says of a certificate that a device shows at enrolment. */
export type EnrolmentCertificateJudgement =
  | { readonly accepted: true; readonly kind: EnrolmentCertificate }
  | { readonly accepted: false; readonly reason: string };

/** How an attempt is answered. Only `proceed` lets a session go on. */
export type EnrolmentDecision =
  | {
      readonly outcome: 'proceed';
      readonly operation: EnrolmentOperation;
      /** With a certificate, which is to be handed out. */
      readonly outside: OutsideIssue | undefined;
    }
  /** Nothing to do; also said to whoever must not learn more. */
  | { readonly outcome: 'no-action' }
  | { readonly outcome: 'declined' }
  | { readonly outcome: 'unknown-device' }
  /** Too many attempts, or an outside authority has not issued yet: come back after this many milliseconds. */
  | { readonly outcome: 'later'; readonly after: number };
