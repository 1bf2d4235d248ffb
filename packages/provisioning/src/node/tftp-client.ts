import { isIPv6 } from 'node:net';
import { type TftpClientOutput, TftpClientTransfer } from '../tftp/client-transfer.ts';
import { defaultTftpLimits, type TftpLimits } from '../tftp/limits.ts';
import type { TftpWishes } from '../tftp/options.ts';
import { tftpErrorCode } from '../tftp/packet.ts';
import type { TftpFailure } from '../tftp/transfer.ts';
import { monotonicNow } from './clock.ts';
import { openDatagramSocket } from './datagram-socket.ts';
import type { FetchAnswer } from './fetch-file.ts';
import { TransferDriver } from './transfer-driver.ts';

export interface TftpFetchOptions {
  /** An address, not a name: answers are believed from it alone. */
  readonly address: string;
  readonly port: number;
  readonly name: string;
  readonly mode?: 'octet' | 'netascii';
  /** The options to ask for; by default blocks of 1,428 octets, eight at a time, and the size. */
  readonly wishes?: TftpWishes;
  readonly fileSize?: number;
  readonly limits?: TftpLimits;
  /** Gives up, and tells the server. */
  readonly signal?: AbortSignal;
}

const defaultWishes: TftpWishes = { blockSize: 1_428, windowSize: 8, transferSize: true };

/**
 * Reads one file by TFTP. It resolves as soon as the file is here; the socket stays a few seconds longer, for a server
 * that did not hear the last acknowledgement, and does not keep the process.
 */
export async function fetchFileByTftp(options: TftpFetchOptions): Promise<FetchAnswer> {
  const limits = { ...(options.limits ?? defaultTftpLimits), ...sizeOf(options.fileSize) };
  const socket = await openDatagramSocket(isIPv6(options.address) ? '::' : '0.0.0.0', 0);
  return new Promise((resolve) => {
    const machine = new TftpClientTransfer({
      now: monotonicNow(),
      server: { address: options.address, port: options.port },
      fileName: options.name,
      mode: options.mode ?? 'octet',
      wishes: options.wishes ?? defaultWishes,
      limits,
    });
    const driver = new TransferDriver<TftpClientOutput>(machine, socket, (output) => {
      if (output.kind === 'received') {
        socket.unref();
        resolve({ kind: 'found', content: output.content });
      } else if (output.kind === 'failed') resolve(answerOf(output));
    });
    const giveUp = (): void => {
      machine.abort();
      driver.drive();
    };
    if (options.signal?.aborted === true) giveUp();
    else options.signal?.addEventListener('abort', giveUp, { once: true });
  });
}

function answerOf({ cause, reason, errorCode }: TftpFailure): FetchAnswer {
  if (errorCode === tftpErrorCode.fileNotFound) return { kind: 'not-found' };
  return { kind: cause === 'peer-error' || cause === 'too-large' ? 'refused' : 'failed', reason };
}

function sizeOf(fileSize: number | undefined): Partial<TftpLimits> {
  return fileSize === undefined ? {} : { fileSize };
}
