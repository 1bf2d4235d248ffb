import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import type { SecurityPolicy } from '@trustline/evidence';
import type { SdesSuiteName } from '@trustline/keying';
import { loadConfiguration, ManagerClient, type RunningManager, startManager } from '@trustline/manager/node';
import type { PhoneIdentity } from '@trustline/phone';
import { type FileServer, readIdentityPem } from '@trustline/phone/node';
import { type DemoProtocol, type End, type Guest, guestPlans, type PhonePlan, phonePlans } from './plan.ts';

/** The manager of a run, on loopback at ports that the system gave, with both phones added and allowed to enrol. */
export interface Lab {
  readonly manager: RunningManager;
  readonly client: ManagerClient;
  /** Where the phones find their files. */
  readonly files: FileServer;
  /** What the phones' maker put into them. */
  readonly mics: Readonly<Record<End, PhoneIdentity>> & Partial<Readonly<Record<Guest, PhoneIdentity>>>;
}

export interface LabOptions {
  readonly mode: 'encrypted' | 'clear';
  /** The one that it takes; undefined for those that it prefers. */
  readonly suite: SdesSuiteName | undefined;
  readonly protocol: DemoProtocol;
  /** Address that phones find it at; loopback unless given. */
  readonly host?: string;
  /** Of calls; that of the manager unless given. */
  readonly policy?: SecurityPolicy;
  /** More listeners, and more of its document, as lines of YAML. */
  readonly listeners?: readonly string[];
  readonly lines?: readonly string[];
}

const provisioning = (host: string) => `host: ${host}, tftpPort: 0, httpPort: 0, httpsPort: 0, capfPort: 0, tvsPort: 0`;

const skinnyListeners = (host: string) => [
  `  - { transport: sccp-tls, host: ${host}, port: 0 }`,
  `  - { transport: sccp, host: ${host}, port: 0 }`,
];

/**
 * Starts a manager, which makes two software tokens and signs its CTL with one of them; adds the phones and opens an
 * enrolment for each, as an operator does.
 *
 * @param folder for its data; nothing of the caller's configuration counts
 */
export async function startLab(folder: string, options: LabOptions): Promise<Lab> {
  const { mode, suite, protocol, host = '127.0.0.1', listeners: more = [], lines: others = [], policy } = options;
  const file = join(folder, 'trustline.yaml');
  const lines = [
    'dataFolder: data',
    'listeners:',
    `  - { transport: tls, host: ${host}, port: 0 }`,
    ...(protocol === 'sccp' ? skinnyListeners(host) : []),
    ...more,
    ...others,
    `provisioning: { ${provisioning(host)} }`,
    'log: { level: error }',
    'api: { metrics: { enabled: false } }',
  ];
  const calls = [
    ...(suite === undefined ? [] : [`suites: [${suite}]`]),
    ...(policy === undefined ? [] : [`policy: ${policy}`]),
  ];
  if (calls.length > 0) lines.push(`calls: { ${calls.join(', ')} }`);
  writeFileSync(file, `${lines.join('\n')}\n`);
  const loaded = loadConfiguration({ file, environment: {} });
  const manager = await startManager({ loaded, environment: {} });
  try {
    const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
    // A device that may use TLS and no SRTP is what makes a call clear, not a phone that lies.
    const secure = mode === 'encrypted' ? 'encrypted' : 'authenticated';
    const add = (
      { device, line, displayName }: PhonePlan,
      securityMode: 'encrypted' | 'authenticated' | 'non-secure',
      speaks = protocol,
    ) => client.addDevice({ name: device, securityMode, protocol: speaks, lines: [{ number: line, displayName }] });
    const addSecure = async (plan: PhonePlan, speaks = protocol) => {
      await add(plan, secure, speaks);
      await client.openEnrolment(plan.device, { by: 'mic' });
      const { certificatePem, privateKeyPem } = await client.manufacture(plan.device);
      return readIdentityPem(certificatePem, new Redacted(privateKeyPem));
    };
    const both = { caller: await addSecure(phonePlans.caller), called: await addSecure(phonePlans.called) };
    const mics = protocol === 'sccp' ? { ...both, sip: await addSecure(guestPlans.sip, 'sip') } : both;
    if (protocol === 'sccp') await add(guestPlans.open, 'non-secure');
    const { provisioning: listeners } = await client.status();
    const port = (service: string) => listeners.find((one) => one.service === service)?.port ?? 0;
    const files = { host, httpPort: port('HTTP'), tftpPort: port('TFTP') };
    return { manager, client, files, mics };
  } catch (error) {
    await manager.stop();
    throw error;
  }
}
