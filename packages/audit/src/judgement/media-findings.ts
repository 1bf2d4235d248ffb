import type { CallLeg } from '../model/leg.ts';
import type { Evidence, Finding } from '../model/report.ts';
import { agreementOn, sendingEnd } from './agreed-keys.ts';
import type { CallFacts } from './call-facts.ts';
import { findingOf } from './catalogue.ts';
import { isFax } from './fax-facts.ts';
import { remedyOf } from './remedy.ts';
import type { StreamFacts, StreamWeakness } from './stream-facts.ts';
import { countText, isAudible } from './verdict.ts';

/** Those of streams in the clear that have a finding of their own. */
const weaknessesOfClear = [
  'null-cipher',
  'unencrypted-srtp',
  'clear-before-srtp',
  'clear-amid-srtp',
  'clear-after-srtp',
] as const satisfies readonly StreamWeakness[];

/** What is wrong with how the media of a call is protected. */
export function* mediaFindings(facts: CallFacts): Generator<Finding> {
  const { clearStreams, givenStreams, unknownStreams, streams } = facts;
  const fax = clearStreams.filter(isFax);
  if (fax.length > 0) yield findingOf('fax-in-the-clear', faxDetail(fax), evidenceOf(fax, 'T.38 in the clear'));
  const plain = clearStreams.filter(
    (stream) => !isFax(stream) && isAudible(stream) && !hasAny(stream, weaknessesOfClear),
  );
  if (plain.length > 0) yield* clearFindings(facts, plain);
  yield* ofWeakness(streams, 'null-cipher', 'null-cipher-media', 'SRTP with a NULL cipher');
  yield* ofWeakness(streams, 'unencrypted-srtp', 'unencrypted-srtp', 'SRTP that is not encrypted');
  yield* ofWeakness(streams, 'clear-before-srtp', 'clear-early-media', 'RTP in the clear before SRTP');
  yield* ofWeakness(streams, 'clear-amid-srtp', 'clear-within-srtp', 'RTP in the clear amid SRTP');
  yield* ofWeakness(streams, 'clear-after-srtp', 'clear-within-srtp', 'RTP in the clear after SRTP');
  yield* ofWeakness(streams, 'keystream-reused', 'keystream-reused', 'encrypted with the same keystream');
  yield* ofWeakness(
    streams,
    'numbers-used-again',
    'sequence-numbers-used-again',
    'the same number with other contents',
  );
  yield* ofWeakness(streams, 'unauthenticated-srtp', 'unauthenticated-srtp', 'SRTP without a tag');
  yield* ofWeakness(streams, 'short-tag', 'short-authentication-tag', 'SRTP with a tag of 32 bits');
  yield* besideSrtp(streams, 'clear-reports', 'reports-in-clear', 'RTCP in the clear');
  yield* besideSrtp(streams, 'clear-farewell', 'reports-in-clear', 'RTCP in the clear, the last of it (BYE)');
  yield* besideSrtp(
    streams,
    'unexplained-beside',
    'unexplained-beside-media',
    'datagrams of no protocol that is known',
  );
  if (givenStreams.length > 0) {
    const detail = `${countText(givenStreams.length, 'stream')} opened with the key file that you gave.`;
    yield findingOf('opened-by-given-key', detail, evidenceOf(givenStreams, 'SRTP that a given key opened'));
  }
  if (unknownStreams.length > 0) {
    const reasons = [...new Set(unknownStreams.map(({ report }) => report.because))];
    yield findingOf(
      'media-not-decoded',
      reasons.join(' '),
      evidenceOf(unknownStreams, 'media of which nothing was shown'),
    );
  }
}

function faxDetail(faxes: readonly StreamFacts[]): string {
  const parts = faxes
    .slice(0, 4)
    .map(
      ({ report: { source, destination, packets } }) =>
        `${countText(packets, 'packet')} from ${source} to ${destination}`,
    );
  return `${parts.join('; ')}.`;
}

/** Of encryption that one end can do and media went without. */
const rulesOfH323 = ['PCI DSS 4.0 §4.2.1', 'ITU-T H.235.8'] as const;

/** Clear media by what its ends said of keys: agreed on some, offered some in vain, or never spoke of any. */
function* clearFindings(facts: CallFacts, plain: readonly StreamFacts[]): Generator<Finding> {
  const here = { fix: remedyOf(facts) };
  const says = 'RTP in the clear';
  const agreed = plain.filter((stream) => agreementOn(stream, facts.legs) === 'agreed');
  const others = plain.filter((stream) => !agreed.includes(stream));
  const declined = others.filter((stream) => agreementOn(stream, facts.legs) === 'declined');
  if (agreed.length > 0) {
    const code = 'srtp-agreed-media-clear';
    const detail = agreed.slice(0, 4).map((stream) => `${senderOf(stream, facts.legs)} ${heardOf(stream)}`);
    yield findingOf(code, `${detail.join('; ')}.`, evidenceOf(agreed, says));
  }
  if (declined.length > 0) {
    yield findingOf('best-effort-answered-in-clear', clearDetail(declined), evidenceOf(declined, says), {
      ...here,
      rules: facts.legs.every(({ protocol }) => protocol === 'h323') ? rulesOfH323 : undefined,
    });
  }
  if (others.length > 0) yield findingOf('voice-in-the-clear', clearDetail(others), evidenceOf(others, says), here);
}

/** Who sent a stream in spite of the keys: the end of the leg, and its address. */
function senderOf(stream: StreamFacts, legs: readonly CallLeg[]): string {
  const end = sendingEnd(stream, legs);
  return `${end === undefined ? 'The end at' : `The ${end},`} ${stream.report.source}`;
}

function heardOf({ report: { codec, destination, audio } }: StreamFacts): string {
  const heard = audio === null ? 'not decoded here' : `${audio.seconds.toFixed(1)} s played back`;
  return `sent ${codec ?? 'media'} in the clear to ${destination}, ${heard}`;
}

function* ofWeakness(
  streams: readonly StreamFacts[],
  weakness: StreamWeakness,
  code: string,
  says: string,
): Generator<Finding> {
  const weak = streams.filter(({ weaknesses }) => weaknesses.includes(weakness));
  if (weak.length === 0) return;
  const evidence = weak.map((stream) => ({ packets: stream.weaknessPackets[weakness] ?? [stream.first.number], says }));
  yield findingOf(
    code,
    `${countText(weak.length, 'stream')}: ${[...new Set(weak.map(({ report }) => report.because))].join(' ')}`,
    evidence,
  );
}

/** What is wrong with what goes beside a stream, not with itself. */
function* besideSrtp(
  streams: readonly StreamFacts[],
  weakness: StreamWeakness,
  code: string,
  says: string,
): Generator<Finding> {
  const shown = streams.filter(({ weaknesses }) => weaknesses.includes(weakness));
  if (shown.length === 0) return;
  const ends = shown.slice(0, 4).map(({ report: { source, destination } }) => `${source} and ${destination}`);
  const evidence = shown.slice(0, 8).map(({ weaknessPackets }) => ({ packets: weaknessPackets[weakness] ?? [], says }));
  yield findingOf(code, `Beside the SRTP between ${ends.join('; ')}: ${says}.`, evidence);
}

function hasAny({ weaknesses }: StreamFacts, any: readonly StreamWeakness[]): boolean {
  return weaknesses.some((weakness) => any.includes(weakness));
}

function clearDetail(streams: readonly StreamFacts[]): string {
  const parts = streams.slice(0, 4).map(({ report: { codec, source, destination, audio } }) => {
    const heard = audio === null ? 'not decoded here' : `${audio.seconds.toFixed(1)} s played back`;
    return `${codec ?? 'media'} from ${source} to ${destination}, ${heard}`;
  });
  return `${parts.join('; ')}.`;
}

function evidenceOf(streams: readonly StreamFacts[], says: string): readonly Evidence[] {
  return streams.slice(0, 8).map(({ first, last }) => ({ packets: [first.number, last.number], says }));
}
