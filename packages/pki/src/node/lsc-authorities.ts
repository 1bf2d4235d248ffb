import type { Certificate } from '../certificate.ts';
import { readCertificateFile } from '../certificate-file.ts';
import { PkiError } from '../error.ts';
import { checkLsc, type WaitingKey } from '../lsc-check.ts';
import type { ClusterStore } from './cluster-store.ts';
import { readAuthorities } from './read-authorities.ts';
import { refusedImport } from './refusals.ts';

/** An LSC that an outside authority issued for a device. */
export interface OutsideLsc {
  readonly device: string;
  readonly certificate: Certificate;
  /** Above it, the authority that was let issue last. */
  readonly issuers: readonly Certificate[];
}

/** Who outside may issue LSCs, and what they have issued. */
export class LscAuthorities {
  readonly #store: ClusterStore;

  constructor(store: ClusterStore) {
    this.#store = store;
  }

  async import(pem: string, now: number): Promise<readonly Certificate[]> {
    return this.#store.exclusively(async () => {
      const { manifest, lscAuthorities } = this.#store.state;
      const known = new Set(lscAuthorities.map(({ fingerprint }) => fingerprint));
      const read = readAuthorities(pem, 'outside-lsc', this.#store.trust, now);
      const added = read.filter(({ fingerprint }) => !known.has(fingerprint));
      if (added.length === 0) return added;
      const files: string[] = [];
      for (const one of added) files.push(await this.#store.writePath('lsc-authority', [one]));
      const stored = added.map(({ fingerprint }, index) => ({ fingerprint, certificateFile: files[index] ?? '' }));
      await this.#store.commit(
        {
          manifest: { ...manifest, lscAuthorities: [...(manifest.lscAuthorities ?? []), ...stored] },
          lscAuthorities: [...lscAuthorities, ...added],
        },
        files,
      );
      return added;
    });
  }

  all(): readonly Certificate[] {
    return this.#store.state.lscAuthorities;
  }

  /** What it has issued is believed no more: its certificates lead to nobody. */
  async remove(fingerprint: string): Promise<Certificate> {
    return this.#store.exclusively(async () => {
      const { manifest, lscAuthorities } = this.#store.state;
      const wanted = fingerprint.toLowerCase().replaceAll(':', '');
      const fitting = wanted === '' ? [] : lscAuthorities.filter((one) => one.fingerprint.startsWith(wanted));
      const [found, ...more] = fitting;
      if (found === undefined || more.length > 0) throw noSuchAuthority(fingerprint, fitting.length);
      const isOther = (one: { readonly fingerprint: string }) => one.fingerprint !== found.fingerprint;
      await this.#store.commit({
        manifest: { ...manifest, lscAuthorities: (manifest.lscAuthorities ?? []).filter(isOther) },
        lscAuthorities: lscAuthorities.filter(isOther),
      });
      return found;
    });
  }

  async importLsc(file: Uint8Array, waiting: readonly WaitingKey[], now: number): Promise<OutsideLsc> {
    const certificates = readCertificateFile(file);
    return this.#store.exclusively(async () => {
      const check = checkLsc(certificates, waiting, this.#store.trust, now);
      if (!check.accepted) throw refusedImport('pki.lsc-refused', 'the certificate', check.problems);
      const { device, path } = check;
      const [certificate] = path;
      const { fingerprint } = certificate;
      const certificateFile = await this.#store.writePath('lsc', path);
      const { manifest, pinned } = this.#store.state;
      const others = manifest.pins.filter((pin) => pin.fingerprint !== fingerprint);
      const pins = [...others, { device, fingerprint, certificateFile, means: 'LSC' as const }];
      await this.#store.commit({ manifest: { ...manifest, pins }, pinned: new Map(pinned).set(fingerprint, path) }, [
        certificateFile,
      ]);
      return { device, certificate, issuers: path.slice(1) };
    });
  }

  lscs(): readonly OutsideLsc[] {
    const { manifest, pinned } = this.#store.state;
    return manifest.pins.flatMap(({ device, fingerprint, means }) => {
      const [certificate, ...issuers] = pinned.get(fingerprint) ?? [];
      return means === 'LSC' && certificate !== undefined ? [{ device, certificate, issuers }] : [];
    });
  }

  async forgetLsc(fingerprint: string): Promise<void> {
    await this.#store.exclusively(() =>
      this.#store.changeManifest(({ pins }) => ({
        pins: pins.filter((pin) => pin.fingerprint !== fingerprint || pin.means !== 'LSC'),
      })),
    );
  }
}

function noSuchAuthority(fingerprint: string, fitting: number): PkiError {
  const problem =
    fitting === 0
      ? `no authority that may issue LSCs has the fingerprint ${fingerprint}`
      : `${fingerprint} fits ${fitting} authorities that may issue LSCs`;
  return new PkiError('pki.lsc-authority-refused', problem, {
    nextStep: 'List them with: trustline pki lsc-authority list',
  });
}
