export type {
  CertificateStatus,
  Cluster,
  ClusterNames,
  ClusterOptions,
  DeviceCredentials,
  Identity,
  RecordSigner,
} from './cluster.ts';
export { createLabCluster, openCluster } from './open.ts';
