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
  unlistedCertificates,
} from '../../trust/publication.ts';
import { type RenewalSimulation, serviceOfIdentity, simulateRenewal } from '../../trust/renewal.ts';
import {
  type KnownPhone,
  type LockedPhone,
  type Simulation,
  simulate,
  type TrustVerification,
} from '../../trust/simulation.ts';
import type { ManagerContext } from '../parts.ts';
import type { StoredTrustList, TrustListKind } from '../store/trust-lists.ts';
import type { LabTokens } from './lab-tokens.ts';
import { listedServers } from './listed-servers.ts';

/** Seconds for which a phone may remember an answer; a phone of the vendor is told a day (cisco-phones §5). */
const tvsTimeToLive = 86_400;

/** Milliseconds for which it is believed that a list is taken; signers' certificates end. */
const agreementLifetime = 60_000;

/** The identities that phones meet. */
const identityRoles = ['callmanager-rsa', 'callmanager-ecdsa', 'tftp', 'capf', 'tvs'] as const;

/** What becomes of a list that needs nobody's word. */
const blindly = { healing: [], locked: [] } as const;

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
  /** When phones that hold some lists were found to take another, by the numbers of all of them. */
  readonly #agreed = new Map<string, number>();
  /** What phones refused and was told, by device and number of the list. */
  readonly #toldRefused = new Set<string>();
  /** The certificates of which was told that the CTL lacks them. */
  #toldUnlisted = '';
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
      await this.#tellOutdated();
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

  /** What the phone makes of a list, by the rules that it runs. */
  async simulationFor(phone: KnownPhone, { kind, content }: StoredTrustList): Promise<Simulation> {
    const offered = { kind, octets: content };
    const now = this.#context.clock.now();
    const alone = simulate([phone], offered, undefined, now);
    // Most need nobody's word but that of their own lists.
    return alone.locked.length === 0 ? alone : simulate([phone], offered, await this.verification(), now);
  }

  /**
   * Notes that a phone was given its list, whole. What it refuses by its own rules it does not hold: it goes on judging by
   * the one before, and is locked.
   *
   * @param hash of the list that it was given, SHA-256 in hex; the one that is published for it without
   */
  async served(kind: TrustListKind, device: string, remoteAddress: string, hash?: string): Promise<void> {
    const { store, clock, journal } = this.#context;
    const { trustLists } = store;
    const given = hash === undefined ? await trustLists.forDevice(kind, device) : await trustLists.byHash(kind, hash);
    const taken = await trustLists.takenBy(device);
    if (given === undefined || taken.some(({ number }) => number === given.number)) return;
    const { number } = given;
    const { locked, healing } = taken.length === 0 ? blindly : await this.#simulationByNumber(device, taken, given);
    const [refusal] = locked;
    if (refusal !== undefined) {
      await this.#tellRefused(device, remoteAddress, given, refusal);
      return;
    }
    await trustLists.taken({ device, kind, list: number, takenAt: clock.now(), remoteAddress });
    const isFirst = !taken.some((one) => one.kind === kind);
    const how = healing.length > 0 ? ', by the word of TVS' : isFirst ? ' as its first' : '';
    await journal.note('trust-list-taken', {
      device,
      remoteAddress,
      reason: kind,
      cause: `The phone took ${kind} number ${number}${how}.`,
    });
  }

  /** Publishes a CTL if every rule is kept; refused or published, it is an event. */
  offer({ octets, wave, dryRun, recovery = false }: OfferedCtl): Promise<OfferOutcome> {
    return this.#exclusively(async () => {
      const published = (await this.current('CTL'))?.list;
      const newSignerAllowed = recovery || (published !== undefined && this.isLabs(published));
      const publication = await this.#judge(octets, wave, newSignerAllowed);
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

  /**
   * The wave's CTL goes to all phones, after the rules were asked about those that were not in the wave.
   *
   * @throws {ManagerError} manager.no-wave; manager.wave-refused when a rule is broken: nothing has changed then
   */
  completeWave(): Promise<void> {
    return this.#exclusively(async () => {
      const { store, journal } = this.#context;
      const stored = await store.trustLists.inWave('CTL');
      if (stored === undefined) {
        throw new ManagerError('manager.no-wave', 'No CTL is published to a wave.', {
          nextStep: 'trustline trust status shows what is published.',
        });
      }
      // Its signer was allowed when it was offered; now the phones outside the wave have their say.
      const publication = await this.#judge(stored.content, undefined, true);
      const problems = 'rule' in publication ? [publication] : publication.problems;
      const [first] = problems;
      if (first !== undefined) {
        await this.#refused(problems);
        throw new ManagerError('manager.wave-refused', problems.map(({ message }) => message).join(' '), {
          nextStep: first.nextStep,
        });
      }
      await store.trustLists.completeWave('CTL');
      const { list } = this.read(stored);
      await journal.event('trust-list-published', {
        reason: `CTL ${modeOf(list)}`,
        cause: `CTL number ${stored.number}, signed by ${list.header.signer.name}, went from its wave to all phones.`,
      });
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

  /** What one phone takes all those take that hold the same lists, and a thousand of them may ask within a minute. */
  async #simulationByNumber(
    device: string,
    taken: readonly StoredTrustList[],
    offered: StoredTrustList,
  ): Promise<Pick<Simulation, 'healing' | 'locked'>> {
    const now = this.#context.clock.now();
    const key = [...taken.map(({ number }) => number).sort(), offered.number].join(' ');
    const agreedAt = this.#agreed.get(key);
    if (agreedAt !== undefined && Math.abs(now - agreedAt) < agreementLifetime) return blindly;
    const heldList = (kind: TrustListKind) => {
      const found = taken.find((one) => one.kind === kind);
      return found && this.#parse(found);
    };
    const held: HeldTrust = { ctl: heldList('CTL'), itl: heldList('ITL') };
    const simulation = await this.simulationFor({ device, held }, offered);
    if (simulation.accepting.length > 0) this.#agreed.set(key, now);
    return simulation;
  }

  /** Once for each list: everybody may ask for files in the name of a phone. */
  async #tellRefused(
    device: string,
    remoteAddress: string,
    { kind, number }: StoredTrustList,
    refusal: LockedPhone,
  ): Promise<void> {
    const key = `${device} ${number}`;
    if (this.#toldRefused.has(key)) return;
    this.#toldRefused.add(key);
    await this.#context.journal.event('trust-list-not-taken', {
      device,
      remoteAddress,
      reason: refusal.rule,
      cause: `The phone was given ${kind} number ${number} and refuses it: ${refusal.ourWords}`,
      nextStep:
        'trustline trust status shows what it holds, and which token can still sign for it. ' +
        'If its lists were deleted by hand, remove the device and add it again.',
    });
  }

  async #judge(
    octets: Uint8Array,
    wave: readonly string[] | undefined,
    newSignerAllowed: boolean,
  ): Promise<Publication | PublicationProblem> {
    const offered = parseTrustList(octets);
    return judgePublication(octets, {
      servers: await listedServers(this.#context),
      published: (await this.current('CTL'))?.list,
      phones: inWave(await this.phones(), wave),
      // What is published is vouched for: the tokens of a list that phones cannot know are, from then on.
      verification: await this.verification(newSignerAllowed && offered.ok ? [offered.list] : []),
      newSignerAllowed,
      now: this.#context.clock.now(),
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
    const { digest } = configuration.provisioning;
    if (published?.list.header.digest === digest && saysTheSame(published.list, records)) return;
    const request = {
      kind: 'ITL',
      timestamp: this.#timestampAfter(published),
      digest,
      signer: signer.certificate,
      records,
    } as const;
    const octets = await signFile(buildTrustList(request), signWith(signer.privateKeyPem.reveal()));
    await store.trustLists.publish('ITL', octets, clock.now());
    await journal.event('trust-list-published', {
      reason: 'ITL',
      cause: 'The cluster signed another ITL, for what its servers show, or the hash of its signatures, has changed.',
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
    // What is on its way to some phones takes the place of the lab's list, and would be ended by another one.
    if ((await store.trustLists.inWave('CTL')) !== undefined) return;
    const servers = await listedServers(this.#context);
    const manufacturing = cluster.trust.issuersFor('manufacturer');
    const records = ctlRecords(servers, tokens.certificates, manufacturing, configuration.securityMode);
    const { digest } = configuration.provisioning;
    if (published?.list.header.digest === digest && saysTheSame(published.list, records)) return;
    const request = {
      kind: 'CTL',
      timestamp: this.#timestampAfter(published),
      digest,
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

  /** Only holders of tokens can sign a CTL: where it lacks what a server shows, they have to be told. */
  async #tellOutdated(): Promise<void> {
    const ctl = await this.current('CTL');
    const isMixed = ctl !== undefined && modeOf(ctl.list) === 'mixed';
    const servers = isMixed ? await listedServers(this.#context) : undefined;
    // What is staged is shown by nobody yet.
    const staged = new Set(identityRoles.map((role) => this.#context.cluster.stagedCertificate(role)?.fingerprint));
    const unlisted = (servers === undefined || ctl === undefined ? [] : unlistedCertificates(ctl.list, servers)).filter(
      ({ certificate }) => !staged.has(certificate.fingerprint),
    );
    const key = unlisted.map(({ certificate }) => certificate.fingerprint).join(' ');
    if (key === this.#toldUnlisted) return;
    this.#toldUnlisted = key;
    if (unlisted.length === 0) return;
    const whose = unlisted.map(
      ({ words, certificate }) => `${words} (${certificate.subject}, ${certificate.serialNumber})`,
    );
    await this.#context.journal.event('trust-list-outdated', {
      reason: 'CTL',
      cause: `The published CTL lacks what these servers show, and phones will refuse them: ${whose.join('; ')}.`,
      nextStep: 'Sign a list of the present certificates where the tokens are: trustline ctl update',
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
    if (!parsed.ok) {
      const what = `${stored.kind} number ${stored.number} in the store`;
      throw new ManagerError('manager.trust-list-unreadable', `${what} cannot be read: ${parsed.message}`, {
        nextStep: 'The store is damaged: put a backup in its place with trustline restore.',
      });
    }
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
