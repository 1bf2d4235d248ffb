import { accessSync, constants, existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { AuditPolicy } from '@trustline/audit';
import { auditSources, readKeyFiles, reportCapture, startAudit } from '@trustline/audit/node';
import { TrustlineError } from '@trustline/base';
import { type CaptureSource, captureSources } from '@trustline/capture/node';
import { onInterruption } from '../interruption.ts';
import { printable, type Terminal } from '../terminal.ts';
import { runLiveAudit } from './audit-live.ts';
import { readClaims } from './audit-records.ts';
import { type AuditCommandOptions, type AuditInputs, finish, makeReport } from './audit-report.ts';

export async function runAudit(
  captures: readonly string[],
  options: AuditCommandOptions,
  terminal: Terminal,
): Promise<void> {
  if (captures.length === 0 && options.interface === undefined) {
    throw new TrustlineError('cli.no-capture', 'No capture is named.', {
      nextStep: 'trustline audit capture.pcapng; trustline audit --help has examples.',
    });
  }
  if (captures.length > 0 && options.interface !== undefined) {
    throw new TrustlineError('cli.two-captures', 'Either captures are read, or an interface is listened to.', {
      nextStep: 'Leave out --interface, or the captures.',
    });
  }
  for (const [name, value] of [
    ['--out', options.out],
    ['--filter', options.filter],
  ] as const) {
    if (value === undefined || options.interface !== undefined) continue;
    throw new TrustlineError('cli.not-live', `${name} is for an interface that is listened to.`, {
      nextStep:
        name === '--out'
          ? 'Name files: --html report.html, --csv calls.csv; or --interface.'
          : "Filter when you capture: tcpdump -w - 'udp' | trustline audit -",
    });
  }
  if (captures.includes('-') && process.stdin.isTTY) {
    throw new TrustlineError('cli.nothing-piped', 'Nothing comes from standard input: it is this terminal.', {
      nextStep: 'tcpdump -i eth0 -w - | trustline audit -',
    });
  }
  checkOutputs(captures, options);
  const policy = await policyOf(options);
  const claims = await readClaims(options.records);
  const keys = await keysOf(options, terminal);
  const includesAudio = options.includeAudio === true;
  const audit = await startAudit({ includesAudio, ...(keys === undefined ? {} : { keys }) });
  const inputs: AuditInputs = { options, policy, claims };
  if (options.interface !== undefined) return runLiveAudit(audit, options.interface, inputs, terminal);
  const sources: CaptureSource[] = [];
  for (const path of captures) sources.push(...(await captureSources(path)));
  const progress = new Progress(terminal, sources);
  const piped = captures.includes('-') ? endsWithItsWriter() : undefined;
  const summaries = await auditSources(audit, sources, {
    onCapture: (source) => progress.begin(source),
    onProgress: (octets) => progress.show(octets),
    ...(piped === undefined ? {} : { signal: piped.signal }),
  });
  piped?.letGo();
  progress.end();
  const unread = summaries.filter(({ format }) => format === 'unknown');
  const [first] = unread;
  if (unread.length === summaries.length && first !== undefined)
    throw notACapture(first.name, first.end, first.trouble);
  finish(makeReport(audit, summaries.map(reportCapture), inputs), inputs, terminal);
}

/** Before hours of reading: that what is asked for can be written, and is none of the captures. */
function checkOutputs(captures: readonly string[], { html, sarif, csv }: AuditCommandOptions): void {
  for (const [name, file] of Object.entries({ html, sarif, csv })) {
    if (file === undefined) continue;
    if (file === '-') {
      throw new TrustlineError('cli.output-is-no-file', `--${name} wants the name of a file.`, {
        nextStep: `Name one: --${name} report.${name}. On standard output there is the page, or the report with --json.`,
      });
    }
    if (captures.some((capture) => resolve(capture) === resolve(file))) {
      throw new TrustlineError('cli.output-is-input', `${file} is read: it cannot be written as well.`, {
        nextStep: 'Name another file for the report.',
      });
    }
    accessSync(existsSync(file) ? file : dirname(file), constants.W_OK);
  }
}

/** What who captures into the pipe has, once Ctrl-C ended it too, to write its last packets. */
const LAST_PACKETS_MILLISECONDS = 1_000;

/**
 * Ctrl-C in `tcpdump -w - | trustline audit -` ends tcpdump, and what it captured is audited. Where the writer goes on all the same
 * it is read no further.
 */
function endsWithItsWriter(): { readonly signal: AbortSignal; letGo(): void } {
  const stop = new AbortController();
  let waiting: NodeJS.Timeout | undefined;
  const letGo = onInterruption(
    () => {
      waiting = setTimeout(() => {
        stop.abort();
        process.stdin.destroy();
      }, LAST_PACKETS_MILLISECONDS);
    },
    () => process.exit(1),
  );
  return {
    signal: stop.signal,
    letGo: () => {
      clearTimeout(waiting);
      letGo();
    },
  };
}

function notACapture(
  name: string,
  end: { readonly kind: string; readonly sentence?: string },
  trouble: string | undefined,
) {
  return new TrustlineError(
    'cli.not-a-capture',
    `${printable(name)}: ${trouble ?? end.sentence ?? 'this is no capture.'}`,
    {
      nextStep: /EACCES|EPERM/.test(trouble ?? '')
        ? 'Check its permissions, or run the command as its owner.'
        : 'Give a pcap or pcapng file, as tcpdump -w and Wireshark write it.',
    },
  );
}

/** Read by what is loaded for it alone: YAML is much. */
async function policyOf({ policy }: AuditCommandOptions): Promise<AuditPolicy | undefined> {
  if (policy === undefined) return undefined;
  const { readPolicyFile } = await import('./audit-policy.ts');
  return readPolicyFile(policy);
}

async function keysOf({ keys: files = [] }: AuditCommandOptions, terminal: Terminal) {
  if (files.length === 0) return undefined;
  const { keys, reports } = await readKeyFiles(files);
  for (const { file, refusedLines, refused, read } of reports) {
    const total = read['key-log'] + read['rsa-private-key'] + read.sdes;
    if (total === 0) {
      const nextStep = 'Give a key log (SSLKEYLOGFILE), an RSA private key in PEM, or lines of a=crypto from SDP.';
      terminal.error(`trustline: no key was found in ${file}.\n  next: ${nextStep}\n`);
    }
    const [first] = refused;
    if (refusedLines > 0 && first !== undefined) {
      terminal.error(
        `trustline: ${file}: ${refusedLines} lines are of no use, first line ${first.line}: ${first.why}.\n`,
      );
    }
  }
  return keys;
}

/** How far reading is, on a terminal that a person looks at. */
class Progress {
  readonly #terminal: Terminal;
  readonly #total: number | undefined;
  #before = 0;
  #source: CaptureSource | undefined;
  #octets = 0;
  #shownAt = 0;
  #isShown = false;

  constructor(terminal: Terminal, sources: readonly CaptureSource[]) {
    this.#terminal = terminal;
    const sizes = sources.map(({ storedOctets }) => storedOctets);
    this.#total = sizes.includes(undefined) ? undefined : sizes.reduce<number>((sum, size) => sum + (size ?? 0), 0);
  }

  begin(source: CaptureSource): void {
    this.#before += this.#octets;
    this.#octets = 0;
    this.#source = source;
  }

  show(octets: number): void {
    this.#octets = octets;
    const now = performance.now();
    if (this.#terminal.showsProgress !== true || now - this.#shownAt < 250) return;
    this.#shownAt = now;
    this.#isShown = true;
    const read = this.#before + octets;
    const part = this.#total === undefined || this.#total === 0 ? '' : ` of ${Math.round(this.#total / 1e6)}`;
    this.#terminal.error(
      `\r${Math.round(read / 1e6)}${part} MB  ${printable(this.#source?.name ?? '').slice(0, 40)}\u001b[K`,
    );
  }

  end(): void {
    if (this.#isShown) this.#terminal.error('\r\u001b[K');
  }
}
