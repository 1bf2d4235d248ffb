/** Our relay with one worker, for the bench: reads one order from standard input, says its ports, ends with the input. */
import { createInterface } from 'node:readline';
import type { DirectionKeys, SideSettings } from '../../src/media/settings.ts';
import { type AllocatedSide, RelayPool } from '../../src/node/media/relay-pool.ts';
import type { BenchMode } from './contender.ts';

export interface ServerOrder {
  readonly mode: BenchMode;
  /** The ports of the two parties of every call. */
  readonly parties: readonly [number, number];
  /** For each call the key of the party in SRTP and the relay's, in base64. */
  readonly keys: readonly (readonly [string, string])[];
}

const host = '127.0.0.1';

function keysOf(text: string): DirectionKeys {
  const octets = new Uint8Array(Buffer.from(text, 'base64'));
  const masterKeys = [{ key: octets.slice(0, 16), salt: octets.slice(16) }];
  return { profile: 'AES_CM_128_HMAC_SHA1_80', masterKeys, keyDerivationRate: 0, fingerprint: text };
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

async function allocated(pool: RelayPool, beside?: number): Promise<AllocatedSide> {
  for (;;) {
    const side = pool.allocate(beside);
    if (side !== undefined) return side;
    await new Promise((resolve) => setTimeout(resolve, 5)); // the worker binds more
  }
}

async function serve({ mode, parties, keys }: ServerOrder): Promise<void> {
  const pool = new RelayPool({
    host,
    firstPort: 41_000,
    lastPort: 49_999,
    workers: 1,
    notice: () => undefined,
    lost: (_, error) => fail(error.message),
    exhausted: fail,
  });
  await pool.start();
  const ports: [number, number][] = [];
  for (const [party, relay] of keys) {
    const one = await allocated(pool);
    const other = await allocated(pool, one.side);
    const settings = (side: AllocatedSide, port: number): SideSettings => ({
      side: side.side,
      remote: { address: host, port },
      protection: { kind: 'clear' },
      takes: true,
      gives: true,
      clockRate: 8_000,
    });
    pool.set(settings(one, parties[0]));
    const protection = { kind: 'srtp', receive: keysOf(party), send: keysOf(relay) } as const;
    pool.set({ ...settings(other, parties[1]), ...(mode === 'bridge' ? { protection } : {}) });
    pool.bridge(one.side, other.side);
    ports.push([one.port, other.port]);
  }
  await pool.counts(); // the worker has heard it all
  process.stdout.write(`${JSON.stringify(ports)}\n`);
}

const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void serve(JSON.parse(line) as ServerOrder));
lines.once('close', () => process.exit(0));
