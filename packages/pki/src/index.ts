export {
  type Certificate,
  type CertificateKey,
  type KeyUsageName,
  MAX_CERTIFICATE_LENGTH,
  readCertificate,
  type SubjectName,
} from './certificate.ts';
export { type DeviceCurve, type DeviceKeyPolicy, defaultDeviceKeyPolicy } from './device-keys.ts';
export { deviceNameOf, isDeviceName, phoneNameOf } from './device-name.ts';
export { PkiError, type PkiErrorCode } from './error.ts';
export { type IssueEnvironment, type IssueRequest, issueCertificate, type Signer } from './issue.ts';
export {
  type DeviceJudgment,
  type JudgeOptions,
  judgeDeviceCertificate,
  judgeOperatorCertificate,
  judgeTrunkCertificate,
  MAX_PRESENTED_CERTIFICATES,
  type OperatorJudgment,
  type ProvenCertificate,
  type ProvenDevice,
  type ProvenOperator,
  type ProvenTrunk,
  type Refusal,
  type RefusalCode,
  type TrunkJudgment,
} from './judge.ts';
export { type EnrolmentJudgment, judgeEnrolmentCertificate } from './judge-enrolment.ts';
export { judgeServerCertificate, type ServerJudgment } from './judge-server.ts';
export { type LabTrustDocument, LabTrustSource, type RevokedCertificate } from './lab-trust-source.ts';
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
  type ServiceRole,
  type TokenRole,
} from './profiles.ts';
export { decodeCertificateRequestPem, readCertificateRequest } from './read-request.ts';
export { TokenError, type TokenErrorCode } from './token/error.ts';
export { initialiseToken, type TokenCertificateIssuer } from './token/initialise-token.ts';
export { assertPinMayBeTried, type PinState, pinWarning } from './token/pkcs11-rules.ts';
export type {
  InitialisableToken,
  NewTokenKey,
  SecurityToken,
  TokenAttestation,
  TokenDigest,
} from './token/security-token.ts';
export { isLabTokenCertificate, isTokenCertificate, tokenNameOf } from './token/token-name.ts';
export type {
  ClusterSecurityMode,
  DevicePin,
  DeviceProof,
  Revocation,
  TrustedFor,
  TrustSource,
} from './trust-source.ts';
