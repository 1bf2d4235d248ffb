import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SrtpMasterKey } from '../options.ts';
import { hexadecimal } from './octets.ts';

/** A C program of this folder that lets somebody else's SRTP speak the frames of peer.h. */
interface PeerSource {
  readonly name: string;
  readonly source: string;
  /** Packages of pkg-config that it is built with. */
  readonly libraries: readonly string[];
  readonly debianPackages: string;
}

export const libsrtpPeer: PeerSource = {
  name: 'libsrtp',
  source: 'libsrtp-peer.c',
  libraries: ['libsrtp2'],
  debianPackages: 'gcc, pkg-config and libsrtp2-dev',
};

export const gstreamerPeer: PeerSource = {
  name: 'GStreamer',
  source: 'gstreamer-peer.c',
  libraries: ['gstreamer-1.0'],
  debianPackages: 'gcc, pkg-config, libgstreamer1.0-dev and gstreamer1.0-plugins-bad',
};

/** What a peer is told: a packet, or with which of its master keys to go on sending. */
export type PeerInput =
  | { readonly kind: 'rtp' | 'rtcp'; readonly octets: Uint8Array }
  | { readonly kind: 'key'; readonly position: number };

/** The packet that came of one, or the status with which the peer refused it. */
export type PeerOutcome = Uint8Array | number;

export interface PeerOptions {
  readonly direction: 'protect' | 'unprotect';
  readonly profile: string;
  readonly masterKeys: readonly SrtpMasterKey[];
  readonly replayWindow: number;
  /** Header extension elements to encrypt (RFC 6904); libsrtp alone can. */
  readonly encryptedExtensions?: readonly number[];
}

export class PeerProgram {
  readonly name: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'trustline-peer-'));
  private readonly program = join(this.folder, 'peer');
  private readonly missing: string | undefined;

  /** Compiles it; what is missing for that is said when it is first needed. */
  constructor({ name, source, libraries, debianPackages }: PeerSource) {
    this.name = name;
    try {
      const stdio = ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'];
      const flags = execFileSync('pkg-config', ['--cflags', '--libs', ...libraries], { encoding: 'utf8', stdio });
      const options = ['-O2', '-o', this.program, join(import.meta.dirname, source), ...flags.trim().split(/\s+/)];
      execFileSync('gcc', options, { stdio });
    } catch (error) {
      this.missing = `${debianPackages} are needed (scripts/install-peers.sh): ${error}`;
    }
  }

  /** Skips the test without the peer; under CI a test that did not run has proven nothing, and fails. */
  require(context: { skip: (reason: string) => never }): void {
    requireForeign(this.missing, context);
  }

  /** One outcome for every packet, in their order. */
  run(options: PeerOptions, inputs: readonly PeerInput[]): PeerOutcome[] {
    const words = [
      options.direction,
      options.profile,
      String(options.replayWindow),
      options.masterKeys.map(keyWord).join(','),
      ...(options.encryptedExtensions === undefined ? [] : [options.encryptedExtensions.join(',')]),
    ];
    const output = execFileSync(this.program, words, { input: framed(inputs), maxBuffer: 2 ** 30 });
    return outcomes(output);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function requireForeign(missing: string | undefined, context: { skip: (reason: string) => never }): void {
  if (missing === undefined) return;
  if (process.env['CI'] === 'true') throw new Error(missing);
  context.skip(missing);
}

function keyWord({ key, salt, mki }: SrtpMasterKey): string {
  const secret = hexadecimal(key) + hexadecimal(salt);
  return mki === undefined ? secret : `${secret}:${hexadecimal(mki)}`;
}

/** A frame: length of what follows in 32 bits, kind, octets. */
function framed(inputs: readonly PeerInput[]): Uint8Array {
  const bodies = inputs.map((input) => (input.kind === 'key' ? Uint8Array.of(input.position) : input.octets));
  const all = Buffer.alloc(bodies.reduce((sum, body) => sum + 5 + body.byteLength, 0));
  let at = 0;
  for (const [i, body] of bodies.entries()) {
    all.writeUInt32BE(body.byteLength + 1, at);
    all.write({ rtp: 'r', rtcp: 'c', key: 'k' }[(inputs[i] as PeerInput).kind], at + 4, 'latin1');
    all.set(body, at + 5);
    at += 5 + body.byteLength;
  }
  return all;
}

function outcomes(output: Buffer): PeerOutcome[] {
  const found: PeerOutcome[] = [];
  for (let at = 0; at < output.byteLength; ) {
    const end = at + 4 + output.readUInt32BE(at);
    const status = output.readUInt8(at + 4);
    found.push(status === 0 ? new Uint8Array(output.subarray(at + 5, end)) : status);
    at = end;
  }
  return found;
}
