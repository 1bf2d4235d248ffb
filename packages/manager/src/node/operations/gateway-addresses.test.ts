import { expect, test } from 'vitest';
import { issueGatewayCertificate } from './ipsec.ts';
import type { Services } from './services.ts';

/** Services with a gateway that was added and one of the configuration; a certificate that is asked for is counted. */
function servicesWith() {
  const issued: string[] = [];
  const services = {
    store: { gateways: { list: async () => [{ device: 'gw1', addresses: ['192.0.2.10'] }] } },
    configuration: {
      identity: { hosts: ['cm.example.org'] },
      ipsec: { tunnels: [{ gateway: 'gw2', remote: '192.0.2.20' }] },
    },
    clock: { now: () => 0 },
    journal: { event: async () => {} },
    cluster: {
      issueGatewayCertificate: async (gateway: string) => {
        issued.push(gateway);
        return { chainPem: '', privateKeyPem: undefined };
      },
      ipsecAuthorities: async () => [],
    },
  } as unknown as Services;
  const issue = (gateway: string, address: string) =>
    issueGatewayCertificate(services, gateway, { hosts: [], addresses: [address], request: undefined });
  return { issue, issued };
}

test.each([
  ['192.0.2.10', 'gw1'],
  ['192.0.2.20', 'gw2'],
])('no certificate for %s is made in another name than that of its gateway, %s', async (address, owner) => {
  const { issue, issued } = servicesWith();
  await expect(issue('gwx', address)).rejects.toMatchObject({
    code: 'manager.gateway-address-taken',
    message: `${address} is the address of the gateway ${owner}.`,
  });
  expect(issued).toEqual([]);
  await issue(owner, address);
  expect(issued).toEqual([owner]);
});
