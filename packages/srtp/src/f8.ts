import type { PacketEncryption } from './counter-mode-hmac.ts';
import type { BlockCipher, SrtpCryptoProvider } from './crypto-provider.ts';
import { writeUint32, xorInto } from './octets.ts';

const BLOCK = 16;
const FILLER = 0x55;

/**
 * AES in f8-mode (RFC 3711 §4.1.2): output feedback whose start depends on the packet's own header.
 *
 * @see RFC 3711 §4.1.2.1 to §4.1.2.3
 */
export class F8Encryption implements PacketEncryption {
  readonly #cipher: BlockCipher;
  /** Under k_e XOR m, with m = k_s ‖ 0x5555…, as long as the key. */
  readonly #masked: BlockCipher;
  readonly #protocol: 'rtp' | 'rtcp';
  readonly #start = new Uint8Array(BLOCK);
  readonly #block = new Uint8Array(BLOCK);

  constructor(provider: SrtpCryptoProvider, key: Uint8Array, salt: Uint8Array, protocol: 'rtp' | 'rtcp') {
    this.#protocol = protocol;
    this.#cipher = provider.createBlockCipher(key);
    const masked = new Uint8Array(key.byteLength).fill(FILLER);
    masked.set(salt);
    xorInto(masked, 0, key);
    this.#masked = provider.createBlockCipher(masked);
    masked.fill(0);
  }

  crypt(source: Uint8Array, clear: number, end: number, target: Uint8Array, _ssrc: number, index: number): void {
    const start = this.#start;
    this.#writeIv(source, index);
    this.#masked.encrypt(start, start);
    const block = this.#block;
    block.fill(0);
    for (let at = clear, counter = 0; at < end; at += BLOCK, counter++) {
      // S(j) = E(k_e, IV' XOR j XOR S(j−1))
      xorInto(block, 0, start);
      for (let bits = counter, octet = BLOCK - 1; bits > 0; bits >>>= 8, octet--) {
        block[octet] = (block[octet] as number) ^ (bits & 0xff);
      }
      this.#cipher.encrypt(block, block);
      for (let i = 0; i < BLOCK && at + i < end; i++)
        target[at + i] = (source[at + i] as number) ^ (block[i] as number);
    }
    block.fill(0);
    start.fill(0);
  }

  close(): void {
    this.#cipher.close();
    this.#masked.close();
  }

  #writeIv(packet: Uint8Array, index: number): void {
    const iv = this.#start;
    iv.fill(0);
    if (this.#protocol === 'rtp') {
      // 0x00 ‖ M ‖ PT ‖ SEQ ‖ TS ‖ SSRC ‖ ROC, §4.1.2.2
      for (let i = 1; i < 12; i++) iv[i] = packet[i] as number;
      writeUint32(iv, 12, Math.floor(index / 0x10000));
    } else {
      // 0 ‖ E ‖ SRTCP index ‖ the first two words of the packet, §4.1.2.3
      writeUint32(iv, 4, 0x8000_0000 + index);
      for (let i = 0; i < 8; i++) iv[8 + i] = packet[i] as number;
    }
  }
}
