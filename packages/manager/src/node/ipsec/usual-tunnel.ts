import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { IpsecError } from '@trustline/ipsec';
import { type GatewayTunnel, gatewayTunnel } from '../../configuration/ipsec-schema.ts';
import type { GatewaySettings } from '../../legs/h323/gateway-settings.ts';

/** What a tunnel has of the settings of its gateway. */
export type UsualGateway = Pick<
  GatewaySettings,
  'device' | 'addresses' | 'localAddress' | 'ipsecProfile' | 'preSharedKeyFile'
>;

/**
 * The tunnel of a gateway about which the configuration says nothing: with a certificate of the cluster for its first
 * address unless it is to be a key that both know, from the address that we have towards it.
 *
 * @throws {IpsecError} ipsec.setting where there is no way to it
 */
export async function usualTunnel({
  device,
  addresses: [remote = ''],
  localAddress,
  ipsecProfile: profile,
  preSharedKeyFile,
}: UsualGateway): Promise<GatewayTunnel> {
  const local = localAddress ?? (await addressTowards(remote));
  return gatewayTunnel.parse({ gateway: device, local, remote, profile, preSharedKeyFile });
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
