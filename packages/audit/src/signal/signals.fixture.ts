/** Signals for tests, the same for the same seed. */

/** Uniform white noise over the whole range, as a cipher's output decodes. */
export function noise(seed: number, length: number): Int16Array {
  const random = randomOf(seed);
  return Int16Array.from({ length }, () => Math.floor((random() - 0.5) * 65_535));
}

/** Syllables of a gliding voice with formant-like overtones and pauses between them, at 8 kHz. */
export function speechLike(seed: number, length: number): Int16Array {
  const random = randomOf(seed);
  const samples = new Int16Array(length);
  let phase = 0;
  for (let at = 0; at < length; ) {
    const syllable = Math.floor(800 + 1600 * random());
    const [pitch, glide, loudness] = [90 + 120 * random(), random() - 0.5, 2000 + 6000 * random()];
    const formants = Array.from({ length: 12 }, () => random() ** 2);
    for (let i = 0; i < syllable && at + i < length; i++) {
      phase += (2 * Math.PI * pitch * (1 + (glide * i) / syllable)) / 8000;
      const envelope = Math.sin((Math.PI * i) / syllable);
      let value = 0.1 * (random() - 0.5);
      for (const [index, formant] of formants.entries())
        value += (formant * Math.sin((index + 1) * phase)) / (1 + index / 4);
      samples[at + i] = Math.max(-32_768, Math.min(32_767, 0.5 * loudness * envelope * value));
    }
    at += syllable + Math.floor(1200 * random());
  }
  return samples;
}

/** Mulberry32. */
function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
}
