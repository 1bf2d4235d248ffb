import { Redacted } from '@trustline/base';
import type { EnrolmentEvent, TvsEvent } from '@trustline/provisioning';
import { Enrolments } from '@trustline/provisioning';
import { expect, test } from 'vitest';
import { provisioningEvent } from './enrolment-events.ts';

const event: EnrolmentEvent = {
  kind: 'refused',
  severity: 'warning',
  device: 'SEP001122334455',
  address: '192.0.2.7',
  operation: 'o',
  cause: 'it showed a wrong string',
  rule: 'wrong-string',
};

test.each([
  [{ ...event }, 'enrolment-refused', 'wrong-string'],
  [{ ...event, severity: 'information', rule: 'nothing-pending' }, 'enrolment-step', 'nothing-pending'],
  [{ ...event, severity: 'alarm', rule: 'replay-suspected' }, 'enrolment-alarm', 'replay-suspected'],
  [{ ...event, severity: 'alarm', kind: 'locked', rule: undefined }, 'enrolment-alarm', 'locked'],
  [
    { ...event, severity: 'information', kind: 'operation-pending', rule: undefined },
    'enrolment-pending',
    'operation-pending',
  ],
  [{ ...event, severity: 'information', kind: 'unlocked', rule: undefined }, 'enrolment-pending', 'unlocked'],
  [
    { ...event, severity: 'information', kind: 'operation-closed', rule: undefined, end: 'done' },
    'enrolment-closed',
    'done',
  ],
  [
    { ...event, severity: 'warning', kind: 'operation-closed', rule: undefined, end: 'given-up' },
    'enrolment-closed',
    'given-up',
  ],
  [
    { ...event, severity: 'information', kind: 'certificate-issued', rule: undefined },
    'enrolment-step',
    'certificate-issued',
  ],
] as const)('a step of CAPF (%j) is told as %s, with the rule or the end as its reason', (told, kind, reason) => {
  const { rule, ...rest } = told;
  const one: EnrolmentEvent = rule === undefined ? rest : { ...rest, rule };
  const fields = { cause: event.cause, reason, device: event.device, remoteAddress: event.address };
  expect(provisioningEvent(one)).toEqual([kind, fields]);
});

test.each([
  ['vouched', 'trust-vouched'],
  ['not-vouched', 'trust-not-vouched'],
  ['session-failed', 'trust-not-vouched'],
] as const)('a question at TVS that was %s is told as %s', (kind, told) => {
  const asked: TvsEvent & { address: string } = { kind, device: undefined, cause: 'it asked', address: '192.0.2.7' };
  expect(provisioningEvent(asked)).toEqual([told, { cause: 'it asked', reason: kind, remoteAddress: '192.0.2.7' }]);
});

test('no event of an enrolment holds its authentication string', () => {
  const enrolments = new Enrolments({ isKnown: () => true, judge: () => ({ accepted: false, reason: 'no' }) });
  const canary = '5551202';
  const authentication = { by: 'string', string: new Redacted(canary) } as const;
  enrolments.setOperation('SEP1', { id: 'o', action: { kind: 'delete' }, authentication });
  const claim = { device: 'SEP1', address: '192.0.2.7', proof: undefined };
  enrolments.attempt(0, { ...claim, string: new Redacted('5551203') });
  enrolments.attempt(0, { ...claim, string: new Redacted(canary) });
  const said: unknown[] = [];
  for (let next = enrolments.poll(); next !== undefined; next = enrolments.poll()) said.push(provisioningEvent(next));
  expect(said.length).toBeGreaterThan(2);
  expect(JSON.stringify(said)).not.toMatch(/555120[23]/);
});
