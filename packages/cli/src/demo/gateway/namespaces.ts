import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { separateNetworks } from './plan.ts';

const program = fileURLToPath(new URL('../../main.ts', import.meta.url));

/** What IPsec needs of a machine, and the Debian package of it. */
const needed = [
  ['/usr/sbin/charon-systemd', 'charon-systemd'],
  ['/usr/sbin/nft', 'nftables'],
  ['/dev/net/tun', undefined],
] as const;

/** Why IPsec cannot be shown here; undefined where it can. */
export function withoutIpsec(): string | undefined {
  if (process.getuid?.() !== 0) return 'it needs root';
  if (spawnSync('ip', ['-V'], { stdio: 'ignore' }).error !== undefined) return 'iproute2 is not installed';
  const missing = needed.find(([path]) => !existsSync(path));
  if (missing === undefined) return undefined;
  const [path, name] = missing;
  return name === undefined ? `this machine has no ${path}` : `${name} is not installed`;
}

/**
 * Two network namespaces with a wire between, one for manager and phone, one for the gateway. What is there of the machine's
 * own network is not touched.
 */
export class SeparateNetworks {
  readonly manager: string;
  readonly gateway: string;
  /** The interface of the wire in the network of the manager. */
  readonly wire = 'gateway';

  private constructor(manager: string, gateway: string) {
    this.manager = manager;
    this.gateway = gateway;
  }

  static make(): SeparateNetworks {
    const networks = new SeparateNetworks(`trustline-cm-${process.pid}`, `trustline-gw-${process.pid}`);
    try {
      networks.#build();
      return networks;
    } catch (error) {
      networks.remove();
      throw error;
    }
  }

  #build(): void {
    const { phones, manager, gateway, gatewayMedia } = separateNetworks;
    ip('netns', 'add', this.manager);
    ip('netns', 'add', this.gateway);
    ip('-n', this.manager, 'link', 'add', this.wire, 'type', 'veth', 'peer', 'name', 'manager', 'netns', this.gateway);
    ip('-n', this.manager, 'address', 'add', `${manager}/24`, 'dev', this.wire);
    ip('-n', this.manager, 'address', 'add', `${phones}/32`, 'dev', 'lo');
    ip('-n', this.gateway, 'address', 'add', `${gateway}/24`, 'dev', 'manager');
    ip('-n', this.gateway, 'address', 'add', `${gatewayMedia}/24`, 'dev', 'manager');
    for (const name of ['lo', this.wire]) ip('-n', this.manager, 'link', 'set', name, 'up');
    for (const name of ['lo', 'manager']) ip('-n', this.gateway, 'link', 'set', name, 'up');
    ip('-n', this.gateway, 'route', 'add', `${phones}/32`, 'via', manager);
  }

  /** Runs this command again in the network of the manager, its output ours; resolves to its exit code. */
  async runInside(parameters: readonly string[]): Promise<number> {
    const command = [process.execPath, ...process.execArgv, program, ...parameters];
    const child = spawn('ip', ['netns', 'exec', this.manager, ...command], { stdio: 'inherit' });
    const release = forward(child);
    try {
      return await new Promise((resolve) => child.once('exit', (code, signal) => resolve(code ?? (signal ? 130 : 1))));
    } finally {
      release();
    }
  }

  remove(): void {
    for (const name of [this.manager, this.gateway]) spawnSync('ip', ['netns', 'delete', name], { stdio: 'ignore' });
  }
}

/** A terminal interrupts both; who is told alone tells the other. */
function forward(child: ChildProcess): () => void {
  const terminate = () => child.kill('SIGTERM');
  const interrupted = () => {};
  process.on('SIGTERM', terminate);
  process.on('SIGINT', interrupted);
  return () => {
    process.off('SIGTERM', terminate);
    process.off('SIGINT', interrupted);
  };
}

function ip(...parameters: readonly string[]): void {
  execFileSync('ip', parameters, { stdio: ['ignore', 'ignore', 'pipe'] });
}
