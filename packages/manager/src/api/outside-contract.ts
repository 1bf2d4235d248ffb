/** The part of the HTTP interface that is about what is revoked, and about manufacturers outside. */
import { z } from 'zod';
import type { Answer } from './answer.ts';

/** The authorities of the cluster that issue to others, and so publish what they revoke. */
export const publishingRoles = ['capf-ca', 'operator-ca', 'manufacturing-ca', 'callmanager-ca'] as const;
export type PublishingRole = (typeof publishingRoles)[number];

export const revocationListRequest = z.strictObject({
  /** DER or PEM, base64. */
  list: z.base64().meta({ title: 'revocation list' }),
});

/** Reasons that a person gives (RFC 5280 §5.3.1); the others are an authority's about itself, or undo one. */
export const statedRevocationReasons = [
  'unspecified',
  'keyCompromise',
  'affiliationChanged',
  'superseded',
  'cessationOfOperation',
  'privilegeWithdrawn',
] as const;

export type RevokeCode = (typeof statedRevocationReasons)[number];

export const revokeRequest = z.strictObject({
  /** PEM; the first is the one. */
  certificate: z.string().meta({ title: 'certificate' }),
  code: z.enum(statedRevocationReasons).default('unspecified').meta({ title: 'reason' }),
});

export interface RevokedAnswer extends Answer {
  readonly subject: string;
  readonly issuer: string;
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
}

export const manufacturersRequest = z.strictObject({
  /** PEM. */
  certificates: z.string().meta({ title: 'certificates' }),
});

export const manufacturerRenewalRequest = z.strictObject({
  dryRun: z.boolean().default(false).meta({ title: 'dry run' }),
});

export const manufacturerRemovalRequest = z.strictObject({
  /** SHA-256 or its beginning, hex. */
  fingerprint: z.string().meta({ title: 'fingerprint' }),
  dryRun: z.boolean().default(false).meta({ title: 'dry run' }),
  /** Although tokens or phones are lost by it: the authority can be trusted no more. */
  force: z.boolean().default(false).meta({ title: 'force' }),
});

/** Who would be lost if a manufacturing authority were believed no more. */
export interface ManufacturerRemovalAnswer extends Answer {
  readonly state: 'dry-run' | 'removed';
  readonly subject: string;
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  /** PEM: importing it again takes the removal back. */
  readonly certificatePem: string;
  /** Security tokens of the published CTL that it issued, which could sign no list any more: subjects. */
  readonly tokens: readonly string[];
  /** Phones without an LSC that could enrol no more by the MIC that they have. */
  readonly phones: readonly string[];
}

export interface RevocationListAnswer extends Answer {
  readonly issuer: string;
  /** Decimal; null for a list without a number. */
  readonly number: string | null;
  /** ISO 8601. */
  readonly thisUpdate: string;
  readonly nextUpdate: string | null;
  readonly revoked: number;
  /** DER, base64. */
  readonly list: string;
}

export interface ManufacturersAnswer extends Answer {
  readonly manufacturers: readonly {
    readonly subject: string;
    /** SHA-256, lower-case hex. */
    readonly fingerprint: string;
    /** ISO 8601. */
    readonly notAfter: string;
    /** `generated`: that of the cluster itself, a stand-in in a lab. */
    readonly origin: 'imported' | 'generated';
    readonly certificatePem: string;
  }[];
  /** What this request added or removed: subjects. */
  readonly changed: readonly string[];
}
