import { schemaViolations } from '@trustline/testing';
import { expect, test } from 'vitest';
import { AUDIT_REPORT_SCHEMA } from '../../model/report.ts';
import { mixedPackets } from '../../robustness/mixed-packets.fixture.ts';
import { auditOf } from '../../traps/capture-script.fixture.ts';
import { auditReportSchema } from './report-schema.ts';

const report = auditOf(mixedPackets());
const violations = (changed: unknown) => schemaViolations(auditReportSchema, changed);

test('a report of SIP, Skinny, H.323 and TLS is as the schema says, also once it was written and read', () => {
  expect(report.calls.length).toBeGreaterThan(2);
  expect(violations(report)).toEqual([]);
  expect(violations(JSON.parse(JSON.stringify(report)))).toEqual([]);
});

test('the schema says what it is of, and what a report with a policy, or none of it, is', () => {
  expect(auditReportSchema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'urn:trustline:audit-report:1',
    title: AUDIT_REPORT_SCHEMA,
  });
  const policy = {
    ...{ name: 'policy.yaml', exitStatus: 0, fails: [], undecided: [], ignoredFindings: [], idleExceptions: [] },
    ignored: [{ call: 1, reason: 'the laboratory' }],
  };
  expect(violations({ ...report, policy })).toEqual([]);
  expect(violations({ ...report, policy: { ...policy, ignored: [{ call: 1 }] } })).toEqual([
    '.policy.ignored[0]: reason is missing',
  ]);
});

test.each([
  ['another version', { schema: 'trustline.audit-report/2' }, '.schema: "trustline.audit-report/1" is wanted'],
  ['a verdict that is none', { verdict: 'fine' }, '.verdict: "fine" is none of them'],
  ['a time that is none', { madeAt: 'today' }, '.madeAt: today is no time'],
  ['a count that is none', { packets: { udp: -1 } }, '.packets.udp: -1 is too little'],
  ['a field that nobody described', { further: 1 }, '.further: no schema names it'],
])('%s is not as the schema says', (_, change, violation) => {
  expect(violations({ ...report, ...change })).toEqual([violation]);
});

test('fields of later versions do not make a report invalid: no object of the schema is closed', () => {
  expect(JSON.stringify(auditReportSchema)).not.toMatch(/"additionalProperties":false|"unevaluatedProperties"/);
});
