// CAPF and TVS.
export { type CapfEnrolOptions, enrolByCapf } from './capf-client.ts';
export { CapfServer, type CapfServerOptions, type ServiceLimits } from './capf-server.ts';
export type { TlsConnectOptions } from './tls/connect.ts';
export type { PeerJudge, PeerJudgement } from './tls/judgement.ts';
export type { ListenerEvent, ListenerReason, TlsIdentity } from './tls/listener.ts';
export { askTvs, type TvsAskOptions } from './tvs-client.ts';
export { TvsServer, type TvsServerOptions } from './tvs-server.ts';
