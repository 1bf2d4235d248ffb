import type { Certificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import type { ManufacturingAuthority } from './cluster.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { OwnCertificates } from './own-certificates.ts';
import { readAuthorities } from './read-authorities.ts';

/** Whose MICs are believed: the vendors' authorities, and the cluster's own. */
export class Manufacturers {
  readonly #store: ClusterStore;
  readonly #own: OwnCertificates;

  constructor(store: ClusterStore, own: OwnCertificates) {
    this.#store = store;
    this.#own = own;
  }

  async import(pem: string, now: number): Promise<readonly Certificate[]> {
    return this.#store.exclusively(async () => {
      const { manifest, manufacturers } = this.#store.state;
      const known = new Set(this.#store.trust.issuersFor('manufacturer').map(({ fingerprint }) => fingerprint));
      const read = readAuthorities(pem, 'manufacturer', this.#store.trust, now);
      const added = read.filter(({ fingerprint }) => !known.has(fingerprint));
      if (added.length === 0) return added;
      const files: string[] = [];
      for (const one of added) files.push(await this.#store.writePath('manufacturer', [one]));
      const stored = added.map(({ fingerprint }, index) => ({ fingerprint, certificateFile: files[index] ?? '' }));
      await this.#store.commit(
        {
          manifest: { ...manifest, manufacturers: [...(manifest.manufacturers ?? []), ...stored] },
          manufacturers: [...manufacturers, ...added],
        },
        files,
      );
      return added;
    });
  }

  all(): readonly ManufacturingAuthority[] {
    const imported = new Set(this.#store.state.manufacturers.map(({ fingerprint }) => fingerprint));
    return this.#store.trust.issuersFor('manufacturer').map((certificate) => ({
      certificate,
      origin: imported.has(certificate.fingerprint) ? 'imported' : 'generated',
    }));
  }

  async renewStandIn(now: number): Promise<Certificate> {
    return this.#store.exclusively(() => this.#own.renew('manufacturing-ca', this.#store.names, now));
  }

  one(fingerprint: string): ManufacturingAuthority {
    const wanted = fingerprint.toLowerCase().replaceAll(':', '');
    const fitting = this.all().filter(({ certificate }) => certificate.fingerprint.startsWith(wanted));
    const [found, ...more] = wanted === '' ? [] : fitting;
    if (found === undefined || more.length > 0) throw noSuchManufacturer(fingerprint, fitting.length);
    return found;
  }

  async remove(fingerprint: string): Promise<Certificate> {
    return this.#store.exclusively(async () => {
      const { certificate: found } = this.one(fingerprint);
      const isOther = (one: { readonly fingerprint: string }) => one.fingerprint !== found.fingerprint;
      const { manifest, identities, replaced, manufacturers } = this.#store.state;
      const isStandIn = identities.get('manufacturing-ca')?.path[0].fingerprint === found.fingerprint;
      const { 'manufacturing-ca': standIn, ...others } = manifest.certificates;
      const keptReplaced = replaced.filter(({ role, path }) => role !== 'manufacturing-ca' || isOther(path[0]));
      await this.#store.commit({
        manifest: {
          ...manifest,
          manufacturers: (manifest.manufacturers ?? []).filter(isOther),
          certificates: isStandIn ? others : manifest.certificates,
          replaced: keptReplaced.map(({ role, stored }) => ({ role, ...stored })),
        },
        manufacturers: manufacturers.filter(isOther),
        identities: isStandIn ? new Map([...identities].filter(([role]) => role !== 'manufacturing-ca')) : identities,
        replaced: keptReplaced,
      });
      return found;
    });
  }
}

function noSuchManufacturer(fingerprint: string, fitting: number): PkiError {
  const problem =
    fitting === 0
      ? `no manufacturing authority has the fingerprint ${fingerprint}`
      : `${fingerprint} fits ${fitting} manufacturing authorities`;
  return new PkiError('pki.manufacturer-refused', problem, {
    nextStep: 'List them with: trustline pki manufacturer list',
  });
}
