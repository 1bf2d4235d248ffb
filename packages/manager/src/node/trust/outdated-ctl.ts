import { modeOf, type ShownCertificate, unlistedCertificates } from '../../trust/publication.ts';
import { renewableRoles } from '../../trust/renewal.ts';
import type { ManagerContext } from '../parts.ts';
import { listedServers } from './listed-servers.ts';
import type { PublishedLists } from './published-lists.ts';

/** Whether the published CTL of mixed mode lags behind what servers show. */
export class OutdatedCtl {
  readonly #context: ManagerContext;
  readonly #lists: PublishedLists;
  /** The certificates of which was told that the CTL lacks them. */
  #told = '';

  constructor(context: ManagerContext, lists: PublishedLists) {
    this.#context = context;
    this.#lists = lists;
  }

  /** What servers show and the CTL lacks; what is staged is shown by nobody yet. */
  async unlisted(): Promise<readonly ShownCertificate[]> {
    const ctl = await this.#lists.current('CTL');
    if (ctl === undefined || modeOf(ctl.list) !== 'mixed') return [];
    const staged = new Set(renewableRoles.map((role) => this.#context.cluster.stagedCertificate(role)?.fingerprint));
    const unlisted = unlistedCertificates(ctl.list, await listedServers(this.#context));
    return unlisted.filter(({ certificate }) => !staged.has(certificate.fingerprint));
  }

  /** Only holders of tokens can sign a CTL: where it lags behind, they have to be told. */
  async tell(): Promise<void> {
    const unlisted = await this.unlisted();
    const key = unlisted.map(({ certificate }) => certificate.fingerprint).join(' ');
    if (key === this.#told) return;
    this.#told = key;
    if (unlisted.length === 0) return;
    const whose = unlisted.map(
      ({ words, certificate }) => `${words} (${certificate.subject}, ${certificate.serialNumber})`,
    );
    await this.#context.journal.event('trust-list-outdated', {
      reason: 'CTL',
      cause: `The published CTL lacks what these servers show; phones take them by the word of TVS alone, or not at all: ${whose.join('; ')}.`,
      nextStep: 'Sign a list of the present certificates where the tokens are: trustline ctl update',
    });
  }
}
