import { mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { TrustlineError } from '@trustline/base';
import { judgeDeviceCertificate } from '@trustline/pki';
import {
  CombinedFileSource,
  type EnrolmentEvent,
  type EnrolmentOperation,
  type FileEvent,
  FileService,
  parseFileName,
  type TvsDirectoryEntry,
  tvsDirectory,
} from '@trustline/provisioning';
import {
  type CapfConnection,
  CapfServer,
  HttpFileServer,
  type ListenerEvent,
  StaticFolder,
  TftpFileServer,
  TvsServer,
} from '@trustline/provisioning/node';
import type { ListenerStatus } from '../../api/contract.ts';
import { ManagerError } from '../../error.ts';
import type { ServicePlaces } from '../../provisioning/device-configuration.ts';
import { reachableHost } from '../addresses.ts';
import type { DeviceSighting, ManagerContext, ManagerPart } from '../parts.ts';
import { noteShownMic } from '../phone-proofs.ts';
import type { PublishedTrust } from '../trust/published-trust.ts';
import { EnrolmentService } from './enrolment-service.ts';
import { PhoneFiles } from './phone-files.ts';
import { ProvisioningEvents } from './provisioning-events.ts';
import { RevocationListFiles } from './revocation-list-files.ts';

/** What serves phones before they register. */
export interface Provisioning extends ManagerPart {
  readonly enrolment: EnrolmentService;
  /** As bound; empty before the start. */
  listeners(): readonly ProvisioningListener[];
  deviceAdded(name: string): void;
  deviceRemoved(name: string): void;
  /** Shows the present certificates from the next connection on, and publishes lists that hold them. */
  trustChanged(): Promise<void>;
}

export interface ProvisioningListener {
  readonly service: 'TFTP' | 'HTTP' | 'HTTPS' | 'CAPF' | 'TVS';
  readonly host: string;
  readonly port: number;
}

export interface ProvisioningOptions {
  readonly context: ManagerContext;
  readonly trust: PublishedTrust;
  readonly dataFolder: string;
  /** Where SIP is to be had, as bound. */
  readonly signalling: () => readonly ListenerStatus[];
  /** Hears of every phone that proves who it is. */
  readonly seen: (sighting: DeviceSighting) => void;
}

/** Starts nothing yet. */
export function createProvisioning(options: ProvisioningOptions): Provisioning {
  return new NodeProvisioning(options);
}

/** The error of a port that could not be opened, with the key of `trustline.yaml` that an operator may change. */
function namingTheOption(error: unknown): unknown {
  if (!(error instanceof TrustlineError)) return error;
  const service = /^(TFTP|HTTPS|HTTP|CAPF|TVS)\b/.exec(error.message)?.[1];
  if (service === undefined) return error;
  const nextStep = `${error.nextStep ?? ''} In trustline.yaml it is provisioning.${service.toLowerCase()}Port.`.trim();
  const code = error.code.endsWith('.port-in-use') ? 'manager.port-in-use' : 'manager.listener-failed';
  return new ManagerError(code, error.message, { nextStep, cause: error });
}

interface Servers {
  readonly tftp: TftpFileServer;
  readonly http: HttpFileServer;
  readonly https: HttpFileServer;
  readonly capf: CapfServer;
  readonly tvs: TvsServer;
}

class NodeProvisioning implements Provisioning {
  readonly enrolment: EnrolmentService;
  readonly #options: ProvisioningOptions;
  readonly #events: ProvisioningEvents;
  readonly #noting = new Set<Promise<void>>();
  #servers: Servers | undefined;
  /** What TVS vouches for; made anew with every change of trust. */
  #entries: readonly TvsDirectoryEntry[] = [];

  constructor(options: ProvisioningOptions) {
    this.#options = options;
    this.#events = new ProvisioningEvents(options.context);
    this.enrolment = new EnrolmentService(options.context, (event) => this.#enrolmentEvent(event));
  }

  async start(): Promise<void> {
    const { context } = this.#options;
    const { configuration, cluster, clock } = context;
    const { host, tftpPort, httpPort, httpsPort, capfPort, tvsPort } = configuration.provisioning;
    await this.enrolment.restore();
    this.#entries = await this.#options.trust.vouching.entries();
    const service = new FileService({
      source: new CombinedFileSource([this.#phoneFiles(), new RevocationListFiles(context), await this.#sharedFiles()]),
      onEvent: (event) => this.#note(this.#fileEvent(event)),
    });
    const undo: (() => unknown)[] = [];
    const opened = <Server extends { close(): unknown }>(server: Server): Server => {
      undo.push(() => server.close());
      return server;
    };
    try {
      this.#servers = {
        tftp: opened(await TftpFileServer.open({ service, host, port: tftpPort })),
        http: opened(await HttpFileServer.open({ service, host, port: httpPort })),
        https: opened(await HttpFileServer.open({ service, host, port: httpsPort, tls: await this.#tls() })),
        capf: opened(
          await CapfServer.open({
            where: { host, port: capfPort },
            identities: [await cluster.identity('capf', clock.now())],
            enrolments: this.enrolment.enrolments,
            issue: (device, publicKey, operation) => this.enrolment.issue(device, publicKey, operation),
            outside: this.enrolment.outside,
            carriedOut: (device, operation, connection) => this.#enrolled(device, operation, connection),
            onEvent: (event) => this.#enrolmentEvent(event),
          }),
        ),
        tvs: opened(
          await TvsServer.open({
            where: { host, port: tvsPort },
            identities: [await cluster.identity('tvs', clock.now())],
            judgePhone: (chain, address) => this.#judgePhone(chain, address),
            lookup: tvsDirectory(() => this.#entries),
            onEvent: (event) => this.#events.service(event),
          }),
        ),
      };
    } catch (error) {
      for (const step of undo.reverse()) await step();
      throw namingTheOption(error);
    }
    this.#events.start();
  }

  async stop(): Promise<void> {
    const servers = this.#servers;
    if (servers === undefined) return;
    this.#servers = undefined;
    servers.tftp.close();
    await Promise.all([servers.http.close(), servers.https.close(), servers.capf.close(), servers.tvs.close()]);
    await Promise.all(this.#noting);
    this.#events.stop();
  }

  listeners(): readonly ProvisioningListener[] {
    const servers = this.#servers;
    if (servers === undefined) return [];
    const { host } = this.#options.context.configuration.provisioning;
    return [
      { service: 'TFTP', ...servers.tftp.local },
      { service: 'HTTP', ...servers.http.local },
      { service: 'HTTPS', ...servers.https.local },
      { service: 'CAPF', host, port: servers.capf.port },
      { service: 'TVS', host, port: servers.tvs.port },
    ];
  }

  deviceAdded(name: string): void {
    this.enrolment.deviceAdded(name);
  }

  deviceRemoved(name: string): void {
    this.enrolment.deviceRemoved(name);
  }

  async trustChanged(): Promise<void> {
    const { context, trust } = this.#options;
    const { cluster, clock } = context;
    await trust.refresh();
    this.#entries = await trust.vouching.entries();
    const servers = this.#servers;
    if (servers === undefined) return;
    servers.capf.setIdentities([await cluster.identity('capf', clock.now())]);
    servers.tvs.setIdentities([await cluster.identity('tvs', clock.now())]);
    servers.https.renew(await this.#tls());
  }

  async #tls() {
    const { cluster, clock } = this.#options.context;
    const { chainPem, privateKeyPem } = await cluster.identity('tftp', clock.now());
    return { cert: chainPem, key: privateKeyPem.reveal(), minVersion: 'TLSv1.2' as const };
  }

  #phoneFiles(): PhoneFiles {
    const { context, trust } = this.#options;
    return new PhoneFiles({
      context,
      trust,
      places: () => this.#places(),
      enrolmentOf: (device) => this.enrolment.enrolments.pendingOf(device)?.authentication,
    });
  }

  async #sharedFiles(): Promise<StaticFolder> {
    const { folder } = this.#options.context.configuration.provisioning;
    const path = isAbsolute(folder) ? folder : join(this.#options.dataFolder, folder);
    await mkdir(path, { recursive: true, mode: 0o700 });
    return StaticFolder.open(path);
  }

  #places(): ServicePlaces {
    const { configuration } = this.#options.context;
    const { host, capfPort, tvsPort, furtherManagers } = configuration.provisioning;
    const port = (isWanted: (listener: ListenerStatus) => boolean) => this.#options.signalling().find(isWanted)?.port;
    return {
      host: reachableHost(configuration, { host }),
      sipPort: port(({ transport }) => transport === 'udp' || transport === 'tcp'),
      securedSipPort: port(({ transport, legacy }) => transport === 'tls' && !legacy),
      ethernetPhonePort: port(({ transport }) => transport === 'sccp'),
      securedEthernetPhonePort: port(({ transport, legacy }) => transport === 'sccp-tls' && !legacy),
      capfPort: this.#servers?.capf.port ?? capfPort,
      tvsPort: this.#servers?.tvs.port ?? tvsPort,
      furtherManagers,
    };
  }

  /** A phone without a certificate may ask too: it is the one that has just begun. */
  #judgePhone(chain: readonly Uint8Array[], address: string) {
    if (chain.length === 0) return { accepted: true } as const;
    const { cluster, clock } = this.#options.context;
    const judgment = judgeDeviceCertificate(cluster.trust, chain, clock.now(), { purpose: 'enrolment' });
    if (!judgment.accepted) return { accepted: false as const, reason: judgment.reason };
    if (judgment.means === 'MIC') noteShownMic(this.#options.context, judgment.device, chain[0] as Uint8Array);
    this.#options.seen({ device: judgment.device, address, since: clock.monotonic(), did: 'asked TVS' });
    return { accepted: true } as const;
  }

  /** Whoever came while a window was open has proved nothing. */
  #enrolled(device: string, { authentication }: EnrolmentOperation, { address, openedAt }: CapfConnection): void {
    if (authentication.by === 'nothing') return;
    this.#options.seen({ device, address, since: openedAt, did: 'came to CAPF' });
  }

  /** What is being written down about files that were served; the end waits for it. */
  #note(writing: Promise<void>): void {
    const settled = writing
      .catch((error: Error) =>
        this.#options.context.log.error(`What a phone was given was not noted: ${error.message}`),
      )
      .finally(() => this.#noting.delete(settled));
    this.#noting.add(settled);
  }

  async #fileEvent(event: FileEvent): Promise<void> {
    const { log } = this.#options.context;
    log.debug(
      `${event.kind} ${event.name} ${event.transport} ${event.remoteAddress}${'reason' in event ? `: ${event.reason}` : ''}`,
    );
    if (event.kind !== 'file-served') {
      this.#events.fileNotGiven(event);
      return;
    }
    const parsed = parseFileName(event.name);
    if (!parsed.ok || parsed.file.kind !== 'trust-list' || parsed.file.device === undefined) return;
    const { list, device } = parsed.file;
    await this.#options.trust.held.given(list, device, event.remoteAddress, event.version);
  }

  /** What has happened at CAPF is told, and holds after a restart too. */
  #enrolmentEvent(event: EnrolmentEvent | ListenerEvent): void {
    if ('severity' in event) void this.enrolment.follow(event);
    this.#events.service(event);
  }
}
