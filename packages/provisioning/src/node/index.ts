// CAPF and TVS.
export { type CapfEnrolOptions, enrolByCapf } from './capf-client.ts';
export {
  type CapfConnection,
  CapfServer,
  type CapfServerOptions,
  type OutsideAuthority,
  type ServiceLimits,
} from './capf-server.ts';
// File servers, and the clients of phones.
export { type FetchAnswer, type FetchFileOptions, type FetchResult, type FetchWay, fetchFile } from './fetch-file.ts';
export {
  defaultHttpFileLimits,
  type HttpFileLimits,
  HttpFileServer,
  type HttpFileServerOptions,
} from './http-server.ts';
export type { ListenAddress } from './listen-failure.ts';
export { StaticFolder } from './static-folder.ts';
export { fetchFileByTftp, type TftpFetchOptions } from './tftp-client.ts';
export { TftpFileServer, type TftpFileServerOptions } from './tftp-server.ts';
export type { TlsConnectOptions } from './tls/connect.ts';
export type { PatientPeerJudge, PeerJudge, PeerJudgement } from './tls/judgement.ts';
export type { ListenerEvent, ListenerReason, TlsIdentity } from './tls/listener.ts';
export { askTvs, type TvsAskOptions } from './tvs-client.ts';
export { TvsServer, type TvsServerOptions } from './tvs-server.ts';
