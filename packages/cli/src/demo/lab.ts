import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SdesSuiteName } from '@trustline/keying';
import { loadConfiguration, ManagerClient, type RunningManager, startManager } from '@trustline/manager/node';
import { type PhoneCredentials, readCredentials } from '@trustline/phone/node';
import { writeCredentials } from '../commands/credentials-folder.ts';
import { type End, phonePlans } from './plan.ts';

/** The manager of a run, on loopback at a port that the system gave, with both phones added. */
export interface Lab {
  readonly manager: RunningManager;
  readonly client: ManagerClient;
  /** Read from the folder that was written for each phone, as `trustline phone` reads it. */
  readonly credentials: Readonly<Record<End, PhoneCredentials>>;
  readonly certificates: Readonly<Record<End, { readonly subject: string; readonly issuer: string }>>;
}

/**
 * Starts a manager and issues the phones' credentials through its interface, as an operator does.
 *
 * @param suite the one that it takes; undefined for those that it prefers
 * @param folder for its data and the credentials; nothing of the caller's configuration counts
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
    'provisioning: { enabled: false }',
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
      const phoneFolder = join(folder, device);
      writeCredentials(await client.deviceCredentials(device), { out: phoneFolder });
      return readCredentials(phoneFolder);
    };
    const credentials = { caller: await add('caller'), called: await add('called') };
    const certificates = { caller: certificateOf(credentials.caller), called: certificateOf(credentials.called) };
    return { manager, client, credentials, certificates };
  } catch (error) {
    await manager.stop();
    throw error;
  }
}

function certificateOf({ connection }: PhoneCredentials): { readonly subject: string; readonly issuer: string } {
  if (connection.kind !== 'tls') return { subject: 'none', issuer: 'none' };
  const { subject, issuer } = new X509Certificate(connection.certificatePem);
  return { subject: oneLine(subject), issuer: oneLine(issuer) };
}

/** OpenSSL's names stand one attribute a line, the widest first; people and RFC 4514 begin with the common name. */
function oneLine(name: string): string {
  return name.split('\n').reverse().join(', ');
}
