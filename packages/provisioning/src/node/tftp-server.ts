import type { Socket } from 'node:dgram';
import type { FileClient, FileService, FileServiceAnswer } from '../files/file-service.ts';
import type { FoundFile } from '../files/file-source.ts';
import { TftpAdmission } from '../tftp/admission.ts';
import { defaultTftpLimits, type TftpLimits } from '../tftp/limits.ts';
import { toNetascii } from '../tftp/netascii.ts';
import { encodeTftpPacket, tftpErrorCode } from '../tftp/packet.ts';
import { readTftpRequest, type TftpRequestReading } from '../tftp/request.ts';
import { type TftpServerOutput, TftpServerTransfer } from '../tftp/server-transfer.ts';
import type { TftpPeer } from '../tftp/transfer.ts';
import { monotonicNow } from './clock.ts';
import { openDatagramSocket, plainAddress } from './datagram-socket.ts';
import { type ListenAddress, listenFailure } from './listen-failure.ts';
import { TransferDriver } from './transfer-driver.ts';

/** 69 needs a capability; a phone that is told of 6969 needs nothing. */
export const defaultTftpPort = 6969;

/** The requests of a building that gets its power back are as many at once. */
const receiveBuffer = 1_048_576;

export interface TftpFileServerOptions {
  readonly service: FileService;
  /** With several addresses, name each and not the wildcard: answers come from the address the system prefers. */
  readonly host: string;
  /** 6969 when it is left out; 0 takes any. */
  readonly port?: number;
  readonly limits?: TftpLimits;
  /** The socket reported an error after it was opened, with its code. */
  readonly onListenerFailed?: (code: string) => void;
}

type ReadRequest = Extract<TftpRequestReading, { kind: 'read' }>;

/** Serves files by TFTP. Each transfer has a socket, and with it a port (TID), of its own. */
export class TftpFileServer {
  readonly #socket: Socket;
  readonly #service: FileService;
  readonly #limits: TftpLimits;
  readonly #admission: TftpAdmission;
  readonly #transfers = new Set<TransferDriver<TftpServerOutput>>();
  #closed = false;
  /** Where it listens; the port is the real one when 0 was asked for. */
  readonly local: ListenAddress;

  private constructor(socket: Socket, options: TftpFileServerOptions) {
    this.#socket = socket;
    this.#service = options.service;
    this.#limits = options.limits ?? defaultTftpLimits;
    this.#admission = new TftpAdmission(this.#limits);
    this.local = { host: options.host, port: socket.address().port };
    socket.on('error', (error) => options.onListenerFailed?.('code' in error ? String(error.code) : error.name));
    socket.on('message', (bytes: Uint8Array, { address, port }) => this.#receive(bytes, { address, port }));
  }

  /**
   * @throws {TrustlineError} `provisioning.port-in-use`, `provisioning.port-not-allowed`, `provisioning.no-such-address`
   *   or `provisioning.listen-failed`.
   */
  static async open(options: TftpFileServerOptions): Promise<TftpFileServer> {
    const where = { host: options.host, port: options.port ?? defaultTftpPort };
    try {
      return new TftpFileServer(await openDatagramSocket(where.host, where.port, receiveBuffer), options);
    } catch (cause) {
      throw listenFailure('TFTP', where, cause);
    }
  }

  /** Transfers that run, files that are still being made included. */
  get running(): number {
    return this.#admission.running;
  }

  /** Ends every transfer at once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const transfer of [...this.#transfers]) transfer.close();
    this.#socket.close();
  }

  #receive(bytes: Uint8Array, peer: TftpPeer): void {
    const request = readTftpRequest(bytes);
    if (request.kind === 'ignored') return;
    const client: FileClient = {
      transport: 'tftp',
      remoteAddress: plainAddress(peer.address),
      remotePort: peer.port,
    };
    if (request.kind === 'refused') {
      this.#socket.send(request.answer, peer.port, peer.address, () => {});
      this.#service.refused(client, request.fileName, request.cause, request.reason);
      return;
    }
    const admission = this.#admission.admit(peer);
    if (admission === 'repeated') return;
    if (admission === 'full') {
      this.#refuse(peer, tftpErrorCode.notDefined, 'busy');
      this.#service.refused(client, request.fileName, 'overload', 'too many transfers, in all or to this address');
      return;
    }
    void this.#serve(request, client, peer);
  }

  async #serve(request: ReadRequest, client: FileClient, peer: TftpPeer): Promise<void> {
    const answer = await this.#service.find(client, request.fileName);
    if (this.#closed) return;
    if (answer.kind !== 'found') {
      this.#refuseAnswer(peer, answer);
      this.#admission.release(peer);
      return;
    }
    let socket: Socket;
    try {
      socket = await openDatagramSocket(this.local.host, 0);
    } catch {
      this.#refuse(peer, tftpErrorCode.notDefined, 'busy');
      this.#service.refused(client, request.fileName, 'overload', 'the system gives no further socket');
      this.#admission.release(peer);
      return;
    }
    if (this.#closed) {
      socket.close();
      return;
    }
    this.#transfer(request, client, peer, socket, answer.file);
  }

  #transfer(request: ReadRequest, client: FileClient, peer: TftpPeer, socket: Socket, file: FoundFile): void {
    const { options, fileName, mode } = request;
    const machine = new TftpServerTransfer({
      now: monotonicNow(),
      peer,
      content: mode === 'netascii' ? toNetascii(file.content) : file.content,
      options,
      limits: this.#limits,
    });
    const driver = new TransferDriver<TftpServerOutput>(
      machine,
      socket,
      (output) => {
        if (output.kind === 'finished') {
          this.#service.served(client, fileName, output.octets, file.version, output.retransmittedBlocks);
        } else if (output.cause !== 'too-large' && output.cause !== 'given-up') {
          this.#service.notDelivered(client, fileName, output.cause, output.reason);
        }
      },
      () => {
        this.#transfers.delete(driver);
        this.#admission.release(peer);
      },
    );
    this.#transfers.add(driver);
  }

  #refuseAnswer(peer: TftpPeer, answer: Exclude<FileServiceAnswer, { kind: 'found' }>): void {
    if (answer.kind === 'not-found') this.#refuse(peer, tftpErrorCode.fileNotFound, 'file not found');
    else if (answer.cause === 'overload' || answer.cause === 'failed') {
      this.#refuse(peer, tftpErrorCode.notDefined, 'try again later');
    } else this.#refuse(peer, tftpErrorCode.accessViolation, 'refused');
  }

  #refuse(peer: TftpPeer, code: number, message: string): void {
    const bytes = encodeTftpPacket({ kind: 'error', code, message });
    this.#socket.send(bytes, peer.port, peer.address, () => {});
  }
}
