import { judgeDeviceCertificate, type ProvenDevice, type Refusal } from './judge.ts';
import type { TrustSource } from './trust-source.ts';

export type EnrolmentJudgment = ProvenDevice | Refusal;

/**
 * Decides whether a certificate may authenticate the enrolment of one device: its MIC, or an LSC of its own (also a
 * pinned one) that is valid and not revoked. A MIC that passes here registers nothing unless policy says so.
 * Whether the device holds the key is for the caller to verify.
 *
 * @param chain DER, the device's own certificate first
 * @param device as the device calls itself
 * @param now epoch milliseconds
 * @param legacy also believes RSA-1024 and SHA-1, which the MICs of old phones are made with
 */
export function judgeEnrolmentCertificate(
  trust: TrustSource,
  chain: readonly Uint8Array[],
  device: string,
  now: number,
  legacy = false,
): EnrolmentJudgment {
  const judgment = judgeDeviceCertificate(trust, chain, now, { purpose: 'enrolment', legacy });
  if (!judgment.accepted || judgment.device === device) return judgment;
  return {
    accepted: false,
    code: 'wrong-name',
    reason: `it is the ${judgment.means} of ${judgment.device}, not of ${device}`,
    subject: judgment.subject,
    fingerprint: judgment.fingerprint,
  };
}
