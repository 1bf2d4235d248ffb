import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callWaitingApdu, readCallWaiting } from './call-waiting.ts';
import { callingNameApdu } from './name.ts';
import { operations } from './operations.ts';
import { readServices } from './services.ts';
import { supplementaryServiceCodec } from './supplementary-service.ts';

test('H.450.6 §7: call waiting is told with how many wait beside, or without, and wants no answer', () => {
  const told = fc.record({
    invokeId: fc.integer({ min: 0, max: 65_535 }),
    additionalCalls: fc.option(fc.integer({ min: 0, max: 255 }), { nil: undefined }),
  });
  fc.assert(
    fc.property(told, ({ invokeId, additionalCalls }) => {
      const apdu = callWaitingApdu(invokeId, additionalCalls);
      expect(readCallWaiting([callingNameApdu(1, { restricted: true }), apdu])).toEqual({ additionalCalls });
      expect(readServices([apdu])).toEqual([]);
    }),
  );
});

test('H.450.6: the argument may be absent', () => {
  const opcode = { kind: 'local', value: operations.callWaiting.code } as const;
  const invoke = { kind: 'invoke', value: { invokeId: 1, opcode } } as const;
  const apdu = supplementaryServiceCodec.encode({ serviceApdu: { kind: 'rosApdus', value: [invoke] } });
  expect(readCallWaiting([apdu])).toEqual({ additionalCalls: undefined });
});

test('other operations, and octets that are no APDU, say nothing of it', () => {
  expect(readCallWaiting([])).toBeUndefined();
  expect(readCallWaiting([callingNameApdu(1, { name: 'Ann', restricted: false })])).toBeUndefined();
  const apdu = callWaitingApdu(1, 3);
  for (let length = 0; length < apdu.length; length += 1) {
    expect(readCallWaiting([apdu.subarray(0, length)])).toBeUndefined();
  }
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }), (apdus) => {
      readCallWaiting(apdus);
    }),
  );
});
