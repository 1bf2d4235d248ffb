import type { KeyObject } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Redacted } from '@trustline/base';
import { PkiError } from '../error.ts';
import { assertPhonesCannotVouchForServers, LabTrustSource } from '../lab-trust-source.ts';
import type { Path } from '../path.ts';
import { type ClusterRole, profiles } from '../profiles.ts';
import type { Identity } from './cluster.ts';
import { type ClusterState, type HeldIdentity, storeKey, storePath } from './held.ts';
import { identityOf, newTag } from './make-certificate.ts';
import { type ClusterNames, filesOf, type Manifest, writeManifest } from './manifest.ts';
import { trustDocumentOf } from './trust-document.ts';

/**
 * A cluster's state in its folder. Changes are made one after the other; readers see the state before or after, never
 * between.
 */
export class ClusterStore {
  readonly directory: string;
  readonly trust: LabTrustSource;
  readonly #passphrase: Redacted<string> | undefined;
  #state: ClusterState;
  #lastChange: Promise<unknown> = Promise.resolve();

  constructor(directory: string, state: ClusterState, passphrase: Redacted<string> | undefined) {
    this.directory = directory;
    this.#passphrase = passphrase;
    this.#state = state;
    this.trust = new LabTrustSource(trustDocumentOf(state));
  }

  get state(): ClusterState {
    return this.#state;
  }

  get names(): ClusterNames {
    return this.#state.manifest.names;
  }

  /** @throws {PkiError} pki.no-such-key */
  show(role: ClusterRole): Identity {
    const { path, privateKey } = this.held(role);
    return identityOf(path, privateKey);
  }

  /** @throws {PkiError} pki.no-such-key */
  held(role: ClusterRole): HeldIdentity {
    const held = this.#state.identities.get(role);
    if (held !== undefined) return held;
    throw new PkiError('pki.no-such-key', `this cluster has no ${profiles[role].title}`, {
      nextStep: 'Restore the folder from a backup.',
    });
  }

  /** Commits a change of the manifest; only inside `exclusively`. */
  async changeManifest(change: (manifest: Manifest) => Partial<Manifest>): Promise<void> {
    const { manifest, pinned } = this.#state;
    const next = { ...manifest, ...change(manifest) };
    const stillPinned = new Set(next.pins.map(({ fingerprint }) => fingerprint));
    await this.commit({
      manifest: next,
      pinned: new Map([...pinned].filter(([fingerprint]) => stillPinned.has(fingerprint))),
    });
  }

  /**
   * The moment of every change: what it means for trust is checked, then it is on the disk, then it is in force.
   * When it fails, the files that were `written` for it are removed again. Only inside `exclusively`.
   */
  async commit(change: Partial<ClusterState>, written: readonly string[] = []): Promise<void> {
    const next = { ...this.#state, ...change };
    const document = trustDocumentOf(next);
    try {
      assertPhonesCannotVouchForServers(document);
      await writeManifest(this.directory, next.manifest);
    } catch (error) {
      const inUse = filesOf(this.#state.manifest);
      const orphans = written.filter((file) => !inUse.has(file));
      await Promise.all(orphans.map((file) => rm(join(this.directory, file), { force: true })));
      throw error;
    }
    this.putInMemory(next);
  }

  /** Puts in force what needs no disk. */
  putInMemory(next: ClusterState): void {
    this.#state = next;
    this.trust.replace(trustDocumentOf(next));
  }

  /** Runs one change after the other. */
  exclusively<T>(change: () => Promise<T>): Promise<T> {
    const result = this.#lastChange.then(change);
    this.#lastChange = result.catch(() => undefined);
    return result;
  }

  /** Writes a key of a role, under the passphrase; nothing refers to it until a manifest does. */
  writeKey(role: ClusterRole | 'device-secrets', key: KeyObject): Promise<string> {
    return storeKey(this.directory, role, newTag(), key, this.#passphrase);
  }

  /** Writes a certification path of a role, or from outside; nothing refers to it until a manifest does. */
  writePath(role: ClusterRole | 'manufacturer' | 'lsc-authority' | 'lsc', path: Path): Promise<string> {
    return storePath(this.directory, role, path);
  }
}
