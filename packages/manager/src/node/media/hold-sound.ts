import { readFileSync } from 'node:fs';
import { parseWav, type Sound } from '@trustline/rtp';
import { ManagerError } from '../../error.ts';
import { holdTone } from '../../media/hold-audio.ts';
import type { LoadedConfiguration } from '../load-configuration.ts';

/**
 * What held parties hear by this configuration; undefined where the relay plays them nothing.
 *
 * @throws {ManagerError} manager.hold-file
 */
export function holdSoundOf({ configuration, holdFile }: LoadedConfiguration): Sound | undefined {
  const { relay, hold } = configuration.media;
  if (relay === 'never' || hold === 'off') return undefined;
  if (hold === 'tone') return holdTone();
  const nextStep = 'media.holdFile names a WAV file (PCM); sox makes one: sox music.mp3 -r 8000 -c 1 -b 16 hold.wav';
  if (holdFile === undefined) {
    throw new ManagerError('manager.hold-file', 'media.hold is file, and media.holdFile names none', { nextStep });
  }
  try {
    return parseWav(readFileSync(holdFile));
  } catch (cause) {
    const message = `${holdFile} cannot be played to who is held: ${(cause as Error).message}`;
    throw new ManagerError('manager.hold-file', message, { nextStep, cause });
  }
}
