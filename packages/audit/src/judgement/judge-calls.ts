import type { StrayKey } from '../keys/stray-keys.ts';
import type { CallLeg } from '../model/leg.ts';
import { type Finding, type ReportCall, verdicts } from '../model/report.ts';
import type { DtlsAssociation } from '../secure-transport/dtls-datagrams.ts';
import { attachStreams } from './attach-streams.ts';
import { factsOf } from './call-facts.ts';
import { findingOf } from './catalogue.ts';
import { type ClaimedCall, judgeClaim } from './claims.ts';
import { CutSignalling } from './cut-signalling.ts';
import { HandshakesByPort, impostors } from './impostors.ts';
import { linkLegs } from './link-legs.ts';
import { joinRelayed } from './link-relayed.ts';
import { pairStreams } from './pair-streams.ts';
import { numbered, reportCall, type UnnumberedCall } from './report-call.ts';
import { sharedKeys } from './shared-keys.ts';
import { besideKeys, keysBesideOf, ofStrayKeys, unopening } from './stray-key-findings.ts';
import type { CallDraft, StreamFacts } from './stream-facts.ts';
import { type Judgement, judge } from './verdict.ts';

export interface JudgementOptions {
  /** Digits of cards and PINs are shown. */
  readonly isRevealed: boolean;
  /** What records of our call manager claim. */
  readonly claims: readonly ClaimedCall[];
  /** Handshakes of DTLS among the media. */
  readonly dtls: readonly DtlsAssociation[];
  /** Keys that lay open in what no protocol explains. */
  readonly strayKeys?: readonly StrayKey[];
}

/** Joins legs and streams into calls, and judges each; worst first, numbered. */
export function judgeCalls(
  legs: readonly CallLeg[],
  streams: readonly StreamFacts[],
  { isRevealed, claims, dtls, strayKeys = [] }: JudgementOptions,
): readonly ReportCall[] {
  const drafts = draftCalls(legs, streams);
  const shared = sharedKeys(drafts);
  const astray = unopening(strayKeys, streams);
  const cut = new CutSignalling(legs);
  const handshakes = new HandshakesByPort(dtls);
  const calls = drafts.map((draft): UnnumberedCall => {
    const facts = factsOf(draft, draft.legs.length === 0 ? cut.beside(draft.streams) : undefined);
    const strangers = [...impostors(facts, handshakes)];
    const judged = intercepted(judge(facts), strangers);
    const strays = judged.verdict === 'protected' ? keysBesideOf(facts, astray) : [];
    const judgement = strays.length === 0 ? judged : besideKeys(strays);
    const claim = judgeClaim(facts, judgement, claims);
    const others = [...(shared.get(draft) ?? []), ...strangers];
    if (strays.length > 0) others.push(ofStrayKeys(strays));
    if (claim !== null && !claim.claimed.holds) {
      const packets = [
        ...facts.legs.map(({ first }) => first.number),
        ...facts.streams.map(({ first }) => first.number),
      ];
      others.push(findingOf('claim-above-truth', claim.detail, [{ packets, says: 'the call as it was captured' }]));
    }
    return reportCall(facts, judgement, { others, isRevealed, claimed: claim?.claimed ?? null });
  });
  const inOrder = [...calls].sort(worstFirst);
  let streamNumber = 1;
  return inOrder.map((call, at) => {
    const first = streamNumber;
    streamNumber += call.facts.streams.length;
    return numbered(call, at + 1, first);
  });
}

/** What nobody else reads, somebody who stands between does. */
function intercepted(judgement: Judgement, strangers: readonly Finding[]): Judgement {
  const [first] = strangers;
  if (first === undefined || judgement.verdict !== 'protected') return judgement;
  return { verdict: 'cannot-tell', because: `Somebody may stand between its ends: ${first.detail}` };
}

/** Calls of signalling with their media, then calls of media alone. */
export function draftCalls(legs: readonly CallLeg[], streams: readonly StreamFacts[]): readonly CallDraft[] {
  // A leg of which neither a call nor media is known tells of no call.
  const groups = linkLegs(legs);
  const attached = attachStreams(legs, streams);
  const drafts: { legs: readonly CallLeg[]; streams: StreamFacts[] }[] = groups.map((group) => ({
    legs: group,
    streams: [],
  }));
  const draftOf = new Map<CallLeg, { streams: StreamFacts[] }>();
  for (const draft of drafts) for (const leg of draft.legs) draftOf.set(leg, draft);
  const left: StreamFacts[] = [];
  for (const stream of streams) {
    const leg = attached.get(stream);
    const draft = leg === undefined ? undefined : draftOf.get(leg);
    if (draft === undefined) left.push(stream);
    else draft.streams.push(stream);
  }
  return joinRelayed([...drafts, ...pairStreams(left).map((pair) => ({ legs: [], streams: pair }))]);
}

function worstFirst(one: UnnumberedCall, other: UnnumberedCall): number {
  const card = (call: UnnumberedCall) => (call.findings.some(({ code }) => code === 'card-number-heard') ? 0 : 1);
  return (
    verdicts.indexOf(one.verdict) - verdicts.indexOf(other.verdict) ||
    card(one) - card(other) ||
    other.heardSeconds - one.heardSeconds ||
    (one.start ?? '').localeCompare(other.start ?? '')
  );
}
