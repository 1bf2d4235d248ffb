import { dirname, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createCluster } from '@trustline/pki/node';
import type { StatusAnswer } from '../api/contract.ts';
import { clusterNames } from './addresses.ts';
import { createAlarms } from './alarms/alarms.ts';
import { createHttpsApi } from './api/https.ts';
import { createMetrics } from './api/metrics.ts';
import { createLocalApi } from './api/server.ts';
import { tellRestored } from './backup/restore.ts';
import { clusterPassphrase } from './cluster-passphrase.ts';
import { openDataFolder } from './data-folder.ts';
import { createDebugLog } from './debug-log.ts';
import { completeDigestPasswords } from './digest-passwords.ts';
import { createHousekeeping } from './housekeeping.ts';
import { recordInterruptedCalls } from './interrupted-calls.ts';
import { createIpsec } from './ipsec/ipsec.ts';
import { Journal } from './journal.ts';
import { KeptCalls } from './kept-calls.ts';
import type { LoadedConfiguration } from './load-configuration.ts';
import { createLog } from './log.ts';
import { announcementOf, holdSoundOf } from './media/hold-sound.ts';
import { currentAttribution } from './operations/attribution.ts';
import { leftBehind, tellLeftBehind } from './operations/left-behind.ts';
import type { Services } from './operations/services.ts';
import { status } from './operations/status.ts';
import type { Clock, DeviceSighting, ManagerContext, ManagerPart, Signalling } from './parts.ts';
import { createProvisioning } from './provisioning/provisioning.ts';
import { createRevocationWatch } from './revocation-watch.ts';
import { beginRun, crashSentence, endRun } from './run-note.ts';
import { createSignalling } from './signalling.ts';
import { openStore } from './store/store.ts';
import { createTelemetry } from './telemetry/telemetry.ts';
import { readTrunkAccounts } from './trunk-accounts.ts';
import { labTokens } from './trust/lab-tokens.ts';
import { PublishedTrust } from './trust/published-trust.ts';

export interface RunningManager {
  /** True when this start made the data folder. */
  readonly firstStart: boolean;
  status(): Promise<StatusAnswer>;
  /** Takes no new calls; waits for running ones, at most so many milliseconds, then stops. */
  drain(milliseconds: number): Promise<void>;
  /** Stops at once. */
  stop(): Promise<void>;
  /** Resolves when it has stopped, whoever asked for it. */
  readonly stopped: Promise<void>;
}

export interface ManagerOptions {
  readonly loaded: LoadedConfiguration;
  /** Makes what speaks with devices; SIP listeners and call control by default. */
  readonly signalling?: (context: ManagerContext, seen: (sighting: DeviceSighting) => void) => Signalling;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  readonly clock?: Clock;
}

const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() };

/**
 * Starts a manager: its folder, store, identity and journal, then its parts. What was started is stopped again,
 * in the opposite order, when a later one cannot start.
 */
export async function startManager(options: ManagerOptions): Promise<RunningManager> {
  const { loaded, clock = systemClock, environment = process.env } = options;
  const { configuration } = loaded;
  const log = createLog(configuration);
  const undo: (() => Promise<void>)[] = [];
  const unwind = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const folder = openDataFolder(loaded.dataFolder);
    undo.push(async () => folder.close());
    const store = await openStore(folder.storeFile, { node: configuration.node, now: clock.now() });
    undo.push(() => store.close());
    const passphrase = await clusterPassphrase(loaded, environment);
    const names = clusterNames(configuration);
    const { ocsp, staleRevocation, registrationProofs } = configuration.identity;
    const outsidePolicy = { stale: staleRevocation, ocsp };
    const cluster = await createCluster(folder.identityFolder, names, clock.now(), { passphrase, outsidePolicy });
    await cluster.setRegistrationProofs(registrationProofs);
    const journal = await Journal.open({
      store,
      node: configuration.node,
      privateKey: cluster.recordSigner().privateKey,
      memoryLimit: configuration.records.memoryLimit,
      now: clock.now,
      attribution: currentAttribution,
      complain: (sentence) => log.error(sentence),
    });
    undo.push(() => journal.close());
    const cameAfterCrash = await beginRun(store, folder.restoredFile);
    undo.push(() => endRun(store, log));
    const keptCalls = new KeptCalls(folder.keptCallsFile, (sentence) => log.error(sentence));
    undo.push(async () => keptCalls.close());
    await recordInterruptedCalls(store, journal, keptCalls, configuration, clock.now());
    for (const role of await cluster.coverNames(names, clock.now())) {
      const cause = `A new certificate was made for ${role}: the manager is reached by further names.`;
      await journal.event('certificate-generated', { reason: role, cause });
    }

    const holdSound = holdSoundOf(loaded);
    const announcement = announcementOf(loaded);
    const base = loaded.file === undefined ? process.cwd() : dirname(resolve(loaded.file));
    const trunkAccounts = await readTrunkAccounts(configuration.trunks, base, environment);
    const common = { configuration, clock, store, cluster, journal, log };
    const ipsec = configuration.ipsec.enabled ? createIpsec(common, base) : undefined;
    const context: ManagerContext = { ...common, keptCalls, holdSound, announcement, trunkAccounts, ipsec };
    await completeDigestPasswords(context);
    const tokens = makesItsOwnTrust(context)
      ? await labTokens(folder.identityFolder, cluster, passphrase, clock.now())
      : undefined;
    const trust = new PublishedTrust(context, tokens);
    undo.push(() => trust.held.settled());
    await trust.refresh();
    const seen = (sighting: DeviceSighting) => void trust.held.seen(sighting);
    const signalling = (options.signalling ?? createSignalling)(context, seen);
    const alarms = createAlarms(context, base);
    const { traces } = configuration.telemetry;
    const provisioning = configuration.provisioning.enabled
      ? createProvisioning({ context, trust, dataFolder: folder.path, signalling: () => signalling.listeners(), seen })
      : undefined;
    const revocationWatch = createRevocationWatch(context, () => services.trustChanged());
    let draining = false;
    let mode = cluster.trust.securityMode();
    const services: Services = {
      ...context,
      loaded,
      alarms,
      folder,
      keysNeedPassphrase: passphrase !== undefined,
      signalling,
      trust,
      provisioning,
      revocationWatch,
      startedAt: clock.now(),
      draining: () => draining,
      async trustChanged() {
        signalling.trustChanged();
        https?.trustChanged();
        ipsec?.trustChanged().catch((error: Error) => {
          log.error(`The tunnels to gateways were not brought up to date: ${error.message}`);
        });
        try {
          await (provisioning?.trustChanged() ?? trust.refresh());
        } catch (error) {
          log.error(`The trust lists were not brought up to date: ${(error as Error).message}`);
        }
        if (cluster.trust.securityMode() === mode) return;
        mode = cluster.trust.securityMode();
        signalling.trustChanged();
        const behind = mode === 'non-secure' ? await leftBehind(context) : [];
        signalling.modeChanged(behind.map(({ device }) => device));
        await tellLeftBehind(context, behind);
      },
      drain: (milliseconds) => void drain(milliseconds),
      metricsListener: () => metrics?.listener(),
      httpsListener: () => https?.listener(),
    };
    const metrics = configuration.api.metrics.enabled ? createMetrics(services, configuration.api.metrics) : undefined;
    const https = configuration.api.https && createHttpsApi(services, configuration.api.https);

    // In this order; stopped in the opposite one, so that the command line can ask until the end.
    const parts: (ManagerPart | undefined)[] = [
      alarms, // first, so that it misses nothing that the others say
      createDebugLog(context, signalling),
      traces && createTelemetry(context, traces, base),
      createLocalApi(services),
      https,
      metrics,
      createHousekeeping(context),
      ipsec, // before what needs its proof
      signalling,
      provisioning,
      revocationWatch, // last, for it may close what the others have opened
    ];
    for (const part of parts) {
      if (part === undefined) continue;
      await part.start();
      undo.push(() => part.stop());
    }
    await tellRestored(folder.restoredFile, journal);
    await journal.event('started', {
      cause: `The call manager started (process ${process.pid}).${cameAfterCrash ? crashSentence : ''}`,
      ...(cameAfterCrash ? { reason: 'after-crash' } : {}),
    });
    const notice = cluster.trust.statusNotice();
    if (notice !== undefined) {
      await journal.event('lab-trust', {
        cause: 'Trust comes from authorities that this manager made itself.',
      });
    }

    const stopped = Promise.withResolvers<void>();
    let stopping = false;
    const stop = async () => {
      if (!stopping) {
        stopping = true;
        await journal.event('stopped', { cause: 'The call manager stopped.' });
        await unwind();
        stopped.resolve();
      }
      await stopped.promise;
    };
    const drain = async (milliseconds: number) => {
      if (!draining) {
        draining = true;
        await signalling.drain(milliseconds);
      }
      await stop();
    };
    return { firstStart: folder.created, status: () => status(services), drain, stop, stopped: stopped.promise };
  } catch (error) {
    await unwind();
    throw error;
  }
}

/** A lab signs its own lists, for the phones that it provisions; whoever provisions none has nobody to sign for. */
function makesItsOwnTrust({ cluster, configuration }: ManagerContext): boolean {
  return cluster.kind === 'lab' && configuration.provisioning.enabled;
}
