import { hkdfSync, type KeyObject } from 'node:crypto';
import { Redacted } from '@trustline/base';
import type { ClusterStore } from './cluster-store.ts';
import { generatePrivateKey } from './private-key-file.ts';

/** Secrets that are derived from one key of the cluster, so that they need be kept nowhere. */
export class DeviceSecrets {
  readonly #store: ClusterStore;

  constructor(store: ClusterStore) {
    this.#store = store;
  }

  async derive(purpose: string, length: number): Promise<Redacted<Uint8Array>> {
    // What only reads waits for no change that is under way.
    const key = this.#store.state.secretKey ?? (await this.#store.exclusively(() => this.#makeKey()));
    const seed = key.export({ type: 'pkcs8', format: 'der' });
    const derived = new Uint8Array(hkdfSync('sha256', seed, '', purpose, length));
    seed.fill(0);
    return new Redacted(derived);
  }

  /** An Ed25519 key: its file is written, encrypted and read as those of the others are. Only inside `exclusively`. */
  async #makeKey(): Promise<KeyObject> {
    const { secretKey: existing, manifest } = this.#store.state;
    if (existing !== undefined) return existing;
    const secretKey = await generatePrivateKey('Ed25519');
    const keyFile = await this.#store.writeKey('device-secrets', secretKey);
    await this.#store.commit({ manifest: { ...manifest, secretKey: { keyFile } }, secretKey }, [keyFile]);
    return secretKey;
  }
}
