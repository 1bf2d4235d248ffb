import { expect, test } from 'vitest';
import type { z } from 'zod';
import { addDeviceRequest, drainRequest, eraseRequest, operatorRequest } from './contract.ts';
import { type RequestFaults, requestFaults } from './request-faults.ts';

const name = 'SEP001122334455';

function faults(schema: z.ZodType, value: unknown): RequestFaults | undefined {
  const { error } = schema.safeParse(value);
  return error === undefined ? undefined : requestFaults(schema, error, value);
}
const device = (fields: object) =>
  faults(addDeviceRequest, { name, securityMode: 'encrypted', lines: [{ number: '1001' }], ...fields });

test.each([
  [
    { lines: [{ number: '1001' }, { number: '10O2' }] },
    'Line number "10O2": a line is of digits, *, # and +.',
    'Correct it, for example: --line 1001',
  ],
  [
    { lines: [{ number: 1001 }] },
    'Line number 1001: Allowed is text: put it in quotes.',
    'Correct it, for example: --line 1001',
  ],
  [{ lines: [] }, 'A phone needs a line.', 'Correct it, for example: --line 1001'],
  [
    { name: 'SEP1' },
    'Device name "SEP1": a phone is named SEP and the 12 digits of its MAC address.',
    `Correct it, for example: device name ${name}`,
  ],
  [
    { kind: 'trunk', name: '1', lines: [] },
    'Device name "1": a trunk or gateway is named by letters, digits, dots and hyphens, a letter first.',
    'Correct it, for example: device name GW1',
  ],
  [{ kind: 'trunk', name: 'GW1' }, 'Trunks and gateways have no lines: leave them out.', undefined],
  [{ lines: [{ number: '1' }, { number: '1' }] }, 'A line is named twice.', undefined],
  [
    { securityMode: 'secret' },
    'Security mode "secret": Allowed are non-secure, authenticated and encrypted.',
    undefined,
  ],
  [
    { securityMode: undefined },
    'Security mode: It is missing. Allowed are non-secure, authenticated and encrypted.',
    undefined,
  ],
  [{ protocol: 'h323' }, 'Protocol of the phone "h323": Allowed are sip and sccp.', undefined],
  [
    { kind: 'trunk', name: 'GW1', lines: [], protocol: 'sccp' },
    'Protocol of the phone "sccp": phones alone speak Skinny: trunks and gateways are of SIP.',
    'Correct it, for example: --protocol sip',
  ],
  [{ nme: 'x' }, 'There is no field nme.', undefined],
  [
    { name: 'x'.repeat(1_000) },
    `Device name "${'x'.repeat(64)}…": a phone is named SEP and the 12 digits of its MAC address.`,
    `Correct it, for example: device name ${name}`,
  ],
])('a device with a wrong field is refused in words, with an example: %j', (fields, message, nextStep) => {
  expect(device(fields)).toEqual(nextStep === undefined ? { message } : { message, nextStep });
});

test('every fault is told at once, each with its example', () => {
  expect(device({ name: 7, lines: [{ number: 'a' }, { number: 'b' }] })).toEqual({
    message:
      'Device name 7: Allowed is text: put it in quotes. Line number "a": a line is of digits, *, # and +. ' +
      'Line number "b": a line is of digits, *, # and +.',
    nextStep: `Correct it, for example: device name ${name}, --line 1001`,
  });
});

test('no field of a request is called by its place in the document', () => {
  const wrong = [
    device({ description: 1, kind: 1, lines: [{ number: '1', displayName: 1 }] }),
    faults(operatorRequest, { name: '', role: 'viewer' }),
    faults(eraseRequest, { olderThanDays: -1 }),
    faults(drainRequest, { seconds: -5 }),
  ];
  for (const { message } of wrong.filter((one) => one !== undefined)) {
    expect(message).not.toMatch(/[a-z][A-Z]|\.\d|expected/);
  }
  expect(wrong[1]?.message).toBe('Name of the operator "": It may not be empty.');
});
