import type { WireReject } from '../elements/elements.ts';
import type { Enrolments } from './enrolment.ts';
import type { EnrolmentOperation, OutsideIssue } from './enrolment-types.ts';
import type { CapfMessage } from './message.ts';

/** Silence that a session bears, in milliseconds. */
export interface CapfSessionTimeouts {
  /** For an answer, and after each REQ_IN_PROGRESS. */
  readonly answer: number;
  /** For a key: old phones take tens of seconds and not all of them say that they are busy. */
  readonly keyGeneration: number;
  /** For the whole session, however often the phone says that it is busy. */
  readonly session: number;
}

export const defaultCapfSessionTimeouts: CapfSessionTimeouts = {
  answer: 30_000,
  keyGeneration: 180_000,
  session: 900_000,
};

export interface CapfServerSessionOptions {
  /** Random, 32 bits: injected. */
  readonly sessionId: number;
  /** Of the phone, without the port. */
  readonly address: string;
  readonly enrolments: Enrolments;
  /**
   * Installations wait for an outside authority: makes what a phone has to sign to ask it, a CertificationRequestInfo in
   * DER. Without it, `issue` is asked for.
   */
  readonly outsideRequest?: ((device: string, publicKey: Uint8Array) => Uint8Array) | undefined;
  readonly timeouts?: Partial<CapfSessionTimeouts>;
}

export type CapfServerInput =
  /** The connection is there. */
  | { readonly kind: 'opened' }
  | { readonly kind: 'message'; readonly message: CapfMessage }
  /** What came was no CAPF. */
  | { readonly kind: 'rejected'; readonly reject: WireReject }
  /** The authority's answer to `issue`, and that to `hand-out`: the certificate in DER. */
  | { readonly kind: 'issued'; readonly certificate: Uint8Array }
  | { readonly kind: 'not-issued'; readonly cause: string }
  /** The answers to `record`. */
  | { readonly kind: 'recorded' }
  | { readonly kind: 'not-recorded'; readonly cause: string }
  | { readonly kind: 'timeout' }
  /** The connection is gone. */
  | { readonly kind: 'closed'; readonly cause: string };

export type CapfServerOutput =
  /** One whole message, to be written at once. */
  | { readonly kind: 'transmit'; readonly bytes: Uint8Array }
  /** Certify this key for this device and answer with `issued` or `not-issued`. */
  | {
      readonly kind: 'issue';
      readonly device: string;
      readonly operation: EnrolmentOperation;
      /** SubjectPublicKeyInfo in DER; of the type and size that the operation asks for. */
      readonly publicKey: Uint8Array;
    }
  /** Note that this device is given what an outside authority has issued, and answer `issued` with it, or `not-issued`. */
  | {
      readonly kind: 'hand-out';
      readonly device: string;
      readonly operation: EnrolmentOperation;
      /** DER. */
      readonly certificate: Uint8Array;
    }
  /** Keep this for an outside authority, so that it is there after a restart, and answer `recorded` or `not-recorded`. */
  | {
      readonly kind: 'record';
      readonly device: string;
      readonly operation: EnrolmentOperation;
      readonly outside: OutsideIssue;
    }
  /** The certificate that the phone says it has. It proves nothing: judge it like any other. */
  | { readonly kind: 'fetched'; readonly device: string; readonly certificate: Uint8Array }
  /** The operation was carried out, for whom it was pending, as its authentication has it. */
  | { readonly kind: 'carried-out'; readonly device: string; readonly operation: EnrolmentOperation }
  /** Nothing more will come: close the connection once what was transmitted has left. */
  | { readonly kind: 'close' };
