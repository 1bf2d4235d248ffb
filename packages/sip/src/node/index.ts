export { Admission } from './admission.ts';
export { monotonicNow } from './clock.ts';
export { type DrivenMachine, SipDriver, type SipDriverOptions } from './driver.ts';
export type { FlowCloseReason, SipTransportEvent } from './events.ts';
export {
  type FlowIdentity,
  type SipListener,
  SipTransportHub,
  type SipTransportHubOptions,
  type TcpConnectOptions,
  type TlsConnectOptions,
  type TlsListener,
  type TlsListenOptions,
  type UdpListener,
} from './hub.ts';
export { defaultSipTransportLimits, type SipTransportLimits } from './limits.ts';
export { ServerResolver, type ServerResolverOptions } from './resolver.ts';
export type { KeepAlive } from './stream-flow.ts';
export { StreamListener } from './stream-listener.ts';
export { TlsDoor } from './tls-door.ts';
export {
  certificateChain,
  judgeConnection,
  type TlsFacts,
  type TlsJudge,
  type TlsJudgement,
  tlsFacts,
} from './tls-judgement.ts';
