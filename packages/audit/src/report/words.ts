import { broadest, covers } from '../judgement/remedy-words.ts';
import type { AuditReport, ReportCall, ReportEnd, Verdict } from '../model/report.ts';

/** Verdicts in words for people. */
export const verdictWords: Readonly<Record<Verdict, string>> = {
  heard: 'heard',
  'digits-heard': 'digits heard',
  'keys-exposed': 'keys exposed',
  'metadata-only': 'metadata only',
  'cannot-tell': 'cannot tell',
  protected: 'protected',
};

/** Names of a capture are hostile: what would drive a terminal, or turn a line around, is shown as such. */
export function shown(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
}

/** The best that is known of who stands at an end. */
export function endName({ number, name, uri, device, addresses }: ReportEnd): string {
  const known = number ?? name ?? uri ?? device;
  return shown(known ?? addresses[0] ?? 'unknown');
}

export function whoText({ caller, called }: ReportCall): string {
  return `${endName(caller)} → ${endName(called)}`;
}

/** The change that protects most calls that are not, and how many that are; undefined where none is named. */
export function bestFix({ calls }: AuditReport): { readonly fix: string; readonly calls: number } | undefined {
  const fixes = calls.flatMap(({ fix, verdict }) => (fix === null || verdict === 'cannot-tell' ? [] : [fix]));
  const fix = broadest(fixes);
  return fix === undefined ? undefined : { fix, calls: fixes.filter((one) => covers(fix, one)).length };
}

/** Findings of calls and of the network under their codes, in the order of harm. */
export function findingsByCode({ calls, findings }: AuditReport): readonly FindingGroup[] {
  const groups = new Map<string, { finding: FindingGroup['finding']; calls: number[]; isOfNetwork: boolean }>();
  for (const call of calls) {
    for (const finding of call.findings) {
      const group = groups.get(finding.code);
      if (group === undefined) groups.set(finding.code, { finding, calls: [call.number], isOfNetwork: false });
      else if (group.calls.at(-1) !== call.number) group.calls.push(call.number);
    }
  }
  for (const finding of findings) {
    const group = groups.get(finding.code);
    if (group === undefined) groups.set(finding.code, { finding, calls: [], isOfNetwork: true });
    else group.isOfNetwork = true;
  }
  for (const [code, group] of groups) {
    const fix = broadest([
      ...calls.flatMap((call) => call.findings.filter((one) => one.code === code).map((one) => one.fix)),
      ...findings.filter((one) => one.code === code).map((one) => one.fix),
    ]);
    group.finding = { ...group.finding, fix: fix ?? group.finding.fix };
  }
  const harms = ['critical', 'high', 'medium', 'low', 'information'];
  return [...groups.values()].sort(
    (one, other) =>
      harms.indexOf(one.finding.harm) - harms.indexOf(other.finding.harm) || other.calls.length - one.calls.length,
  );
}

export interface FindingGroup {
  /** The first of its code, with the change that does for most of the calls. */
  readonly finding: ReportCall['findings'][number];
  /** Numbers of the calls that have it. */
  readonly calls: readonly number[];
  readonly isOfNetwork: boolean;
}
