export type { WaitingRequest } from './api/capf-contract.ts';
export type {
  AddDeviceRequest,
  CallAnswer,
  CallExplanation,
  CallsAnswer,
  CredentialsAnswer,
  DeviceAnswer,
  DevicesAnswer,
  ListenerStatus,
  PkiAnswer,
  StatusAnswer,
} from './api/contract.ts';
export { replaceableRoles } from './api/contract.ts';
export type { EnrolmentRequest, PendingEnrolment } from './api/enrolment-contract.ts';
export type { GatewayAnswer, GatewayRequest, GatewayShownAnswer } from './api/gateways-contract.ts';
export type {
  GatewayCertificateAnswer,
  GatewayCertificateRequest,
  IpsecAnswer,
  IpsecCheckAnswer,
  IpsecExplanationAnswer,
} from './api/ipsec-contract.ts';
export type { ForwardingRequest, LineAnswer, LineLimitsRequest, WaitingMessagesRequest } from './api/lines-contract.ts';
export { publishingRoles, type RevokeCode, statedRevocationReasons } from './api/outside-contract.ts';
export type { RenewalAnswer } from './api/renewal-contract.ts';
export { type OperatorRole, operatorRoles } from './api/roles.ts';
export type { TracedMessage, TracedText } from './api/trace-contract.ts';
export type {
  PublicationAnswer,
  PublishedListAnswer,
  TrustAnswer,
  TrustServersAnswer,
  WaveAnswer,
} from './api/trust-contract.ts';
export { readConfiguration } from './configuration/read.ts';
export { configurationReference } from './configuration/reference.ts';
export type { Configuration } from './configuration/schema.ts';
export { ManagerError, type ManagerErrorCode } from './error.ts';
export { phoneTexts } from './legs/sccp/phone-texts.ts';
export { statusOfCause } from './legs/sip/cause-table.ts';
export { ctlRecords, type ListedServers } from './trust/composition.ts';
export { type RenewableRole, renewableRoles } from './trust/renewal.ts';
export { version } from './version.ts';
