import { expect, test } from 'vitest';
import type { ReachedGateway } from '../../device-directory.ts';
import { defaultGatewaySettings, type GatewaySettings } from './gateway-settings.ts';
import { KnownGateways } from './known-gateways.ts';

test.each([
  ['that is to be reached by IPsec is known to be without its proof until its tunnel is there', true, true],
  ['without IPsec lacks no proof', false, undefined],
])('a gateway %s', (_, isProtected, whileDown) => {
  const told: (ReachedGateway | undefined)[] = [];
  const gateways = new KnownGateways({ reached: (_, gateway) => void told.push(gateway), notice: () => {} });
  const settings: GatewaySettings = {
    ...defaultGatewaySettings,
    device: 'gw1',
    addresses: ['192.0.2.10'],
    isProtected,
  };
  gateways.set(settings);
  expect(told.at(-1)?.isUnproven).toBeUndefined();
  gateways.protectionChanged(settings, false);
  expect(told.at(-1)?.isUnproven).toBe(whileDown);
  gateways.protectionChanged(settings, true);
  expect(told.at(-1)?.isUnproven).toBeUndefined();
});
