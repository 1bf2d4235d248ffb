import type { EnrolmentCertificateJudgement, EnrolmentClaim } from './enrolment-types.ts';
import { decodeCapfSudi, verifyCapfSudi } from './sudi.ts';

/** Whether a phone has shown that it is here now, and that this is no recording. */
export type Freshness =
  | { readonly kind: 'absent' }
  /** It has signed the number of this session with the key of its MIC. */
  | { readonly kind: 'fresh'; readonly hashes: readonly ('SHA-1' | 'SHA-512')[] }
  /** Signed for this session, by a key whose certificate is no MIC of it that is believed here: it says nothing. */
  | { readonly kind: 'unknown' }
  /** Broken, altered, or of another session. */
  | { readonly kind: 'wrong'; readonly reason: string };

/** Looks at the SUDI data of a claim. */
export function freshnessOf(
  { device, sudi }: Pick<EnrolmentClaim, 'device' | 'sudi'>,
  judge: (certificate: Uint8Array, device: string) => EnrolmentCertificateJudgement,
): Freshness {
  if (sudi === undefined) return { kind: 'absent' };
  const read = decodeCapfSudi(sudi.data);
  if (read === undefined) return { kind: 'wrong', reason: 'its SUDI data cannot be read' };
  const result = verifyCapfSudi(sudi.sessionId, read);
  if (!result.proven) return { kind: 'wrong', reason: result.reason };
  const judgement = judge(read.certificate, device);
  const isMic = judgement.accepted && judgement.kind === 'MIC';
  return isMic ? { kind: 'fresh', hashes: result.hashes } : { kind: 'unknown' };
}
