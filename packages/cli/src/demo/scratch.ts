import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the while of a run. It is gone afterwards, also when the run is interrupted: it holds private keys. */
export interface Scratch {
  readonly folder: string;
  remove(): void;
}

export function makeScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'trustline-demo-run-'));
  const erase = () => rmSync(folder, { recursive: true, force: true });
  const interrupted = (signal: NodeJS.Signals) => process.exit(signal === 'SIGINT' ? 130 : 143);
  process.once('exit', erase);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  return {
    folder,
    remove() {
      process.off('exit', erase);
      process.off('SIGINT', interrupted);
      process.off('SIGTERM', interrupted);
      erase();
    },
  };
}
