import { sign } from 'node:crypto';
import {
  buildTrustList,
  type Certificate,
  type SignOctets,
  signFile,
  type TrustList,
  trustRoles,
} from '@trustline/pki';
import { ctlRecords, itlRecords, saysTheSame } from '../../trust/composition.ts';
import { certificatesOf } from '../../trust/publication.ts';
import type { ManagerContext } from '../parts.ts';
import type { LabTokens } from './lab-tokens.ts';
import { listedServers } from './listed-servers.ts';
import type { PublishedList, PublishedLists } from './published-lists.ts';

/** The lists that the cluster signs itself: the ITL, and in a lab the CTL. */
export class OwnLists {
  readonly #context: ManagerContext;
  readonly #lists: PublishedLists;
  readonly #labTokens: LabTokens | undefined;

  /** @param labTokens those of a lab that makes its trust itself */
  constructor(context: ManagerContext, lists: PublishedLists, labTokens: LabTokens | undefined) {
    this.#context = context;
    this.#lists = lists;
    this.#labTokens = labTokens;
  }

  /** True for a list of the tokens that a lab keeps itself, and no others. */
  isLabs(list: TrustList): boolean {
    return this.#labTokens !== undefined && isOfTokens(list, this.#labTokens.certificates);
  }

  /**
   * The ITL holds what the servers show; when that has changed, the cluster signs another.
   *
   * @param anew sign it in any case: a phone that was elsewhere holds an ITL that is newer than ours
   */
  async publishItl(anew = false): Promise<void> {
    const { cluster, store, clock, journal, configuration } = this.#context;
    const servers = await listedServers(this.#context);
    const signer = await cluster.identity('tftp', clock.now());
    const published = await this.#lists.current('ITL');
    const records = itlRecords(servers, signer.certificate);
    const { digest } = configuration.provisioning;
    const same = published?.list.header.digest === digest && saysTheSame(published.list, records);
    if (same && !anew) return;
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
      cause: same
        ? 'The cluster signed its ITL anew: phones that were elsewhere hold one that is newer than the last.'
        : 'The cluster signed another ITL, for what its servers show, or the hash of its signatures, has changed.',
    });
  }

  /** A lab signs its CTL itself, again whenever its servers show others; until real tokens have taken its place. */
  async publishLabCtl(): Promise<void> {
    const { cluster, store, clock, journal, configuration } = this.#context;
    const tokens = this.#labTokens;
    const [signer] = tokens?.certificates ?? [];
    if (tokens === undefined || signer === undefined) return;
    const published = await this.#lists.current('CTL');
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

  /** Seconds. A phone refuses a list that is older than its own, whatever became of this machine's clock. */
  #timestampAfter(published: PublishedList | undefined): number {
    const next = (published?.list.header.timestamp ?? 0) + 1;
    return Math.max(Math.floor(this.#context.clock.now() / 1_000), next);
  }
}

/** Signs with a key of the cluster. */
export function signWith(privateKeyPem: string): SignOctets {
  return async (digest, octets) => sign(`RSA-${digest.replace('-', '')}`, octets, privateKeyPem);
}

/** True when these are the tokens of a list, and there is no other in it. */
function isOfTokens(list: TrustList, tokens: readonly Certificate[]): boolean {
  const known = new Set(tokens.map(fingerprintOf));
  return certificatesOf(list, trustRoles.SAST).every(({ fingerprint }) => known.has(fingerprint));
}

const fingerprintOf = ({ fingerprint }: Certificate) => fingerprint;
