/** What a record says became of the protection of a call's signalling, beside what was captured meanwhile. */
import type { ProtectionChange } from '@trustline/evidence';
import { isOpen } from '../model/exposure.ts';
import type { ReportCall } from '../model/report.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { CallFacts } from './call-facts.ts';
import { momentText } from './times.ts';

type ClaimedProtection = NonNullable<ReportCall['claimed']>['protection'];
/** From and until when, in microseconds since 1970. */
type Gap = readonly [number, number];

/** Changes that the report lists at most. */
const MOST_CHANGES = 20;

/**
 * @param changes of the record, oldest first
 * @param endedAt when the call was over (ISO 8601)
 * @returns null where the protection was there all the time
 */
export function claimedProtection(
  facts: CallFacts,
  changes: readonly ProtectionChange[],
  endedAt: string,
): ClaimedProtection {
  if (changes.length === 0) return null;
  const gaps = gapsOf(changes, endedAt);
  const words = changes.slice(-MOST_CHANGES).map(({ at, state, cause }) => ({
    at,
    state,
    cause: boundedText(cause) ?? '',
  }));
  const record = words.map(({ at, cause }) => `${cause} (${at.slice(11, 23)})`).join(', ');
  return {
    changes: words,
    says: `The record: ${record}. Meanwhile ${messagesSay(facts, gaps)}, and ${mediaSay(facts, gaps)}.`,
  };
}

/** While any leg was without. */
function gapsOf(changes: readonly ProtectionChange[], endedAt: string): readonly Gap[] {
  return changes.flatMap(({ at, leg, state }, index): Gap[] => {
    if (state !== 'lost') return [];
    const next = changes.slice(index + 1).find((change) => change.leg === leg);
    return [[Date.parse(at) * 1_000, Date.parse(next?.at ?? endedAt) * 1_000]];
  });
}

function messagesSay({ legs }: CallFacts, gaps: readonly Gap[]): string {
  const open = legs
    .flatMap(({ messages }) => messages)
    .filter(({ path, place }) => isOpen(path.exposure) && overlap(gaps, place, place) !== undefined);
  const [first] = open;
  if (first === undefined) return 'no message of it was in the clear';
  return `${open.length === 1 ? 'a message of it was' : `${open.length} messages of it were`} in the clear (packet ${first.place.number})`;
}

function mediaSay({ streams, encryptedStreams, givenStreams }: CallFacts, gaps: readonly Gap[]): string {
  const then = streams.flatMap((stream) => {
    const until = overlap(gaps, stream.first, stream.last);
    return until === undefined ? [] : [{ stream, until }];
  });
  if (then.length === 0) return 'of its media nothing was captured';
  const isClosed = then.every(({ stream }) => encryptedStreams.includes(stream) || givenStreams.includes(stream));
  if (!isClosed) return 'not all of its media was encrypted';
  const last = momentText(Math.max(...then.map(({ until }) => until)));
  return `its media went on as SRTP${last === null ? '' : `, until ${last.slice(11, 23)}`}`;
}

/** Until when something of it was within a gap; undefined where nothing was. */
function overlap(gaps: readonly Gap[], first: PacketPlace, last: PacketPlace): number | undefined {
  const within = gaps.filter(([from, until]) => first.microseconds <= until && last.microseconds >= from);
  return within.length === 0 ? undefined : Math.max(...within.map(([, until]) => Math.min(until, last.microseconds)));
}
