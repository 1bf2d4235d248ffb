export type {
  CertificateStatus,
  Cluster,
  DeviceCredentials,
  Identity,
  ManufacturingAuthority,
  RecordSigner,
  StaleRevocation,
  TokenCredentials,
  TokenIdentity,
} from './cluster.ts';
export type { OutsidePolicy } from './held.ts';
export type { IssuedCertificate } from './ledger.ts';
export type { OutsideLsc } from './lsc-authorities.ts';
export type { ClusterNames } from './manifest.ts';
export { isDnsName } from './names.ts';
export { type OcspOutcome, OcspRefresher } from './ocsp-refresher.ts';
export { type ClusterOptions, createCluster, openCluster } from './open.ts';
export type { OcspSubject } from './outside-authorities.ts';
export { type PassphraseSource, readPassphrase } from './passphrase.ts';
export { encodePkcs12, type Pkcs12Contents } from './pkcs12.ts';
export { generatePrivateKey } from './private-key-file.ts';
export { installedModules } from './token/pkcs11-module.ts';
export { listPkcs11Tokens, type Pkcs11TokenListing } from './token/pkcs11-slots.ts';
export { openPkcs11Token, type Pkcs11Selection } from './token/pkcs11-token.ts';
export {
  createSoftwareToken,
  openSoftwareToken,
  readSoftwareToken,
  type SoftwareTokenListing,
} from './token/software-token.ts';
