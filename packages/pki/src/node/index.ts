export type { CertificateStatus, Cluster, DeviceCredentials, Identity, RecordSigner } from './cluster.ts';
export type { IssuedCertificate } from './ledger.ts';
export type { ClusterNames } from './manifest.ts';
export { type ClusterOptions, createCluster, openCluster } from './open.ts';
export { type PassphraseSource, readPassphrase } from './passphrase.ts';
export { encodePkcs12, type Pkcs12Contents } from './pkcs12.ts';
export { generatePrivateKey } from './private-key-file.ts';
