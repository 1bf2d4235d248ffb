import type { DeviceAnswer } from '@trustline/manager';

type Gatekeeper = NonNullable<NonNullable<DeviceAnswer['trunk']>['gatekeeper']>;

/** How it is between the manager and the gatekeeper of a gateway, in words. */
export function gatekeeperState({ address, state, since, cause }: Gatekeeper): string {
  const at = shortTime(since);
  if (state === 'registered') return `registered at the gatekeeper ${address} since ${at}`;
  if (state === 'asked') return `asks the gatekeeper ${address} since ${at}, without an answer yet`;
  return `gatekeeper ${address} lost since ${at}${cause === null ? '' : `: ${cause}`}`;
}

/** To the second. */
export function shortTime(at: string): string {
  return at.replace('T', ' ').replace(/\.\d+Z$/, ' UTC');
}
