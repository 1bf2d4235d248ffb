import { type Certificate, signerIdentityOf, type TrustList, trustRoles } from '@trustline/pki';
import { type TvsDirectoryEntry, tvsDirectory } from '@trustline/provisioning';
import type { ListedServers } from '../../trust/composition.ts';
import { type ListedCertificate, listedCertificates } from '../../trust/listed-certificates.ts';
import type { TrustVerification } from '../../trust/simulation.ts';
import type { ManagerContext } from '../parts.ts';
import { listedServers } from './listed-servers.ts';
import type { PublishedLists } from './published-lists.ts';

/** Seconds for which a phone may remember an answer; a phone of the vendor is told a day (cisco-phones §5). */
const tvsTimeToLive = 86_400;

/** What the Trust Verification Service vouches for: what the lists in force hold, and what the servers show. */
export class Vouching {
  readonly #context: ManagerContext;
  readonly #lists: PublishedLists;

  constructor(context: ManagerContext, lists: PublishedLists) {
    this.#context = context;
    this.#lists = lists;
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
    const inForce = (await this.#context.store.trustLists.inForce()).map((one) => this.#lists.parse(one));
    const listed = listedCertificates([...inForce, ...besides], shown(await listedServers(this.#context)));
    return listed.map(({ certificate, roles }) => {
      const { issuer, serialNumber } = signerIdentityOf(certificate);
      return { certificate: certificate.der, roles, timeToLive: tvsTimeToLive, issuer, serialNumber };
    });
  }
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
