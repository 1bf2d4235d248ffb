export { GuardKeeper } from './guard-keeper.ts';
export { IkeDaemon, type IkeDaemonOptions } from './ike-daemon.ts';
export { Protection, type ProtectionOptions, type TunnelStatus } from './protection.ts';
export { ViciConnection, type ViciRequestOptions } from './vici-connection.ts';
