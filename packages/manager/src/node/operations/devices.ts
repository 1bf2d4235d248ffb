import { Redacted } from '@trustline/base';
import { encodePkcs12 } from '@trustline/pki/node';
import type { z } from 'zod';
import type {
  addDeviceRequest,
  CredentialsAnswer,
  DeviceAddedAnswer,
  DeviceAnswer,
  DevicesAnswer,
  ImportedAnswer,
  ListenerStatus,
} from '../../api/contract.ts';
import { ManagerError } from '../../error.ts';
import { reachableHost } from '../addresses.ts';
import { digestRealm, newDigestPassword, randomPassword } from '../digest-passwords.ts';
import type { StoredDevice } from '../store/devices.ts';
import { forgetUnusedLines } from './lines.ts';
import { noKeysBecause } from './no-keys.ts';
import { envelope, type Services } from './services.ts';

export async function listDevices(services: Services): Promise<DevicesAnswer> {
  const devices = await services.store.devices.list();
  return { ...envelope(services), devices: devices.map((device) => describeDevice(services, device)) };
}

/**
 * Adds a device with a digest password of its own. That of one that is not secure is in the answer, for whoever types it
 * in; a secure one finds its own in its encrypted configuration, should the cluster leave mixed mode.
 */
export async function addDevice(
  services: Services,
  request: z.output<typeof addDeviceRequest>,
): Promise<DeviceAddedAnswer> {
  const { password, digest } = await newDigestPassword(services, request.name);
  const device: StoredDevice = {
    ...request,
    lines: request.lines.map(({ number, displayName }) => ({ number, displayName })),
    digest,
    addedAt: services.clock.now(),
  };
  await services.store.devices.add(device);
  services.signalling?.deviceAdded(device);
  services.provisioning?.deviceAdded(device.name);
  const lines = device.lines.map(({ number }) => number).join(', ');
  await services.journal.event('device-added', {
    device: device.name,
    cause: `The ${device.kind} was added as ${device.securityMode}${lines === '' ? '' : ` with line ${lines}`}.`,
  });
  const shown = device.securityMode === 'non-secure' ? password.reveal() : null;
  return { ...envelope(services), device: describeDevice(services, device), password: shown };
}

/** Removes a device, ends its connections and calls, and stops believing every certificate it was given. */
export async function removeDevice(services: Services, name: string): Promise<void> {
  const device = await findDevice(services, name);
  // First of all, so that no enrolment that is under way ends in a certificate after the others were revoked.
  services.provisioning?.deviceRemoved(name);
  let revoked: number;
  try {
    revoked = await services.cluster.revokeDevice(name, 'the device was removed', services.clock.now());
    await services.store.devices.remove(name);
  } catch (error) {
    services.provisioning?.deviceAdded(name);
    throw error;
  }
  services.signalling?.deviceRemoved(name);
  await services.ipsec?.gatewayRemoved(name);
  await forgetUnusedLines(services, device.lines);
  await services.trust.held.forget(name);
  await services.trustChanged();
  await services.journal.event('device-removed', {
    device: name,
    cause: `The device was removed; ${revoked} of its certificates are no longer believed.`,
  });
}

/**
 * Tells a phone to boot again, once it has no call: so it fetches its lists and its configuration.
 *
 * @throws {ManagerError} manager.device-unknown; manager.device-not-registered for one that cannot be told
 */
export async function resetDevice(services: Services, name: string): Promise<void> {
  await findDevice(services, name);
  const { signalling, journal } = services;
  // One whose connection is gone has a registration left, and hears nothing.
  const reached = signalling?.registrations().filter(({ remoteAddress }) => remoteAddress !== '') ?? [];
  if (signalling === undefined || !reached.some(({ device }) => device === name)) {
    throw new ManagerError('manager.device-not-registered', `${name} is not connected and cannot be told.`, {
      nextStep: 'It fetches its files when it starts: switch it off and on.',
    });
  }
  signalling.resetPhones([name]);
  await journal.event('device-reset', { device: name, cause: 'The phone was told to boot again.' });
}

/** Makes what a phone that we did not write needs: a certificate with its key, or a new password. */
export async function deviceCredentials(services: Services, name: string): Promise<CredentialsAnswer> {
  const device = await findDevice(services, name);
  if (device.protocol === 'h323') {
    throw new ManagerError('manager.no-listener', `${name} is a gateway of H.323 and registers nowhere.`, {
      nextStep: `What to enter at the gateway is shown by: trustline gateway show ${name}`,
    });
  }
  const secure = device.securityMode !== 'non-secure';
  const noKeys = secure ? await noKeysBecause(services) : null;
  if (noKeys !== null) {
    throw new ManagerError('manager.non-secure-cluster', `No device is given keys: ${noKeys}.`, {
      nextStep: 'trustline trust status shows what is published.',
    });
  }
  const listeners = services.signalling?.listeners() ?? [];
  const wanted = listenersFor[device.protocol][secure ? 'secure' : 'clear'];
  const found = wanted.flatMap((transport) =>
    listeners.filter((listener) => listener.transport === transport && !(secure && listener.legacy)),
  );
  const [listener] = found;
  const [transport] = wanted.filter((one) => one === listener?.transport);
  if (listener === undefined || transport === undefined) throw noListener(device, wanted[0]);
  const { port } = listener;
  const proof = secure
    ? await issueCertificate(services, name)
    : device.protocol === 'sccp'
      ? ({ kind: 'none' } as const)
      : await issuePassword(services, name, listener.digestAlgorithms);
  await services.journal.event('credentials-written', {
    device: name,
    cause:
      proof.kind === 'certificate'
        ? 'A certificate and its key were made for it.'
        : proof.kind === 'password'
          ? 'It was given a new password.'
          : 'Where it registers was written down; without TLS Skinny proves nothing.',
  });
  return {
    ...envelope(services),
    device: describeDevice(services, device),
    server: { host: reachableHost(services.configuration, listener), port, transport },
    trustBundlePem: services.cluster.trustBundlePem(),
    proof,
  };
}

type CredentialsTransport = CredentialsAnswer['server']['transport'];

/** By which listeners a device registers, the better first. */
const listenersFor: Readonly<
  Record<
    Exclude<StoredDevice['protocol'], 'h323'>,
    Readonly<Record<'secure' | 'clear', readonly [CredentialsTransport, ...CredentialsTransport[]]>>
  >
> = {
  sip: { secure: ['tls'], clear: ['udp', 'tcp'] },
  sccp: { secure: ['sccp-tls'], clear: ['sccp'] },
};

function noListener({ name, protocol, securityMode }: StoredDevice, transport: CredentialsTransport): ManagerError {
  const speaks = protocol === 'sccp' ? 'Skinny' : 'SIP';
  return new ManagerError('manager.no-listener', `No listener takes ${securityMode} devices that speak ${speaks}.`, {
    nextStep: `Add { transport: ${transport} } to the listeners in trustline.yaml. What ${name} speaks is said when it is added: trustline device add --protocol sip or sccp.`,
  });
}

/** Believes a certificate of an outside authority for this device alone. */
export async function pinDevice(
  services: Services,
  name: string,
  { chain, roots }: { readonly chain: string; readonly roots: string },
): Promise<ImportedAnswer> {
  await findDevice(services, name);
  const pinned = await services.cluster.pinDeviceCertificate(name, chain, roots, services.clock.now());
  await services.trustChanged();
  services.revocationWatch.look();
  await services.journal.event('certificate-imported', {
    device: name,
    cause: `The certificate ${pinned.subject} of ${pinned.issuer} is believed for this device.`,
  });
  return { ...envelope(services), subject: pinned.subject, issuer: pinned.issuer, fingerprint: pinned.fingerprint };
}

async function issueCertificate(services: Services, name: string): Promise<CredentialsAnswer['proof']> {
  const issued = await services.cluster.issueDeviceCertificate(name, services.clock.now());
  const pkcs12Password = randomPassword();
  const contents = {
    friendlyName: name,
    certificate: issued.certificate,
    privateKeyPem: issued.privateKeyPem,
    authorities: issued.trustBundle,
  };
  const pkcs12 = await encodePkcs12(contents, new Redacted(pkcs12Password));
  return {
    kind: 'certificate',
    certificatePem: issued.chainPem,
    privateKeyPem: issued.privateKeyPem.reveal(),
    pkcs12: Buffer.from(pkcs12).toString('base64'),
    pkcs12Password,
  };
}

async function issuePassword(
  services: Services,
  name: string,
  algorithms: ListenerStatus['digestAlgorithms'],
): Promise<CredentialsAnswer['proof']> {
  const { password, digest } = await newDigestPassword(services, name);
  await services.store.devices.setDigest(name, digest);
  services.signalling?.deviceAdded({ ...(await findDevice(services, name)), digest });
  return { kind: 'password', user: name, realm: digestRealm, password: password.reveal(), algorithms };
}

/** @throws {ManagerError} manager.device-unknown */
export async function findDevice({ store }: Services, name: string): Promise<StoredDevice> {
  const device = await store.devices.find(name);
  if (device === undefined) {
    throw new ManagerError('manager.device-unknown', `There is no device ${name}.`, {
      nextStep: `List them with: trustline devices. One that was removed is added again with: trustline device add ${name}`,
    });
  }
  return device;
}

export function describeDevice({ signalling, clock }: Services, device: StoredDevice): DeviceAnswer {
  const bindings = signalling?.registrations() ?? [];
  return {
    name: device.name,
    kind: device.kind,
    securityMode: device.securityMode,
    protocol: device.protocol,
    description: device.description,
    lines: device.lines.map(({ number, displayName }) => ({ number, displayName: displayName ?? null })),
    registrations: bindings
      .filter((binding) => binding.device === device.name && binding.expiresAt > clock.now())
      .map(({ line, transport, remoteAddress, expiresAt }) => ({
        line,
        transport,
        remoteAddress,
        expiresAt: new Date(expiresAt).toISOString(),
      })),
    trunk: device.kind === 'phone' ? null : (signalling?.trunk(device.name) ?? null),
  };
}
