import { readFileSync } from 'node:fs';
import { parseWav, type Sound } from '@trustline/rtp';
import { ManagerError } from '../../error.ts';
import { announcementTone, holdTone } from '../../media/hold-audio.ts';
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
  return soundOf(holdFile, 'to who is held', nextStep);
}

/** Nobody waits for longer than this until the call goes on, in seconds. */
const longestAnnouncement = 20;

/**
 * What a caller hears whose call leaves protection; undefined where there is no relay to say it.
 *
 * @throws {ManagerError} manager.hold-file
 */
export function announcementOf({ configuration, announcementFile }: LoadedConfiguration): Sound | undefined {
  if (configuration.media.relay === 'never') return undefined;
  if (announcementFile === undefined) return announcementTone();
  const nextStep =
    'media.announcementFile names a WAV file (PCM); sox makes one: sox words.mp3 -r 8000 -c 1 -b 16 words.wav';
  const { rate, samples } = soundOf(announcementFile, 'to a caller', nextStep);
  return { rate, samples: samples.subarray(0, longestAnnouncement * rate) };
}

function soundOf(file: string, whom: string, nextStep: string): Sound {
  try {
    return parseWav(readFileSync(file));
  } catch (cause) {
    const message = `${file} cannot be played ${whom}: ${(cause as Error).message}`;
    throw new ManagerError('manager.hold-file', message, { nextStep, cause });
  }
}

/** In milliseconds. */
export function lengthOfSound(sound: Sound | undefined): number | undefined {
  return sound && (sound.samples.length / sound.rate) * 1_000;
}
