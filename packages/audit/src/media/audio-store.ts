/** Keeps the samples of streams, for who asked for the audio itself. In memory here; an adapter may put it in a file. */
export interface AudioStore {
  /** Room for one stream; undefined where none is left. */
  open(sampleRate: number): AudioRecording | undefined;
}

export interface AudioRecording {
  /** Samples behind those before; false where there is no room for them, and nothing of them is kept. */
  append(samples: Int16Array): boolean;
  /** All that is kept. */
  samples(): Int16Array;
}

/** Keeps recordings in memory, all of them together within a budget. */
export class MemoryAudioStore implements AudioStore {
  #octetsLeft: number;

  /** The budget in octets; 64 MiB is over an hour at 8 kHz. */
  constructor(budget = 64 * 1024 * 1024) {
    this.#octetsLeft = budget;
  }

  open(): AudioRecording {
    return new MemoryRecording((octets) => {
      if (octets > this.#octetsLeft) return false;
      this.#octetsLeft -= octets;
      return true;
    });
  }
}

class MemoryRecording implements AudioRecording {
  readonly #take: (octets: number) => boolean;
  #samples = new Int16Array(0);
  #length = 0;

  constructor(take: (octets: number) => boolean) {
    this.#take = take;
  }

  append(samples: Int16Array): boolean {
    const needed = this.#length + samples.length;
    if (needed > this.#samples.length) {
      const room = Math.max(needed, Math.ceil(1.5 * this.#samples.length), 8_000);
      if (!this.#take(2 * (room - this.#samples.length))) return false;
      const larger = new Int16Array(room);
      larger.set(this.#samples.subarray(0, this.#length));
      this.#samples = larger;
    }
    this.#samples.set(samples, this.#length);
    this.#length = needed;
    return true;
  }

  samples(): Int16Array {
    return this.#samples.slice(0, this.#length);
  }
}
