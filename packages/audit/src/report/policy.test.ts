import { describe, expect, test } from 'vitest';
import type { AuditReport } from '../model/report.ts';
import { aCall, reportOf } from './html/report.fixture.ts';
import { type AuditPolicy, defaultPolicy, type PolicyException, readPolicy } from './policy.ts';
import { applyPolicy } from './policy-outcome.ts';
import { policyLines } from './policy-words.ts';
import { sarifReport } from './sarif.ts';

/** A call that is heard, with a card number, whose signalling lies open; the report is of 28 November 2026. */
const report: AuditReport = {
  ...reportOf([aCall({ number: 1, verdict: 'heard', findings: [] })]),
  madeAt: '2026-11-28T10:00:00.000Z',
};
const finding = (code: string, harm: 'critical' | 'medium') => ({
  ...{ code, harm, title: code, detail: '', evidence: [], rules: [], fix: '' },
});
const [call] = report.calls;
const heard: AuditReport = {
  ...report,
  calls:
    call === undefined
      ? []
      : [
          {
            ...call,
            findings: [
              finding('card-number-heard', 'critical'),
              finding('voice-in-the-clear', 'critical'),
              finding('signalling-in-clear', 'medium'),
            ],
          },
        ],
};
const judged = (ignore: readonly PolicyException[], changes: Partial<AuditPolicy> = {}) => {
  const outcome = applyPolicy(heard, { ...defaultPolicy, ...changes, ignore });
  return { ...heard, policy: { name: 'p.yaml', ...outcome } };
};
const saidOf = (of: ReturnType<typeof judged>) => policyLines(of).join('\n');

describe('what a policy bears with', () => {
  test('stays in the report with its reason, also in a call that fails for another finding', () => {
    const one = judged([{ finding: 'card-number-heard', reason: 'a test card' }]);
    expect(one.policy).toMatchObject({
      exitStatus: 2,
      ignored: [],
      ignoredFindings: [{ call: 1, finding: 'card-number-heard', reason: 'a test card' }],
    });
    const { results } = JSON.parse(sarifReport(one)).runs[0];
    expect(results.map(({ suppressions }: { suppressions: unknown }) => suppressions)).toEqual([
      [{ kind: 'external', status: 'accepted', justification: 'a test card' }],
      [],
      [],
    ]);
  });

  test('takes a call out where all that is grave is borne with, each thing for its own reason', () => {
    const { policy } = judged([
      { finding: 'card-number-heard', reason: 'a test card' },
      { finding: 'voice-in-the-clear', reason: 'the laboratory' },
    ]);
    expect(policy).toMatchObject({ exitStatus: 0, ignored: [{ call: 1, reason: 'a test card; the laboratory' }] });
  });

  test('a whole call is suppressed in SARIF with all of its findings', () => {
    const { results } = JSON.parse(sarifReport(judged([{ address: '0.0.0.0/0', reason: 'the laboratory' }]))).runs[0];
    for (const { suppressions } of results) expect(suppressions).toMatchObject([{ justification: 'the laboratory' }]);
    expect(JSON.parse(sarifReport(heard)).runs[0].results[0]).not.toHaveProperty('suppressions');
  });

  test('counts until its last day, and is said to be over from the next on', () => {
    const exception = { address: '0.0.0.0/0', reason: 'the laboratory' };
    expect(judged([{ ...exception, until: '2026-11-28' }]).policy.exitStatus).toBe(0);
    const over = judged([{ ...exception, until: '2026-11-27' }]);
    expect(over.policy).toMatchObject({ exitStatus: 2, idleExceptions: [{ state: 'expired', until: '2026-11-27' }] });
    expect(saidOf(over)).toContain('for address 0.0.0.0/0 (the laboratory) ended with 2026-11-27: it counts again.');
  });

  test('is said where there is nothing of the kind', () => {
    const idle = judged([{ finding: 'tls-old-version', number: '4711', reason: 'an old phone' }]);
    expect(idle.policy.idleExceptions).toMatchObject([{ state: 'matches-nothing', until: null }]);
    expect(saidOf(idle)).toContain(
      'Its exception for finding tls-old-version, number 4711 (an old phone) matches nothing here.',
    );
  });
});

test('it is said what fails, and what is undecided', () => {
  expect(saidOf(judged([], { findings: ['card-number-heard'] }))).toBe(
    'Policy p.yaml: it fails: call 1 (finding card-number-heard), call 1 (verdict heard).',
  );
  expect(saidOf(judged([], { fail: [], undecided: ['heard'] }))).toBe(
    'Policy p.yaml: something is undecided: call 1 (verdict heard).',
  );
});

test('a last day that is none is a mistake of the policy', () => {
  const until = (day: unknown) => readPolicy({ ignore: [{ number: '1', reason: 'x', until: day }] });
  expect(until('2027-01-31')).toMatchObject({ ok: true, policy: { ignore: [{ until: '2027-01-31' }] } });
  for (const day of ['2027-02-31', '31.1.2027', 'soon', 2027]) {
    expect(until(day)).toMatchObject({ ok: false, problems: [expect.stringContaining('write it as 2027-01-31')] });
  }
});
