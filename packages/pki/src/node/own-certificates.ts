import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Certificate } from '../certificate.ts';
import { PkiError } from '../error.ts';
import { checkImport } from '../import-check.ts';
import type { Path } from '../path.ts';
import {
  type AuthorityRole,
  type ClusterRole,
  type IdentityRole,
  identityRoles,
  isAuthorityRole,
  profiles,
  type ServiceRole,
} from '../profiles.ts';
import { writeCertificateRequest } from '../request.ts';
import type { Identity } from './cluster.ts';
import type { ClusterStore } from './cluster-store.ts';
import type { ClusterState } from './held.ts';
import { issuerOf, makeClusterCertificate, newTag } from './make-certificate.ts';
import type { ClusterNames, Manifest } from './manifest.ts';
import { assertNames, commonNameOf, namesFor, publicServerNames } from './names.ts';
import { generatePrivateKey } from './private-key-file.ts';
import { refusedImport } from './refusals.ts';

/** The authorities and identities of the cluster itself: made, renewed, requested from outside and imported. */
export class OwnCertificates {
  readonly #store: ClusterStore;

  constructor(store: ClusterStore) {
    this.#store = store;
  }

  async identity(role: ServiceRole, now: number): Promise<Identity> {
    return this.#store.exclusively(async () => {
      if (!this.#store.state.identities.has(role)) await this.renew(role, this.#store.names, now);
      return this.#store.show(role);
    });
  }

  /** The path of an authority, which is made when it is first asked for. */
  async authorityPath(role: AuthorityRole, now: number): Promise<Path> {
    return this.#store.exclusively(async () => {
      if (!this.#store.state.identities.has(role)) await this.renew(role, this.#store.names, now);
      return this.#store.held(role).path;
    });
  }

  async reissue(role: IdentityRole, now: number): Promise<Certificate> {
    return this.#store.exclusively(() => this.renew(role, this.#store.names, now));
  }

  async stageRenewal(role: IdentityRole, now: number): Promise<Certificate> {
    return this.#store.exclusively(async () => {
      const issuer = issuerOf(role);
      if (!this.#store.state.identities.has(issuer)) await this.renew(issuer, this.#store.names, now);
      const made = await makeClusterCertificate(role, this.#store.state.manifest, this.#store.held(issuer), now);
      const keyFile = await this.#store.writeKey(role, made.privateKey);
      const pathFile = await this.#store.writePath(role, made.path);
      const stored = { pathFile, keyFile, origin: 'generated' } as const;
      const { manifest, staged } = this.#store.state;
      await this.#store.commit(
        {
          manifest: { ...manifest, staged: { ...manifest.staged, [role]: stored } },
          staged: new Map(staged).set(role, { role, ...made, stored }),
        },
        [pathFile, keyFile],
      );
      return made.path[0];
    });
  }

  stagedCertificate(role: IdentityRole): Certificate | undefined {
    return this.#store.state.staged.get(role)?.path[0];
  }

  async activateRenewal(role: IdentityRole): Promise<Certificate> {
    return this.#store.exclusively(async () => {
      const { manifest, identities, staged } = this.#store.state;
      const next = staged.get(role);
      if (next === undefined) {
        throw new PkiError('pki.no-renewal-staged', `no renewal of the ${profiles[role].title} is staged`, {
          nextStep: 'Stage one first, so that the phones learn of it.',
        });
      }
      const { [role]: _, ...others } = manifest.staged ?? {};
      await this.#store.commit({
        manifest: {
          ...manifest,
          certificates: { ...manifest.certificates, [role]: next.stored },
          staged: others,
        },
        identities: new Map(identities).set(role, next),
        staged: new Map([...staged].filter(([one]) => one !== role)),
      });
      return next.path[0];
    });
  }

  async coverNames(names: ClusterNames, now: number): Promise<readonly IdentityRole[]> {
    assertNames(names);
    return this.#store.exclusively(async () => {
      const renewed: IdentityRole[] = [];
      for (const role of identityRoles) {
        const held = this.#store.state.identities.get(role);
        if (held === undefined || held.stored.origin === 'imported' || covers(held.path[0], role, names)) continue;
        await this.renew(role, names, now);
        renewed.push(role);
      }
      await this.#store.commit({ manifest: { ...this.#store.state.manifest, names } });
      return renewed;
    });
  }

  async createCertificateRequest(role: ClusterRole): Promise<string> {
    return this.#store.exclusively(async () => {
      const key = await generatePrivateKey(profiles[role].key);
      const keyFile = await this.#store.writeKey(role, key);
      const { manifest } = this.#store.state;
      const subject = {
        commonName: commonNameOf(role, manifest.names, newTag()),
        organization: manifest.names.cluster,
      };
      const names = profiles[role].subjectNames === 'server' ? publicServerNames(manifest.names) : [];
      const request = await writeCertificateRequest(role, subject, names, key);
      await this.#store.commit(
        {
          manifest: { ...manifest, pending: { ...manifest.pending, [role]: { keyFile } } },
          pending: new Map(this.#store.state.pending).set(role, key),
        },
        [keyFile],
      );
      return request;
    });
  }

  async importCertificate(
    role: ClusterRole,
    chainPem: string,
    rootBundlePem: string,
    now: number,
  ): Promise<Certificate> {
    return this.#store.exclusively(async () => {
      const { manifest, pending } = this.#store.state;
      const keys = this.#keysOf(role);
      if (keys.length === 0) throw noRequestPending(role);
      const needed = profiles[role].subjectNames === 'server' ? publicServerNames(manifest.names) : [];
      const dnsNames = needed.filter(({ kind }) => kind === 'dns');
      const publicKeys = keys.map(({ privateKey }) => createPublicKey(privateKey));
      const check = checkImport(role, chainPem, rootBundlePem, publicKeys, dnsNames, now);
      if (!check.accepted) throw refusedImport('pki.import-refused', profiles[role].title, check.problems);
      const { publicKey } = check.path[0];
      const key = keys.find(({ privateKey }) => createPublicKey(privateKey).equals(publicKey));
      if (key === undefined) throw noRequestPending(role);
      const { [role]: answered, ...others } = manifest.pending;
      const isAnswered = answered?.keyFile === key.keyFile;
      await this.#putInForce(
        role,
        { ...key, path: check.path, origin: 'imported' },
        isAnswered ? { ...manifest, pending: others } : manifest,
        isAnswered ? new Map([...pending].filter(([one]) => one !== role)) : pending,
      );
      return check.path[0];
    });
  }

  async forgetReplaced(role: ClusterRole): Promise<void> {
    await this.#store.exclusively(() =>
      this.#store.commit({
        manifest: {
          ...this.#store.state.manifest,
          replaced: this.#store.state.manifest.replaced.filter((one) => one.role !== role),
        },
        replaced: this.#store.state.replaced.filter((one) => one.role !== role),
      }),
    );
  }

  /** Makes the authority or identity of a role anew and puts it in force. Only inside `exclusively`. */
  async renew(role: ClusterRole, names: ClusterNames, now: number): Promise<Certificate> {
    const { issuer } = profiles[role];
    if (issuer !== 'self' && !this.#store.state.identities.has(issuer)) await this.renew(issuer, names, now);
    const made = await makeClusterCertificate(
      role,
      { ...this.#store.state.manifest, names },
      issuer === 'self' ? undefined : this.#store.held(issuer),
      now,
    );
    const keyFile = await this.#store.writeKey(role, made.privateKey);
    await this.#putInForce(
      role,
      { ...made, keyFile, origin: 'generated' },
      this.#store.state.manifest,
      this.#store.state.pending,
    );
    return made.path[0];
  }

  async #putInForce(
    role: ClusterRole,
    next: { path: Path; privateKey: KeyObject; keyFile: string; origin: 'generated' | 'imported' },
    manifest: Manifest,
    pending: ClusterState['pending'],
  ): Promise<void> {
    const pathFile = await this.#store.writePath(role, next.path);
    const stored = { pathFile, keyFile: next.keyFile, origin: next.origin };
    const earlier = this.#store.state.identities.get(role);
    const retired = earlier !== undefined && isAuthorityRole(role) ? [earlier] : [];
    await this.#store.commit(
      {
        manifest: {
          ...manifest,
          certificates: { ...manifest.certificates, [role]: stored },
          replaced: [...manifest.replaced, ...retired.map((one) => ({ role, ...one.stored }))],
        },
        identities: new Map(this.#store.state.identities).set(role, {
          role,
          path: next.path,
          privateKey: next.privateKey,
          stored,
        }),
        replaced: [...this.#store.state.replaced, ...retired],
        pending,
      },
      [pathFile, next.keyFile],
    );
  }

  /** The keys that a certificate for this role may be for: of the pending request, and in use. */
  #keysOf(role: ClusterRole): readonly { readonly privateKey: KeyObject; readonly keyFile: string }[] {
    const { manifest, identities, pending } = this.#store.state;
    const waiting = pending.get(role);
    const waitingFile = manifest.pending[role]?.keyFile;
    const current = identities.get(role);
    return [
      ...(waiting === undefined || waitingFile === undefined ? [] : [{ privateKey: waiting, keyFile: waitingFile }]),
      ...(current === undefined ? [] : [{ privateKey: current.privateKey, keyFile: current.stored.keyFile }]),
    ];
  }
}

function covers({ subjectNames }: Certificate, role: ClusterRole, names: ClusterNames): boolean {
  const has = new Set(subjectNames.map(({ kind, value }) => `${kind}:${value}`));
  return namesFor(role, names).every(({ kind, value }) => has.has(`${kind}:${value}`));
}

function noRequestPending(role: ClusterRole): PkiError {
  return new PkiError('pki.no-request-pending', `there is no key for ${profiles[role].title}`, {
    nextStep: `Make a request first: trustline pki csr ${role}`,
  });
}
