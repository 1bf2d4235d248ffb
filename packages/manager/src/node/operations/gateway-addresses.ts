import { ManagerError } from '../../error.ts';
import type { Services } from './services.ts';

/**
 * Refuses a certificate for the address of another gateway: who has it could prove to be that one.
 *
 * @param addresses as they were given for `gateway`
 * @throws {ManagerError} manager.gateway-address-taken
 */
export async function refuseAddressOfOther(
  { store, configuration }: Pick<Services, 'store' | 'configuration'>,
  gateway: string,
  addresses: readonly string[],
): Promise<void> {
  const added = (await store.gateways.list()).map(({ device, addresses }) => ({ name: device, addresses }));
  const configured = configuration.ipsec.tunnels.map(({ gateway, remote }) => ({ name: gateway, addresses: [remote] }));
  for (const { name, addresses: its } of [...added, ...configured]) {
    const taken = name === gateway ? undefined : addresses.find((address) => its.includes(address));
    if (taken === undefined) continue;
    throw new ManagerError('manager.gateway-address-taken', `${taken} is the address of the gateway ${name}.`, {
      nextStep: `Name the gateway that it is for, ${name}, or the address of ${gateway}: trustline gateway list`,
    });
  }
}
