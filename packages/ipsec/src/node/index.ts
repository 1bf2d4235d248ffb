export { type GuardAccess, GuardKeeper } from './guard-keeper.ts';
export { HelperClient } from './helper-client.ts';
export { IpsecHelper, type IpsecHelperOptions } from './helper-server.ts';
export { IkeDaemon, type IkeDaemonOptions } from './ike-daemon.ts';
export {
  IpsecNode,
  type IpsecNodeOptions,
  type IpsecNodeStatus,
  type SignallingProtection,
  type TunnelCheck,
} from './ipsec-node.ts';
export {
  type ProtectedTunnel,
  Protection,
  type ProtectionEvent,
  type ProtectionOptions,
  type TunnelCredentials,
  type TunnelStatus,
} from './protection.ts';
export { ViciConnection, type ViciRequestOptions } from './vici-connection.ts';
