export { askForCall, type ControlAnswer, ControlSocket } from './control-socket.ts';
export { Gateway, type GatewayCallRecord, type GatewayOptions, type GatewayReport } from './gateway.ts';
export { joinLine, type LineWire, listenForLine, pairedWires } from './line-wire.ts';
export { LoopbackLine, type LoopbackLineOptions } from './loopback-line.ts';
export type { NetworkCallEvent, NetworkCallRequest } from './network-call.ts';
export { openConfiguredPort } from './open-port.ts';
export type { RunningPort } from './port-side.ts';
export type { TrunkCheck } from './trunk-link.ts';
export { type TrunkTrial, tryTrunk } from './trunk-test.ts';
