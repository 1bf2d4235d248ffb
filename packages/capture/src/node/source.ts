import { createReadStream } from 'node:fs';
import { access, constants, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip, constants as zlib } from 'node:zlib';
import { TrustlineError } from '@trustline/base';
import type { CaptureEnd, CaptureSecrets } from '../item.ts';
import type { PacketAtHand } from '../packet-at-hand.ts';
import { CaptureReader, type ItemAtHand } from '../reader.ts';
import { unpackZstandard } from './zstandard.ts';

/** Octets of a capture that come from somewhere. */
export interface CaptureSource {
  /** Of a file its name without its folder; as it is shown, and never used as a name of a file. */
  readonly name: string;
  /** Of a file as it was named, with its folder. */
  readonly path?: string;
  /** Octets as they are stored; undefined where it is not known. */
  readonly storedOctets: number | undefined;
  open(): Readable;
}

/** What a capture was, once it has been read. */
export interface CaptureSummary {
  readonly name: string;
  readonly format: 'pcap' | 'pcapng' | 'unknown';
  readonly packets: number;
  /** Of the capture, after decompression. */
  readonly octets: number;
  /** Microseconds since 1970 of its first and last packet; undefined where packets have no time. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  readonly end: CaptureEnd;
  /** What kept the rest from being read, in a sentence; undefined where nothing did. */
  readonly trouble: string | undefined;
}

/** Names that a folder of rotated captures has, compressed or not, with a number behind it or not. */
const captureName = /\.(pcap|pcapng|cap|dmp|ntar)\d*(\.(gz|zst|zstd))?$/i;

/** So many folders within each other are looked into. */
const DEEPEST_FOLDER = 8;

/** How many octets are read at once. */
const CHUNK = 1 << 18;

/** The captures that a path names: a file, the files of a folder and of those in it, in order of time, or standard input for `-`. */
export async function captureSources(path: string, standardInput: Readable = process.stdin): Promise<CaptureSource[]> {
  if (path === '-') return [{ name: 'standard input', storedOctets: undefined, open: () => standardInput }];
  const found = await stat(path);
  if (!found.isDirectory()) {
    await access(path, constants.R_OK);
    return [fileSource(path, found.size)];
  }
  const files: { readonly source: CaptureSource; readonly first: number }[] = [];
  for (const file of await namesWithin(path, DEEPEST_FOLDER)) {
    // Who captures may have taken it away meanwhile; and of a pipe by that name nothing would come.
    const entry = await stat(file).catch(() => undefined);
    if (entry === undefined || !entry.isFile()) continue;
    await access(file, constants.R_OK);
    const source = fileSource(file, entry.size);
    files.push({ source, first: (await firstTime(source)) ?? 1_000 * entry.mtimeMs });
  }
  if (files.length === 0) {
    throw new TrustlineError('capture.empty-folder', `${path} holds no captures.`, {
      nextStep: 'Name a folder with files that end in .pcap or .pcapng (also .gz or .zst), or a file.',
    });
  }
  return files.sort((one, other) => one.first - other.first).map(({ source }) => source);
}

/** What is named as captures are in a folder and in the folders within it; of those that a link leads to nothing. */
async function namesWithin(folder: string, depth: number): Promise<readonly string[]> {
  const files: string[] = [];
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (!entry.isDirectory()) {
      if (captureName.test(entry.name)) files.push(path);
      continue;
    }
    if (depth > 1) files.push(...(await namesWithin(path, depth - 1)));
  }
  return files;
}

function fileSource(path: string, size: number): CaptureSource {
  return {
    name: basename(path),
    path,
    storedOctets: size,
    open: () => createReadStream(path, { highWaterMark: CHUNK }),
  };
}

/** When the first packet was captured; undefined where there is none. */
async function firstTime(source: CaptureSource): Promise<number | undefined> {
  let first: number | undefined;
  const stop = new AbortController();
  await readCaptureSource(
    source,
    (packet) => {
      if (packet.hasTime) first ??= packet.microseconds;
      stop.abort();
    },
    { signal: stop.signal },
  );
  return first;
}

export interface ReadOptions {
  /** Ends the reading; what was read counts as a whole capture. */
  readonly signal?: AbortSignal;
  /** Told after each chunk how much of what is stored was read. */
  readonly onProgress?: (storedOctets: number) => void;
  /** Told of keys that travel with the capture (pcapng's Decryption Secrets Blocks), where they stand. */
  readonly onSecrets?: (secrets: CaptureSecrets) => void;
}

/**
 * Reads one capture, packet by packet, compressed by gzip or Zstandard or not; a packet is valid until the next one. What is wrong with its content is told in the
 * summary, with everything up to the last whole packet read; memory is that of a few chunks, however much it unpacks to.
 */
export async function readCaptureSource(
  source: CaptureSource,
  onPacket: (packet: PacketAtHand) => void,
  options: ReadOptions = {},
): Promise<CaptureSummary> {
  const { signal, onProgress } = options;
  const reader = new CaptureReader();
  const reading = new Reading(source.name, onPacket, options.onSecrets);
  let storedOctets = 0;
  try {
    const chunks = unpackedOctets(source.open(), (octets) => {
      storedOctets += octets;
    });
    for await (const chunk of chunks) {
      if (reading.octets === 0) reading.trouble = packingOf(chunk);
      if (reading.trouble !== undefined) break;
      reading.octets += chunk.byteLength;
      reader.push(chunk);
      while (signal?.aborted !== true && reading.take(reader.nextAtHand()));
      onProgress?.(storedOctets);
      if (reader.failed || signal?.aborted === true) break;
      if (isBomb(storedOctets, reading.octets)) {
        reading.trouble = `It unpacks to more than ${MOST_EXPANSION} times its size: the rest was not read.`;
        break;
      }
    }
  } catch (error) {
    if (signal?.aborted !== true) reading.trouble = troubleOf(error);
  }
  return reading.summary(signal?.aborted === true ? { kind: 'complete' } : reader.end());
}

/** What is counted while a capture is read. */
class Reading {
  readonly #name: string;
  readonly #onPacket: (packet: PacketAtHand) => void;
  readonly #onSecrets: ReadOptions['onSecrets'];
  #format: CaptureSummary['format'] = 'unknown';
  #packets = 0;
  #first: number | undefined;
  #last: number | undefined;
  octets = 0;
  trouble: string | undefined;

  constructor(name: string, onPacket: (packet: PacketAtHand) => void, onSecrets: ReadOptions['onSecrets']) {
    this.#name = name;
    this.#onPacket = onPacket;
    this.#onSecrets = onSecrets;
  }

  /** False where there is nothing more for now. */
  take(item: ItemAtHand | undefined): boolean {
    if (item === undefined) return false;
    if (item.kind === 'packet') {
      this.#packets++;
      if (item.hasTime) {
        this.#first ??= item.microseconds;
        this.#last = item.microseconds;
      }
      this.#onPacket(item);
    } else if (item.kind === 'secrets') this.#onSecrets?.(item);
    else if (item.kind === 'section' && this.#format === 'unknown') this.#format = item.format;
    return true;
  }

  summary(end: CaptureEnd): CaptureSummary {
    return {
      name: this.#name,
      format: this.#format,
      packets: this.#packets,
      octets: this.octets,
      first: this.#first,
      last: this.#last,
      end,
      trouble: this.trouble,
    };
  }
}

/** How files begin that hold a capture which has to be unpacked first, in hexadecimal digits. */
const packings: readonly (readonly [string, string])[] = [
  ['1f8b', 'It is packed twice, by gzip'],
  ['28b52ffd', 'It is packed twice, by Zstandard'],
  ['fd377a585a00', 'It is packed by xz'],
  ['425a68', 'It is packed by bzip2'],
  ['04224d18', 'It is packed by lz4'],
  ['504b0304', 'It is an archive (zip)'],
  ['377abcaf271c', 'It is an archive (7-Zip)'],
];

function packingOf(beginning: Uint8Array): string | undefined {
  const digits = Buffer.from(beginning.subarray(0, 6)).toString('hex');
  const found = packings.find(([first]) => digits.startsWith(first));
  return found && `${found[1]}: unpack it first.`;
}

/** Captures shrink to a hundredth at the most; what unpacks to far more was made to fill memory and time. */
const MOST_EXPANSION = 1_000;
/** Octets that are unpacked before that counts. */
const LEAST_OF_A_BOMB = 32 << 20;

function isBomb(storedOctets: number, octets: number): boolean {
  return octets > LEAST_OF_A_BOMB && octets > MOST_EXPANSION * storedOctets;
}

/** It begins with a frame, or with one to be skipped, as pzstd writes it (RFC 8878 §3.1). */
const isZstandard = /^(28b52ffd|5.2a4d18)/;

/**
 * The octets of a capture, unpacked where they begin as gzip (RFC 1952) or Zstandard (RFC 8878) does. `onStored` is told before each
 * chunk of how many more of those that are stored it was made.
 */
async function* unpackedOctets(stored: Readable, onStored: (octets: number) => void): AsyncGenerator<Uint8Array> {
  const chunks = stored[Symbol.asyncIterator]() as AsyncIterableIterator<Uint8Array>;
  const begun: Uint8Array[] = [];
  const takeChunk = async () => {
    const { value, done } = await chunks.next();
    if (done === true) return undefined;
    return value;
  };
  for (let size = 0; size < 4; ) {
    const chunk = await takeChunk();
    if (chunk === undefined) break;
    begun.push(chunk);
    size += chunk.byteLength;
  }
  const all = async function* (onTaken?: (octets: number) => void) {
    try {
      for (let chunk = begun.shift() ?? (await takeChunk()); chunk !== undefined; ) {
        onTaken?.(chunk.byteLength);
        yield chunk;
        chunk = begun.shift() ?? (await takeChunk());
      }
    } finally {
      stored.destroy();
    }
  };
  const magic = Buffer.concat(begun).subarray(0, 4).toString('hex');
  if (magic.startsWith('1f8b')) {
    const unpacker = createGunzip({ chunkSize: CHUNK, finishFlush: zlib.Z_SYNC_FLUSH });
    // What goes wrong comes out of the unpacker; that it is given up early is no error.
    const unpacked = pipeline(Readable.from(all(), { objectMode: false }), unpacker, () => {});
    // What waits to be unpacked is not counted: a short bomb would otherwise count as a whole from its first octets on.
    let counted = 0;
    for await (const chunk of unpacked as AsyncIterable<Uint8Array>) {
      onStored(unpacker.bytesWritten - counted);
      counted = unpacker.bytesWritten;
      yield chunk;
    }
  } else if (isZstandard.test(magic)) yield* unpackZstandard(all(onStored), CHUNK);
  else yield* all(onStored);
}

function troubleOf(error: unknown): string {
  if (error instanceof TrustlineError) return `${error.message.slice(0, -1)}: the rest was not read.`;
  const { code, message } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && /^(Z_|ZSTD_)/.test(code))
    return 'Its compressed octets are damaged: the rest was not read.';
  return `It could not be read to its end: ${message}`;
}
