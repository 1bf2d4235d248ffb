import { CounterModeEncryption, HmacPacketCipher, type PacketEncryption } from './counter-mode-hmac.ts';
import type { PacketCipher, SrtpCryptoProvider } from './crypto-provider.ts';
import { F8Encryption } from './f8.ts';
import {
  type KeyDerivationLabel,
  type KeyDerivationPosition,
  keyDerivationLabels,
  type SessionKeyDerivation,
} from './key-derivation.ts';
import type { SrtpProfile } from './profiles.ts';

export type SrtpProtocol = 'rtp' | 'rtcp';

/** What the session keys of one protocol, derived at one place, do. */
export interface SessionKeys {
  readonly cipher: PacketCipher;
  /** For header extensions (RFC 6904 §3.2), where they were asked for. */
  readonly header: PacketEncryption | undefined;
}

export interface SessionKeyOptions {
  readonly protocol: SrtpProtocol;
  /** RFC 3711 §4.3.1; 0 derives once. */
  readonly keyDerivationRate: number;
  readonly quotientBits: 32 | 48;
  readonly headerExtensions: boolean;
}

interface Labels {
  readonly encryption: KeyDerivationLabel;
  readonly authentication: KeyDerivationLabel;
  readonly salt: KeyDerivationLabel;
}

const labelsOf: Readonly<Record<SrtpProtocol, Labels>> = {
  rtp: {
    encryption: keyDerivationLabels.rtpEncryption,
    authentication: keyDerivationLabels.rtpAuthentication,
    salt: keyDerivationLabels.rtpSalt,
  },
  rtcp: {
    encryption: keyDerivationLabels.rtcpEncryption,
    authentication: keyDerivationLabels.rtcpAuthentication,
    salt: keyDerivationLabels.rtcpSalt,
  },
};

/** Keys at two places are kept: packets of the stretch before arrive late, and both are in use around a boundary. */
const KEPT = 2;

/**
 * The session keys of one master key for one protocol, derived anew every `keyDerivationRate` packets (RFC 3711 §4.3.1).
 * Which keys are at hand says nothing about packets: it is a cache.
 */
export class SessionKeySchedule {
  readonly #provider: SrtpCryptoProvider;
  readonly #profile: SrtpProfile;
  readonly #derivation: SessionKeyDerivation;
  readonly #options: SessionKeyOptions;
  /** The most recent first. */
  readonly #kept: { readonly quotient: number; readonly keys: SessionKeys }[] = [];
  /** The keys, where they are derived once. */
  readonly only: SessionKeys | undefined;

  constructor(
    provider: SrtpCryptoProvider,
    profile: SrtpProfile,
    derivation: SessionKeyDerivation,
    options: SessionKeyOptions,
  ) {
    this.#provider = provider;
    this.#profile = profile;
    this.#derivation = derivation;
    this.#options = options;
    this.only = options.keyDerivationRate === 0 ? this.#derive(0) : undefined;
  }

  /** The keys for the packet with this index. */
  at(index: number): SessionKeys {
    if (this.only !== undefined) return this.only;
    const quotient = Math.floor(index / this.#options.keyDerivationRate);
    const known = this.#kept.findIndex((kept) => kept.quotient === quotient);
    if (known > 0) this.#kept.unshift(...this.#kept.splice(known, 1));
    if (known < 0) {
      this.#kept.unshift({ quotient, keys: this.#derive(index) });
      for (const { keys } of this.#kept.splice(KEPT)) closeKeys(keys);
    }
    return (this.#kept[0] as { keys: SessionKeys }).keys;
  }

  close(): void {
    if (this.only !== undefined) closeKeys(this.only);
    for (const { keys } of this.#kept.splice(0)) closeKeys(keys);
  }

  #derive(index: number): SessionKeys {
    const { protocol, keyDerivationRate, quotientBits, headerExtensions } = this.#options;
    const position = { index, keyDerivationRate, quotientBits };
    return {
      cipher: this.#cipher(labelsOf[protocol], position, protocol),
      header: headerExtensions ? this.#headerCipher(position) : undefined,
    };
  }

  #cipher(labels: Labels, position: KeyDerivationPosition, protocol: SrtpProtocol): PacketCipher {
    const { encryption, masterKeyLength, masterSaltLength, authenticationKeyLength } = this.#profile;
    const provider = this.#provider;
    const encryptionKey = this.#derivation.derive(labels.encryption, masterKeyLength, position);
    const salt = this.#derivation.derive(labels.salt, masterSaltLength, position);
    const authenticationKey = this.#derivation.derive(labels.authentication, authenticationKeyLength, position);
    try {
      if (encryption === 'galois') return provider.createGaloisPacketCipher({ encryptionKey, salt, protocol });
      if (encryption !== 'f8') {
        return provider.createCounterModePacketCipher({ protocol, encryptionKey, salt, authenticationKey });
      }
      return new HmacPacketCipher(
        new F8Encryption(provider, encryptionKey, salt, protocol),
        provider.createHmacSha1(authenticationKey),
      );
    } finally {
      for (const secret of [encryptionKey, salt, authenticationKey]) secret.fill(0);
    }
  }

  /**
   * Always AES in counter mode, whatever protects the payload (RFC 6904 §3.1, RFC 7714 §8.3). Its salt is as long as
   * that of the payload (RFC 6904 §3.2): the 12 octets of AES-GCM, zeros behind them, as libsrtp has it.
   */
  #headerCipher(position: KeyDerivationPosition): PacketEncryption {
    const { rtpHeaderEncryption, rtpHeaderSalt } = keyDerivationLabels;
    const key = this.#derivation.derive(rtpHeaderEncryption, this.#profile.masterKeyLength, position);
    const salt = this.#derivation.derive(rtpHeaderSalt, this.#profile.masterSaltLength, position);
    const header = new CounterModeEncryption(this.#provider.createCounterModeCipher(key), salt);
    key.fill(0);
    salt.fill(0);
    return header;
  }
}

function closeKeys({ cipher, header }: SessionKeys): void {
  cipher.close();
  header?.close();
}
