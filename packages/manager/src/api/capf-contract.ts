/** The part of the HTTP interface that is about an outside authority that issues LSCs, by files. */
import { z } from 'zod';
import type { Answer } from './answer.ts';

export const issuedRequest = z.strictObject({
  /** What the authority gave for one phone: PEM, DER or PKCS#7, base64. */
  file: z.base64().meta({ title: 'certificate' }),
});

/** How far an enrolment is: `waiting-for-outside-authority` and `certificate-ready` are bound to the phone's key. */
export type EnrolmentPhase = 'open' | 'waiting-for-outside-authority' | 'certificate-ready';

/** What a phone asks of the outside authority. */
export interface WaitingRequest {
  readonly device: string;
  readonly phase: EnrolmentPhase;
  /** `RSA-2048`, `ECDSA P-256`. */
  readonly key: string;
  /** SHA-256 over the SubjectPublicKeyInfo, lower-case hex. */
  readonly keyFingerprint: string;
  /** PKCS#10 in PEM, signed by the phone; null where the phone could not sign one. */
  readonly request: string | null;
  /** SubjectPublicKeyInfo in PEM. */
  readonly publicKey: string;
  /** O of the subject, for whoever makes out a certificate without a request. */
  readonly organization: string;
}

export interface WaitingRequestsAnswer extends Answer {
  readonly requests: readonly WaitingRequest[];
}

/** The certificate of a phone that was taken. */
export interface LscImportedAnswer extends Answer {
  readonly device: string;
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  /** ISO 8601. */
  readonly notAfter: string;
}

export const lscAuthoritiesRequest = z.strictObject({
  /** PEM. */
  certificates: z.string().meta({ title: 'certificates' }),
});

/** Who outside may issue LSCs. */
export interface LscAuthoritiesAnswer extends Answer {
  readonly authorities: readonly {
    readonly subject: string;
    /** SHA-256, lower-case hex. */
    readonly fingerprint: string;
    /** ISO 8601. */
    readonly notAfter: string;
    /** Devices whose LSC of it was imported. */
    readonly devices: number;
  }[];
  /** What this request added or removed: subjects. */
  readonly changed: readonly string[];
}
