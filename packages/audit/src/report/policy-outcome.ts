import type { AuditReport, Finding, ReportCall, ReportPolicy } from '../model/report.ts';
import { type AuditPolicy, networkOf, type PolicyException } from './policy.ts';

/** What a policy makes of a report. */
export interface PolicyOutcome extends Omit<ReportPolicy, 'name'> {
  /** 0: all is well. 2: something fails. 3: nothing fails, and something is undecided, or no call was found. */
  readonly exitStatus: 0 | 2 | 3;
}

/** Judges a report by a policy, on the day on which the report was made. */
export function applyPolicy(report: AuditReport, policy: AuditPolicy): PolicyOutcome {
  const judging = new Judging(report.madeAt.slice(0, 10), policy);
  for (const call of report.calls) judging.call(call);
  for (const finding of report.findings) judging.finding(finding, undefined);
  if (report.calls.length === 0) judging.undecided.push({ call: null, because: 'no call was found' });
  if (hasUnread(report, policy)) {
    judging.undecided.push({ call: null, because: 'a capture could not be read to its end' });
  }
  return judging.outcome();
}

/** Of what could not be read of a damaged capture nobody can tell; one that was cut lacks no more than its last packet. */
function hasUnread({ captures }: AuditReport, { undecided }: AuditPolicy): boolean {
  return undecided.includes('cannot-tell') && captures.some(({ ended, octets }) => ended === 'malformed' && octets > 0);
}

class Judging {
  readonly #policy: AuditPolicy;
  readonly #today: string;
  readonly #used = new Set<PolicyException>();
  readonly #fails: ReportPolicy['fails'][number][] = [];
  readonly undecided: ReportPolicy['undecided'][number][] = [];
  readonly #ignored: ReportPolicy['ignored'][number][] = [];
  readonly #ignoredFindings: ReportPolicy['ignoredFindings'][number][] = [];

  constructor(today: string, policy: AuditPolicy) {
    this.#today = today;
    this.#policy = policy;
  }

  call(call: ReportCall): void {
    const whole = this.#policy.ignore.find((one) => one.finding === undefined && this.#covers(one, call));
    if (whole !== undefined) {
      this.#used.add(whole);
      this.#ignored.push({ call: call.number, reason: whole.reason });
      return;
    }
    const counted = call.findings.filter((finding) => !this.finding(finding, call));
    // What follows from what is borne with, and what harms little, does not count besides.
    const isBorne =
      counted.length < call.findings.length &&
      !counted.some((finding) => isGrave(finding) || this.#policy.findings.includes(finding.code));
    if (isBorne) {
      const reasons = this.#ignoredFindings.flatMap((one) => (one.call === call.number ? one.reason : []));
      this.#ignored.push({ call: call.number, reason: [...new Set(reasons)].join('; ') });
    } else if (this.#policy.fail.includes(call.verdict)) {
      this.#fails.push({ call: call.number, because: `verdict ${call.verdict}` });
    } else if (this.#policy.undecided.includes(call.verdict)) {
      this.undecided.push({ call: call.number, because: `verdict ${call.verdict}` });
    }
  }

  /** Whether a finding is borne with; where it is not, it fails by itself if the policy names it. */
  finding({ code }: Finding, call: ReportCall | undefined): boolean {
    const exception = this.#policy.ignore.find((one) => one.finding === code && this.#covers(one, call));
    if (exception !== undefined) {
      this.#used.add(exception);
      this.#ignoredFindings.push({ call: call?.number ?? null, finding: code, reason: exception.reason });
      return true;
    }
    if (this.#policy.findings.includes(code)) {
      this.#fails.push({ call: call?.number ?? null, because: `finding ${code}` });
    }
    return false;
  }

  outcome(): PolicyOutcome {
    return {
      exitStatus: this.#fails.length > 0 ? 2 : this.undecided.length > 0 ? 3 : 0,
      fails: this.#fails,
      undecided: this.undecided,
      ignored: this.#ignored,
      ignoredFindings: this.#ignoredFindings,
      idleExceptions: this.#policy.ignore.flatMap((one) => {
        if (this.#used.has(one)) return [];
        const { reason, until = null } = one;
        return [{ exception: wordsOf(one), reason, until, state: this.#isOver(one) ? 'expired' : 'matches-nothing' }];
      }),
    };
  }

  /** Whether it holds today, and for this call; without a call, for the network, of which no end is known. */
  #covers(exception: PolicyException, call: ReportCall | undefined): boolean {
    const { address, number } = exception;
    if (this.#isOver(exception)) return false;
    if (call === undefined) return address === undefined && number === undefined;
    if (address !== undefined && !endsIn(call, address)) return false;
    return number === undefined || call.caller.number === number || call.called.number === number;
  }

  #isOver({ until }: PolicyException): boolean {
    return until !== undefined && this.#today > until;
  }
}

function isGrave({ harm }: Finding): boolean {
  return harm === 'critical' || harm === 'high';
}

/** `finding card-number-heard, address 192.0.2.1` */
function wordsOf({ finding, address, number }: PolicyException): string {
  return Object.entries({ finding, address, number })
    .flatMap(([name, value]) => (value === undefined ? [] : `${name} ${value}`))
    .join(', ');
}

function endsIn({ caller, called, streams }: ReportCall, address: string): boolean {
  const network = networkOf(address);
  if (network === undefined) return false;
  const ends = [
    ...caller.addresses,
    ...called.addresses,
    ...streams.flatMap(({ source, destination }) => [source, destination]),
  ];
  return ends.some((end) => network(hostOf(end)));
}

function hostOf(end: string): string {
  return /^\[(.+)\]:\d+$/.exec(end)?.[1] ?? end.replace(/:\d+$/, '');
}
