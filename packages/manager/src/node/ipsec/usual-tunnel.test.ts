import { expect, test } from 'vitest';
import { gatewayRequest } from '../../api/gateways-contract.ts';
import { defaultGatewaySettings } from '../../legs/h323/gateway-settings.ts';
import { usualTunnel } from './usual-tunnel.ts';

const gateway = { ...defaultGatewaySettings, device: 'gw1', addresses: ['192.0.2.20'], localAddress: '192.0.2.1' };

test('a gateway has IKEv2 with certificates unless it was added as one of 2013', async () => {
  expect(await usualTunnel(gateway)).toMatchObject({ gateway: 'gw1', profile: 'standard', mode: 'tunnel' });
  const preSharedKeyFile = '/etc/trustline/gw1.key';
  const legacy = await usualTunnel({ ...gateway, ipsecProfile: 'legacy', preSharedKeyFile });
  expect(legacy).toMatchObject({ local: '192.0.2.1', remote: '192.0.2.20', profile: 'legacy', preSharedKeyFile });
});

test('a key that both know is taken with the legacy profile only', () => {
  const asked = { name: 'gw1', addresses: ['192.0.2.20'], preSharedKeyFile: '/etc/trustline/gw1.key' };
  expect(gatewayRequest.safeParse(asked).error?.issues).toMatchObject([{ path: ['preSharedKeyFile'] }]);
  expect(gatewayRequest.safeParse({ ...asked, ipsecProfile: 'legacy' }).success).toBe(true);
});
