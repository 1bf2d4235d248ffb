import type { CounterModeCipher, SrtpCryptoProvider } from './crypto-provider.ts';
import { SrtpError } from './error.ts';
import { SRTP_INDEX_LIMIT } from './packet-index.ts';

/** Labels of the session keys (RFC 3711 §4.3.1 and §4.3.2; 6 and 7 by RFC 6904 §3.2). */
export const keyDerivationLabels = {
  rtpEncryption: 0,
  rtpAuthentication: 1,
  rtpSalt: 2,
  rtcpEncryption: 3,
  rtcpAuthentication: 4,
  rtcpSalt: 5,
  rtpHeaderEncryption: 6,
  rtpHeaderSalt: 7,
} as const;

export type KeyDerivationLabel = (typeof keyDerivationLabels)[keyof typeof keyDerivationLabels];

export interface KeyDerivationPosition {
  /** Index of the packet the key is for, SRTP or SRTCP. */
  readonly index: number;
  /** 0, or a power of two from 1 to 2^24 (RFC 3711 §4.3.1). */
  readonly keyDerivationRate: number;
  /**
   * How wide `index DIV key_derivation_rate` stands in the key identifier. 48 bits for both protocols by
   * erratum 3712; 32 bits is the reading of RFC 3711 §4.3.2 as printed, for SRTCP peers that took it literally.
   */
  readonly quotientBits?: 32 | 48;
}

const START: KeyDerivationPosition = { index: 0, keyDerivationRate: 0 };
const SALT_OCTETS = 14;

/**
 * Derives session keys from one master key: AES-CM as pseudo-random function, its input the label and the
 * index quotient XORed onto the master salt (RFC 3711 §4.3.1, §4.3.3; RFC 6188 §3 for longer keys).
 */
export class SessionKeyDerivation {
  readonly #cipher: CounterModeCipher;
  readonly #salt = new Uint8Array(SALT_OCTETS);

  /** A salt shorter than 14 octets is padded with zeros on the right (RFC 7714 §11). */
  constructor(provider: SrtpCryptoProvider, masterKey: Uint8Array, masterSalt: Uint8Array) {
    if (masterSalt.byteLength > SALT_OCTETS) {
      throw new SrtpError(
        'srtp.invalid-option',
        `the master salt has at most ${SALT_OCTETS} octets, not ${masterSalt.byteLength}`,
        'RFC 3711 §4.3.1',
      );
    }
    this.#cipher = provider.createCounterModeCipher(masterKey);
    this.#salt.set(masterSalt);
  }

  /** The caller clears the returned key after use. */
  derive(label: KeyDerivationLabel, length: number, position: KeyDerivationPosition = START): Uint8Array {
    const { index, keyDerivationRate, quotientBits = 48 } = position;
    checkPosition(index, keyDerivationRate);
    let quotient = keyDerivationRate === 0 ? 0 : Math.floor(index / keyDerivationRate);
    const iv = new Uint8Array(16);
    iv.set(this.#salt);
    for (let at = SALT_OCTETS - 1; quotient > 0; at--) {
      iv[at] = (iv[at] as number) ^ (quotient % 256);
      quotient = Math.floor(quotient / 256);
    }
    // Everybody puts the label at octet 7 when the rate is 0, whichever reading of the width they follow.
    const labelAt = quotientBits === 48 || keyDerivationRate === 0 ? 7 : 9;
    iv[labelAt] = (iv[labelAt] as number) ^ label;
    const key = new Uint8Array(length);
    this.#cipher.apply(iv, key, 0, length, key, 0);
    iv.fill(0);
    return key;
  }

  close(): void {
    this.#salt.fill(0);
    this.#cipher.close();
  }
}

function checkPosition(index: number, keyDerivationRate: number): void {
  const powerOfTwo = keyDerivationRate === 0 || Number.isInteger(Math.log2(keyDerivationRate));
  if (!powerOfTwo || keyDerivationRate < 0 || keyDerivationRate > 2 ** 24) {
    throw new SrtpError(
      'srtp.invalid-option',
      `the key derivation rate is 0 or a power of two up to 2^24, not ${keyDerivationRate}`,
      'RFC 3711 §4.3.1',
    );
  }
  if (!Number.isInteger(index) || index < 0 || index >= SRTP_INDEX_LIMIT) {
    throw new SrtpError('srtp.invalid-option', `the index has 48 bits; ${index} does not fit`, 'RFC 3711 §3.3.1');
  }
}
