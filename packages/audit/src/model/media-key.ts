import type { SrtpProfileName } from '@trustline/srtp';
import type { PacketPlace } from '../traffic/place.ts';
import type { Exposure } from './exposure.ts';

/** How a key of media came to be known. */
export type KeySource =
  | {
      readonly kind: 'signalling';
      readonly how: 'sdes' | 'skinny' | 'h235.8' | 'mgcp';
      readonly place: PacketPlace;
      readonly exposure: Exposure;
      /** It stood in what no protocol explains: of which call it is, only media that it opens tells. */
      readonly isUnexplained?: true;
    }
  /** From the DTLS handshake of the media itself, whose secret the auditor gave (RFC 5764 §4.2). */
  | { readonly kind: 'dtls-exporter'; readonly place: PacketPlace }
  /** A line of the auditor's key file. */
  | { readonly kind: 'given'; readonly name: string };

/** A master key of SRTP that was read. Never printed: reports name its source, and a fingerprint at the most. */
export interface MediaKey {
  readonly profile: SrtpProfileName;
  readonly masterKey: Uint8Array;
  readonly masterSalt: Uint8Array;
  readonly mki?: Uint8Array;
  /** RFC 4568 §6.3.2, §6.3.3: what was agreed to leave out. */
  readonly unencryptedSrtp?: boolean;
  readonly unencryptedSrtcp?: boolean;
  readonly unauthenticatedSrtp?: boolean;
  /** Packets after which session keys are derived anew (RFC 4568 §6.3.1), a power of two; never where it is not said. */
  readonly keyDerivationRate?: number;
  readonly source: KeySource;
}

/** Whether an eavesdropper without any key of the auditor's has it too. */
export function isExposed({ source }: MediaKey): boolean {
  return source.kind === 'signalling' && source.exposure.kind !== 'given-key';
}
