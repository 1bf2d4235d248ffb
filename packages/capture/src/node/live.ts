import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TrustlineError } from '@trustline/base';
import type { CaptureSource } from './source.ts';

/** A capture that goes on. */
export interface LiveCapture {
  readonly source: CaptureSource;
  /** Ends it; what was captured so far is read to its end. */
  stop(): void;
}

/** What dumpcap has said is kept to this length. */
const MOST_SAID = 4_096;

/**
 * Captures what passes an interface by dumpcap, which is made to run with the rights that takes and no others.
 *
 * @throws {TrustlineError} capture.no-dumpcap where it is not installed, capture.not-allowed where this user may not capture,
 *   capture.no-interface where there is none of that name
 */
export async function startLiveCapture(interfaceName: string): Promise<LiveCapture> {
  const child = spawn('dumpcap', ['-q', '-i', interfaceName, '-w', '-'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  });
  await hasBegun(child, interfaceName, () => said);
  const { stdout } = child;
  return {
    source: { name: `interface ${interfaceName}`, storedOctets: undefined, open: () => stdout },
    stop: () => void child.kill('SIGINT'),
  };
}

/** It writes the head of the capture once it captures. */
async function hasBegun(child: ChildProcess, interfaceName: string, said: () => string): Promise<void> {
  const ended = new AbortController();
  const begun = once(child.stdout ?? child, 'readable', { signal: ended.signal }).then(() => 'begun' as const);
  const failed = once(child, 'exit', { signal: ended.signal }).then(() => 'failed' as const);
  begun.catch(() => {});
  failed.catch(() => {});
  try {
    if ((await Promise.race([begun, failed])) === 'begun' && child.stdout?.readableLength !== 0) return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new TrustlineError('capture.no-dumpcap', 'Capturing live needs dumpcap, which is not installed.', {
      nextStep: 'Install it (Debian: apt install wireshark-common), or pipe: tcpdump -w - | trustline audit -',
    });
  } finally {
    ended.abort();
  }
  await once(child, 'close').catch(() => {});
  throw refusal(interfaceName, said());
}

function refusal(interfaceName: string, said: string): TrustlineError {
  if (/permission|not permitted|privilege/i.test(said)) {
    return new TrustlineError('capture.not-allowed', `You may not capture on ${interfaceName}.`, {
      nextStep: 'Add yourself to the group wireshark and log in again, or: sudo tcpdump -w - | trustline audit -',
      detail: said,
    });
  }
  return new TrustlineError('capture.no-interface', `Nothing can be captured on ${interfaceName}.`, {
    nextStep: 'dumpcap -D lists the interfaces that there are.',
    detail: said,
  });
}
