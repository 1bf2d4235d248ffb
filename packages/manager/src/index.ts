export type {
  AddDeviceRequest,
  CallAnswer,
  CallsAnswer,
  CredentialsAnswer,
  DeviceAnswer,
  DevicesAnswer,
  ListenerStatus,
  PkiAnswer,
  StatusAnswer,
} from './api/contract.ts';
export { replaceableRoles } from './api/contract.ts';
export { type OperatorRole, operatorRoles } from './api/roles.ts';
export { problemLine, readConfiguration } from './configuration/read.ts';
export { configurationReference } from './configuration/reference.ts';
export type { Configuration } from './configuration/schema.ts';
export { ManagerError, type ManagerErrorCode } from './error.ts';
export { version } from './version.ts';
