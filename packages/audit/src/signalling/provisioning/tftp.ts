import type { TransportAddress } from '@trustline/capture';
import { decodeTftpPacket } from '@trustline/provisioning';
import type { PacketPlace } from '../../traffic/place.ts';
import type { DatagramReader, ReaderContext } from '../reader.ts';
import { Recent } from '../recent.ts';
import { isInteresting, LONGEST_FILE, readFile } from './files.ts';

/** Transfers that are followed at the same time, and the octets of all of them that are held. */
const MOST_TRANSFERS = 1_000;
const MOST_HELD_OCTETS = 32 << 20;
/** RFC 1350 §2: a block, where no option says otherwise (RFC 2348). */
const BLOCK = 512;

/** One file on its way, from or to who asked. */
class Transfer {
  readonly name: string;
  readonly isWrite: boolean;
  readonly client: TransportAddress;
  readonly server: TransportAddress;
  readonly place: PacketPlace;
  blockSize = BLOCK;
  held = 0;
  /** The last block, by its number from 1 on, once it was seen. */
  last: number | undefined;
  readonly #blocks = new Map<number, Uint8Array>();
  #next = 1;
  #isCut = false;
  #isTooLong: boolean;

  constructor(name: string, isWrite: boolean, client: TransportAddress, server: TransportAddress, place: PacketPlace) {
    this.name = name;
    this.isWrite = isWrite;
    this.client = client;
    this.server = server;
    this.place = place;
    this.#isTooLong = !isInteresting(name);
  }

  get isWhole(): boolean {
    return !this.#isCut && this.last !== undefined && this.#blocks.size === this.last;
  }

  /** Keeps a block; its number wraps after 65,535, and blocks come again, late, or never. */
  block(number: number, data: Uint8Array, isCut: boolean): void {
    const ahead = (number - this.#next) & 0xffff;
    const index = ahead < 0x8000 ? this.#next + ahead : this.#next + ahead - 0x1_0000;
    if (index < 1 || this.#blocks.has(index)) return;
    if (data.byteLength < this.blockSize && !isCut) this.last = index;
    this.#next = Math.max(this.#next, index + 1);
    if (isCut) this.#isCut = true;
    if (index * this.blockSize > LONGEST_FILE) this.#isTooLong = true;
    if (this.#isTooLong) {
      this.#blocks.clear();
      this.held = 0;
      return;
    }
    this.#blocks.set(index, data.slice());
    this.held += data.byteLength;
  }

  /** What there is of it, in order; undefined where it is too long. */
  octets(): Uint8Array | undefined {
    if (this.#isTooLong) return undefined;
    const octets = new Uint8Array(this.held);
    let at = 0;
    for (const [, data] of [...this.#blocks].sort(([one], [other]) => one - other)) {
      octets.set(data, at);
      at += data.byteLength;
    }
    return octets;
  }
}

/** A request to read or to write: an operation, a name, and a mode that RFC 1350 §5 knows. */
export function recogniseTftp(octets: Uint8Array): boolean {
  if (octets[0] !== 0 || (octets[1] !== 1 && octets[1] !== 2)) return false;
  const decoded = decodeTftpPacket(octets);
  if (!decoded.ok || (decoded.packet.kind !== 'read-request' && decoded.packet.kind !== 'write-request')) return false;
  const { fileName, mode } = decoded.packet;
  return /^(?:netascii|octet|mail)$/i.test(mode) && /^[\x20-\x7e\xa0-\xff]+$/.test(fileName);
}

/** Puts together the files that cross the network by TFTP (RFC 1350), several at a time. */
export class TftpReader implements DatagramReader {
  readonly #context: ReaderContext;
  /** By address and port of who asked: the other end answers from a port of its own. */
  readonly #transfers = new Map<string, Transfer>();
  /** Of transfers that are over: the last of their packets are still to come. */
  readonly #ended = new Recent<true>(MOST_TRANSFERS);
  #held = 0;

  constructor(context: ReaderContext) {
    this.#context = context;
  }

  expects(from: TransportAddress, to: TransportAddress, octets: Uint8Array): boolean {
    const [high, operation = 0] = octets;
    if (high !== 0 || operation < 3 || operation > 6) return false;
    return [from, to].map(nameOf).some((name) => this.#transfers.has(name) || this.#ended.get(name) === true);
  }

  datagram(from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace, isCut: boolean): void {
    const decoded = decodeTftpPacket(octets);
    if (!decoded.ok) return;
    const { packet } = decoded;
    if (packet.kind === 'read-request' || packet.kind === 'write-request') {
      this.#requested(new Transfer(packet.fileName, packet.kind === 'write-request', from, to, place));
      return;
    }
    const isToClient = this.#transfers.has(nameOf(to));
    const transfer = this.#transfers.get(nameOf(isToClient ? to : from));
    if (transfer === undefined) return;
    if (packet.kind === 'option-acknowledgement') {
      const size = packet.options.find(({ name }) => name.toLowerCase() === 'blksize')?.value;
      const octetsOfBlock = Number(size);
      if (isToClient && octetsOfBlock >= 8 && octetsOfBlock <= 65_464) transfer.blockSize = octetsOfBlock;
    } else if (packet.kind === 'data' && isToClient !== transfer.isWrite) {
      this.#held -= transfer.held;
      transfer.block(packet.block, packet.data, isCut);
      this.#held += transfer.held;
      if (transfer.isWhole) this.#ends(transfer);
      else this.#keepWithin();
    } else if (packet.kind === 'acknowledgement' && isToClient === transfer.isWrite) {
      // The receiver has the last block: what the capture lacks does not come any more.
      if (transfer.last !== undefined && packet.block === (transfer.last & 0xffff)) this.#ends(transfer);
    } else if (packet.kind === 'error') {
      this.#ends(transfer);
    }
  }

  end(): void {
    for (const transfer of [...this.#transfers.values()]) this.#ends(transfer);
  }

  #requested(transfer: Transfer): void {
    const name = nameOf(transfer.client);
    const known = this.#transfers.get(name);
    // A request that was sent again.
    if (known?.name === transfer.name && known.last === undefined) return;
    if (known !== undefined) this.#ends(known);
    this.#transfers.set(name, transfer);
    this.#keepWithin();
  }

  #keepWithin(): void {
    for (const oldest of this.#transfers.values()) {
      if (this.#transfers.size <= MOST_TRANSFERS && this.#held <= MOST_HELD_OCTETS) return;
      this.#ends(oldest);
    }
  }

  #ends(transfer: Transfer): void {
    this.#transfers.delete(nameOf(transfer.client));
    this.#ended.set(nameOf(transfer.client), true);
    this.#held -= transfer.held;
    const { name, isWhole, place, isWrite, client, server } = transfer;
    const octets = transfer.octets();
    if (octets === undefined) return;
    const [from, to] = isWrite ? [client, server] : [server, client];
    readFile({ name, octets, isWhole, protocol: 'tftp', from, to, place }, this.#context);
  }
}

function nameOf({ address, port }: TransportAddress): string {
  return `${address} ${port}`;
}
