import { readFile } from 'node:fs/promises';
import type { PacketAtHand } from '@trustline/capture';
import { type CaptureSource, type CaptureSummary, type ReadOptions, readCaptureSource } from '@trustline/capture/node';
import { OpusLibrary } from '@trustline/rtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { Audit, type AuditOptions } from '../audit.ts';
import { momentText } from '../judgement/times.ts';
import { KeyMaterial, type KeyMaterialReport } from '../keys/key-material.ts';
import type { AuditReport } from '../model/report.ts';

/** A key file longer than this is none. */
const LONGEST_KEY_FILE = 256 << 20;

/** An audit with what Node.js brings: the cipher of SRTP, and libopus. */
export async function startAudit(options: Pick<AuditOptions, 'keys' | 'includesAudio'>): Promise<Audit> {
  return new Audit({ ...options, crypto: hybridCrypto(), opus: await OpusLibrary.load() });
}

export interface KeyFileReport extends KeyMaterialReport {
  readonly file: string;
}

/** The keys of all files together, and what each held. */
export async function readKeyFiles(
  files: readonly string[],
): Promise<{ readonly keys: KeyMaterial; readonly reports: readonly KeyFileReport[] }> {
  const keys = new KeyMaterial();
  const reports: KeyFileReport[] = [];
  for (const file of files) {
    const octets = await readFile(file);
    const text = octets.byteLength > LONGEST_KEY_FILE ? '' : octets.toString('utf8');
    reports.push({ file, ...keys.add(text) });
  }
  return { keys, reports };
}

/** What a capture was, and where it stands where it is a file. */
export interface AuditedCapture extends CaptureSummary {
  readonly path: string | undefined;
}

/**
 * Gives the packets of captures to an audit, one capture after the other. Their numbers go on from one to the next, as they do
 * where `mergecap -a` puts them together.
 */
export async function auditSources(
  audit: Audit,
  sources: readonly CaptureSource[],
  options: ReadOptions & { readonly onCapture?: (source: CaptureSource) => void } = {},
): Promise<readonly AuditedCapture[]> {
  const summaries: AuditedCapture[] = [];
  let before = 0;
  for (const source of sources) {
    options.onCapture?.(source);
    const earlier = before;
    const take = (packet: PacketAtHand) => {
      packet.number += earlier;
      audit.handleAtHand(packet);
    };
    const summary = await readCaptureSource(source, take, {
      ...options,
      onSecrets: (secrets) => audit.handleSecrets(secrets),
    });
    summaries.push({ ...summary, path: source.path });
    before += summary.packets;
    if (options.signal?.aborted === true) break;
  }
  audit.end();
  return summaries;
}

/** A capture as the report has it. */
export function reportCapture({
  name,
  path,
  format,
  packets,
  octets,
  first,
  last,
  end,
  trouble,
}: AuditedCapture): AuditReport['captures'][number] {
  const note =
    trouble ??
    (end.kind === 'truncated'
      ? 'It ends within a packet: everything before that was read.'
      : end.kind === 'malformed'
        ? `${end.sentence} Everything before that was read.`
        : null);
  return {
    name,
    ...(path === undefined ? {} : { path }),
    format,
    packets,
    octets,
    first: first === undefined ? null : momentText(first),
    last: last === undefined ? null : momentText(last),
    ended: trouble !== undefined && end.kind === 'complete' ? 'truncated' : end.kind,
    note,
  };
}
