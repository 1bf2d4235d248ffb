import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SecurityEvent } from '@trustline/evidence';
import { decodeCertificatesPem, readCertificate } from '@trustline/pki';
import {
  type CapfClientResult,
  type CapfCredential,
  capfCertificateType,
  makeCapfProof,
  makeCapfSudi,
} from '@trustline/provisioning';
import { enrolByCapf } from '@trustline/provisioning/node';
import type { StatusAnswer } from '../../api/contract.ts';
import { ManagerClient } from '../api/client.ts';
import { type LoadedConfiguration, loadConfiguration } from '../load-configuration.ts';
import { type RunningManager, startManager } from '../manager.ts';
import type { DeviceSighting, ManagerContext } from '../parts.ts';
import { createSignalling } from '../signalling.ts';

/** A key that phones of tests share: making one takes longer than all else. */
export const phoneKey = generateKeyPairSync('rsa', { modulusLength: 2_048 }).privateKey;

export interface Enrolled {
  readonly result: CapfClientResult;
  /** DER. */
  readonly certificate: Uint8Array | undefined;
}

/** A manager that serves phones on ports that the system gives, and is started again on the same folder. */
export class ManagerFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'trustline-phones-'));
  readonly #further: readonly string[];
  #manager: RunningManager | undefined;
  #context: ManagerContext | undefined;

  constructor(further: readonly string[] = []) {
    this.#further = further;
  }

  /** Beside what runs. */
  get storeFile(): string {
    return join(this.path, 'data', 'trustline.sqlite');
  }

  get identityFolder(): string {
    return join(this.path, 'data', 'pki');
  }

  get loaded(): LoadedConfiguration {
    return loadConfiguration({ set: this.set, environment: {} });
  }

  /** Its configuration. */
  get set(): readonly string[] {
    return [
      `dataFolder=${join(this.path, 'data')}`,
      'log.level=error',
      'api.metrics.port=0',
      'api.https={host: 127.0.0.1, port: 0}',
      'listeners=[{ transport: tls, host: 127.0.0.1, port: 0 }, { transport: tcp, host: 127.0.0.1, port: 0 }]',
      'provisioning.host=127.0.0.1',
      ...['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `provisioning.${service}Port=0`),
      ...this.#further,
    ];
  }

  /** As the owner of the local socket. */
  get client(): ManagerClient {
    return new ManagerClient({ kind: 'socket', path: this.loaded.apiSocket });
  }

  async start(): Promise<ManagerClient> {
    const signalling = (context: ManagerContext, seen: (sighting: DeviceSighting) => void) => {
      this.#context = context;
      return createSignalling(context, seen);
    };
    this.#manager = await startManager({ loaded: this.loaded, environment: {}, signalling });
    return this.client;
  }

  /** What the running manager works with. */
  get context(): ManagerContext {
    if (this.#context === undefined) throw new Error('no manager was started');
    return this.#context;
  }

  async stop(): Promise<void> {
    await this.#manager?.stop();
    this.#manager = undefined;
  }

  async restart(): Promise<ManagerClient> {
    await this.stop();
    return this.start();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.path, { recursive: true, force: true });
  }

  async port(service: StatusAnswer['provisioning'][number]['service']): Promise<number> {
    const found = (await this.client.status()).provisioning.find((one) => one.service === service);
    if (found === undefined) throw new Error(`there is no ${service}`);
    return found.port;
  }

  async events(): Promise<readonly SecurityEvent[]> {
    const events: SecurityEvent[] = [];
    for await (const event of this.client.events({ limit: 1_000 })) events.push(event);
    return events;
  }

  async addPhone(name: string, line: string, securityMode: 'encrypted' | 'non-secure' = 'encrypted'): Promise<void> {
    await this.client.addDevice({ name, securityMode, lines: [{ number: line }] });
  }

  /** Enrols as a phone does that knows CAPF's certificate from the published list. */
  async enrol(device: string, credential: CapfCredential): Promise<Enrolled> {
    const { servers } = await this.client.trustServers();
    const known = servers.find(({ service }) => service === 'CAPF')?.fingerprint;
    let kept: Uint8Array | undefined;
    const result = await enrolByCapf({
      host: '127.0.0.1',
      port: await this.port('CAPF'),
      device,
      credential,
      judgeServer: ([certificate]) =>
        certificate !== undefined && readCertificate(certificate).fingerprint === known
          ? { accepted: true }
          : { accepted: false, reason: 'CAPF shows what no list holds' },
      makeKey: async () => phoneKey,
      heldKeys: [phoneKey],
      keep: async (certificate) => {
        kept = certificate;
      },
    });
    return { result, certificate: kept };
  }

  /**
   * The credential of a phone that has a MIC, which is a recording for whoever has seen it; `signing` is of the same
   * phone when it signs the number of its session too.
   */
  async micOf(device: string): Promise<{ readonly recorded: CapfCredential; readonly signing: CapfCredential }> {
    const { certificatePem, privateKeyPem } = await this.client.manufacture(device);
    const [certificate] = decodeCertificatesPem(certificatePem);
    if (certificate === undefined) throw new Error('a MIC was made');
    const privateKey = createPrivateKey(privateKeyPem);
    const proof = makeCapfProof(device, { type: capfCertificateType.MIC, der: certificate }, privateKey);
    const sudi = (sessionId: number) => makeCapfSudi(sessionId, certificate, privateKey);
    return { recorded: { by: 'certificate', proof }, signing: { by: 'certificate', proof, sudi } };
  }
}
