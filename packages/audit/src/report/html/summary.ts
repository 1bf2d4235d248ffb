import { broadest, covers } from '../../judgement/remedy-words.ts';
import type { AuditReport, Evidence, Finding, Harm, ReportCall, Verdict } from '../../model/report.ts';
import { verdicts } from '../../model/report.ts';
import { cardsOf, digitsOf } from '../keyed-digits.ts';
import { counted, grouped } from './wording.ts';

/** Verdicts of calls of which something was had that was not to be had. */
const exposed: ReadonlySet<Verdict> = new Set(['heard', 'digits-heard', 'keys-exposed']);

export function isExposed(call: Pick<ReportCall, 'verdict'>): boolean {
  return exposed.has(call.verdict);
}

/** The report in a sentence that a stranger understands. */
export function headline({ counts, calls }: Pick<AuditReport, 'counts' | 'calls'>): string {
  const total = calls.length;
  if (total === 0) return 'No calls were found.';
  const worst = verdicts.find((verdict) => counts[verdict] > 0) ?? 'cannot-tell';
  const some = share(counts[worst], total);
  const were = counts[worst] === 1 ? 'was' : 'were';
  switch (worst) {
    case 'heard':
      return `${some} ${were} heard.`;
    case 'digits-heard':
      return `The digits of ${inSentence(some)} were read.`;
    case 'keys-exposed':
      return `The ${counts[worst] === 1 ? 'key' : 'keys'} of ${inSentence(some)} ${counts[worst] === 1 ? 'lies' : 'lie'} open.`;
    case 'metadata-only':
      return `Nobody was heard, but who called whom shows in ${inSentence(some)}.`;
    case 'cannot-tell':
      return `Nobody was heard, but whether ${inSentence(some)} ${were} protected cannot be told.`;
    case 'protected':
      return `${some} ${were} protected.`;
  }
}

function share(count: number, total: number): string {
  if (total === 1) return 'The one call';
  if (count === total) return total === 2 ? 'Both calls' : `All ${grouped(total)} calls`;
  return `${grouped(count)} of ${grouped(total)} calls`;
}

function inSentence(words: string): string {
  return words.charAt(0).toLowerCase() + words.slice(1);
}

/**
 * The call to look at first: of the worst verdict, one with a card number before others, then that in which most is to be
 * heard. Undefined where every call is protected, or there is none.
 */
export function worstCall(calls: readonly ReportCall[]): ReportCall | undefined {
  let worst: ReportCall | undefined;
  for (const call of calls) {
    if (call.verdict !== 'protected' && (worst === undefined || harmOf(call) > harmOf(worst))) worst = call;
  }
  return worst;
}

/** Larger for more harm: verdicts weigh most, then card numbers, then what is to be heard. */
function harmOf(call: ReportCall): number {
  const audible = call.streams.reduce((sum, { audio }) => sum + (audio?.audibleSeconds ?? 0), 0);
  const card = digitsOf(call).some(({ looksLikeCard }) => looksLikeCard) ? 0.5 : 0;
  return verdicts.length - verdicts.indexOf(call.verdict) + card + 0.4 * (audible / (1 + audible));
}

export interface Change {
  readonly fix: string;
  /** Numbers of the calls that it would have protected. */
  readonly calls: readonly number[];
}

export interface Changes {
  /** That which helps most comes first. */
  readonly changes: readonly Change[];
  /** How many calls they are about. */
  readonly of: number;
  /** `exposed`: calls that were heard, read or can be opened; `open`: without such, all that are not protected. */
  readonly kind: 'exposed' | 'open';
}

/** What to change, and which calls that would have protected. */
export function changesOf(calls: readonly ReportCall[]): Changes {
  const harmed = calls.filter(isExposed);
  const kind = harmed.length > 0 ? 'exposed' : 'open';
  const concerned = kind === 'exposed' ? harmed : calls.filter(({ verdict }) => verdict !== 'protected');
  const changes: Change[] = [];
  let left = concerned.flatMap(({ fix, number }) => (fix === null ? [] : [{ fix, number }]));
  for (;;) {
    const best = broadest(left.map(({ fix }) => fix));
    if (best === undefined) break;
    changes.push({ fix: best, calls: left.filter(({ fix }) => covers(best, fix)).map(({ number }) => number) });
    left = left.filter(({ fix }) => !covers(best, fix));
  }
  return { changes, of: concerned.length, kind };
}

/** `It would have silenced 3 of the 5 calls that lay open.` */
export function changeEffect({ calls }: Change, { of, kind }: Changes): string {
  const [verb, kindOf] = kind === 'exposed' ? ['silenced', 'lay open'] : ['helped', 'were not protected'];
  if (of === 1) return `It would have ${verb} the one call that ${kindOf.replace('were', 'was')}.`;
  if (calls.length === of) return `It would have ${verb} all ${grouped(of)} calls that ${kindOf}.`;
  return `It would have ${verb} ${grouped(calls.length)} of the ${counted(of, 'call')} that ${kindOf}.`;
}

/** Heard in calls, in seconds. */
export function heardSeconds(calls: readonly ReportCall[]): number {
  return calls.reduce((sum, call) => sum + call.heardSeconds, 0);
}

/** Numbers that look like cards, over all calls; of one call each once. */
export function cardCount(calls: readonly ReportCall[]): number {
  return calls.reduce((sum, call) => sum + cardsOf(call).length, 0);
}

/** Calls that were heard by nothing but keys that the auditor gave. */
export function heardByGivenKeysAlone(calls: readonly ReportCall[]): number {
  return calls.filter(
    ({ verdict, streams }) =>
      verdict === 'heard' &&
      streams.some(({ state }) => state === 'opened') &&
      !streams.some(({ state, clearPackets, key }) => state === 'clear' || clearPackets > 0 || key?.exposed === true),
  ).length;
}

/** Findings of one code, over the network and all calls. */
export interface FindingGroup {
  readonly code: string;
  readonly harm: Harm;
  readonly title: string;
  readonly detail: string;
  readonly calls: readonly number[];
  readonly rules: readonly string[];
  readonly fixes: readonly string[];
  readonly evidence: readonly Evidence[];
}

const harms: readonly Harm[] = ['critical', 'high', 'medium', 'low', 'information'];
const MOST_FIXES = 3;
const MOST_EVIDENCE = 5;

/** What is wrong, each thing once: worst first, then by how many calls it concerns. */
export function findingGroups(report: Pick<AuditReport, 'calls' | 'findings'>): FindingGroup[] {
  const groups = new Map<string, { first: Finding; harm: Harm; calls: Set<number>; findings: Finding[] }>();
  const add = (finding: Finding, call: number | undefined) => {
    const known = groups.get(finding.code);
    const group = known ?? { first: finding, harm: finding.harm, calls: new Set<number>(), findings: [] };
    if (known === undefined) groups.set(finding.code, group);
    if (harms.indexOf(finding.harm) < harms.indexOf(group.harm)) group.harm = finding.harm;
    if (call !== undefined) group.calls.add(call);
    group.findings.push(finding);
  };
  for (const finding of report.findings) add(finding, undefined);
  for (const call of report.calls) for (const finding of call.findings) add(finding, call.number);
  return [...groups.values()]
    .map(({ first, harm, calls, findings }) => ({
      code: first.code,
      harm,
      title: first.title,
      detail: first.detail,
      calls: [...calls],
      rules: [...new Set(findings.flatMap(({ rules }) => rules))],
      fixes: [...new Set(findings.map(({ fix }) => fix))].slice(0, MOST_FIXES),
      evidence: findings.flatMap(({ evidence }) => evidence).slice(0, MOST_EVIDENCE),
    }))
    .sort((one, other) => harms.indexOf(one.harm) - harms.indexOf(other.harm) || other.calls.length - one.calls.length);
}
