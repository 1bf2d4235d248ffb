import { Redacted } from '@trustline/base';
import { holdsSecret, parseConfiguration, serializeConfiguration } from '@trustline/provisioning';
import { describe, expect, test } from 'vitest';
import { type ConfiguredDevice, deviceConfiguration, type ServicePlaces } from './device-configuration.ts';

const places: ServicePlaces = {
  host: 'cm.example.org',
  sipPort: 5060,
  securedSipPort: 5061,
  ethernetPhonePort: undefined,
  securedEthernetPhonePort: undefined,
  capfPort: 3804,
  tvsPort: 2445,
  furtherManagers: [],
};
const device: ConfiguredDevice = {
  name: 'SEP001122334455',
  description: 'Reception',
  securityMode: 'encrypted',
  protocol: 'sip',
  lines: [
    { number: '1001', displayName: 'Ada' },
    { number: '1002', displayName: undefined },
  ],
  enrolment: undefined,
  certificateHash: undefined,
  digestPassword: new Redacted('a digest password'),
};
const certificateHash = '00112233445566778899aabbccddeeff';
const modes = ['non-secure', 'authenticated', 'encrypted'] as const;

test('call managers stand in it by priority, this one first', () => {
  const further = { host: 'second.example.org', sipPort: 5060, securedSipPort: 5063 };
  const configuration = deviceConfiguration(device, { ...places, furtherManagers: [further] }, 'mixed', '1');
  expect(configuration.managers).toEqual([{ host: 'cm.example.org', sipPort: 5060, securedSipPort: 5061 }, further]);
});

test('the ports of Skinny stand in it, that of TLS where it is not the 2443 that every phone takes', () => {
  const managerOf = (ports: Partial<ServicePlaces>) =>
    deviceConfiguration(device, { ...places, ...ports }, 'mixed', '1').managers[0];
  expect(managerOf({ ethernetPhonePort: 2_000, securedEthernetPhonePort: 2_443 })).toEqual({
    ...managerOf({}),
    ethernetPhonePort: 2_000,
  });
  expect(managerOf({ securedEthernetPhonePort: 12_443 })).toMatchObject({ securedEthernetPhonePort: 12_443 });
});

test('a device of Skinny is told so, with the port of Skinny that every such phone looks for, and has no password', () => {
  const skinny = deviceConfiguration({ ...device, protocol: 'sccp', certificateHash }, places, 'mixed', '1');
  expect(skinny).toMatchObject({ deviceProtocol: 'SCCP', deviceSecurityMode: 'encrypted' });
  expect(skinny.managers[0]).toEqual({
    host: 'cm.example.org',
    ethernetPhonePort: 2_000,
    sipPort: 5_060,
    securedSipPort: 5_061,
  });
  expect(skinny).not.toHaveProperty('transport');
  expect(holdsSecret(skinny)).toBe(false);
  const text = new TextDecoder().decode(serializeConfiguration(skinny));
  for (const part of [
    '<deviceProtocol>SCCP</deviceProtocol>',
    '<ethernetPhonePort>2000</ethernetPhonePort>',
    '<processNodeName>cm.example.org</processNodeName>',
  ]) {
    expect(text).toContain(part);
  }
});

describe('the security mode of a phone', () => {
  test.each(modes)(
    'is what it was given (%s) in mixed mode, with TLS for all that is not non-secure',
    (securityMode) => {
      const configuration = deviceConfiguration({ ...device, securityMode }, places, 'mixed', '1');
      expect(configuration.deviceSecurityMode).toBe(securityMode);
      expect(configuration.transport).toBe(securityMode === 'non-secure' ? 'tcp-and-udp' : 'tls');
    },
  );

  test.each(modes)('is non-secure without mixed mode, whatever it was given (%s): no TLS', (securityMode) => {
    const configuration = deviceConfiguration({ ...device, securityMode, certificateHash }, places, 'non-secure', '1');
    expect(configuration).toMatchObject({ deviceSecurityMode: 'non-secure', transport: 'tcp-and-udp' });
  });
});

test.each(['mixed', 'non-secure'] as const)(
  'a file is encrypted to the certificate of the phone and carries its digest password then, and never else (%s)',
  (mode) => {
    const own = deviceConfiguration({ ...device, certificateHash }, places, mode, '1');
    expect(own).toMatchObject({ encrypted: true, certificateHash });
    const [first, second] = own.lines.map(({ authentication }) => authentication);
    expect([first?.name, first?.password.reveal()]).toEqual([device.name, 'a digest password']);
    expect(second).toEqual(first);
    const plain = deviceConfiguration(device, places, mode, '1');
    expect([plain.encrypted, holdsSecret(plain)]).toEqual([false, false]);
    expect(plain).not.toHaveProperty('certificateHash');
  },
);

test.each([
  [undefined, 'none-pending'],
  [{ by: 'nothing', until: 0 }, 'null-string'],
  [{ by: 'certificate', kinds: ['MIC'] }, 'manufactured'],
  [{ by: 'certificate', kinds: ['LSC', 'MIC'] }, 'existing-certificate'],
] as const)('an enrolment of %j is announced as %s', (enrolment, authentication) => {
  const { capf } = deviceConfiguration({ ...device, enrolment }, places, 'mixed', '1');
  expect(capf).toEqual({ authentication, servers: [{ host: 'cm.example.org', port: 3804 }] });
});

test('lines come in the order of the buttons, and services where they listen', () => {
  const configuration = deviceConfiguration(device, { ...places, securedSipPort: undefined }, 'mixed', 'stamp');
  expect(configuration.lines.map(({ button, name, displayName }) => [button, name, displayName])).toEqual([
    [1, '1001', 'Ada'],
    [2, '1002', undefined],
  ]);
  expect(configuration).toMatchObject({
    phoneLabel: 'Reception',
    managers: [{ host: 'cm.example.org', sipPort: 5060 }],
    trustVerification: [{ host: 'cm.example.org', port: 2445 }],
    versionStamp: 'stamp',
  });
  expect(configuration.managers[0]).not.toHaveProperty('securedSipPort');
});

test('what is written is read again, special characters of a description included', () => {
  const configuration = deviceConfiguration({ ...device, description: `<&"'> ü` }, places, 'mixed', '1');
  const read = parseConfiguration(serializeConfiguration(configuration));
  if (!read.ok) throw new Error(read.message);
  expect(read.file).toMatchObject({ phoneLabel: `<&"'> ü`, deviceSecurityMode: 'encrypted' });
});
