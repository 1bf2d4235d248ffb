export type { CounterModeCipher, HmacSha1, SrtpCryptoProvider } from './crypto-provider.ts';
export { SrtpError, type SrtpErrorCode } from './error.ts';
export {
  type KeyDerivationLabel,
  type KeyDerivationPosition,
  keyDerivationLabels,
  SessionKeyDerivation,
} from './key-derivation.ts';
export { MAXIMUM_MASTER_KEYS, MAXIMUM_MKI_LENGTH, type SrtpMasterKey } from './master-keys.ts';
export { type SrtpProfile, type SrtpProfileName, srtpProfiles } from './profiles.ts';
export {
  createSrtpReceiver,
  DEFAULT_MAXIMUM_RECEIVER_STREAMS,
  type SrtpReceiver,
  type SrtpReceiverOptions,
} from './receiver.ts';
export type { SrtpRejection, SrtpRejectionCounts } from './rejection.ts';
export { DEFAULT_REPLAY_WINDOW, MAXIMUM_REPLAY_WINDOW, MINIMUM_REPLAY_WINDOW } from './replay-window.ts';
export {
  createSrtpSender,
  DEFAULT_MAXIMUM_SENDER_STREAMS,
  type SrtpSender,
  type SrtpSenderOptions,
} from './sender.ts';
