import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { eventually } from '@trustline/testing/node';
import { ManagerClient } from '../node/api/client.ts';
import { loadConfiguration } from '../node/load-configuration.ts';

const commandLine = new URL('../../../cli/src/main.ts', import.meta.url).pathname;

/** A call manager in a process of its own, which can be killed and started anew on the same data and ports. */
export class KillableManager {
  readonly client: ManagerClient;
  readonly #arguments: readonly string[];
  #child: ChildProcess | undefined;

  /** @param set options of the configuration, as `--set` takes them; without provisioning and metrics */
  constructor(dataFolder: string, set: readonly string[]) {
    const quiet = ['log.level=error', 'api.metrics.enabled=false', 'provisioning.enabled=false'];
    const all = [`dataFolder=${dataFolder}`, ...quiet, ...set];
    this.#arguments = ['start', ...all.flatMap((one) => ['--set', one])];
    const { apiSocket } = loadConfiguration({ set: all, environment: {} });
    this.client = new ManagerClient({ kind: 'socket', path: apiSocket });
  }

  /** Starts it; it is there when it listens to phones, which is later than to its operators. */
  async start(): Promise<void> {
    this.#child = spawn(process.execPath, [commandLine, ...this.#arguments], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    await eventually('the manager', async () => {
      const status = await this.client.status().catch(() => undefined);
      return (status?.listeners.length ?? 0) > 0;
    });
  }

  /** SIGKILL: it has no time for anything. */
  async kill(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
