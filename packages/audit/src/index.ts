export { Audit, type AuditReportOptions } from './audit.ts';
export { type CatalogueEntry, type System, systems } from './judgement/catalogue/entry.ts';
export { catalogue, catalogueEntry } from './judgement/catalogue.ts';
export { type ClaimedCall, claimOf } from './judgement/claims.ts';
export {
  KeyMaterial,
  type KeyMaterialKind,
  type KeyMaterialRefusal,
  type KeyMaterialReport,
} from './keys/key-material.ts';
export type { RtpStreamReport } from './media/rtp-stream.ts';
export type { Disclosure, DisclosureKind } from './model/disclosure.ts';
export { clear, type Exposure, isOpen } from './model/exposure.ts';
export {
  CallLeg,
  type LadderMessage,
  type LegEnd,
  type MediaCodec,
  type MediaDescription,
  type MediaKeying,
  type Party,
  type SignalledDigits,
  type SignallingPath,
  type SignallingProtocol,
} from './model/leg.ts';
export { isExposed, type KeySource, type MediaKey } from './model/media-key.ts';
export { defaultObservationLimits, type ObservationLimits, Observations } from './model/observations.ts';
export * from './model/report.ts';
export { csvReport } from './report/csv.ts';
export { type AuditDiff, type CallChange, diffReports, diffText } from './report/diff.ts';
export { auditPageParts, renderAuditPage } from './report/html/page.ts';
export { cardsOf } from './report/keyed-digits.ts';
export {
  type AuditPolicy,
  defaultPolicy,
  type PolicyException,
  type PolicyReading,
  readPolicy,
} from './report/policy.ts';
export { applyPolicy, type PolicyOutcome } from './report/policy-outcome.ts';
export { sarifReport } from './report/sarif.ts';
export { auditReportSchema } from './report/schema/report-schema.ts';
export type { JsonSchema } from './report/schema/typed-schema.ts';
export { type TerminalPageOptions, terminalPage } from './report/terminal-page.ts';
export { type DtlsFacts, DtlsReader } from './secure-transport/dtls/dtls-reader.ts';
export { type DtlsSrtpKeys, type SrtpMasterKeys, srtpProfileName } from './secure-transport/dtls/srtp-keys.ts';
export { type EspFacts, type EspInnerPacket, EspReader } from './secure-transport/ipsec/esp-reader.ts';
export { type IkeMessage, type IkeProposal, readIkeMessage } from './secure-transport/ipsec/ike-message.ts';
export {
  type IkeFacts,
  IkeReader,
  type IkeWeakness,
  type IkeWeaknessCode,
} from './secure-transport/ipsec/ike-reader.ts';
export {
  looksLikeChannelData,
  looksLikeDtls,
  looksLikeIke,
  looksLikeStun,
  looksLikeTls,
  looksLikeTlsWithin,
} from './secure-transport/recognise.ts';
export {
  type ChannelData,
  readChannelData,
  readStunMessage,
  type StunClass,
  type StunCredential,
  type StunMessage,
} from './secure-transport/stun/stun-message.ts';
export { StunStream } from './secure-transport/stun/stun-stream.ts';
export {
  type CertificateFingerprints,
  fingerprintsOf,
  type SeenCertificate,
} from './secure-transport/tls/certificate.ts';
export type { Alert, HandshakeFacts } from './secure-transport/tls/facts.ts';
export type { TlsRole } from './secure-transport/tls/handshake.ts';
export type { DtlsVersion, ProtocolVersion } from './secure-transport/tls/names.ts';
export { type SecretSource, TlsSecrets } from './secure-transport/tls/secrets.ts';
export { type Opening, type TlsFacts, TlsReader, type TlsReaderOptions } from './secure-transport/tls/tls-reader.ts';
export type { Weakness, WeaknessCode } from './secure-transport/tls/weaknesses.ts';
export { type Correlation, correlateAtBestLag } from './signal/correlate.ts';
export { detectDtmfTones, type ToneDigit } from './signal/dtmf-tones.ts';
export { MAXIMUM_TONE_LEVEL, toneLevel } from './signal/tone.ts';
export { type HeardFlow, Tap, type TapOptions } from './tap/tap.ts';
export type { TapKey } from './tap/unprotect.ts';
export type { ConnectionEnds, ConnectionObserver, ConnectionSide } from './traffic/connections.ts';
export type { PacketPlace } from './traffic/place.ts';
export {
  type DatagramObserver,
  Traffic,
  type TrafficCounts,
  type TrafficLimits,
  type TrafficObserver,
} from './traffic/traffic.ts';
