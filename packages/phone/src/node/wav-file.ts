import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { parseWav, resample, type Sound, WAV_HEADER_LENGTH, wavHeader } from '@trustline/rtp';
import { PhoneError } from '../error.ts';

const RATE = 8_000;
/** Written at once: one second. */
const BLOCK_SAMPLES = 8_000;

/** What is said in a call. It fills a frame of 8 kHz samples. */
export interface AudioSource {
  read(frame: Int16Array): void;
  /** Whether all has been said; never true for a loop and for silence. */
  readonly isDone: boolean;
}

/** Takes what is heard in a call. The frame is used again. */
export interface AudioSink {
  write(frame: Int16Array): void;
  close(): void;
}

export const silence: AudioSource = { read: (frame) => void frame.fill(0), isDone: false };

/** Plays a sound once, then silence; or again and again. */
export function play(sound: Sound, { loop = false }: { readonly loop?: boolean } = {}): AudioSource {
  const { samples } = resample(sound, RATE);
  let at = 0;
  return {
    read(frame) {
      for (let index = 0; index < frame.length; index += 1) {
        if (loop && at >= samples.length) at = 0;
        frame[index] = samples[at] ?? 0;
        at += 1;
      }
    },
    get isDone() {
      return !loop && at >= samples.length;
    },
  };
}

/** @throws {TrustlineError} rtp.wav-malformed, rtp.wav-unsupported, phone.file-unreadable */
export function readWavFile(path: string): Sound {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw new PhoneError('phone.file-unreadable', `${path} cannot be read: ${(cause as Error).message}`, {
      nextStep: 'Check the name of the file and who may read it.',
      cause,
    });
  }
  return parseWav(bytes);
}

/** Records to a WAV file. What is heard in a call concerns its ends alone, so the file's mode is 0600. */
export class WavRecorder implements AudioSink {
  readonly path: string;
  readonly #file: number;
  readonly #block = new Int16Array(BLOCK_SAMPLES);
  readonly #failed: (error: PhoneError) => void;
  #filled = 0;
  #written = 0;
  #closed = false;

  /**
   * @param failed told once, when the disk takes no more; the call goes on
   * @throws {PhoneError} phone.file-unwritable
   */
  constructor(path: string, failed: (error: PhoneError) => void = () => {}) {
    this.path = path;
    this.#failed = failed;
    try {
      this.#file = openSync(path, 'w', 0o600);
      writeSync(this.#file, wavHeader(RATE, 0));
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  write(frame: Int16Array): void {
    if (this.#closed) return;
    if (this.#filled + frame.length > BLOCK_SAMPLES) this.#flush();
    this.#block.set(frame, this.#filled);
    this.#filled += frame.length;
  }

  /** Writes the rest, and how long it became. */
  close(): void {
    if (this.#closed) return;
    this.#flush();
    if (!this.#closed) this.#finish();
  }

  #flush(): void {
    const bytes = new Uint8Array(this.#filled * 2);
    const view = new DataView(bytes.buffer);
    for (let index = 0; index < this.#filled; index += 1) view.setInt16(index * 2, this.#block[index] ?? 0, true);
    try {
      for (let sent = 0; sent < bytes.length; ) {
        sent += writeSync(this.#file, bytes, sent, bytes.length - sent, WAV_HEADER_LENGTH + this.#written * 2 + sent);
      }
      this.#written += this.#filled;
      this.#filled = 0;
    } catch (cause) {
      this.#finish();
      this.#failed(unwritable(this.path, cause));
    }
  }

  #finish(): void {
    this.#closed = true;
    try {
      ftruncateSync(this.#file, WAV_HEADER_LENGTH + this.#written * 2);
      writeSync(this.#file, wavHeader(RATE, this.#written), 0, WAV_HEADER_LENGTH, 0);
    } finally {
      closeSync(this.#file);
    }
  }
}

function unwritable(path: string, cause: unknown): PhoneError {
  return new PhoneError('phone.file-unwritable', `${path} cannot be written: ${(cause as Error).message}`, {
    nextStep: 'Record to another folder, or make room on the disk.',
    cause,
  });
}
