import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import type { SdesSuiteName } from '@trustline/keying';
import { loadConfiguration, ManagerClient, type RunningManager, startManager } from '@trustline/manager/node';
import type { PhoneIdentity } from '@trustline/phone';
import { type FileServer, readIdentityPem } from '@trustline/phone/node';
import { type End, phonePlans } from './plan.ts';

/** The manager of a run, on loopback at ports that the system gave, with both phones added and allowed to enrol. */
export interface Lab {
  readonly manager: RunningManager;
  readonly client: ManagerClient;
  /** Where the phones find their files. */
  readonly files: FileServer;
  /** What the phones' maker put into them. */
  readonly mics: Readonly<Record<End, PhoneIdentity>>;
}

const provisioning = 'host: 127.0.0.1, tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0';

/**
 * Starts a manager, which makes two software tokens and signs its CTL with one of them; adds the phones and opens an
 * enrolment for each, as an operator does.
 *
 * @param suite the one that it takes; undefined for those that it prefers
 * @param folder for its data; nothing of the caller's configuration counts
 */
export async function startLab(
  folder: string,
  mode: 'encrypted' | 'clear',
  suite: SdesSuiteName | undefined,
): Promise<Lab> {
  const file = join(folder, 'trustline.yaml');
  const lines = [
    'dataFolder: data',
    'listeners:',
    '  - { transport: tls, host: 127.0.0.1, port: 0 }',
    `provisioning: { ${provisioning} }`,
    'log: { level: error }',
    'api: { metrics: { enabled: false } }',
  ];
  if (suite !== undefined) lines.push(`calls: { suites: [${suite}] }`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const loaded = loadConfiguration({ file, environment: {} });
  const manager = await startManager({ loaded, environment: {} });
  try {
    const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
    const add = async (end: End) => {
      const { device, line, displayName } = phonePlans[end];
      // A device that may use TLS and no SRTP is what makes a call clear, not a phone that lies.
      const securityMode = mode === 'encrypted' ? 'encrypted' : 'authenticated';
      await client.addDevice({ name: device, securityMode, lines: [{ number: line, displayName }] });
      await client.openEnrolment(device, { by: 'mic' });
      const { certificatePem, privateKeyPem } = await client.manufacture(device);
      return readIdentityPem(certificatePem, new Redacted(privateKeyPem));
    };
    const mics = { caller: await add('caller'), called: await add('called') };
    const { provisioning: listeners } = await client.status();
    const port = (service: string) => listeners.find((one) => one.service === service)?.port ?? 0;
    const files = { host: '127.0.0.1', httpPort: port('HTTP'), tftpPort: port('TFTP') };
    return { manager, client, files, mics };
  } catch (error) {
    await manager.stop();
    throw error;
  }
}
