import type { Certificate } from '../certificate.ts';
import type { AuthorityRole } from '../profiles.ts';
import type { RevocationReason } from '../revocation/reasons.ts';
import type { RevocationList } from '../revocation/revocation-list.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { IssuedCertificate, IssuedLedger } from './ledger.ts';
import { publishedList } from './published-lists.ts';

/** What the cluster has taken back, and the lists that tell it. */
export class Revocations {
  readonly #store: ClusterStore;
  readonly #ledger: IssuedLedger;

  constructor(store: ClusterStore, ledger: IssuedLedger) {
    this.#store = store;
    this.#ledger = ledger;
  }

  async revoke(
    { issuerHash, serialNumber }: Pick<Certificate, 'issuerHash' | 'serialNumber'>,
    reason: string,
    now: number,
    code: RevocationReason = 'unspecified',
  ): Promise<void> {
    await this.#store.exclusively(() =>
      this.#store.changeManifest(({ revocations }) => ({
        revocations: [...revocations, { issuerHash, serialNumber, reason, at: now, code }],
      })),
    );
  }

  async revokeDevice(device: string, reason: string, now: number): Promise<number> {
    return this.#store.exclusively(async () => {
      // A MIC is the phone's for life, as its maker made it: it registers nothing, and enrols only when an operator says so.
      const believed = this.#ledger
        .issuedTo(device)
        .filter(({ role }) => role !== 'operator' && role !== 'manufacturer-installed');
      const code = 'cessationOfOperation' as const;
      const revoked = believed.map(({ issuerHash, serialNumber }) => ({
        issuerHash,
        serialNumber,
        reason,
        at: now,
        code,
      }));
      await this.#store.changeManifest(({ pins, revocations }) => ({
        pins: pins.filter((pin) => pin.device !== device),
        revocations: [...revocations, ...revoked],
      }));
      return believed.length;
    });
  }

  revokeSuperseded(device: string, kept: string | undefined, reason: string, now: number): Promise<number> {
    const isOld = ({ role, fingerprint }: IssuedCertificate) => role === 'locally-significant' && fingerprint !== kept;
    return this.#revokeIssued(device, isOld, { reason, at: now, code: 'superseded' });
  }

  revokeOperator(name: string, reason: string, now: number): Promise<number> {
    const isOperators = ({ role }: IssuedCertificate) => role === 'operator';
    return this.#revokeIssued(name, isOperators, { reason, at: now, code: 'affiliationChanged' });
  }

  /** Revokes what a holder was issued, is meant and is not revoked yet; returns how many that were. */
  #revokeIssued(
    holder: string,
    isMeant: (issued: IssuedCertificate) => boolean,
    why: { readonly reason: string; readonly at: number; readonly code: RevocationReason },
  ): Promise<number> {
    return this.#store.exclusively(async () => {
      const meant = this.#ledger.issuedTo(holder).filter(isMeant);
      // Every enrolment asks, and most phones have nothing that is to go.
      if (meant.length === 0) return 0;
      const known = new Set(this.#store.state.manifest.revocations.map(revocationKey));
      const added = meant
        .filter((issued) => !known.has(revocationKey(issued)))
        .map(({ issuerHash, serialNumber }) => ({ issuerHash, serialNumber, ...why }));
      if (added.length === 0) return 0;
      await this.#store.changeManifest(({ revocations }) => ({ revocations: [...revocations, ...added] }));
      return added.length;
    });
  }

  async certificateRevocationList(role: AuthorityRole, now: number): Promise<RevocationList> {
    return this.#store.exclusively(async () => {
      const { path, privateKey } = this.#store.held(role);
      const authority = { kind: 'authority', certificate: path[0], privateKey } as const;
      return publishedList(this.#store.directory, role, authority, this.#store.state.manifest.revocations, now);
    });
  }
}

function revocationKey({ issuerHash, serialNumber }: Pick<Certificate, 'issuerHash' | 'serialNumber'>): string {
  return `${issuerHash}:${serialNumber}`;
}
