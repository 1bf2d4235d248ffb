import type { CallControlOutput, RelayPort } from '@trustline/callcontrol';
import { digitOf, inputOf, type RelayInput, sideSettings } from '../../media/relay-control.ts';
import type { ManagerContext } from '../parts.ts';
import { RelayPool } from './relay-pool.ts';

export type RelayOutput = Extract<
  CallControlOutput,
  { kind: 'relay-side' | 'relay-bridge' | 'relay-close' | 'relay-digit' }
>;

/** The relay as signalling has it. */
export interface MediaPart extends RelayPort {
  /** Resolves when it has ports. */
  start(): Promise<void>;
  stop(): Promise<void>;
  carryOut(output: RelayOutput): void;
}

/**
 * The media relay by this configuration; undefined where there is to be none.
 *
 * @param hears what call control has to hear of
 */
export function createMedia(context: ManagerContext, hears: (input: RelayInput) => void): MediaPart | undefined {
  const { relay, host, address = '', firstPort, lastPort, workers } = context.configuration.media;
  if (relay === 'never') return undefined;
  const failed = (reason: string, cause: string, nextStep: string) =>
    void context.journal.event('media-relay-failed', { reason, cause, nextStep });
  const pool = new RelayPool({
    hold: context.holdSound,
    announcement: context.announcement,
    host,
    firstPort,
    lastPort,
    workers,
    notice: (notice) => {
      const input = inputOf(notice);
      if (input !== undefined) hears(input);
    },
    lost: (sides, error) => {
      failed('thread-failed', `A thread of the media relay failed: ${error.message}.`, 'Please report this.');
      hears({ kind: 'relay-lost', sides });
    },
    exhausted: (why) =>
      failed(
        'no-port',
        `The media relay has no port left: ${why}.`,
        'Widen media.firstPort to media.lastPort, or see who else uses them: ss -ulpn',
      ),
  });
  return {
    start: () => pool.start(),
    stop: () => pool.stop(),
    allocate(beside) {
      const side = pool.allocate(beside);
      return side === undefined ? undefined : { ...side, address };
    },
    carryOut(output) {
      switch (output.kind) {
        case 'relay-side':
          pool.set(sideSettings(output));
          return;
        case 'relay-bridge':
          pool.bridge(output.one, output.other);
          return;
        case 'relay-digit': {
          const digit = digitOf(output);
          if (digit !== undefined) pool.dial(output.side, digit);
          return;
        }
        case 'relay-close':
          pool.close(output.side);
      }
    },
  };
}
