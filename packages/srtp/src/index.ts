export { createSrtpBatch, DEFAULT_BATCH_CAPACITY, type SrtpBatch, type SrtpBatchOptions } from './batch.ts';
export {
  exportSrtpReceiver,
  exportSrtpSender,
  type ImportOptions,
  importSrtpReceiver,
  importSrtpSender,
  type SenderImportOptions,
} from './context-state.ts';
export type { CryptexMode } from './cryptex.ts';
export type {
  BlockCipher,
  CounterModeCipher,
  CounterModeKeys,
  GaloisKeys,
  HmacSha1,
  Keystream,
  PacketCipher,
  PacketLanes,
  SrtpCryptoProvider,
} from './crypto-provider.ts';
export { SrtpError, type SrtpErrorCode } from './error.ts';
export {
  type KeyDerivationLabel,
  type KeyDerivationPosition,
  keyDerivationLabels,
  SessionKeyDerivation,
} from './key-derivation.ts';
export { MAXIMUM_MASTER_KEYS, MAXIMUM_MKI_LENGTH } from './master-keys.ts';
export {
  type AgreedKeys,
  type DirectionKeys,
  KEY_CHANGE_GRACE,
  MediaProtection,
  type RejectionCounts,
} from './media-protection.ts';
export { DEFAULT_KEY_WARNING_AT, type SrtpContextOptions, type SrtpKeyWarning, type SrtpMasterKey } from './options.ts';
export { LONGEST_PACKET } from './packet-layout.ts';
export { type SrtpProfile, type SrtpProfileName, srtpProfiles } from './profiles.ts';
export {
  createSrtpReceiver,
  DEFAULT_MAXIMUM_RECEIVER_STREAMS,
  LARGEST_COUNTER_SEARCH,
  type SrtpReceiver,
  type SrtpReceiverOptions,
} from './receiver.ts';
export type { SrtpRejection, SrtpRejectionCounts } from './rejection.ts';
export { DEFAULT_REPLAY_WINDOW, MAXIMUM_REPLAY_WINDOW, MINIMUM_REPLAY_WINDOW } from './replay-window.ts';
export type { RolloverCounterCarriage } from './rollover-carriage.ts';
export type { SrtpSealing } from './sealing.ts';
export {
  createSrtpSender,
  DEFAULT_MAXIMUM_SENDER_STREAMS,
  type SrtpSender,
  type SrtpSenderOptions,
} from './sender.ts';
export { createSrtpSession, type SrtpSession, type SrtpSessionOptions } from './session.ts';
export { type KernelVariant, kernelVariants, supportedVariants } from './wasm/kernel.ts';
export { createWasmCrypto, loadWasmCrypto, type WasmCrypto } from './wasm/provider.ts';
