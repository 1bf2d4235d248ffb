import type { LegProtection } from '@trustline/callcontrol';
import type { Binding, SipFlow } from '@trustline/sip';
import { describe, expect, test } from 'vitest';
import { DeviceDirectory } from './device-directory.ts';

const protection: LegProtection = { protocol: 'sip', signalling: 'tls-mutual', proof: 'certificate' };
const [local, remote] = [
  { host: '192.0.2.1', port: 5061 },
  { host: '2001:db8::9', port: 40_000 },
];

function flow(id: string): SipFlow {
  return { id, transport: 'tls', local, remote };
}

function binding(uri: string, expiresAt: number): Binding {
  return {
    uri,
    expiresAt,
    displayName: undefined,
    parameters: [],
    callId: 'c',
    sequence: 1,
    path: [],
    instance: undefined,
    registrationId: undefined,
  };
}

function setUp() {
  const directory = new DeviceDirectory({ route: () => undefined, huntGroup: () => undefined, pickUpLines: () => [] });
  for (const [name, line] of [
    ['SEPA', '1001'],
    ['SEPB', '1001'],
    ['SEPC', '1002'],
  ] as const) {
    directory.add({
      name,
      kind: 'phone',
      securityMode: 'encrypted',
      lines: [{ number: line, displayName: undefined }],
    });
  }
  return directory;
}

describe('a line', () => {
  test('appears on several devices, and goes with the last of them', () => {
    const directory = setUp();
    expect(directory.devicesOf('1001')).toEqual(['SEPA', 'SEPB']);
    directory.remove('SEPA');
    expect(directory.line('1001')?.devices).toEqual(['SEPB']);
    directory.remove('SEPB');
    expect(directory.line('1001')).toBeUndefined();
  });

  test('that a device no longer has is not its any more', () => {
    const directory = setUp();
    const lines = [{ number: '1009', displayName: undefined }];
    directory.add({ name: 'SEPA', kind: 'phone', securityMode: 'encrypted', lines });
    expect(directory.devicesOf('1001')).toEqual(['SEPB']);
    expect(directory.devicesOf('1009')).toEqual(['SEPA']);
  });
});

describe('a device is reached', () => {
  test('only when it has both registered and proved who it is on a connection', () => {
    const directory = setUp();
    directory.setBindings('SEPA', '1001', [binding('sip:a@198.51.100.1', 1_000)]);
    expect(directory.reach('SEPA', '1001')).toBeUndefined();
    directory.flowProven(flow('1'), 'SEPA', protection);
    expect(directory.reach('SEPA', '1001')).toMatchObject({ requestUri: 'sip:a@198.51.100.1' });
    expect(directory.registration('SEPA', '1001')).toBe(protection);
    expect(directory.registration('SEPB', '1001')).toBeUndefined();
  });

  test('down its newest connection, at the contact that lives longest', () => {
    const directory = setUp();
    directory.setBindings('SEPA', '1001', [binding('sip:old@h', 1_000), binding('sip:new@h', 2_000)]);
    for (const id of ['1', '2']) directory.flowProven(flow(id), 'SEPA', protection);
    expect(directory.reach('SEPA', '1001')).toMatchObject({ flow: { id: '2' }, requestUri: 'sip:new@h' });
    expect(directory.flowClosed('2')).toEqual([]);
    expect(directory.reach('SEPA', '1001')).toMatchObject({ flow: { id: '1' } });
    expect(directory.flowClosed('1')).toEqual(['SEPA']);
    expect(directory.reach('SEPA', '1001')).toBeUndefined();
  });

  test('with any number when it is a trunk, at the address it connected from', () => {
    const directory = setUp();
    directory.add({ name: 'outside', kind: 'trunk', securityMode: 'encrypted', lines: [] });
    directory.flowProven(flow('1'), 'outside', protection);
    expect(directory.reach('outside', '+49 30')?.requestUri).toBe('sip:+49%2030@[2001:db8::9]:40000;transport=tls');
  });
});

test('a removed device has proved nothing: one of its name that comes later starts anew', () => {
  const directory = setUp();
  directory.flowProven(flow('1'), 'SEPA', protection);
  directory.setBindings('SEPA', '1001', [binding('sip:a@h', 1_000)]);
  directory.remove('SEPA');
  directory.add({ name: 'SEPA', kind: 'phone', securityMode: 'encrypted', lines: [] });
  expect(directory.flowsOf('SEPA')).toEqual([]);
  expect(directory.registrations()).toEqual([]);
  expect(directory.flowClosed('1')).toEqual([]);
});
