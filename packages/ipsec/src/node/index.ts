export { type GuardAccess, GuardKeeper } from './guard-keeper.ts';
export { HelperClient } from './helper-client.ts';
export { IpsecHelper, type IpsecHelperOptions } from './helper-server.ts';
export { IkeDaemon, type IkeDaemonOptions } from './ike-daemon.ts';
export { type GatewayProtection, IpsecNode, type IpsecNodeOptions, type IpsecNodeStatus } from './ipsec-node.ts';
export {
  type ProtectedTunnel,
  Protection,
  type ProtectionEvent,
  type ProtectionOptions,
  type TunnelStatus,
} from './protection.ts';
export { ViciConnection, type ViciRequestOptions } from './vici-connection.ts';
