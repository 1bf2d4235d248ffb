import {
  type ClusterSecurityMode,
  type IdentityRole,
  isLabTokenCertificate,
  parseTrustList,
  type TrustList,
  trustRoles,
} from '@trustline/pki';
import { ManagerError } from '../../error.ts';
import {
  certificatesOf,
  judgePublication,
  modeOf,
  type Publication,
  type PublicationProblem,
} from '../../trust/publication.ts';
import { type RenewalSimulation, serviceOfIdentity, simulateRenewal } from '../../trust/renewal.ts';
import type { KnownPhone } from '../../trust/simulation.ts';
import type { ManagerContext } from '../parts.ts';
import type { StoredTrustList } from '../store/trust-lists.ts';
import { HeldLists } from './held-lists.ts';
import type { LabTokens } from './lab-tokens.ts';
import { listedServers } from './listed-servers.ts';
import { OutdatedCtl } from './outdated-ctl.ts';
import { OwnLists } from './own-lists.ts';
import { PhoneRules } from './phone-rules.ts';
import { PublishedLists } from './published-lists.ts';
import { Vouching } from './vouching.ts';
import { currentWave, givenUp, type Wave } from './waves.ts';

/** What is asked of a CTL that was signed elsewhere. */
export interface OfferedCtl {
  readonly octets: Uint8Array;
  /** The phones that get it first; all of them without. */
  readonly wave?: readonly string[] | undefined;
  /** Only says what would happen. */
  readonly dryRun: boolean;
  /** No token of the published list is left, says an operator; refused where the signer is one. */
  readonly recovery?: boolean;
}

/** Why a list does not go to phones. */
type Refusal = PublicationProblem | (Omit<PublicationProblem, 'rule'> & { readonly rule: 'wave-not-back' });

export type OfferOutcome =
  | { readonly kind: 'no-list'; readonly problem: PublicationProblem }
  | { readonly kind: 'judged'; readonly publication: Publication; readonly published: StoredTrustList | undefined };

/**
 * The trust lists of this cluster: what is published, what each phone holds, and the ITL, which the cluster signs for
 * itself. Whether the cluster is in mixed mode follows from the CTL and from nothing else.
 */
export class PublishedTrust {
  readonly #context: ManagerContext;
  /** What was published. */
  readonly lists: PublishedLists;
  readonly vouching: Vouching;
  /** What phones make of it. */
  readonly rules: PhoneRules;
  /** What phones hold of it. */
  readonly held: HeldLists;
  readonly outdated: OutdatedCtl;
  readonly #own: OwnLists;
  #lastChange: Promise<unknown> = Promise.resolve();

  /** @param labTokens those of a lab that makes its trust itself */
  constructor(context: ManagerContext, labTokens: LabTokens | undefined) {
    this.#context = context;
    this.lists = new PublishedLists(context.store);
    this.vouching = new Vouching(context, this.lists);
    this.rules = new PhoneRules(context, this.lists, this.vouching);
    this.held = new HeldLists(context, this.rules);
    this.outdated = new OutdatedCtl(context, this.lists);
    this.#own = new OwnLists(context, this.lists, labTokens);
  }

  /** Brings lists and security mode in line with what the servers show; at the start and after every change of it. */
  refresh(): Promise<void> {
    return this.#exclusively(async () => {
      await this.held.restore();
      if (this.#context.configuration.provisioning.enabled) await this.#own.publishItl();
      await this.#own.publishLabCtl();
      await this.#followCtl();
      await this.outdated.tell();
    });
  }

  /** Signs the ITL anew, for phones that come from another cluster and hold a newer one. */
  signItlAnew(): Promise<void> {
    return this.#exclusively(() => this.#own.publishItl(true));
  }

  /** Publishes a CTL if every rule is kept; refused or published, it is an event. */
  offer({ octets, wave, dryRun, recovery = false }: OfferedCtl): Promise<OfferOutcome> {
    return this.#exclusively(async () => {
      const published = (await this.lists.current('CTL'))?.list;
      const newSignerAllowed = recovery || (published !== undefined && this.isLabs(published));
      const publication = await this.#judge(octets, wave, newSignerAllowed, recovery);
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

  /** The CTL that some phones get first, and which of them are back; undefined while there is none. */
  wave(): Promise<Wave | undefined> {
    return currentWave(this.#context.store, this.held);
  }

  /**
   * The wave's CTL goes to all phones, once those of the wave are known to hold it, and after the rules were asked about
   * those that were not in the wave.
   *
   * @param without phones of the wave that need not come back
   * @throws {ManagerError} manager.no-wave, manager.not-in-wave; manager.wave-not-back while a phone of the wave is not;
   *   manager.wave-refused when a rule is broken: nothing has changed then
   */
  completeWave(without: readonly string[]): Promise<void> {
    return this.#exclusively(async () => {
      const { store, journal } = this.#context;
      const wave = await this.wave();
      if (wave === undefined) {
        throw new ManagerError('manager.no-wave', 'No CTL is published to a wave.', {
          nextStep: 'trustline trust status shows what is published.',
        });
      }
      const abandoned = await this.#waitedFor(wave, without);
      const stored = wave.list;
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
      const { list } = this.lists.read(stored);
      await journal.event('trust-list-published', {
        reason: `CTL ${modeOf(list)}`,
        cause: `CTL number ${stored.number}, signed by ${list.header.signer.name}, went from its wave to all phones${abandoned}.`,
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
    return simulateRenewal(await this.held.phones(), service, next, await this.vouching.verification(), clock.now());
  }

  /** True for a list of the tokens that a lab keeps itself, and no others. */
  isLabs(list: TrustList): boolean {
    return this.#own.isLabs(list);
  }

  async #judge(
    octets: Uint8Array,
    wave: readonly string[] | undefined,
    newSignerAllowed: boolean,
    recovery = false,
  ): Promise<Publication | PublicationProblem> {
    const offered = parseTrustList(octets);
    return judgePublication(octets, {
      servers: await listedServers(this.#context),
      published: (await this.lists.current('CTL'))?.list,
      phones: inWave(await this.held.phones(), wave),
      // What is published is vouched for: the tokens of a list that phones cannot know are, from then on.
      verification: await this.vouching.verification(newSignerAllowed && offered.ok ? [offered.list] : []),
      newSignerAllowed,
      recovery,
      foreignAuthorities: this.#context.cluster
        .manufacturers()
        .flatMap(({ origin, certificate }) => (origin === 'imported' ? [certificate] : [])),
      now: this.#context.clock.now(),
    });
  }

  async #publishCtl(
    octets: Uint8Array,
    wave: readonly string[] | undefined,
    { list, mode, changes }: Publication,
    recovery: boolean,
  ): Promise<StoredTrustList> {
    const { store, clock, journal, cluster } = this.#context;
    const stored = await store.trustLists.publish('CTL', octets, clock.now(), wave);
    const whom = wave === undefined ? 'all phones' : `a wave of ${wave.length} (${wave.join(', ')})`;
    const what = changes.length === 0 ? 'it says the same as the one before' : changes.join('; ');
    const lost = recovery ? ' in recovery (an operator says that no token of the list before is left)' : '';
    await journal.event('trust-list-published', {
      reason: `CTL ${mode}`,
      cause: `A CTL signed by ${list.header.signer.name} was published to ${whom}${lost}: ${what}.`,
    });
    await this.#followCtl();
    if (cluster.kind === 'production' && cluster.trust.statusNotice() !== undefined) {
      await journal.event('lab-trust', {
        reason: 'software-token',
        cause: 'A token for labs, which is a file, stands in the CTL of a production cluster.',
        nextStep: 'Put a hardware token in its place: trustline ctl add-token, then remove-token.',
      });
    }
    return stored;
  }

  /** What is on the wire decides: mixed mode is a CTL with the call manager's certificate. */
  async #followCtl(): Promise<void> {
    const { cluster, journal, configuration } = this.#context;
    const ctl = await this.lists.current('CTL');
    const without = cluster.kind === 'lab' ? configuration.securityMode : 'non-secure';
    const mode: ClusterSecurityMode = ctl === undefined ? without : modeOf(ctl.list);
    const lab = ctl !== undefined && certificatesOf(ctl.list, trustRoles.SAST).some(isLabTokenCertificate);
    await cluster.setTokenTrust(ctl === undefined ? cluster.kind === 'production' : !lab);
    if (cluster.trust.securityMode() === mode) return;
    await cluster.setSecurityMode(mode);
    const why = ctl === undefined ? 'no CTL is published' : `so says the CTL of ${ctl.list.header.signer.name}`;
    await journal.event('configuration-changed', {
      reason: 'security-mode',
      cause: `The cluster is now in ${mode} mode: ${why}.`,
    });
  }

  /** Whom the end of a wave does not wait for, as words; an event when it waits for others still. */
  async #waitedFor(wave: Wave, without: readonly string[]): Promise<string> {
    try {
      const away = givenUp(wave, without);
      return away.length === 0 ? '' : `, without waiting for ${away.join(', ')}`;
    } catch (error) {
      if (error instanceof ManagerError && error.code === 'manager.wave-not-back') {
        const { message, nextStep = '' } = error;
        await this.#refused([{ rule: 'wave-not-back', message, nextStep }]);
      }
      throw error;
    }
  }

  async #refused(problems: readonly Refusal[]): Promise<void> {
    await this.#context.journal.event('trust-list-refused', {
      reason: problems[0]?.rule ?? '',
      cause: `A CTL was not published: ${problems.map(({ message }) => message).join(' ')}`,
      nextStep: problems[0]?.nextStep ?? '',
    });
  }

  #exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }
}

function inWave(phones: readonly KnownPhone[], wave: readonly string[] | undefined): readonly KnownPhone[] {
  if (wave === undefined) return phones;
  const names = new Set(wave);
  return phones.filter(({ device }) => names.has(device));
}
