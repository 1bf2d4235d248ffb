export {
  type Certificate,
  type CertificateKey,
  type KeyUsageName,
  MAX_CERTIFICATE_LENGTH,
  readCertificate,
  type SubjectName,
} from './certificate.ts';
export { PkiError, type PkiErrorCode } from './error.ts';
export {
  type DeviceJudgment,
  type JudgeOptions,
  judgeDeviceCertificate,
  judgeOperatorCertificate,
  type OperatorJudgment,
  type ProvenCertificate,
  type ProvenDevice,
  type ProvenOperator,
  type Refusal,
  type RefusalCode,
} from './judge.ts';
export { decodeCertificatesPem, encodeCertificatesPem, encodePem } from './pem.ts';
export {
  type AuthorityRole,
  type CertificateProfile,
  type CertificateRole,
  type ClusterRole,
  type IdentityRole,
  type IssuedRole,
  type KeyType,
  profiles,
} from './profiles.ts';
export type {
  ClusterSecurityMode,
  DevicePin,
  DeviceProof,
  Revocation,
  TrustedFor,
  TrustSource,
} from './trust-source.ts';
