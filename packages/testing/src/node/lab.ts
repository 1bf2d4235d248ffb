import { mkdtempSync, writeFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecurityEvent } from '@trustline/evidence';
import type { CallAnswer } from '@trustline/manager';
import { loadConfiguration, ManagerClient, type RunningManager, startManager } from '@trustline/manager/node';
import { eventually } from './eventually.ts';

/**
 * TLS, a legacy TLS, UDP and TCP, on ports that the system gives; and UDP and TCP for digest with MD5 alone,
 * since baresip 1.0.0 and SIPp 3.6.1 give up when SHA-256 is offered beside it.
 */
const listenersOn = (host: string) => [
  `{ transport: tls, host: "${host}", port: 0 }`,
  `{ transport: tls, host: "${host}", port: 0, legacy: true }`,
  `{ transport: udp, host: "${host}", port: 0, digestAlgorithms: [SHA-256, MD5] }`,
  `{ transport: tcp, host: "${host}", port: 0, digestAlgorithms: [SHA-256, MD5] }`,
  `{ transport: udp, host: "${host}", port: 0, digestAlgorithms: [MD5] }`,
  `{ transport: tcp, host: "${host}", port: 0, digestAlgorithms: [MD5] }`,
];

/** What a secure device needs to register, as files. */
export interface SecureDevice {
  readonly name: string;
  readonly line: string;
  /** Certificate and key. */
  readonly certificateFile: string;
  readonly trustFile: string;
}

export interface PasswordDevice {
  readonly name: string;
  readonly line: string;
  readonly password: string;
}

/** A call manager of a test: its own data folder, ports that the system gives, asked like any other. */
export class Lab {
  readonly client: ManagerClient;
  readonly ports: {
    readonly tls: number;
    readonly legacy: number;
    readonly udp: number;
    readonly tcp: number;
    /** Digest with MD5 alone. */
    readonly md5: { readonly udp: number; readonly tcp: number };
  };
  /** The identity folder, for tests that need an authority's key. */
  readonly dataFolder: string;
  readonly #folder: string;
  readonly #manager: RunningManager;
  readonly #scratch: string;
  #devices = 0;

  /**
   * @param folder where the devices' files go, and what the manager has said when it stops
   * @param configuration further lines of `trustline.yaml`
   * @param host where it listens
   * @param further listeners, as lines of `trustline.yaml`
   */
  static async start(
    folder: string,
    configuration: readonly string[] = [],
    host = '127.0.0.1',
    further: readonly string[] = [],
  ): Promise<Lab> {
    const scratch = mkdtempSync(join(tmpdir(), 'trustline-lab-'));
    await mkdir(folder, { recursive: true });
    const file = join(folder, 'trustline.yaml');
    const lines = [
      `dataFolder: ${join(scratch, 'data')}`,
      'log: { level: error }',
      'api: { metrics: { port: 0 } }',
      'listeners:',
    ];
    const provisioning = configuration.some((line) => line.startsWith('provisioning:'))
      ? []
      : ['provisioning: { enabled: false }'];
    const document = [
      ...lines,
      ...listenersOn(host).map((one) => `  - ${one}`),
      ...further,
      ...provisioning,
      ...configuration,
    ];
    writeFileSync(file, `${document.join('\n')}\n`);
    const loaded = loadConfiguration({ file, environment: {} });
    const manager = await startManager({ loaded, environment: {} });
    const client = new ManagerClient({ kind: 'socket', path: loaded.apiSocket });
    const { listeners: bound } = await client.status();
    const port = (transport: string, legacy: boolean) =>
      bound.find((one) => one.transport === transport && one.legacy === legacy)?.port ?? 0;
    const lastPort = (transport: string) => bound.findLast((one) => one.transport === transport)?.port ?? 0;
    const ports = {
      tls: port('tls', false),
      legacy: port('tls', true),
      udp: port('udp', false),
      tcp: port('tcp', false),
      md5: { udp: lastPort('udp'), tcp: lastPort('tcp') },
    };
    return new Lab(folder, scratch, manager, client, ports, loaded.dataFolder);
  }

  private constructor(
    folder: string,
    scratch: string,
    manager: RunningManager,
    client: ManagerClient,
    ports: Lab['ports'],
    dataFolder: string,
  ) {
    this.#folder = folder;
    this.#scratch = scratch;
    this.#manager = manager;
    this.client = client;
    this.ports = ports;
    this.dataFolder = dataFolder;
  }

  /** Adds a phone that proves itself by certificate, and writes its credentials. */
  async secureDevice(line: string, securityMode: 'encrypted' | 'authenticated' = 'encrypted'): Promise<SecureDevice> {
    const name = this.#nextName();
    await this.client.addDevice({ name, securityMode, lines: [{ number: line }] });
    const { proof, trustBundlePem } = await this.client.deviceCredentials(name);
    if (proof.kind !== 'certificate') throw new Error(`${name} was given no certificate`);
    const certificateFile = join(this.#folder, `${name}.pem`);
    const trustFile = join(this.#folder, 'trust.pem');
    await writeFile(certificateFile, proof.certificatePem + proof.privateKeyPem, { mode: 0o600 });
    await writeFile(trustFile, trustBundlePem);
    return { name, line, certificateFile, trustFile };
  }

  /** Adds a phone that proves itself by digest password. */
  async passwordDevice(line: string): Promise<PasswordDevice> {
    const name = this.#nextName();
    const { password } = await this.client.addDevice({ name, securityMode: 'non-secure', lines: [{ number: line }] });
    if (password === null) throw new Error(`${name} was given no password`);
    return { name, line, password };
  }

  /** Waits until a device has registered. */
  async registered(name: string): Promise<void> {
    await eventually(`the registration of ${name}`, async () => {
      const { devices } = await this.client.devices();
      return devices.some((device) => device.name === name && device.registrations.length > 0);
    });
  }

  /** Waits for a running call that is as wanted. */
  call(what: string, isWanted: (call: CallAnswer) => boolean): Promise<CallAnswer> {
    return eventually(`a call that ${what}`, async () => (await this.client.calls()).calls.find(isWanted));
  }

  /** Waits until no call is left. */
  async idle(): Promise<void> {
    await eventually('the end of all calls', async () => (await this.client.calls()).calls.length === 0);
  }

  /** All events so far. */
  async events(): Promise<readonly SecurityEvent[]> {
    const events: SecurityEvent[] = [];
    for await (const event of this.client.events({ limit: 1_000 })) events.push(event);
    return events;
  }

  /** Waits for an event. */
  event(what: string, isWanted: (event: SecurityEvent) => boolean): Promise<SecurityEvent> {
    return eventually(`an event: ${what}`, async () => (await this.events()).find(isWanted));
  }

  async stop(): Promise<void> {
    const said = (await this.events()).map((event) => `${JSON.stringify(event)}\n`);
    await writeFile(join(this.#folder, 'events.jsonl'), said.join(''));
    await this.#manager.stop();
    await rm(this.#scratch, { recursive: true, force: true });
  }

  #nextName(): string {
    this.#devices += 1;
    return `SEP0011223300${this.#devices.toString(16).toUpperCase().padStart(2, '0')}`;
  }
}
