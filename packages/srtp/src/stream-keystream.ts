import type { Keystream, PacketCipher } from './crypto-provider.ts';

/** A stream, as far as it has keystream made ahead: under the session keys that are in use for it now. */
export class KeystreamOwner {
  readonly #ssrc: number;
  #cipher: PacketCipher | undefined;
  #keystream: Keystream | undefined;

  constructor(ssrc: number) {
    this.#ssrc = ssrc;
  }

  /** That of this cipher; what was made under another key is cleared. */
  keystreamOf(cipher: PacketCipher): Keystream | undefined {
    if (cipher !== this.#cipher) {
      this.#keystream?.close();
      this.#cipher = cipher;
      this.#keystream = cipher.createKeystream(this.#ssrc);
    }
    return this.#keystream;
  }

  /** That of this cipher if it is the one in use; changes nothing. */
  keystreamIfOf(cipher: PacketCipher): Keystream | undefined {
    return cipher === this.#cipher ? this.#keystream : undefined;
  }

  closeKeystream(): void {
    this.#keystream?.close();
    this.#keystream = undefined;
    this.#cipher = undefined;
  }
}
