export { Gateway, type GatewayCallRecord, type GatewayOptions, type GatewayReport } from './gateway.ts';
export type { RunningPort } from './port-side.ts';
