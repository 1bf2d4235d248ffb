import type { TrunkSettings } from '../device-directory.ts';
import type { Configuration } from './schema.ts';

type Addressed<Trunk> = Trunk & { readonly address: string };

/** The trunks that the manager connects to. */
export function addressedTrunks({ trunks }: Configuration): readonly Addressed<Configuration['trunks'][number]>[] {
  return trunks.flatMap(({ address, ...trunk }) => (address === undefined ? [] : [{ ...trunk, address }]));
}

/** What holds for calls by each trunk or gateway that says something of it. */
export function trunkSettingsOf({ trunks }: Configuration): ReadonlyMap<string, TrunkSettings> {
  return new Map(
    trunks.map(({ device, channels, leavingProtection }) => [
      device,
      { leavingProtection, ...(channels === undefined ? {} : { channels }) },
    ]),
  );
}
