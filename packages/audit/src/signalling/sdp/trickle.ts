import type { LegEnd, MediaDescription } from '../../model/leg.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { candidateAddresses } from './addresses.ts';
import type { HeardSession } from './session.ts';

/** Candidates of one description that are kept. */
const MOST_CANDIDATES = 64;

/**
 * What an end has described last with the candidates of ICE that it tells of afterwards (RFC 8840 §4): of all its media, for those of
 * one call mostly share their ports. Nothing where it has described none yet.
 */
export function withCandidates(
  session: HeardSession,
  described: readonly MediaDescription[],
  end: LegEnd,
  place: PacketPlace,
): readonly MediaDescription[] {
  const added = [session.attributes, ...session.media.map(({ attributes }) => attributes)].flatMap(candidateAddresses);
  const last = described.findLast((one) => one.end === end);
  if (added.length === 0 || last === undefined) return [];
  return described
    .filter((one) => one.end === end && one.place === last.place)
    .map((one) => ({ ...one, place, candidates: [...(one.candidates ?? []), ...added].slice(-MOST_CANDIDATES) }));
}
