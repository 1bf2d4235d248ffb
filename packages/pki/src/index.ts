export {
  type Certificate,
  type CertificateKey,
  type KeyUsageName,
  MAX_CERTIFICATE_LENGTH,
  readCertificate,
  type SubjectName,
} from './certificate.ts';
export { MAX_CERTIFICATE_FILE_LENGTH } from './certificate-file.ts';
export { type DeviceCurve, type DeviceKeyPolicy, defaultDeviceKeyPolicy } from './device-keys.ts';
export { deviceNameOf, isDeviceName, phoneNameOf } from './device-name.ts';
export { deviceRequestInfo, readDeviceRequestInfo, signedDeviceRequest } from './device-request.ts';
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
export { keyFingerprint, type WaitingKey } from './lsc-check.ts';
export { decodeCertificatesPem, encodeCertificatesPem, encodePem } from './pem.ts';
export {
  type AuthorityRole,
  type CertificateProfile,
  type CertificateRole,
  type ClusterRole,
  type IdentityRole,
  type IssuedRole,
  identityRoles,
  type KeyType,
  profiles,
  type ServiceRole,
  type TokenRole,
} from './profiles.ts';
export { decodeCertificateRequestPem, readCertificateRequest } from './read-request.ts';
export { checkRevocationList } from './revocation/check-revocation-list.ts';
export { issueRevocationList, type ListedRevocation } from './revocation/issue-revocation-list.ts';
export { buildOcspRequest, type OcspQuestion, ocspRespondersOf } from './revocation/ocsp-request.ts';
export {
  judgeOcspResponse,
  type OcspAnswer,
  type OcspJudgment,
  type OcspRefusal,
  type OcspRefusalCode,
} from './revocation/ocsp-response.ts';
export type { OutsideRevocationState, StaleRevocationPolicy } from './revocation/outside-revocation.ts';
export { type RevocationReason, revocationReasons } from './revocation/reasons.ts';
export {
  MAX_REVOCATION_LIST_LENGTH,
  type RevocationList,
  type RevokedEntry,
  readRevocationList,
  readRevocationListFile,
} from './revocation/revocation-list.ts';
export {
  buildEncryptedFile,
  buildSignedFile,
  type EncryptedFileRequest,
  type SignedFileRequest,
} from './signed-file/build.ts';
export { certificateHash } from './signed-file/certificate-hash.ts';
export { type DecryptedFile, decryptSignedFile } from './signed-file/decrypt.ts';
export { type ParsedSignedFile, parseSignedFile, type SignedFile, serializeSignedFile } from './signed-file/parse.ts';
export { type VerifiedSignedFile, verifySignedFile } from './signed-file/verify.ts';
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
export { judgeOfferedList } from './trust-list/acceptance.ts';
export {
  type AcceptanceOptions,
  type AcceptanceRefusal,
  type AcceptanceRule,
  acceptanceRules,
  type FileAccepted,
  type FileJudgment,
  type HeldTrust,
  type ListAccepted,
  type ListJudgment,
  type OfferedList,
  type ServerAccepted,
  type ServerByListsJudgment,
  type TvsVerdict,
} from './trust-list/acceptance-types.ts';
export {
  buildTrustList,
  listFileName,
  type RecordRequest,
  type TrustListRequest,
  type UnsignedTrustList,
} from './trust-list/build.ts';
export { type CertificateFields, certificateFieldsOf, signerIdentityOf } from './trust-list/certificate-fields.ts';
export { diffTrustLists } from './trust-list/diff.ts';
export { type DisplayedHashes, displayedHashes } from './trust-list/displayed-hash.ts';
export {
  certificatesFor,
  expectsSecureSignalling,
  expectsSignedFiles,
  heldCertificates,
  isReleasingList,
  type ListedCertificate,
  nothingHeld,
} from './trust-list/held.ts';
export { type FileJudgeOptions, judgeOfferedFile, type OfferedFile } from './trust-list/judge-file.ts';
export { judgeServerByLists } from './trust-list/judge-server-by-lists.ts';
export { MAX_TRUST_RECORDS, type ParsedTrustList, parseTrustList, serializeTrustList } from './trust-list/parse.ts';
export {
  describeRole,
  rolesForService,
  type TrustRole,
  type TrustService,
  trustRoleNames,
  trustRoles,
} from './trust-list/roles.ts';
export { type SigningDigest, type SignOctets, signFile, type UnsignedFile } from './trust-list/sign.ts';
export {
  type EncryptionInfo,
  type FileReject,
  type FileRule,
  type FormatVersion,
  fileRules,
  type HeaderLayout,
  type ListDigest,
  type SignedHeader,
  type SignerIdentity,
  type TrustList,
  type TrustListKind,
  type TrustListLayout,
  type TrustRecord,
  type UnknownField,
} from './trust-list/types.ts';
export { type VerifiedTrustList, verifyTrustList } from './trust-list/verify.ts';
export type {
  ClusterSecurityMode,
  DevicePin,
  DeviceProof,
  Revocation,
  TrustedFor,
  TrustSource,
} from './trust-source.ts';
