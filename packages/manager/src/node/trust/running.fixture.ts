import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { type Cluster, createCluster } from '@trustline/pki/node';
import { pino } from 'pino';
import type { Configuration } from '../../configuration/schema.ts';
import { Journal } from '../journal.ts';
import { KeptCalls } from '../kept-calls.ts';
import { loadConfiguration } from '../load-configuration.ts';
import type { ManagerContext } from '../parts.ts';
import { openStore, type Store } from '../store/store.ts';
import { labTokens } from './lab-tokens.ts';
import { PublishedTrust } from './published-trust.ts';

/** The part of a manager that publishes trust, over a folder that outlives it. */
export interface RunningTrust {
  readonly context: ManagerContext;
  readonly trust: PublishedTrust;
  readonly cluster: Cluster;
  readonly store: Store;
  /** Every event that is in the chain of evidence. */
  events(): Promise<readonly { readonly kind: string; readonly cause: string; readonly nextStep?: string }[]>;
  close(): Promise<void>;
}

/** Folders with a cluster, a store and, of a lab, its tokens; made once, opened as often as a manager starts. */
export class TrustFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'trustline-trust-'));
  /** Milliseconds that the wall clock is ahead of the machine's. */
  ahead = 0;

  async start(kind: 'lab' | 'production', set: readonly string[] = []): Promise<RunningTrust> {
    const options = ['log.level=error', `dataFolder=${this.path}`, ...set];
    const { configuration } = loadConfiguration({ set: options, environment: {} });
    return this.#start(kind, configuration);
  }

  async #start(kind: 'lab' | 'production', configuration: Configuration): Promise<RunningTrust> {
    const clock = { now: () => Date.now() + this.ahead, monotonic: () => performance.now() };
    const store = await openStore(join(this.path, 'store.sqlite'), { node: 'node-1', now: clock.now() });
    const names = { cluster: 'T', hosts: ['cm.example.org'] as const, addresses: ['127.0.0.1'], domains: [] };
    const folder = join(this.path, 'pki');
    const cluster = await createCluster(folder, names, clock.now(), { kind });
    const journal = await Journal.open({
      store,
      node: 'node-1',
      privateKey: cluster.recordSigner().privateKey,
      memoryLimit: 100,
      now: clock.now,
      complain: () => undefined,
    });
    const keptCalls = new KeptCalls(join(this.path, 'calls.kept'), () => undefined);
    const log = pino({ level: 'silent' });
    const context: ManagerContext = { configuration, clock, store, cluster, journal, log, keptCalls };
    const tokens = kind === 'lab' ? await labTokens(folder, cluster, undefined, clock.now()) : undefined;
    return {
      context,
      trust: new PublishedTrust(context, tokens),
      cluster,
      store,
      async events() {
        await journal.flush();
        const entries = await store.evidence.latest(1_000, 'events');
        return entries.map((entry) => {
          const { body, personal } = JSON.parse(JSON.stringify(entry));
          return { ...body, ...personal?.fields };
        });
      },
      async close() {
        keptCalls.close();
        await journal.close();
        await store.close();
      },
    };
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
