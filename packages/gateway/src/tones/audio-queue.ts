import { decodeALaw, decodeMuLaw, encodeALaw, encodeMuLaw } from '@trustline/rtp';
import { AUDIO_BLOCK_OCTETS, type CompandingLaw } from '../voice-port.ts';

/** What silence is in G.711. */
const silenceOf: Readonly<Record<CompandingLaw, number>> = { A: 0xd5, mu: 0xff };

/** Three blocks are 60 ms of delay at most; what comes beyond them replaces the oldest. */
const MOST_BLOCKS = 3;

/** Samples as G.711. */
export function compress(law: CompandingLaw, samples: Int16Array, octets: Uint8Array): void {
  if (law === 'A') encodeALaw(samples, octets);
  else encodeMuLaw(samples, octets);
}

/** G.711 as samples. */
export function expand(law: CompandingLaw, octets: Uint8Array, samples: Int16Array): void {
  if (law === 'A') decodeALaw(octets, samples);
  else decodeMuLaw(octets, samples);
}

/** Blocks of 20 ms between the writer's moment and the line's: in their order, silence where there is none. */
export class AudioQueue {
  readonly #silence: number;
  readonly #blocks = Array.from({ length: MOST_BLOCKS }, () => new Uint8Array(AUDIO_BLOCK_OCTETS));
  #first = 0;
  #count = 0;

  constructor(law: CompandingLaw) {
    this.#silence = silenceOf[law];
  }

  /** A block of another length counts for nothing. */
  write(octets: Uint8Array): void {
    if (octets.length !== AUDIO_BLOCK_OCTETS) return;
    if (this.#count === MOST_BLOCKS) this.#drop();
    this.#blocks[(this.#first + this.#count) % MOST_BLOCKS]?.set(octets);
    this.#count += 1;
  }

  /** Fills a block for the line; false where it is silence for want of another. */
  read(octets: Uint8Array): boolean {
    const block = this.#blocks[this.#first];
    if (this.#count === 0 || block === undefined) {
      octets.fill(this.#silence);
      return false;
    }
    octets.set(block);
    this.#drop();
    return true;
  }

  #drop(): void {
    this.#first = (this.#first + 1) % MOST_BLOCKS;
    this.#count -= 1;
  }
}
