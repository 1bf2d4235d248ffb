import type { CallManagerCoreOptions } from '../call-manager-types.ts';
import { numberingOf } from './numbering.ts';
import type { Configuration } from './schema.ts';
import { trunkSettingsOf } from './trunks.ts';

/** How the call manager's core behaves by this configuration; of calls see `callSettingsOf`. */
export function coreSettingsOf(configuration: Configuration) {
  const { calls, limits, registrations, subscriptions, textMessages, callBack } = configuration;
  return {
    registrar: {
      minimumExpires: registrations.minimumSeconds,
      maximumExpires: registrations.maximumSeconds,
      defaultExpires: registrations.defaultSeconds,
      maximumBindings: 10,
    },
    numbering: numberingOf(configuration),
    trunkSettings: trunkSettingsOf(configuration),
    registrationsPerSecond: limits.registrationsPerSecond,
    callsPerSecond: limits.callsPerSecond,
    subscriptions: {
      perDevice: subscriptions.perDevice,
      expiry: {
        minimum: subscriptions.minimumSeconds,
        default: subscriptions.defaultSeconds,
        maximum: subscriptions.maximumSeconds,
      },
    },
    watchers: configuration.watchers,
    skinny: { ...configuration.skinny, timeZone: configuration.skinny.timeZone },
    phoneKeys: new Map(configuration.phoneKeys.map(({ device, ...keys }) => [device, keys])),
    voiceMail: configuration.voiceMailNumber,
    callBack: callBack && {
      activate: callBack.activate,
      cancel: callBack.cancel,
      lifetime: callBack.minutes * 60_000,
    },
    textMessages: { octets: textMessages.maximumOctets, perSecond: textMessages.perSecond },
    sessionInterval: calls.sessionSeconds,
  } satisfies Partial<CallManagerCoreOptions>;
}
