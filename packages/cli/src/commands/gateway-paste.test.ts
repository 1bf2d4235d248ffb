import { type GatewayConfiguration, readGatewayConfiguration } from '@trustline/gateway';
import type { GatewayShownAnswer } from '@trustline/manager';
import { expect, test } from 'vitest';
import { ciscoConfiguration, gatewayDocument } from './gateway-paste.ts';

const settings: GatewayShownAnswer['settings'] = {
  addresses: ['192.0.2.20'],
  port: 1720,
  mediaAddress: '192.0.2.21',
  policy: 'require',
  protection: 'ipsec',
  ipsecProfile: 'standard',
  tunnelling: true,
  fastStart: false,
  keyReading: 'receiver',
  keyForm: 'genericKeyMaterial',
  channels: 30,
  codecs: ['g711Ulaw64k', 'g729'],
  suites: ['AES_CM_128_HMAC_SHA1_32'],
};

function read(
  name: string,
  changed: Partial<typeof settings> = {},
  managerAddress = '192.0.2.10',
): GatewayConfiguration {
  const shown = {
    device: { name },
    settings: { ...settings, ...changed },
    manager: { address: managerAddress, port: 1721 },
    managerIdentity: 'cm1.example.com',
  } as GatewayShownAnswer;
  const reading = readGatewayConfiguration(gatewayDocument(shown));
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.configuration;
}

test('what is pasted at a gateway of ours is its document: as the manager was told, with the files of `ipsec certificate`', () => {
  const { name, h323, media, ipsec } = read('gw1');
  expect({ name, media }).toEqual({ name: 'gw1', media: { address: '192.0.2.21' } });
  expect(h323).toMatchObject({ address: '192.0.2.20', port: 1720 });
  expect(h323.callManagers).toMatchObject([
    {
      address: '192.0.2.10',
      port: 1721,
      srtp: 'require',
      suites: ['AES_CM_128_HMAC_SHA1_32'],
      keyReading: 'receiver',
      keyForm: 'genericKeyMaterial',
      codecs: ['PCMU'],
      tunnelling: true,
      fastStart: false,
      ipsec: { identity: 'cm1.example.com' },
    },
  ]);
  expect(ipsec).toMatchObject({
    certificate: 'gateway.crt.pem',
    key: 'gateway.key.pem',
    authority: 'ipsec-ca.pem',
    localIdentity: '192.0.2.20',
  });
});

test('a gateway without IPsec is told of none', () => {
  const { h323, ipsec } = read('lab', { protection: 'none', policy: 'prefer' });
  expect(ipsec).toBeUndefined();
  expect(h323.callManagers[0]?.ipsec).toBeUndefined();
});

test('a name or address that YAML would read as something else stays what it is', () => {
  const { name, h323, ipsec } = read('null', { addresses: ['fd00::'] }, 'fd00:1::');
  expect([name, h323.address, h323.callManagers[0]?.address, ipsec?.localIdentity]).toEqual([
    'null',
    'fd00::',
    'fd00:1::',
    'fd00::',
  ]);
});

test('whose key protects is left to be found where the manager is to find it', () => {
  expect(read('gw1', { keyReading: 'auto' }).h323.callManagers[0]?.keyReading).toBe('sender');
  const shown = { device: { name: 'gw1' }, settings: { ...settings, keyReading: 'auto' }, managerIdentity: 'cm1' };
  expect(gatewayDocument(shown as GatewayShownAnswer)).not.toMatch(/^ *keyReading:/m);
});

test('the legacy profile speaks IKEv1 at a gateway of Cisco IOS, with the key or the certificate that it is to have', () => {
  const text = (changed: Partial<typeof settings>) =>
    ciscoConfiguration({
      device: { name: 'gw1' },
      settings: { ...settings, ipsecProfile: 'legacy', ...changed },
      manager: { address: '192.0.2.10', port: 1720 },
      managerIdentity: 'cm1',
    } as unknown as GatewayShownAnswer);
  expect(text({})).toContain(' authentication rsa-sig\n group 2\n');
  const keyed = text({ preSharedKeyFile: '/etc/trustline/gw1.key' });
  expect(keyed).toContain(' authentication pre-share\n');
  expect(keyed).toContain('crypto isakmp key KEY-OF-THE-FILE address 192.0.2.10\n');
  expect(keyed).not.toContain('ikev2');
});

test('a gateway of Cisco IOS behind a gatekeeper is told where to register, and calls by it', () => {
  const gatekeeper = { address: '192.0.2.5', port: 1719, alias: 'cm1', identifier: 'zone1', prefixes: [] };
  const shown = { device: { name: 'gw1' }, settings: { ...settings, gatekeeper }, managerIdentity: 'cm1' };
  const text = ciscoConfiguration(shown as unknown as GatewayShownAnswer);
  expect(text).toContain(' session target ras\n');
  expect(text).toContain(' h323-gateway voip id zone1 ipaddr 192.0.2.5 1719\n h323-gateway voip h323-id gw1\n');
  expect(text).toContain('\ngateway\n');
});
