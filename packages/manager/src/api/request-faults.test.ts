import { expect, test } from 'vitest';
import type { z } from 'zod';
import { addDeviceRequest, drainRequest, eraseRequest, operatorRequest } from './contract.ts';
import { gatewayRequest } from './gateways-contract.ts';
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

const noName =
  'an address of IPv4 or IPv6 is wanted, for a connection is proven by its addresses; a name is not looked up.';

test.each([
  [{ addresses: ['foo'] }, `Signalling address "foo": ${noName}`, '--address 192.0.2.10'],
  [{ addresses: [] }, 'Signalling address: At least 1 item must be given.', '--address 192.0.2.10'],
  [{ mediaAddress: 'foo' }, `Media address "foo": ${noName}`, '--media-address 192.0.2.11'],
  [{ localAddress: 'foo' }, `Own address "foo": ${noName}`, '--local-address 192.0.2.1'],
  [{ port: 0 }, 'Port 0: The least is 1.', '--port 1720'],
  [{ channels: 0 }, 'Channels 0: The least is 1.', '--channels 30'],
  [{ suites: ['x'] }, /^Crypto suite "x": Allowed are AES_CM/, '--suite AES_CM_128_HMAC_SHA1_80'],
  [{ codecs: ['x'] }, /^Codec "x": Allowed are g711Ulaw64k,/, '--codec g711Alaw64k'],
  [{ keyForm: 'x' }, 'Form of the keys "x": Allowed are direct and genericKeyMaterial.', '--key-form direct'],
  [{ gatekeeper: { address: 'foo' } }, `Gatekeeper "foo": ${noName}`, '--gatekeeper 192.0.2.5'],
  [
    { gatekeeper: { address: '192.0.2.5', port: 0 } },
    'Port of the gatekeeper 0: The least is 1.',
    '--gatekeeper 192.0.2.5:1719',
  ],
  [
    { gatekeeper: { address: '192.0.2.5', prefixes: ['a'] } },
    'Prefix "a": one to 32 of the digits, * and # are wanted.',
    '--gatekeeper-prefix 20',
  ],
])('a gateway with a wrong field is refused in words, with an example: %j', (fields, message, example) => {
  const found = faults(gatewayRequest, { name: 'gw1', addresses: ['192.0.2.10'], ...fields });
  if (typeof message === 'string') expect(found?.message).toBe(message);
  else expect(found?.message).toMatch(message);
  expect(found?.nextStep).toBe(`Correct it, for example: ${example}`);
});

test('a rule of several fields says what to do', () => {
  const given = { name: 'gw1', addresses: ['192.0.2.10'], preSharedKeyFile: '/etc/gw1.key' };
  expect(faults(gatewayRequest, given)?.nextStep).toMatch(/^Give --legacy too; or leave the key out,/);
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
