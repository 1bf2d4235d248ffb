import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { CaptureEnd, CaptureItem } from '../item.ts';
import {
  enhancedPacketBlock,
  type InterfaceFields,
  interfaceDescriptionBlock,
  type PacketFields,
  type SectionFields,
  sectionHeaderBlock,
} from '../pcapng/writer.ts';
import { readCapture } from '../reader.ts';

/** Octets that wait for the disk. When it does not keep up, packets are dropped and counted, and calls go on. */
const MAXIMUM_PENDING = 16 * 1024 * 1024;

export interface CaptureFileOptions {
  readonly section?: SectionFields;
  /** Adds a section to a file that is there, instead of beginning it anew. */
  readonly append?: boolean;
}

/** A pcapng file that is being written. It holds what was said, so its mode is 0600. */
export class CaptureFile {
  readonly #handle: FileHandle;
  #interfaces = 0;
  #pending: Uint8Array[] = [];
  #pendingLength = 0;
  /** The one write under way, or the last one; rejected for good once the disk has failed. */
  #writing: Promise<void> = Promise.resolve();
  #idle = true;
  #dropped = 0;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  static async open(path: string, options: CaptureFileOptions = {}): Promise<CaptureFile> {
    const file = new CaptureFile(await open(path, options.append === true ? 'a' : 'w', 0o600));
    file.#write(sectionHeaderBlock(options.section));
    return file;
  }

  /** Packets not written because the disk did not keep up. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Adds an interface and returns its index, for the packets that were captured on it. */
  addInterface(fields: InterfaceFields): number {
    this.#write(interfaceDescriptionBlock(fields));
    this.#interfaces++;
    return this.#interfaces - 1;
  }

  /** Queues a packet; the octets are copied. Errors of the disk come out of {@link flush} and {@link close}. */
  write(packet: PacketFields): void {
    if (this.#pendingLength > MAXIMUM_PENDING) this.#dropped++;
    else this.#write(enhancedPacketBlock(packet));
  }

  /** Resolves when everything queued so far is with the operating system. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async close(): Promise<void> {
    try {
      await this.#writing;
    } finally {
      await this.#handle.close();
    }
  }

  #write(block: Uint8Array): void {
    this.#pending.push(block);
    this.#pendingLength += block.byteLength;
    if (!this.#idle) return;
    this.#idle = false;
    this.#writing = this.#writing.then(() => this.#drain());
    // Whoever flushes or closes hears of it; until then it is no unhandled rejection.
    this.#writing.catch(() => {});
  }

  async #drain(): Promise<void> {
    while (this.#pending.length > 0) {
      const blocks = this.#pending;
      this.#pending = [];
      await this.#handle.appendFile(Buffer.concat(blocks));
      for (const block of blocks) this.#pendingLength -= block.byteLength;
    }
    this.#idle = true;
  }
}

/** Reads a capture file packet by packet; returns how it ended. */
export function readCaptureFile(path: string): AsyncGenerator<CaptureItem, CaptureEnd> {
  return readCapture(createReadStream(path, { highWaterMark: 1024 * 1024 }));
}
