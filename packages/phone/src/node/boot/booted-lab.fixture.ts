import { Redacted } from '@trustline/base';
import { Lab } from '@trustline/testing/node';
import type { PhoneIdentity } from '../../boot/state.ts';
import { readIdentityPem } from './identity.ts';
import { type BootEvent, NetworkBoot, type NetworkBootOptions } from './network-boot.ts';
import type { FileServer } from './servers.ts';

const ports = 'tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0';

/** A lab that provisions phones, on ports that the system gives. */
export function provisioningLab(
  folder: string,
  more: readonly string[] = [],
  provisioning = '',
  listeners: readonly string[] = [],
): Promise<Lab> {
  const configuration = [`provisioning: { host: 127.0.0.1, ${ports}${provisioning} }`, ...more];
  return Lab.start(folder, configuration, '127.0.0.1', listeners);
}

export async function fileServerOf(lab: Lab): Promise<FileServer> {
  const { provisioning } = await lab.client.status();
  const port = (service: string) => provisioning.find((one) => one.service === service)?.port ?? 0;
  return { host: '127.0.0.1', httpPort: port('HTTP'), tftpPort: port('TFTP'), tvsPort: port('TVS') };
}

/** What the factory put into the phone. */
export async function micOf(lab: Lab, device: string): Promise<PhoneIdentity> {
  const { certificatePem, privateKeyPem } = await lab.client.manufacture(device);
  return readIdentityPem(certificatePem, new Redacted(privateKeyPem));
}

/** A phone with all that it says. */
export class WatchedBoot {
  readonly events: BootEvent[] = [];
  readonly boot: NetworkBoot;

  constructor(options: Omit<NetworkBootOptions, 'onEvent'>, how: 'powerOn' | 'resume' = 'powerOn') {
    this.boot = NetworkBoot[how]({ ...options, onEvent: (event) => this.events.push(event) });
  }

  /** In our words. */
  get said(): string {
    return this.#logs.map(({ phone, ours }) => `${phone} | ${ours}`).join('\n');
  }

  get alarms(): readonly string[] {
    return this.#logs.filter(({ level }) => level === 'alarm').map(({ ours }) => ours);
  }

  get asked(): readonly string[] {
    return this.events.flatMap((event) => (event.kind === 'file' ? [`${event.transport} ${event.name}`] : []));
  }

  get registration() {
    return this.events.findLast((event) => event.kind === 'registered')?.how;
  }

  get #logs() {
    return this.events.filter((event) => event.kind === 'log');
  }
}
