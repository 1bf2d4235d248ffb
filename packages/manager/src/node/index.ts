export { ManagerClient } from './api/client.ts';
export type { ApiTarget } from './api/target.ts';
export { type BackupContents, checkBackup, restoreBackup } from './backup/restore.ts';
export { managerProcess } from './data-folder.ts';
export { initialiseCluster } from './initialise-cluster.ts';
export { type ConfigurationSources, type LoadedConfiguration, loadConfiguration } from './load-configuration.ts';
export { type ManagerOptions, type RunningManager, startManager } from './manager.ts';
export { redactedConfiguration } from './operations/status.ts';
export type { Clock, ManagerContext, ManagerPart, Signalling } from './parts.ts';
