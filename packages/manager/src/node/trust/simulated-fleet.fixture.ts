import { createPrivateKey, createPublicKey } from 'node:crypto';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import {
  type BootInput,
  type BootOutput,
  blankState,
  PhoneBoot,
  type PhoneState,
  type TvsAnswer,
  trustListJudge,
} from '@trustline/phone';
import { type Certificate, decodeCertificateRequestPem, initialiseToken, type SecurityToken } from '@trustline/pki';
import { createCluster, createSoftwareToken, generatePrivateKey } from '@trustline/pki/node';
import { FileService, tvsDirectory } from '@trustline/provisioning';
import { Journal } from '../journal.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { createLog } from '../log.ts';
import type { ManagerContext } from '../parts.ts';
import { PhoneFiles } from '../provisioning/phone-files.ts';
import { openStore } from '../store/store.ts';
import { PublishedTrust } from './published-trust.ts';

/** How a boot ended. */
export type BootEnd = 'encrypted' | 'non-secure' | 'lost';

/** A cluster whose services are called without sockets, on a clock of the test's. */
export class SimulatedCluster {
  readonly context: ManagerContext;
  readonly trust: PublishedTrust;
  readonly #files: FileService;
  readonly #time: { now: number };

  /** Makes a production cluster in a folder. @param now epoch milliseconds */
  static async make(folder: string, name: string, now: number): Promise<SimulatedCluster> {
    const time = { now };
    const { configuration } = loadConfiguration({
      set: [`dataFolder=${folder}`, `identity.cluster=${name}`, 'log.level=error'],
      environment: {},
    });
    const names = { cluster: name, hosts: ['cm.example'], addresses: ['192.0.2.1'], domains: [] } as const;
    const cluster = await createCluster(join(folder, 'pki'), { ...names, hosts: ['cm.example'] }, now, {
      kind: 'production',
    });
    const store = await openStore(join(folder, 'store.sqlite'), { node: 'node-1', now });
    const clock = { now: () => time.now, monotonic: () => time.now };
    const journal = await Journal.open({
      store,
      node: 'node-1',
      privateKey: cluster.recordSigner().privateKey,
      memoryLimit: 100,
      now: clock.now,
      complain: (sentence) => {
        throw new Error(sentence);
      },
    });
    const context = { configuration, clock, store, cluster, journal, log: createLog(configuration) };
    const trust = new PublishedTrust(context, undefined);
    await trust.refresh();
    return new SimulatedCluster(context, trust, time);
  }

  private constructor(context: ManagerContext, trust: PublishedTrust, time: { now: number }) {
    this.context = context;
    this.trust = trust;
    this.#time = time;
    const files = new PhoneFiles({
      context,
      trust,
      places: () => ({ host: 'cm.example', sipPort: 5060, securedSipPort: 5061, capfPort: 3804, tvsPort: 2445 }),
      enrolmentOf: () => undefined,
    });
    this.#files = new FileService({ source: files, onEvent: () => {} });
  }

  get now(): number {
    return this.#time.now;
  }

  /** Lets time pass, as between two acts of an operator. */
  later(milliseconds = 60_000): void {
    this.#time.now += milliseconds;
  }

  async addDevice(name: string): Promise<void> {
    await this.context.store.devices.add({
      name,
      kind: 'phone',
      securityMode: 'encrypted',
      description: '',
      lines: [{ number: name.slice(-4), displayName: undefined }],
      digest: undefined,
      addedAt: this.now,
    });
  }

  /** A token of this cluster, opened. */
  async makeToken(folder: string, label: string): Promise<SecurityToken & { readonly certificate: Certificate }> {
    const token = createSoftwareToken(join(folder, `${label}.token`), label, new Redacted('a pin of a test'));
    const certificate = await initialiseToken(token, async (request, identity) => {
      const issued = await this.context.cluster.issueTokenCertificate(
        decodeCertificateRequestPem(request),
        identity,
        this.now,
      );
      return { certificate: issued.certificate.der, issuer: issued.issuer.der };
    });
    return Object.assign(token, { certificate });
  }

  /** Gives a file as the servers give it, and notes what a phone was given. */
  async fetch(device: string, name: string) {
    const client = { transport: 'http', remoteAddress: '192.0.2.9', remotePort: 1 } as const;
    const answer = await this.#files.find(client, name);
    if (answer.kind === 'refused') return { kind: 'refused', reason: answer.cause } as const;
    if (answer.kind === 'not-found') return answer;
    const list = /^(CTL|ITL)SEP/.exec(name)?.[1] as 'CTL' | 'ITL' | undefined;
    if (list !== undefined) await this.trust.taken.served(list, device, '192.0.2.9:1');
    return { kind: 'found', content: answer.file.content } as const;
  }

  async verify(question: Extract<BootOutput, { kind: 'ask-tvs' }>['question']): Promise<TvsAnswer> {
    const entries = await this.trust.vouching.entries();
    const lookup = tvsDirectory(() => entries);
    const found =
      question.kind === 'verify'
        ? lookup.byCertificate(question.certificate)
        : lookup.byName({
            subject: question.signer.name,
            issuer: question.signer.issuer,
            serialNumber: Buffer.from(question.signer.serialNumber, 'hex'),
          });
    return found === undefined ? { outcome: 'invalid' } : { outcome: 'valid', ...found };
  }

  async close(): Promise<void> {
    await this.context.journal.close();
    await this.context.store.close();
  }
}

/** A phone with the real boot machine and a state of its own, which power cuts do not take away. */
export class SimulatedPhone {
  readonly device: string;
  state: PhoneState = blankState;

  constructor(device: string) {
    this.device = device;
  }

  /** Power on; which cluster answers is a matter of the network. */
  async boot(at: SimulatedCluster): Promise<BootEnd> {
    const { cluster, clock } = at.context;
    let end: BootEnd | undefined;
    const boot = new PhoneBoot({
      device: this.device,
      state: this.state,
      judge: trustListJudge,
      wallClock: () => clock.now(),
    });
    /** Shows a server's certificate to the phone, and says whether it talks to it. */
    const talks = async (service: 'CCM' | 'CAPF' | 'TVS', certificate: Certificate): Promise<boolean> => {
      boot.handle(0, { kind: 'server-presented', handshake: service, service, certificate: certificate.der });
      return drain(service);
    };
    const act = async (output: BootOutput): Promise<BootInput | undefined> => {
      switch (output.kind) {
        case 'fetch':
          return { kind: 'fetched', id: output.id, answer: await at.fetch(this.device, output.name) };
        case 'ask-tvs': {
          const { certificate } = await cluster.identity('tvs', clock.now());
          const answer: TvsAnswer = (await talks('TVS', certificate))
            ? await at.verify(output.question)
            : { outcome: 'failed', reason: 'its certificate is refused' };
          return { kind: 'tvs-answered', id: output.id, answer };
        }
        case 'enrol': {
          const { certificate } = await cluster.identity('capf', clock.now());
          if (!(await talks('CAPF', certificate))) {
            return { kind: 'enrolled', id: output.id, result: { outcome: 'failed', reason: 'refused' } };
          }
          return { kind: 'enrolled', id: output.id, result: await enrol(at, this.device) };
        }
        case 'save':
          this.state = output.state;
          return undefined;
        case 'register': {
          const [rsa] = cluster.callManagerIdentities();
          if (output.transport !== 'tls') end = 'non-secure';
          else end = rsa !== undefined && (await talks('CCM', rsa.certificate)) ? 'encrypted' : 'lost';
          return undefined;
        }
        case 'stopped':
          end = 'lost';
          return undefined;
        case 'server-judged':
        case 'log':
          return undefined;
      }
    };
    /** Carries out what the phone wants until it wants nothing, or until it has judged this handshake. */
    const drain = async (handshake?: string): Promise<boolean> => {
      for (let output = boot.poll(); output !== undefined; output = boot.poll()) {
        if (output.kind === 'server-judged' && output.handshake === handshake) return output.accepted;
        const input = await act(output);
        if (input !== undefined) boot.handle(0, input);
      }
      return false;
    };
    boot.start();
    await drain();
    // One that would begin again later is lost as it is.
    return end ?? 'lost';
  }
}

/** All phones share a key: it is their lists that are tried here. */
const sharedKey = generatePrivateKey('RSA-2048');

async function enrol({ context }: SimulatedCluster, device: string) {
  const key = await sharedKey;
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const certificate = await context.cluster.issueDeviceCertificateFor(
    device,
    new Uint8Array(spki),
    context.clock.now(),
  );
  const pkcs8 = createPrivateKey(key.export({ type: 'pkcs8', format: 'pem' })).export({ type: 'pkcs8', format: 'der' });
  return {
    outcome: 'installed',
    certificate: certificate.der,
    privateKey: new Redacted(new Uint8Array(pkcs8)),
  } as const;
}
