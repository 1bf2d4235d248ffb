import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { blankState, type PhoneState, parsePhoneState, serializePhoneState } from '../../boot/state.ts';
import { PhoneError } from '../../error.ts';

/** Where a phone keeps what it knows when its power is cut. */
export interface PhoneMemory {
  load(): PhoneState;
  /** When it returns, the state is there after a power cut. */
  save(state: PhoneState): void;
}

/** Which phone it is and where its files are; nothing of it is secret. */
export interface PhonePlace {
  /** SEP and the MAC address in capitals. */
  readonly device: string;
  /** The server of its files: a name or an address. */
  readonly host: string;
  readonly httpPort: number;
  readonly tftpPort: number;
  /** Where it is not the usual one. */
  readonly tvsPort?: number | undefined;
  /** What its firmware speaks, where its configuration does not decide that. */
  readonly protocol?: 'SIP' | 'SCCP' | undefined;
}

const SCHEMA = 1;
const [stateName, placeName] = ['state.json', 'phone.json'];

/**
 * A phone's memory as a folder (mode 0700): `state.json` holds its trust lists, configuration, certificates and keys,
 * `phone.json` which phone it is. Both have mode 0600 and are replaced whole or not at all.
 */
export class StateFolder implements PhoneMemory {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * What the phone kept; `blankState` where there is nothing yet.
   *
   * @throws {PhoneError} phone.state-damaged: a phone that forgot whom it believes would take the next list blindly
   */
  load(): PhoneState {
    const text = this.#read(stateName);
    if (text === undefined) return blankState;
    const state = parsePhoneState(text);
    if (state !== undefined) return state;
    throw new PhoneError('phone.state-damaged', `${join(this.path, stateName)} is not what a phone wrote`, {
      nextStep: 'Restore the folder, or name another one: the phone is then one from the box, and enrols again.',
    });
  }

  /** @throws {PhoneError} phone.file-unwritable */
  save(state: PhoneState): void {
    this.#write(stateName, serializePhoneState(state));
  }

  /** Which phone this is; undefined before the first boot. @throws {PhoneError} phone.state-damaged */
  place(): PhonePlace | undefined {
    const text = this.#read(placeName);
    if (text === undefined) return undefined;
    const place = readPlace(text);
    if (place !== undefined) return place;
    throw new PhoneError('phone.state-damaged', `${join(this.path, placeName)} does not say which phone this is`, {
      nextStep: 'Boot it again with --tftp and --mac.',
    });
  }

  /** @throws {PhoneError} phone.file-unwritable */
  savePlace({ device, host, httpPort, tftpPort, tvsPort, protocol }: PhonePlace): void {
    const place = { device, host, httpPort, tftpPort, tvsPort, protocol };
    const text = JSON.stringify({ schema: SCHEMA, ...place }, undefined, 2);
    this.#write(placeName, `${text}\n`);
  }

  #read(name: string): string | undefined {
    const path = join(this.path, name);
    if (!existsSync(path)) return undefined;
    try {
      return readFileSync(path, 'utf8');
    } catch (cause) {
      throw new PhoneError('phone.file-unreadable', `${path} cannot be read: ${(cause as Error).message}`, { cause });
    }
  }

  /** A temporary file beside it, flushed, and renamed over it. */
  #write(name: string, text: string): void {
    const path = join(this.path, name);
    const unfinished = `${path}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      mkdirSync(this.path, { recursive: true, mode: 0o700 });
      const file = openSync(unfinished, 'wx', 0o600);
      try {
        writeSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
      renameSync(unfinished, path);
      flushFolder(this.path);
    } catch (cause) {
      if (existsSync(unfinished)) rmSync(unfinished);
      throw new PhoneError('phone.file-unwritable', `${path} cannot be written: ${(cause as Error).message}`, {
        nextStep: 'Make room, or name a folder that you may write to with --state.',
        cause,
      });
    }
  }
}

/** A memory that is gone with the process, for phones of which nothing is to remain. */
export class PassingMemory implements PhoneMemory {
  #state: PhoneState;

  constructor(state: PhoneState = blankState) {
    this.#state = state;
  }

  load(): PhoneState {
    return this.#state;
  }

  save(state: PhoneState): void {
    this.#state = state;
  }
}

function flushFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function readPlace(text: string): PhonePlace | undefined {
  let read: unknown;
  try {
    read = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof read !== 'object' || read === null) return undefined;
  const { schema, device, host, httpPort, tftpPort, tvsPort, protocol } = read as Record<string, unknown>;
  if (schema !== SCHEMA || typeof device !== 'string' || typeof host !== 'string') return undefined;
  if (typeof httpPort !== 'number' || typeof tftpPort !== 'number') return undefined;
  if (tvsPort !== undefined && typeof tvsPort !== 'number') return undefined;
  if (protocol !== undefined && protocol !== 'SIP' && protocol !== 'SCCP') return undefined;
  return {
    ...{ device, host, httpPort, tftpPort },
    ...(tvsPort === undefined ? {} : { tvsPort }),
    ...(protocol === undefined ? {} : { protocol }),
  };
}
