import { Redacted } from '@trustline/base';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type PhoneIdentity, type PhoneState, parsePhoneState, serializePhoneState } from './state.ts';

const octets = fc.uint8Array({ maxLength: 300 });
const optional = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const identity: fc.Arbitrary<PhoneIdentity> = fc.record({
  certificate: octets,
  privateKey: octets.map((key) => new Redacted(key)),
});
const state: fc.Arbitrary<PhoneState> = fc.record({
  lists: fc.record({ ctl: optional(octets), itl: optional(octets) }),
  configuration: optional(fc.record({ plain: octets.map((plain) => new Redacted(plain)), verified: fc.boolean() })),
  lsc: optional(identity),
  mic: optional(identity),
  load: optional(fc.string()),
  newKey: optional(octets.map((key) => new Redacted(key))),
});

/** With what is redacted, which is equal to anything else. */
function revealed({ lists, configuration, lsc, mic, load, newKey }: PhoneState) {
  const open = (one: PhoneIdentity | undefined) => one && [one.certificate, one.privateKey.reveal()];
  return [lists, configuration?.verified, configuration?.plain.reveal(), open(lsc), open(mic), load, newKey?.reveal()];
}

test('what a phone keeps comes back the same', () => {
  fc.assert(
    fc.property(state, (value) => {
      const back = parsePhoneState(serializePhoneState(value));
      expect(back && revealed(back)).toEqual(revealed(value));
    }),
  );
});

test.each([
  '',
  'null',
  '[]',
  '{}',
  '{"schema":2}',
  '{"schema":1,"ctl":7}',
  '{"schema":1,"ctl":"*"}',
  '{"schema":1,"lsc":{"certificate":"AA=="}}',
  '{"schema":1,"lsc":1}',
  '{"schema":1,"load":1}',
  '{"schema":1,"newKey":1}',
  '{"schema":1,"configuration":{"plain":"AA=="}}',
])('anything else is nothing: %s', (text) => {
  expect(parsePhoneState(text)).toBe(undefined);
});
