import type { CallControlSettings } from '@trustline/callcontrol';
import { locationsOf } from './locations.ts';
import type { Configuration } from './schema.ts';

/** How call control behaves by this configuration. */
export function callSettingsOf(configuration: Configuration): Partial<CallControlSettings> {
  const { calls, limits, routes, media } = configuration;
  return {
    suites: calls.suites,
    noAnswerTimeout: calls.noAnswerSeconds * 1_000,
    forwardTimeout: calls.forwardSeconds * 1_000,
    parkTimeout: calls.parkSeconds * 1_000,
    mostCalls: limits.calls,
    trunkSilence: routes.silentSeconds * 1_000,
    probeAfter: routes.probeSeconds * 1_000,
    probeAtMost: routes.probeMostSeconds * 1_000,
    locations: locationsOf(configuration),
    mostTranscoders: media.transcoders,
    mediaPath: media.relay === 'always' ? 'relayed' : 'direct',
  };
}
