/** Why a certificate is revoked (CRLReason, RFC 5280 §5.3.1), by the numbers of the encoding; 7 is not used. */
export const revocationReasons = {
  unspecified: 0,
  keyCompromise: 1,
  cACompromise: 2,
  affiliationChanged: 3,
  superseded: 4,
  cessationOfOperation: 5,
  certificateHold: 6,
  removeFromCRL: 8,
  privilegeWithdrawn: 9,
  aACompromise: 10,
} as const;

export type RevocationReason = keyof typeof revocationReasons;

/** The name of a reason by its number; `unspecified` for one that nobody defined. */
export function revocationReasonOf(code: number | undefined): RevocationReason {
  const names = Object.keys(revocationReasons) as RevocationReason[];
  return names.find((name) => revocationReasons[name] === code) ?? 'unspecified';
}
