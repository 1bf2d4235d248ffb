import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { TrustlineError } from '@trustline/base';
import { readWavFile } from '@trustline/phone/node';
import { serializeWav } from '@trustline/rtp';
import { type End, ends, otherEnd, phonePlans } from './plan.ts';

const RATE = 8_000;

/** Where a run leaves what was said, heard, captured and recorded, for its owner alone. */
export class DemoFolder {
  /** Absolute. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  get capture(): string {
    return join(this.path, 'call.pcapng');
  }

  /** The auditor's report. */
  get page(): string {
    return join(this.path, 'report.html');
  }

  get records(): string {
    return join(this.path, 'records.jsonl');
  }

  said(end: End): string {
    return join(this.path, `${phonePlans[end].line}-said.wav`);
  }

  heard(end: End): string {
    return join(this.path, `${phonePlans[end].line}-heard.wav`);
  }

  /** What the tap without keys heard of an end. */
  tapped(end: End): string {
    return join(this.path, `tap-heard-of-${phonePlans[end].line}.wav`);
  }

  /** At 8 kHz. */
  readHeard(end: End): Int16Array {
    return readWavFile(this.heard(end)).samples;
  }

  /** @param samples at 8 kHz */
  writeSound(path: string, samples: Int16Array): void {
    writeFileSync(path, serializeWav({ rate: RATE, samples }), { mode: 0o600 });
  }
}

/**
 * Makes the folder; one that is there is used only if it is empty, for evidence of an earlier run is not overwritten.
 *
 * @throws {TrustlineError} cli.demo-folder
 */
export function makeDemoFolder(out: string | undefined): DemoFolder {
  if (out === undefined) return new DemoFolder(mkdtempSync(join(tmpdir(), 'trustline-demo-')));
  const path = resolve(out);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  if (readdirSync(path).length > 0) {
    throw new TrustlineError('cli.demo-folder', `The folder ${path} is not empty.`, {
      nextStep: 'Name a new one with --out, or leave it out.',
    });
  }
  return new DemoFolder(path);
}

/** Names of the files of a folder, with what they are. */
export function leftFiles({ mode, packets }: { readonly mode: 'encrypted' | 'clear'; readonly packets: number }) {
  const folder = new DemoFolder('');
  const tap = mode === 'encrypted' ? 'the same as the tap heard it without keys' : 'the same as the tap heard it';
  return [
    { name: folder.capture, what: `${packets} packets at the sockets of the phones; Wireshark opens it` },
    ...ends.flatMap((end) => [
      { name: folder.said(end), what: `what ${phonePlans[end].line} said` },
      { name: folder.tapped(end), what: tap },
      { name: folder.heard(otherEnd(end)), what: `the same as ${phonePlans[otherEnd(end)].line} heard it` },
    ]),
    { name: folder.page, what: 'the auditor’s report of this capture: open it in a browser' },
    { name: folder.records, what: 'the records: trustline records verify FILE' },
  ];
}
