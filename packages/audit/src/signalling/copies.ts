import type { Observations } from '../model/observations.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';
import type { ConnectionContext, ConnectionReader } from './reader.ts';
import { Recent } from './recent.ts';

/** Connections that are remembered to know a copy by, and how much of what began each. */
const MOST_CONNECTIONS = 20_000;
const COMPARED_OCTETS = 64;

/** What a connection between two ends began with. */
interface Beginning {
  readonly from: ConnectionSide;
  readonly octets: Uint8Array;
  isOpen: boolean;
}

const beginnings = new WeakMap<Observations, Recent<Beginning>>();

/**
 * Reads a connection that several interfaces captured once: what else goes between the same ends at the same time and begins
 * alike is a copy. Who heard every digit twice would take a card's number for none.
 */
export function withoutCopies(
  open: (context: ConnectionContext) => ConnectionReader,
): (context: ConnectionContext) => ConnectionReader {
  return (context) => new FirstCopyReader(context, open);
}

class FirstCopyReader implements ConnectionReader {
  readonly #context: ConnectionContext;
  readonly #open: (context: ConnectionContext) => ConnectionReader;
  #reader: ConnectionReader | 'copy' | undefined;
  #beginning: Beginning | undefined;

  constructor(context: ConnectionContext, open: (context: ConnectionContext) => ConnectionReader) {
    this.#context = context;
    this.#open = open;
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#reader ??= this.#begin(from, octets);
    if (this.#reader !== 'copy') this.#reader.data(from, octets, place);
  }

  gap(from: ConnectionSide, octets: number, place: PacketPlace): void {
    if (this.#reader !== 'copy') this.#reader?.gap(from, octets, place);
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    if (this.#reader !== 'copy') this.#reader?.ended(from, place);
    if (this.#beginning !== undefined) this.#beginning.isOpen = false;
  }

  #begin(from: ConnectionSide, octets: Uint8Array): ConnectionReader | 'copy' {
    const { observations, client, server } = this.#context;
    const known = beginnings.get(observations) ?? new Recent<Beginning>(MOST_CONNECTIONS);
    beginnings.set(observations, known);
    const name = `${client.address} ${client.port} ${server.address} ${server.port}`;
    const other = known.get(name);
    if (other?.isOpen === true && other.from === from && beginsAlike(other.octets, octets)) return 'copy';
    this.#beginning = { from, octets: octets.slice(0, COMPARED_OCTETS), isOpen: true };
    known.set(name, this.#beginning);
    return this.#open(this.#context);
  }
}

function beginsAlike(one: Uint8Array, other: Uint8Array): boolean {
  const length = Math.min(COMPARED_OCTETS, other.byteLength);
  return one.byteLength === length && one.every((octet, at) => octet === other[at]);
}
