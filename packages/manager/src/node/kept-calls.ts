import { closeSync, constants, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { KEPT_STATE_SCHEMA, type KeptState } from '../recovery/kept-state.ts';

/** Room for one call. The file is sparse: what is not written takes no room on the disk. */
const slotSize = 16_384;
/** Length and checksum of what follows, 32 bits each. */
const headerSize = 8;
/** Nearly every state is shorter. */
const firstRead = 4_096;
const zeros = new Uint8Array(slotSize);
/** Read and written, made where it is not there; a file that is there keeps what it holds. */
const openMode = constants.O_RDWR | constants.O_CREAT;

interface Kept {
  readonly slot: number;
  readonly octets: number;
  isRecorded: boolean;
  isSettled: boolean;
}

/**
 * What is kept of answered calls, in a file beside the store. A call is written before anybody hears that it is answered, so
 * it cannot wait for a transaction that others share: each state is one write of a page or two, which the system has when
 * that returns. It outlives the process, however that ends; it is not brought to the disk at once, for when the machine dies
 * its connections die too. A state takes the place of the one before only once it is there, and what is over is overwritten.
 */
export class KeptCalls {
  /** What the process before this one had kept. */
  readonly states: readonly KeptState[];
  readonly #file: number;
  readonly #complain: (sentence: string) => void;
  readonly #kept = new Map<string, Kept>();
  readonly #free: number[] = [];
  #slots: number;
  #isOpen = true;
  #hasComplained = false;

  /** @param complain told once when calls cannot be kept, and once when they can again */
  constructor(path: string, complain: (sentence: string) => void) {
    this.#complain = complain;
    this.#file = openSync(path, openMode, 0o600);
    this.#slots = Math.ceil(fstatSync(this.#file).size / slotSize);
    this.states = this.#readAll();
  }

  /** How many calls there are room is taken for. */
  get size(): number {
    return this.#kept.size;
  }

  /** Keeps this state of a call, in the place of an earlier one. A call that cannot be kept goes on all the same. */
  keep(state: KeptState): void {
    const before = this.#kept.get(state.id);
    const written = this.#write(state);
    if (before !== undefined) this.#erase(before);
    if (written === undefined) this.#kept.delete(state.id);
    else this.#kept.set(state.id, { ...written, isRecorded: state.ringing !== undefined, isSettled: false });
  }

  /** The record of a call is stored. */
  recorded(call: string): void {
    const kept = this.#kept.get(call);
    if (kept === undefined) return;
    kept.isRecorded = true;
    this.#forget(call, kept);
  }

  /** Everybody knows that a call is over. */
  settled(call: string): void {
    const kept = this.#kept.get(call);
    if (kept === undefined) return;
    kept.isSettled = true;
    this.#forget(call, kept);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    closeSync(this.#file);
  }

  #forget(call: string, kept: Kept): void {
    if (!kept.isRecorded || !kept.isSettled) return;
    this.#kept.delete(call);
    this.#erase(kept);
  }

  #write(state: KeptState): { readonly slot: number; readonly octets: number } | undefined {
    const body = Buffer.from(JSON.stringify(state));
    const octets = headerSize + body.length;
    if (octets > slotSize) {
      this.#complain(`The call ${state.id} is too large to be kept (${body.length} octets): a restart would lose it.`);
      return undefined;
    }
    const page = Buffer.allocUnsafe(octets);
    page.writeUInt32BE(body.length, 0);
    page.writeUInt32BE(crc32(body), 4);
    body.copy(page, headerSize);
    const slot = this.#free.pop() ?? this.#slots++;
    if (this.#put(page, octets, slot)) return { slot, octets };
    this.#free.push(slot);
    return undefined;
  }

  #erase({ slot, octets }: Pick<Kept, 'slot' | 'octets'>): void {
    this.#put(zeros, octets, slot);
    this.#free.push(slot);
  }

  #put(octets: Uint8Array, length: number, slot: number): boolean {
    if (!this.#isOpen) return false;
    try {
      writeSync(this.#file, octets, 0, length, slot * slotSize);
    } catch (error) {
      if (!this.#hasComplained) this.#complain(`Calls are not kept over a restart: ${(error as Error).message}`);
      this.#hasComplained = true;
      return false;
    }
    if (this.#hasComplained) this.#complain('Calls are kept over a restart again.');
    this.#hasComplained = false;
    return true;
  }

  /** Of two states of one call the process died between writing the one and overwriting the other. */
  #readAll(): readonly KeptState[] {
    const states = new Map<string, KeptState>();
    for (let slot = 0; slot < this.#slots; slot += 1) {
      const read = this.#read(slot);
      if (read === undefined) {
        this.#free.push(slot);
        continue;
      }
      const { state, octets } = read;
      const [known, other] = [states.get(state.id), this.#kept.get(state.id)];
      const found = { slot, octets, isRecorded: state.ringing !== undefined, isSettled: false };
      if (known !== undefined && other !== undefined && isLater(known, state)) {
        this.#erase(found);
        continue;
      }
      if (other !== undefined) this.#erase(other);
      states.set(state.id, state);
      this.#kept.set(state.id, found);
    }
    return [...states.values()];
  }

  /** What is in a slot; what cannot be read is overwritten. */
  #read(slot: number): { readonly state: KeptState; readonly octets: number } | undefined {
    const page = Buffer.alloc(slotSize);
    let read = readSync(this.#file, page, 0, firstRead, slot * slotSize);
    const length = page.readUInt32BE(0);
    if (length === 0) return undefined;
    const octets = Math.min(headerSize + length, slotSize);
    if (octets > read) read += readSync(this.#file, page, read, slotSize - read, slot * slotSize + read);
    const body = page.subarray(headerSize, octets);
    const state = crc32(body) === page.readUInt32BE(4) ? parsed(body) : undefined;
    if (state !== undefined) return { state, octets };
    this.#put(zeros, octets, slot);
    return undefined;
  }
}

function isLater(one: KeptState, other: KeptState): boolean {
  if (one.keptAt !== other.keptAt) return one.keptAt > other.keptAt;
  return one.record !== undefined;
}

function parsed(body: Uint8Array): KeptState | undefined {
  try {
    const state = JSON.parse(Buffer.from(body).toString()) as KeptState;
    return state.schema === KEPT_STATE_SCHEMA ? state : undefined;
  } catch {
    return undefined;
  }
}
