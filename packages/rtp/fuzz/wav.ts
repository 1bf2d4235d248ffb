import { TrustlineError } from '@trustline/base';
import { parseWav, serializeWav } from '../src/index.ts';

/** A whole file. */
export function corpus(): Uint8Array[] {
  return [serializeWav({ rate: 8_000, samples: Int16Array.from({ length: 40 }, (_, at) => at * 100 - 2_000) })];
}

/** Any octets are a sound, which is written and read again the same, or the typed error. */
export function fuzz(data: Uint8Array): void {
  let sound: ReturnType<typeof parseWav>;
  try {
    sound = parseWav(data);
  } catch (error) {
    if (error instanceof TrustlineError) return;
    throw error;
  }
  const again = parseWav(serializeWav(sound));
  if (again.rate !== sound.rate || again.samples.length !== sound.samples.length) throw new Error('it changed');
}
