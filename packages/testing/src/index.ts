export { makeTestCertificates, renamedCertificate, type TestCertificates, type TestIdentity } from './certificates.ts';
export { schemaViolations } from './json-schema.ts';
export {
  LoadFleet,
  type LoadFleetOptions,
  type LoadOutcome,
  type LoadPhone,
  type LoadPhoneOptions,
} from './load/load-fleet.ts';
export { type LoadResult, quantile } from './load/load-result.ts';
export { LossyNetwork, type NetworkConditions, perfectConditions } from './lossy-network.ts';
export { forEachSeed, SeededRandom } from './seeded-random.ts';
export { SipEnd, type SipMachine, SipPair } from './sip-pair.ts';
export { type EndpointSimulation, sampleRequest, simulateEndpoints } from './sip-simulation.ts';
export {
  type CheckedList,
  type CheckedRecord,
  checkTrustList,
  type ListCheck,
} from './trust-list-checker/check-list.ts';
export {
  type CheckedOffer,
  type CheckedPhone,
  checkOffer,
  type OfferCheck,
} from './trust-list-checker/check-offer.ts';
export { type TimedMachine, VirtualClock } from './virtual-clock.ts';
