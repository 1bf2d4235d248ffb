import { contentTypeOf, type FileAnswer, type FileRequest, type FileSource } from '@trustline/provisioning';
import { publishingRoles } from '../../api/outside-contract.ts';
import type { ManagerContext } from '../parts.ts';

/** The revocation lists of the cluster's own authorities, DER: `capf-ca.crl` (RFC 2585 §3). */
export class RevocationListFiles implements FileSource {
  readonly #context: Pick<ManagerContext, 'cluster' | 'clock'>;

  constructor(context: Pick<ManagerContext, 'cluster' | 'clock'>) {
    this.#context = context;
  }

  async find({ name }: FileRequest): Promise<FileAnswer> {
    const { cluster, clock } = this.#context;
    const role = publishingRoles.find((one) => name === `${one}.crl`);
    // Production may have no manufacturing authority of its own, and then there is no list of it.
    const isHere = role !== undefined && cluster.status().some((one) => one.role === role && one.state === 'in use');
    if (!isHere) return { kind: 'not-found' };
    try {
      const { der, fingerprint } = await cluster.certificateRevocationList(role, clock.now());
      const contentType = contentTypeOf('.crl');
      return { kind: 'found', file: { content: der, contentType, version: fingerprint, sensitivity: 'none' } };
    } catch (error) {
      return { kind: 'refused', cause: 'failed', reason: (error as Error).message };
    }
  }
}
