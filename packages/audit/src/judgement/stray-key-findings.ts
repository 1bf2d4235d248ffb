import type { StrayKey } from '../keys/stray-keys.ts';
import type { MediaKey } from '../model/media-key.ts';
import type { Finding } from '../model/report.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { findingOf } from './catalogue.ts';
import type { CallDraft, StreamFacts } from './stream-facts.ts';
import type { Judgement } from './verdict.ts';

/** A key of what no protocol explains, and where it stood. */
interface PlacedKey {
  readonly key: MediaKey;
  readonly place: PacketPlace;
}

/** The keys of what no protocol explains that opened streams, each once. */
export function strayKeysOf(crackedStreams: readonly StreamFacts[]): readonly PlacedKey[] {
  const keys = new Set(crackedStreams.flatMap(({ key }) => key ?? []));
  return [...keys].flatMap((key) => {
    const { source } = key;
    return source.kind === 'signalling' && source.isUnexplained === true ? [{ key, place: source.place }] : [];
  });
}

/** Those that opened none of the streams. */
export function unopening(strays: readonly StrayKey[], streams: readonly StreamFacts[]): readonly StrayKey[] {
  const opening = new Set(streams.map(({ key }) => key));
  return strays.filter(({ keys }) => !keys.some((key) => opening.has(key)));
}

/** Those that lay open between the very hosts between which the call's media goes. */
export function keysBesideOf(
  { streams }: Pick<CallDraft, 'streams'>,
  strays: readonly StrayKey[],
): readonly PlacedKey[] {
  const pairs = new Set(streams.flatMap(({ source, destination }) => pairOf(source.address, destination.address)));
  return strays
    .filter(({ from, to }) => pairOf(from.address, to.address).some((pair) => pairs.has(pair)))
    .flatMap(({ keys: [key], place }) => (key === undefined ? [] : [{ key, place }]));
}

/** Nothing is called protected while a key lay open beside it. */
export function besideKeys(strays: readonly PlacedKey[]): Judgement {
  const packet = strays[0]?.place.number ?? 0;
  return {
    verdict: 'cannot-tell',
    because: `A key of SRTP lay open between its hosts in what no protocol explains (packet ${packet}); it opened none of what was captured.`,
  };
}

export function ofStrayKeys(strays: readonly PlacedKey[]): Finding {
  const packets = [...new Set(strays.map(({ place }) => place.number))].sort((one, other) => one - other);
  const suites = [...new Set(strays.map(({ key }) => key.profile))].join(', ');
  const count = `${strays.length} ${strays.length === 1 ? 'key' : 'keys'}`;
  return findingOf('stray-key-in-clear', `${count} (${suites}), first in packet ${packets[0]}.`, [
    { packets, says: 'a master key of SRTP stands in it' },
  ]);
}

/** Two addresses in either order; both ways in which they may be written. */
function pairOf(one: string, other: string): readonly [string, string] {
  return [`${one} ${other}`, `${other} ${one}`];
}
