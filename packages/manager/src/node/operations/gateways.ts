import type { z } from 'zod';
import type { GatewayAnswer, GatewayShownAnswer, GatewaysAnswer, gatewayRequest } from '../../api/gateways-contract.ts';
import { ManagerError } from '../../error.ts';
import type { GatekeeperSettings, GatewaySettings } from '../../legs/h323/gateway-settings.ts';
import { reachableHost } from '../addresses.ts';
import type { StoredDevice } from '../store/devices.ts';
import { describeDevice } from './devices.ts';
import { envelope, type Services } from './services.ts';

export async function listGateways(services: Services): Promise<GatewaysAnswer> {
  const devices = new Map((await services.store.devices.list()).map((device) => [device.name, device]));
  const gateways = (await services.store.gateways.list()).flatMap((settings) => {
    const device = devices.get(settings.device);
    return device === undefined ? [] : [describe(services, device, settings)];
  });
  return { ...envelope(services), gateways };
}

/** @throws {ManagerError} manager.gateway-unknown */
export async function showGateway(services: Services, name: string): Promise<GatewayShownAnswer> {
  const [device, settings] = [await services.store.devices.find(name), await services.store.gateways.find(name)];
  if (device === undefined || settings === undefined) {
    throw new ManagerError('manager.gateway-unknown', `There is no H.323 gateway ${name}.`, {
      nextStep: 'trustline gateway list shows those that are there; trustline gateway add adds one.',
    });
  }
  return shown(services, device, settings);
}

/**
 * Adds a gateway, which calls and is called from now on.
 *
 * @throws {ManagerError} manager.device-exists; manager.gateway-address-taken
 */
export async function addGateway(
  services: Services,
  {
    name,
    description,
    protection,
    mediaAddress,
    localAddress,
    gatekeeper,
    preSharedKeyFile,
    ...given
  }: z.output<typeof gatewayRequest>,
): Promise<GatewayShownAnswer> {
  const settings: GatewaySettings = {
    ...given,
    device: name,
    isProtected: protection === 'ipsec',
    ...(mediaAddress === undefined ? {} : { mediaAddress }),
    ...(localAddress === undefined ? {} : { localAddress }),
    ...(preSharedKeyFile === undefined ? {} : { preSharedKeyFile }),
    ...(gatekeeper === undefined ? {} : { gatekeeper: gatekeeperOf(services, gatekeeper) }),
  };
  const { store, signalling, journal, clock } = services;
  const others = await store.gateways.list();
  const taken = others.find(({ addresses }) => addresses.some((address) => settings.addresses.includes(address)));
  if (taken !== undefined) {
    throw new ManagerError('manager.gateway-address-taken', `${taken.device} has one of these addresses already.`, {
      nextStep: 'A gateway is known by the address that it calls from: give each its own.',
    });
  }
  const isThere = (await store.devices.find(name)) !== undefined;
  // Before it can be called: nothing goes to it beside the tunnel.
  if (!isThere) await services.ipsec?.gatewayAdded(settings);
  const device: StoredDevice = {
    name,
    kind: 'gateway',
    securityMode: settings.policy === 'forbid' || !settings.isProtected ? 'non-secure' : 'encrypted',
    protocol: 'h323',
    description,
    lines: [],
    digest: undefined,
    addedAt: clock.now(),
  };
  await store.devices.add(device);
  await store.gateways.set(settings);
  signalling?.deviceAdded(device);
  signalling?.gatewaySet(settings);
  await journal.event('device-added', {
    device: name,
    cause: `The gateway was added at ${settings.addresses.join(', ')}: ${settings.policy}, ${protection === 'ipsec' ? 'by IPsec' : 'without IPsec'}.`,
  });
  return shown(services, device, settings);
}

function shown(services: Services, device: StoredDevice, settings: GatewaySettings): GatewayShownAnswer {
  const listener = services.signalling?.listeners().find(({ transport }) => transport === 'h323');
  const manager =
    listener === undefined
      ? null
      : { address: settings.localAddress ?? reachableHost(services.configuration, listener), port: listener.port };
  return {
    ...envelope(services),
    ...describe(services, device, settings),
    manager,
    managerIdentity: ownName(services),
  };
}

function gatekeeperOf(
  services: Services,
  { alias = ownName(services), identifier, ...given }: NonNullable<z.output<typeof gatewayRequest>['gatekeeper']>,
): GatekeeperSettings {
  return { ...given, alias, ...(identifier === undefined ? {} : { identifier }) };
}

function ownName({ configuration }: Services): string {
  return configuration.identity.hosts[0] ?? 'localhost';
}

function describe(services: Services, device: StoredDevice, settings: GatewaySettings): GatewayAnswer {
  const { device: _, isProtected, ...rest } = settings;
  return {
    device: describeDevice(services, device),
    settings: { ...rest, protection: isProtected ? 'ipsec' : 'none' },
  };
}
