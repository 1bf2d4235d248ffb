import { sign } from 'node:crypto';
import {
  buildTrustList,
  type Certificate,
  type ClusterSecurityMode,
  type HeldTrust,
  type IdentityRole,
  isLabTokenCertificate,
  parseTrustList,
  type SignOctets,
  signerIdentityOf,
  signFile,
  type TrustList,
  trustRoles,
} from '@trustline/pki';
import { type TvsDirectoryEntry, tvsDirectory } from '@trustline/provisioning';
import { ManagerError } from '../../error.ts';
import { ctlRecords, itlRecords, type ListedServers, saysTheSame } from '../../trust/composition.ts';
import { type ListedCertificate, listedCertificates } from '../../trust/listed-certificates.ts';
import {
  certificatesOf,
  judgePublication,
  modeOf,
  type Publication,
  type PublicationProblem,
} from '../../trust/publication.ts';
import { type RenewalSimulation, serviceOfIdentity, simulateRenewal } from '../../trust/renewal.ts';
import { type KnownPhone, simulate, type TrustVerification } from '../../trust/simulation.ts';
import type { ManagerContext } from '../parts.ts';
import type { StoredTrustList, TrustListKind } from '../store/trust-lists.ts';
import type { LabTokens } from './lab-tokens.ts';
import { listedServers } from './listed-servers.ts';

/** Seconds for which a phone may remember an answer; a phone of the vendor is told a day (cisco-phones §5). */
const tvsTimeToLive = 86_400;

/** A published list, read. */
export interface PublishedList {
  readonly stored: StoredTrustList;
  readonly list: TrustList;
}

/** What is asked of a CTL that was signed elsewhere. */
export interface OfferedCtl {
  readonly octets: Uint8Array;
  /** The phones that get it first; all of them without. */
  readonly wave?: readonly string[] | undefined;
  /** Only says what would happen. */
  readonly dryRun: boolean;
  /** No token of the published list is left, says a trust officer. */
  readonly recovery?: boolean;
}

export type OfferOutcome =
  | { readonly kind: 'no-list'; readonly problem: PublicationProblem }
  | { readonly kind: 'judged'; readonly publication: Publication; readonly published: StoredTrustList | undefined };

/**
 * The trust lists of this cluster: what is published, what each phone took, and the ITL, which the cluster signs for
 * itself. Whether the cluster is in mixed mode follows from the CTL and from nothing else.
 */
export class PublishedTrust {
  readonly #context: ManagerContext;
  readonly #labTokens: LabTokens | undefined;
  /** Lists that were read, by number: they never change. */
  readonly #read = new Map<number, TrustList>();
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @param labTokens those of a lab that makes its trust itself */
  constructor(context: ManagerContext, labTokens: LabTokens | undefined) {
    this.#context = context;
    this.#labTokens = labTokens;
  }

  /** Brings lists and security mode in line with what the servers show; at the start and after every change of it. */
  refresh(): Promise<void> {
    return this.#exclusively(async () => {
      if (this.#context.configuration.provisioning.enabled) await this.#publishItl();
      await this.#publishLabCtl();
      await this.#followCtl();
    });
  }

  /** The list of this kind that all phones get, but those of a wave. */
  async current(kind: TrustListKind): Promise<PublishedList | undefined> {
    return this.#published(await this.#context.store.trustLists.current(kind));
  }

  /** The list of this kind that one phone gets. */
  async forDevice(kind: TrustListKind, device: string): Promise<PublishedList | undefined> {
    return this.#published(await this.#context.store.trustLists.forDevice(kind, device));
  }

  /** What every phone holds, as far as it is known. */
  async phones(): Promise<readonly KnownPhone[]> {
    const { trustLists } = this.#context.store;
    const lists = new Map<number, TrustList>();
    for (const stored of [...(await trustLists.list('CTL')), ...(await trustLists.list('ITL'))]) {
      lists.set(stored.number, this.#parse(stored));
    }
    const held = new Map<string, { ctl: TrustList | undefined; itl: TrustList | undefined }>();
    for (const { device, kind, list } of await trustLists.phones()) {
      const known = held.get(device) ?? { ctl: undefined, itl: undefined };
      held.set(device, kind === 'CTL' ? { ...known, ctl: lists.get(list) } : { ...known, itl: lists.get(list) });
    }
    return [...held].map(([device, lists]) => ({ device, held: lists satisfies HeldTrust }));
  }

  /**
   * Notes that a phone was given its list. What it refuses by its own rules it does not hold: it goes on judging by the
   * one before, and is locked.
   */
  async served(kind: TrustListKind, device: string, remoteAddress: string): Promise<void> {
    const { store, clock, journal } = this.#context;
    const published = await this.forDevice(kind, device);
    if (published === undefined) return;
    const { number, content } = published.stored;
    const before = (await store.trustLists.phones()).find((one) => one.device === device && one.kind === kind);
    if (before?.list !== number) {
      const { accepting, healing, locked } = simulate(
        (await this.phones()).filter((phone) => phone.device === device),
        { kind, octets: content },
        await this.verification(),
        clock.now(),
      );
      const [refusal] = locked;
      if (refusal !== undefined) {
        await journal.event('trust-list-not-taken', {
          device,
          remoteAddress,
          reason: refusal.rule,
          cause: `The phone was given ${kind} number ${number} and refuses it: ${refusal.ourWords}.`,
          nextStep: 'trustline trust status shows what it holds, and which token can still sign for it.',
        });
        return;
      }
      const how = healing.length > 0 ? ', by the word of TVS' : accepting.length > 0 ? '' : ' as its first';
      await journal.event('trust-list-taken', {
        device,
        remoteAddress,
        reason: kind,
        cause: `The phone took ${kind} number ${number}${how}.`,
      });
    }
    await store.trustLists.taken({ device, kind, list: number, takenAt: clock.now(), remoteAddress });
  }

  /** Publishes a CTL if every rule is kept; refused or published, it is an event. */
  offer({ octets, wave, dryRun, recovery = false }: OfferedCtl): Promise<OfferOutcome> {
    return this.#exclusively(async () => {
      const published = (await this.current('CTL'))?.list;
      const newSignerAllowed = recovery || (published !== undefined && this.isLabs(published));
      const offered = parseTrustList(octets);
      const publication = judgePublication(octets, {
        servers: await listedServers(this.#context),
        published,
        phones: inWave(await this.phones(), wave),
        // What is published is vouched for: the tokens of a list that phones cannot know are, from then on.
        verification: await this.verification(newSignerAllowed && offered.ok ? [offered.list] : []),
        newSignerAllowed,
        now: this.#context.clock.now(),
      });
      if ('rule' in publication) {
        if (!dryRun) await this.#refused([publication]);
        return { kind: 'no-list', problem: publication };
      }
      if (dryRun) return { kind: 'judged', publication, published: undefined };
      if (publication.problems.length > 0) {
        await this.#refused(publication.problems);
        return { kind: 'judged', publication, published: undefined };
      }
      return { kind: 'judged', publication, published: await this.#publishCtl(octets, wave, publication, recovery) };
    });
  }

  /** The wave's CTL goes to all phones. */
  completeWave(): Promise<void> {
    return this.#exclusively(async () => {
      await this.#context.store.trustLists.completeWave('CTL');
      await this.#followCtl();
    });
  }

  /**
   * What the known phones will make of a staged renewal once its server shows it; undefined for what no phone meets.
   *
   * @throws {ManagerError} manager.no-renewal
   */
  async judgeRenewal(role: IdentityRole): Promise<RenewalSimulation | undefined> {
    const { cluster, clock } = this.#context;
    const next = cluster.stagedCertificate(role);
    if (next === undefined) {
      throw new ManagerError('manager.no-renewal', `No renewal of ${role} is staged.`, {
        nextStep: `Stage one with: trustline pki renew ${role}`,
      });
    }
    const service = serviceOfIdentity(role);
    if (service === undefined) return undefined;
    return simulateRenewal(await this.phones(), service, next, await this.verification(), clock.now());
  }

  /** True for a list of the tokens that a lab keeps itself, and no others. */
  isLabs(list: TrustList): boolean {
    return this.#labTokens !== undefined && isOfTokens(list, this.#labTokens.certificates);
  }

  /**
   * The Trust Verification Service as phones meet it.
   *
   * @param besides lists that it would vouch for as well, once they were published
   */
  async verification(besides: readonly TrustList[] = []): Promise<TrustVerification> {
    const { tvs } = await listedServers(this.#context);
    const [certificate] = tvs as readonly [Certificate];
    const entries = await this.entries(besides);
    const lookup = tvsDirectory(() => entries);
    return {
      certificate,
      vouch({ issuer, serialNumber }) {
        const found = lookup.byName({ subject: undefined, issuer, serialNumber: Buffer.from(serialNumber, 'hex') });
        return found === undefined ? undefined : { certificate: found.certificate, roles: found.roles };
      },
    };
  }

  /** Every certificate that the Trust Verification Service vouches for. */
  async entries(besides: readonly TrustList[] = []): Promise<readonly TvsDirectoryEntry[]> {
    // That of a wave too: its phones must believe it, whoever signed it.
    const inForce = (await this.#context.store.trustLists.inForce()).map((one) => this.#parse(one));
    const listed = listedCertificates([...inForce, ...besides], shown(await listedServers(this.#context)));
    return listed.map(({ certificate, roles }) => {
      const { issuer, serialNumber } = signerIdentityOf(certificate);
      return { certificate: certificate.der, roles, timeToLive: tvsTimeToLive, issuer, serialNumber };
    });
  }

  async #publishCtl(
    octets: Uint8Array,
    wave: readonly string[] | undefined,
    { list, mode, changes }: Publication,
    recovery: boolean,
  ): Promise<StoredTrustList> {
    const { store, clock, journal } = this.#context;
    const stored = await store.trustLists.publish('CTL', octets, clock.now(), wave);
    const whom = wave === undefined ? 'all phones' : `a wave of ${wave.length}`;
    const lost = recovery ? ' in recovery, no token of the list before being left' : '';
    await journal.event('trust-list-published', {
      reason: `CTL ${mode}`,
      cause: `A CTL signed by ${list.header.signer.name} was published to ${whom}${lost}: ${changes.join('; ')}.`,
    });
    await this.#followCtl();
    return stored;
  }

  /** What is on the wire decides: mixed mode is a CTL with the call manager's certificate. */
  async #followCtl(): Promise<void> {
    const { cluster, journal, configuration } = this.#context;
    const ctl = await this.current('CTL');
    const without = cluster.kind === 'lab' ? configuration.securityMode : 'non-secure';
    const mode: ClusterSecurityMode = ctl === undefined ? without : modeOf(ctl.list);
    const lab = ctl !== undefined && certificatesOf(ctl.list, trustRoles.SAST).some(isLabTokenCertificate);
    await cluster.setTokenTrust(ctl !== undefined && !lab);
    if (cluster.trust.securityMode() === mode) return;
    await cluster.setSecurityMode(mode);
    const why = ctl === undefined ? 'no CTL is published' : `so says the CTL of ${ctl.list.header.signer.name}`;
    await journal.event('configuration-changed', {
      reason: 'security-mode',
      cause: `The cluster is now in ${mode} mode: ${why}.`,
    });
  }

  /** The ITL holds what the servers show; when that has changed, the cluster signs another. */
  async #publishItl(): Promise<void> {
    const { cluster, store, clock, journal, configuration } = this.#context;
    const servers = await listedServers(this.#context);
    const signer = await cluster.identity('tftp', clock.now());
    const published = await this.current('ITL');
    const records = itlRecords(servers, signer.certificate);
    if (published !== undefined && saysTheSame(published.list, records)) return;
    const request = {
      kind: 'ITL',
      timestamp: this.#timestampAfter(published),
      digest: configuration.provisioning.digest,
      signer: signer.certificate,
      records,
    } as const;
    const octets = await signFile(buildTrustList(request), signWith(signer.privateKeyPem.reveal()));
    await store.trustLists.publish('ITL', octets, clock.now());
    await journal.event('trust-list-published', {
      reason: 'ITL',
      cause: 'The cluster signed another ITL, for its servers show other certificates.',
    });
  }

  /** A lab signs its CTL itself, again whenever its servers show others; until real tokens have taken its place. */
  async #publishLabCtl(): Promise<void> {
    const { cluster, store, clock, journal, configuration } = this.#context;
    const tokens = this.#labTokens;
    const [signer] = tokens?.certificates ?? [];
    if (tokens === undefined || signer === undefined) return;
    const published = await this.current('CTL');
    if (published !== undefined && !this.isLabs(published.list)) return;
    const servers = await listedServers(this.#context);
    const manufacturing = cluster.trust.issuersFor('manufacturer');
    const records = ctlRecords(servers, tokens.certificates, manufacturing, configuration.securityMode);
    if (published !== undefined && saysTheSame(published.list, records)) return;
    const request = {
      kind: 'CTL',
      timestamp: this.#timestampAfter(published),
      digest: configuration.provisioning.digest,
      signer,
      records,
    } as const;
    const octets = await signFile(buildTrustList(request), tokens.sign);
    await store.trustLists.publish('CTL', octets, clock.now());
    await journal.event('trust-list-published', {
      reason: `CTL ${configuration.securityMode} lab`,
      cause: 'The lab signed another CTL with a software token of its own.',
    });
  }

  /** Seconds. A phone refuses a list that is older than its own, whatever became of this machine's clock. */
  #timestampAfter(published: PublishedList | undefined): number {
    const next = (published?.list.header.timestamp ?? 0) + 1;
    return Math.max(Math.floor(this.#context.clock.now() / 1_000), next);
  }

  async #refused(problems: readonly PublicationProblem[]): Promise<void> {
    await this.#context.journal.event('trust-list-refused', {
      reason: problems[0]?.rule ?? '',
      cause: `A CTL was not published: ${problems.map(({ message }) => message).join(' ')}`,
      nextStep: problems[0]?.nextStep ?? '',
    });
  }

  /** A published list with what stands in it. */
  read(stored: StoredTrustList): PublishedList {
    return { stored, list: this.#parse(stored) };
  }

  #published(stored: StoredTrustList | undefined): PublishedList | undefined {
    return stored === undefined ? undefined : this.read(stored);
  }

  #parse(stored: StoredTrustList): TrustList {
    const known = this.#read.get(stored.number);
    if (known !== undefined) return known;
    const parsed = parseTrustList(stored.content);
    if (!parsed.ok) throw new Error(`the published list ${stored.number} cannot be read: ${parsed.message}`);
    this.#read.set(stored.number, parsed.list);
    return parsed.list;
  }

  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

/** Signs with a key of the cluster. */
export function signWith(privateKeyPem: string): SignOctets {
  return async (digest, octets) => sign(`RSA-${digest.replace('-', '')}`, octets, privateKeyPem);
}

function shown({ callManager, tftp, capf, tvs }: ListedServers): readonly ListedCertificate[] {
  const under = (certificates: readonly Certificate[], ...roles: readonly number[]) =>
    certificates.map((certificate) => ({ certificate, roles }));
  return [
    ...under(callManager, trustRoles.CCM),
    // The cluster signs ITLs with its TFTP identity.
    ...under(tftp, trustRoles.TFTP, trustRoles.SAST),
    ...under(capf, trustRoles.CAPF),
    ...under(tvs, trustRoles.TVS),
  ];
}

/** True when these are the tokens of a list, and there is no other in it. */
function isOfTokens(list: TrustList, tokens: readonly Certificate[]): boolean {
  const known = new Set(tokens.map(fingerprintOf));
  return certificatesOf(list, trustRoles.SAST).every(({ fingerprint }) => known.has(fingerprint));
}

const fingerprintOf = ({ fingerprint }: Certificate) => fingerprint;

function inWave(phones: readonly KnownPhone[], wave: readonly string[] | undefined): readonly KnownPhone[] {
  if (wave === undefined) return phones;
  const names = new Set(wave);
  return phones.filter(({ device }) => names.has(device));
}
