export {
  type Algorithms,
  type ChildAssociation,
  encryptsAndAuthenticates,
  type IkeAssociation,
  readAssociations,
  weakAlgorithms,
} from './association.ts';
export { type DaemonSettings, strongswanConfiguration } from './daemon-settings.ts';
export { IpsecError, type IpsecErrorCode, ipsecErrors } from './error.ts';
export { type ExplainedTunnel, explainProtection, type ProofPoint } from './explanation.ts';
export { guardNormalForm, readGuard } from './guard/reading.ts';
export { type GuardedPeer, type GuardPlan, guardScript, removalScript } from './guard/ruleset.ts';
export { type GuardEvent, GuardWatch } from './guard/watch.ts';
export type { HelperStatus, ProbeResult } from './helper/protocol.ts';
export {
  baselineOf,
  type ClearPackets,
  type ClearSegments,
  type CounterBaseline,
  type GuardReading,
  type GuardRepairs,
  judgeProtection,
  MAX_READING_AGE_MS,
  type Proof,
  type ProofEvidence,
  type ProofFailure,
  type ProtectedPeer,
  type ProtectionQuestion,
  type ProtectionReading,
  proofFailures,
  type SignallingConnection,
  type Unproven,
} from './proof.ts';
export { type HoldOutput, ProtectionHold } from './protection-hold.ts';
export { familyOf, readSelector, sameAddress, selects, type TrafficSelector, type TransportEnd } from './selector.ts';
export { Tunnel, type TunnelEvent, type TunnelOutput, type TunnelState, tunnelTimes } from './tunnel.ts';
export {
  CHILD_NAME,
  connectionMessage,
  type EspStack,
  protectedPeer,
  type RemotePin,
  sharedKeyMessage,
  type TunnelAuthentication,
  type TunnelConfiguration,
} from './tunnel-configuration.ts';
export { ViciClient, type ViciCommand, type ViciOutcome, type ViciOutput } from './vici/client.ts';
export {
  decodeViciMessage,
  encodeViciMessage,
  textAt,
  type ViciElement,
  type ViciFields,
  type ViciMessage,
  viciMessage,
} from './vici/message.ts';
