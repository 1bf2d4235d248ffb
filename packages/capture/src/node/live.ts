import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { TrustlineError } from '@trustline/base';
import type { CaptureSource } from './source.ts';

/** A capture that goes on. */
export interface LiveCapture {
  readonly source: CaptureSource;
  /** Ends it; what was captured so far is read to its end. */
  stop(): void;
  /** What is to be known of it once it has ended: that it ended by itself, and packets that were lost; each in a sentence. */
  remarks(): Promise<readonly string[]>;
}

/** What dumpcap has said is kept to this length. */
const MOST_SAID = 4_096;

/**
 * Captures what passes an interface by dumpcap, which is made to run with the rights that takes and no others.
 *
 * @param filter which packets, in the syntax of pcap-filter(7); without one all
 * @throws {TrustlineError} capture.no-dumpcap where it is not installed, capture.not-allowed where this user may not capture,
 *   capture.no-interface where there is none of that name, capture.bad-filter where the filter is none
 */
export async function startLiveCapture(interfaceName: string, filter?: string): Promise<LiveCapture> {
  const filtering = filter === undefined ? [] : ['-f', filter];
  const child = spawn('dumpcap', ['-q', '-i', interfaceName, ...filtering, '-w', '-'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MOST_SAID);
  });
  await hasBegun(child, interfaceName, () => said);
  const { stdout } = child;
  const closed = once(child, 'close');
  let isStopped = false;
  return {
    source: { name: `interface ${interfaceName}`, storedOctets: undefined, open: () => stdout },
    stop: () => {
      isStopped = true;
      child.kill('SIGINT');
    },
    remarks: async () => {
      await closed;
      return remarksOf(said, isStopped);
    },
  };
}

/** From what dumpcap said to its end. */
function remarksOf(said: string, isStopped: boolean): readonly string[] {
  const remarks: string[] = [];
  const [, reason] = /^dumpcap: (.+)$/m.exec(said) ?? [];
  if (!isStopped && reason !== undefined) remarks.push(`The capture ended by itself: ${reason}`);
  const [, dropped = '0'] = /^Packets received\/dropped on interface .*: \d+\/(\d+) /m.exec(said) ?? [];
  if (dropped !== '0') remarks.push(`Packets that were dropped, as this machine did not keep up: ${dropped}.`);
  return remarks;
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
  if (/valid capture filter/i.test(said)) {
    return new TrustlineError('capture.bad-filter', 'The filter is none that dumpcap understands.', {
      nextStep: "Write it as in man pcap-filter: --filter 'host 192.0.2.1 and udp'",
      detail: said,
    });
  }
  return new TrustlineError('capture.no-interface', `Nothing can be captured on ${interfaceName}.`, {
    nextStep: 'dumpcap -D lists the interfaces that there are.',
    detail: said,
  });
}
