import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deviceNameOf, isDeviceName, phoneNameOf } from './device-name.ts';

test.each([
  ['SEP001122334455', 'SEP001122334455'],
  ['CP-8861-SEPB000B4BA0AEE', 'SEPB000B4BA0AEE'],
  ['CP-7961G-GE-sepb000b4ba0aee', 'SEPB000B4BA0AEE'],
  ['SEP00112233445', undefined],
  ['SEP0011223344556', undefined],
  ['xSEP001122334455', undefined],
  ['SEP001122334455\0', undefined],
  ['SEP001122334455\n', undefined],
  ['CN=SEP001122334455', undefined],
  [`${'x'.repeat(60)}-SEP001122334455`, undefined],
])('a common name %j speaks of the phone %j', (commonName, phone) => {
  expect(phoneNameOf(commonName)).toBe(phone);
});

test('other devices go by plain names', () => {
  expect(deviceNameOf('gateway-berlin.1')).toBe('gateway-berlin.1');
  expect(deviceNameOf('1gateway')).toBeUndefined();
  expect(deviceNameOf('gate way')).toBeUndefined();
  expect(deviceNameOf('SEP00112233445')).toBeUndefined(); // a digit is missing
  expect(isDeviceName('gateway-SEP001122334455')).toBe(false); // it would read back as the phone
});

test('reading a name twice changes nothing, so no two spellings are two devices', () => {
  const hex = fc.constantFrom(...'0123456789abcdefABCDEF');
  const address = fc.array(hex, { minLength: 12, maxLength: 12 }).map((digits) => digits.join(''));
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        address.map((mac) => `CP-1-SEP${mac}`),
      ),
      (commonName) => {
        const name = deviceNameOf(commonName);
        if (name !== undefined) expect(deviceNameOf(name)).toBe(name);
      },
    ),
  );
});
