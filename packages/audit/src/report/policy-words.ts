import type { AuditReport, ReportPolicy } from '../model/report.ts';
import { shown } from './words.ts';

/** Calls and findings that a line names. */
const MOST_NAMED = 5;

/** What a policy made of a report, for the terminal: a line for its outcome, and one for each thing that is to be known of it. */
export function policyLines({ policy }: Pick<AuditReport, 'policy'>): readonly string[] {
  if (policy === undefined) return [];
  const { name, exitStatus, fails, undecided, ignored, ignoredFindings, idleExceptions } = policy;
  const outcome =
    exitStatus === 0
      ? 'nothing fails'
      : exitStatus === 2
        ? `it fails: ${listed(fails.map(causeText))}`
        : `something is undecided: ${listed(undecided.map(causeText))}`;
  const whole = new Set<number | null>(ignored.map(({ call }) => call));
  const borne = [
    ...ignored.map(({ call, reason }) => `call ${call} (${shown(reason)})`),
    // Of a call that is borne with as a whole its findings go without saying.
    ...ignoredFindings.flatMap(({ call, finding, reason }) =>
      whole.has(call) ? [] : `${finding} of ${placeText(call)} (${shown(reason)})`,
    ),
  ];
  return [
    `Policy ${shown(name)}: ${outcome}${borne.length === 0 ? '' : `; borne with: ${listed(borne)}`}.`,
    ...idleExceptions.map(idleText),
  ];
}

/** `call 1 (verdict heard)` */
export function causeText({ call, because }: ReportPolicy['fails'][number]): string {
  return `${placeText(call)} (${because})`;
}

/** What was to be borne with and was not, in a sentence. */
export function idleText({ exception, reason, until, state }: ReportPolicy['idleExceptions'][number]): string {
  const end = state === 'expired' ? `ended with ${until}: it counts again` : 'matches nothing here';
  return `Its exception for ${shown(exception)} (${shown(reason)}) ${end}.`;
}

function placeText(call: number | null): string {
  return call === null ? 'the network' : `call ${call}`;
}

function listed(texts: readonly string[]): string {
  const more = texts.length - MOST_NAMED;
  return `${texts.slice(0, MOST_NAMED).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}
