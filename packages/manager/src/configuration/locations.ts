import { type Location, readNetwork } from '@trustline/callcontrol';
import type { Configuration } from './schema.ts';

/** The places of this configuration, whose networks were read before. */
export function locationsOf({ locations }: Configuration): readonly Location[] {
  return locations.map(({ name, networks, kilobits }) => ({
    name,
    kilobits,
    networks: networks.flatMap((text) => readNetwork(text) ?? []),
  }));
}
