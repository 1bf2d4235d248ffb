import {
  type AuditReport,
  type Finding,
  type ReportCall,
  type ReportEnd,
  type Verdict,
  verdicts,
} from '../model/report.ts';
import { shown, verdictWords, whoText } from './words.ts';

/** How a call of one report stands to one of the other. */
export interface CallChange {
  readonly kind: 'better' | 'worse' | 'same' | 'new' | 'gone';
  readonly before: ReportCall | undefined;
  readonly after: ReportCall | undefined;
  /** What this call has now and had not; empty for a call that is new or gone. */
  readonly newFindings: readonly Finding[];
  /** What it had and has no more. */
  readonly goneFindings: readonly Finding[];
}

export interface AuditDiff {
  readonly calls: readonly CallChange[];
  /** Findings of the network alone. */
  readonly newFindings: readonly Finding[];
  readonly goneFindings: readonly Finding[];
  readonly isWorse: boolean;
}

/** Two audits saw the same call where it began within so many milliseconds. */
const SAME_MOMENT = 2_000;

/**
 * What got better or worse from one report to another. Calls are the same that have the same ends and began at the same time; of
 * two captures made one after the other, those with the same ends, in their order.
 */
export function diffReports(before: AuditReport, after: AuditReport): AuditDiff {
  const calls = matched(before.calls, after.calls);
  const newFindings = findingsOnlyOf(after, before);
  const worst = before.verdict === null ? verdicts.length - 1 : verdicts.indexOf(before.verdict);
  const isWorse =
    calls.some(({ kind, after: call }) => kind === 'worse' || (kind === 'new' && isBad(call?.verdict, worst))) ||
    newFindings.some(({ harm }) => harm === 'critical' || harm === 'high');
  return { calls, newFindings, goneFindings: findingsOnlyOf(before, after), isWorse };
}

/** Verdicts that a further call makes worse, whatever other calls had before: somebody else is listened to. */
const leaks: readonly Verdict[] = ['heard', 'digits-heard', 'keys-exposed'];

function isBad(verdict: Verdict | undefined, worst: number): boolean {
  return verdict !== undefined && (leaks.includes(verdict) || verdicts.indexOf(verdict) < worst);
}

function matched(before: readonly ReportCall[], after: readonly ReportCall[]): readonly CallChange[] {
  const waiting = new Map<string, ReportCall[]>();
  for (const call of inOrderOfTime(before)) {
    const key = keyOf(call);
    const list = waiting.get(key);
    if (list === undefined) waiting.set(key, [call]);
    else list.push(call);
  }
  const pairs = new Map<ReportCall, ReportCall>();
  const take = (call: ReportCall, fits: (other: ReportCall) => boolean) => {
    const list = waiting.get(keyOf(call)) ?? [];
    const at = list.findIndex(fits);
    const [found] = at < 0 ? [] : list.splice(at, 1);
    if (found !== undefined) pairs.set(call, found);
  };
  const later = inOrderOfTime(after);
  for (const call of later) take(call, (other) => isSameMoment(call, other));
  for (const call of later) if (!pairs.has(call)) take(call, () => true);
  const gone = [...waiting.values()]
    .flat()
    .map((call): CallChange => ({ kind: 'gone', before: call, after: undefined, newFindings: [], goneFindings: [] }));
  return [...later.map((call) => changeOf(pairs.get(call), call)), ...gone];
}

function inOrderOfTime(calls: readonly ReportCall[]): readonly ReportCall[] {
  return [...calls].sort((one, other) => (one.start ?? '').localeCompare(other.start ?? ''));
}

function isSameMoment(one: ReportCall, other: ReportCall): boolean {
  if (one.start === null || other.start === null) return false;
  return Math.abs(Date.parse(one.start) - Date.parse(other.start)) <= SAME_MOMENT;
}

/** Who calls whom: by number, or by address without its port, which changes from call to call. */
function keyOf({ caller, called }: ReportCall): string {
  return `${nameOf(caller)} ${nameOf(called)}`;
}

function nameOf(end: ReportEnd): string {
  const { number, uri, device, addresses } = end;
  return number ?? uri ?? device ?? addresses[0]?.replace(/:\d+$/, '') ?? '';
}

function changeOf(before: ReportCall | undefined, after: ReportCall): CallChange {
  if (before === undefined) return { kind: 'new', before, after, newFindings: [], goneFindings: [] };
  const [newFindings, goneFindings] = [findingsOnlyOf(after, before), findingsOnlyOf(before, after)];
  const step =
    verdicts.indexOf(after.verdict) - verdicts.indexOf(before.verdict) || harmOf(goneFindings) - harmOf(newFindings);
  return { kind: step > 0 ? 'better' : step < 0 ? 'worse' : 'same', before, after, newFindings, goneFindings };
}

/** Findings, each code once, that one has and the other has not. */
function findingsOnlyOf(one: WithFindings, other: WithFindings): readonly Finding[] {
  const codes = new Set(other.findings.map(({ code }) => code));
  return one.findings.filter(({ code }, at) => {
    return !codes.has(code) && one.findings.findIndex((first) => first.code === code) === at;
  });
}

type WithFindings = Pick<ReportCall, 'findings'>;

/** How grave the gravest is: one grave finding in place of another of the same harm makes a call neither better nor worse. */
function harmOf(findings: readonly Finding[]): number {
  if (findings.some(({ harm }) => harm === 'critical')) return 2;
  return findings.some(({ harm }) => harm === 'high') ? 1 : 0;
}

/** The difference in lines for people. */
export function diffText({ calls, newFindings, goneFindings, isWorse }: AuditDiff): string {
  const lines: string[] = [];
  for (const kind of ['worse', 'new', 'better', 'gone'] as const) {
    for (const change of calls.filter((one) => one.kind === kind)) lines.push(...changeLines(change));
  }
  for (const change of calls) if (isOtherwise(change)) lines.push(...changeLines(change));
  for (const { title, code } of newFindings) lines.push(`new finding   ${title} (${code})`);
  for (const { title, code } of goneFindings) lines.push(`gone finding  ${title} (${code})`);
  const same = calls.filter((change) => change.kind === 'same' && !isOtherwise(change)).length;
  lines.push(`${same} ${same === 1 ? 'call is' : 'calls are'} as before.`);
  lines.push(isWorse ? 'It got worse.' : 'It did not get worse.');
  return `${lines.join('\n')}\n`;
}

/** As bad as before, by other findings. */
function isOtherwise({ kind, newFindings, goneFindings }: CallChange): boolean {
  return kind === 'same' && newFindings.length + goneFindings.length > 0;
}

function changeLines(change: CallChange): readonly string[] {
  const { kind, before, after, newFindings, goneFindings } = change;
  const call = after ?? before;
  if (call === undefined) return [];
  const head = `${(isOtherwise(change) ? 'other' : kind).padEnd(6)}  ${whoText(call)}  `;
  if (before === undefined || after === undefined) {
    const because = after === undefined ? '' : `: ${shown(after.because)}`;
    return [`${head}${verdictWords[call.verdict]}${because}`];
  }
  const [from, to] = [verdictWords[before.verdict], verdictWords[after.verdict]];
  const finding = (word: string, { harm, title, code }: Finding) =>
    `        ${word.padEnd(6)}  ${harm}: ${shown(title)} (${shown(code)})`;
  return [
    `${head}${from === to ? `${to}, as before` : `${from} → ${to}`}`,
    `        before  ${shown(before.because)}`,
    `        after   ${shown(after.because)}`,
    ...newFindings.map((one) => finding('new', one)),
    ...goneFindings.map((one) => finding('gone', one)),
  ];
}
