import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { IpsecError } from '@trustline/ipsec';
import { type GatewayTunnel, gatewayTunnel } from '../../configuration/ipsec-schema.ts';
import type { GatewaySettings } from '../../legs/h323/gateway-settings.ts';

/**
 * The tunnel of a gateway about which the configuration says nothing: with a certificate of the cluster for its first
 * address, from the address that we have towards it.
 *
 * @throws {IpsecError} ipsec.setting where there is no way to it
 */
export async function usualTunnel({
  device,
  addresses: [remote = ''],
  localAddress,
}: Pick<GatewaySettings, 'device' | 'addresses' | 'localAddress'>): Promise<GatewayTunnel> {
  return gatewayTunnel.parse({ gateway: device, local: localAddress ?? (await addressTowards(remote)), remote });
}

/** That of the route; a datagram socket that is connected has it without a packet. */
async function addressTowards(remote: string): Promise<string> {
  const socket = createSocket(isIPv6(remote) ? 'udp6' : 'udp4');
  try {
    socket.connect(9, remote);
    await once(socket, 'connect');
    return socket.address().address;
  } catch (cause) {
    throw new IpsecError('ipsec.setting', `There is no way to ${remote} from this machine`, {
      nextStep: 'check its address and the routes, or say which of our addresses it is reached from: --local-address',
      cause,
    });
  } finally {
    socket.close();
  }
}
