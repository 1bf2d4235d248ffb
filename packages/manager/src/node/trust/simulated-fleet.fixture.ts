import { createPrivateKey, createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import {
  type BootInput,
  type BootOutput,
  blankState,
  type EnrolmentResult,
  PhoneBoot,
  type PhoneIdentity,
  type PhoneState,
  type TvsAnswer,
  trustListJudge,
} from '@trustline/phone';
import {
  type Certificate,
  decodeCertificateRequestPem,
  initialiseToken,
  readCertificate,
  type SecurityToken,
} from '@trustline/pki';
import { createCluster, createSoftwareToken, generatePrivateKey } from '@trustline/pki/node';
import { capfCertificateType, FileService, makeCapfProof, tvsDirectory } from '@trustline/provisioning';
import { DigestClient, digestHa1 } from '@trustline/sip';
import { Simulation } from '../../simulation.fixture.ts';
import { digestPasswordOf, digestRealm, newDigestPassword } from '../digest-passwords.ts';
import { Journal } from '../journal.ts';
import { KeptCalls } from '../kept-calls.ts';
import { loadConfiguration } from '../load-configuration.ts';
import { createLog } from '../log.ts';
import type { ManagerContext } from '../parts.ts';
import { EnrolmentService } from '../provisioning/enrolment-service.ts';
import { PhoneFiles } from '../provisioning/phone-files.ts';
import { openStore } from '../store/store.ts';
import { PublishedTrust } from './published-trust.ts';

/** Where phones are, as the door of the call manager sees it too. */
const addressOfPhones = '192.0.2.9';

/** How a boot ended; `no-password`: it would register without TLS, and has nothing to prove itself by. */
export type BootEnd = 'encrypted' | 'non-secure' | 'no-password' | 'lost';

/** A cluster whose services are called without sockets, on a clock of the test's. */
export class SimulatedCluster {
  readonly context: ManagerContext;
  readonly trust: PublishedTrust;
  readonly enrolment: EnrolmentService;
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
    const keptCalls = new KeptCalls(join(folder, 'calls.kept'), () => undefined);
    const context = { configuration, clock, store, cluster, journal, log: createLog(configuration), keptCalls };
    const trust = new PublishedTrust(context, undefined);
    await trust.refresh();
    return new SimulatedCluster(context, trust, time);
  }

  /** As the manager of a cluster is after a restart: what it remembers is on the disk. */
  static async over({ context, now }: SimulatedCluster): Promise<SimulatedCluster> {
    const trust = new PublishedTrust(context, undefined);
    await trust.refresh();
    return new SimulatedCluster(context, trust, { now });
  }

  private constructor(context: ManagerContext, trust: PublishedTrust, time: { now: number }) {
    this.context = context;
    this.trust = trust;
    this.#time = time;
    this.enrolment = new EnrolmentService(context, () => {});
    const files = new PhoneFiles({
      context,
      trust,
      places: () => ({
        host: 'cm.example',
        sipPort: 5060,
        securedSipPort: 5061,
        ethernetPhonePort: undefined,
        securedEthernetPhonePort: undefined,
        capfPort: 3804,
        tvsPort: 2445,
        furtherManagers: [],
      }),
      enrolmentOf: (device) => this.enrolment.enrolments.pendingOf(device)?.authentication,
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
      protocol: 'sip',
      description: '',
      lines: [{ number: name.slice(-4), displayName: undefined }],
      digest: (await newDigestPassword(this.context, name)).digest,
      addedAt: this.now,
    });
    this.enrolment.deviceAdded(name);
  }

  /** Lets a device enrol once, by its MIC. */
  async openEnrolment(device: string): Promise<void> {
    await this.enrolment.open(device, {
      action: { kind: 'install', key: { type: 'RSA', bits: 2048 } },
      authentication: { by: 'certificate', kinds: ['MIC'] },
    });
  }

  /** What the maker of a phone puts into it: by the stand-in that issues now. */
  async manufacture(device: string): Promise<PhoneIdentity> {
    const { certificate, privateKeyPem } = await this.context.cluster.issueManufacturerCertificate(device, this.now);
    return identityOf(certificate, createPrivateKey(privateKeyPem.reveal()));
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

  /** Gives a file as the servers give it, and notes what was given in the name of a phone. */
  async fetch(device: string, name: string, remoteAddress = addressOfPhones) {
    const client = { transport: 'http', remoteAddress, remotePort: 1 } as const;
    const answer = await this.#files.find(client, name);
    if (answer.kind === 'refused') return { kind: 'refused', reason: answer.cause } as const;
    if (answer.kind === 'not-found') return answer;
    const list = /^(CTL|ITL)SEP/.exec(name)?.[1] as 'CTL' | 'ITL' | undefined;
    if (list !== undefined) await this.trust.held.given(list, device, remoteAddress);
    this.#time.now += 1; // what follows comes later
    return { kind: 'found', content: answer.file.content } as const;
  }

  /** Registers at the door of a call manager, by certificate or by password; whom it sees there was seen. */
  async register(device: string, transport: 'tls' | 'udp'): Promise<void> {
    const random = (length: number) => new Uint8Array(randomBytes(length));
    const time = { now: this.now, attach: () => undefined };
    const door = new Simulation(time, random);
    const stored = await this.context.store.devices.find(device);
    const password = stored && (await digestPasswordOf(this.context, stored));
    if (stored?.digest === undefined || password === undefined) throw new Error(`${device} has no password`);
    const phone = door.phone(device, device.slice(-4), {
      transport,
      ...(transport === 'tls' ? {} : { securityMode: 'non-secure', password: stored.digest }),
    });
    phone.register();
    const [request] = phone.sent;
    if (transport === 'udp' && request?.kind === 'request') {
      const digest = new DigestClient({ username: device, password, random });
      const credentials = digest.answer(request, phone.answerTo('REGISTER'));
      if (credentials !== undefined) phone.register(600, [credentials]);
    }
    for (const { device: name, flow, since } of door.seen) {
      await this.trust.held.seen({ device: name, address: flow.remote.host, since, did: 'registered' });
    }
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
  state: PhoneState;

  /** @param mic without one whoever operates the cluster lets it enrol by nothing */
  constructor(device: string, mic?: PhoneIdentity) {
    this.device = device;
    this.state = { ...blankState, mic };
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
          return { kind: 'enrolled', id: output.id, result: await enrol(at, this) };
        }
        case 'save':
          this.state = output.state;
          return undefined;
        case 'register': {
          const [rsa] = cluster.callManagerIdentities();
          if (output.transport !== 'tls') end = (await provesItself(at, output)) ? 'non-secure' : 'no-password';
          // A MIC registers nothing: a phone without an LSC is turned away.
          else if (output.identity !== 'LSC') end = 'lost';
          else end = rsa !== undefined && (await talks('CCM', rsa.certificate)) ? 'encrypted' : 'lost';
          if (end === 'encrypted') await at.register(this.device, 'tls');
          if (end === 'non-secure') await at.register(this.device, 'udp');
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

/** Whether the gate would take the digest password that the phone has from its configuration, and from nowhere else. */
async function provesItself(
  { context }: SimulatedCluster,
  { device, configuration }: Extract<BootOutput, { kind: 'register' }>,
): Promise<boolean> {
  const stored = await context.store.devices.find(device);
  const own = configuration.kind === 'full' ? configuration.lines[0]?.authentication : undefined;
  if (own === undefined || stored?.digest === undefined) return false;
  return digestHa1('SHA-256', own.name, digestRealm, own.password.reveal()) === stored.digest.sha256;
}

/** All phones share a key: it is their lists that are tried here. */
const sharedKey = generatePrivateKey('RSA-2048');

async function enrol(at: SimulatedCluster, phone: SimulatedPhone): Promise<EnrolmentResult> {
  const key = await sharedKey;
  const { cluster, clock, store } = at.context;
  const spki = new Uint8Array(createPublicKey(key).export({ type: 'spki', format: 'der' }));
  if (phone.state.mic !== undefined) return enrolByMic(at, phone.device, phone.state.mic, spki);
  const certificate = await cluster.issueDeviceCertificateFor(phone.device, spki, clock.now());
  const operation = {
    id: phone.device,
    action: { kind: 'install', key: { type: 'RSA', bits: 2_048 } },
    authentication: { by: 'certificate', kinds: ['MIC'] },
  } as const;
  await store.enrolments.issued(phone.device, operation, certificate.der, clock.now());
  return { outcome: 'installed', ...identityOf(certificate, key) };
}

/** By the rules of CAPF: what is pending, whose MIC it is, and whether it is believed. */
async function enrolByMic(
  { enrolment, context }: SimulatedCluster,
  device: string,
  mic: PhoneIdentity,
  spki: Uint8Array,
): Promise<EnrolmentResult> {
  const shown = { type: capfCertificateType.MIC, der: mic.certificate };
  const micKey = createPrivateKey({ key: Buffer.from(mic.privateKey.reveal()), format: 'der', type: 'pkcs8' });
  const claim = { device, address: '192.0.2.9', string: undefined, proof: makeCapfProof(device, shown, micKey) };
  const decision = enrolment.enrolments.attempt(context.clock.monotonic(), claim);
  if (decision.outcome === 'declined') return { outcome: 'declined', reason: 'its MIC was not believed' };
  if (decision.outcome !== 'proceed') return { outcome: 'no-action', reason: decision.outcome };
  const certificate = readCertificate(await enrolment.issue(device, spki, decision.operation));
  enrolment.enrolments.done(device, claim.address, decision.operation, 'certificate-issued', 'issued');
  return { outcome: 'installed', ...identityOf(certificate, await sharedKey) };
}

function identityOf({ der }: Certificate, key: KeyObject): PhoneIdentity {
  return { certificate: der, privateKey: new Redacted(new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }))) };
}
