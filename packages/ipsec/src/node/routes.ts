import { execFile } from 'node:child_process';
import type { Way } from '../helper/protocol.ts';
import { sameAddress } from '../selector.ts';

const PATIENCE_MS = 1_000;

/**
 * The device by which a packet of ours would leave now, by each way; null where there is none. Undefined where that
 * cannot be asked. One program for all of them.
 */
export async function devicesTowards(ways: readonly Way[]): Promise<readonly (string | null)[] | undefined> {
  if (ways.length === 0) return [];
  const found = await readRoutes(
    ways.map(({ localAddress, remoteAddress }) => `route get ${remoteAddress} from ${localAddress}`),
  );
  if (found === undefined) return undefined;
  return ways.map(
    ({ remoteAddress, localAddress }) =>
      found.find(
        ({ dst, from }) =>
          sameAddress(String(dst), remoteAddress) && (from === undefined || sameAddress(String(from), localAddress)),
      )?.dev ?? null,
  );
}

interface Route {
  readonly dst?: string;
  readonly from?: string;
  readonly dev?: string;
}

async function readRoutes(commands: readonly string[]): Promise<readonly Route[] | undefined> {
  const printed = await new Promise<string | undefined>((resolve) => {
    // A way that there is not makes it end with 1, and the others are answered all the same.
    const child = execFile('ip', ['-j', '-force', '-batch', '-'], { timeout: PATIENCE_MS }, (error, output) =>
      resolve(error === null || error.code === 1 ? output : undefined),
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${commands.join('\n')}\n`);
  });
  return printed?.split('\n').flatMap((line) => {
    try {
      return JSON.parse(line) as readonly Route[];
    } catch {
      return [];
    }
  });
}
