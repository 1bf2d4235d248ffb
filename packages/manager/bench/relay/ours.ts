import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { BenchCall, BenchMode, RelayContender, RunningRelay } from './contender.ts';
import type { ServerOrder } from './server.ts';

export const ours: RelayContender = {
  name: 'ours',
  async start(mode, calls, parties): Promise<RunningRelay> {
    const child = spawn(process.execPath, [new URL('./server.ts', import.meta.url).pathname], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    child.stdin.write(`${JSON.stringify(order(mode, calls, parties))}\n`);
    for await (const line of createInterface({ input: child.stdout })) {
      return {
        ports: JSON.parse(line) as [number, number][],
        pid: child.pid as number,
        stop: async () => {
          child.stdin.end();
          if (child.exitCode === null) await once(child, 'exit');
        },
      };
    }
    throw new Error('our relay did not start');
  },
};

function order(mode: BenchMode, calls: readonly BenchCall[], [clear, other]: readonly [number, number]): ServerOrder {
  const keys = calls.map(({ partyKey, relayKey }) => [base64(partyKey), base64(relayKey)] as const);
  return { mode, parties: [clear, other], keys };
}

function base64(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64');
}
