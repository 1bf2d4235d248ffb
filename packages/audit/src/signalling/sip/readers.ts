import type { TransportAddress } from '@trustline/capture';
import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import type {
  ConnectionContext,
  ConnectionReader,
  DatagramReader,
  ReaderContext,
  Recognition,
  SignallingProtocolReaders,
} from '../reader.ts';
import { SipBook } from './book.ts';
import { messagesOf } from './datagram.ts';
import { endOfLine } from './message.ts';
import { afterKeepAlives, startLineAt } from './start-line.ts';
import { SipStream } from './stream.ts';

/** What is looked at of a connection whose beginning was not captured, until a start line is found. */
const MOST_LOOKED_AT = 4_096;

/** SIP in datagrams and in connections, clear or decrypted (RFC 3261). */
export const sipReaders: SignallingProtocolReaders = {
  name: 'sip',
  recogniseConnection,
  openConnection: (context) => new SipConnectionReader(context),
  recogniseDatagram: (octets) => {
    const at = afterKeepAlives(octets, 0);
    return at < octets.length && startLineAt(octets, at) === 'yes';
  },
  openDatagrams: (context) => new SipDatagramReader(context),
};

/** By a start line where a message begins; where a connection was joined late, also after lines of a head or of SDP. */
function recogniseConnection(octets: Uint8Array): Recognition {
  const begins = afterKeepAlives(octets, 0);
  const first = begins === octets.length ? 'more' : startLineAt(octets, begins);
  if (first !== 'no' || begins > 0) return first;
  const end = Math.min(octets.length, MOST_LOOKED_AT);
  const second = endOfLine(octets, 0, end);
  if (!isText(octets, Math.min(end, 256)) || isHttp(octets)) return 'no';
  for (let at = second; at !== undefined && at < end; at = endOfLine(octets, at, end)) {
    const found = startLineAt(octets, at, end);
    if (found === 'yes') return 'yes';
    if (found === 'more') return 'more';
    if (endOfLine(octets, at, end) !== undefined && !isLineOfMessage(octets, at)) return 'no';
  }
  return end < MOST_LOOKED_AT ? 'more' : 'no';
}

function isText(octets: Uint8Array, end: number): boolean {
  for (let at = 0; at < end; at++) {
    const octet = octets[at] ?? 0;
    if ((octet < 32 && octet !== 9 && octet !== 10 && octet !== 13) || octet === 127) return false;
  }
  return true;
}

/** `name: value`, `a=…`, a folded or an empty line. */
function isLineOfMessage(octets: Uint8Array, at: number): boolean {
  const text = String.fromCharCode(...octets.subarray(at, at + 64));
  return /^(?:\r?\n|[ \t]|[a-z]=|[\w.!%*+`'~-]+[ \t]*:)/i.test(text);
}

const CAPITAL_A = 0x41;
const CAPITAL_Z = 0x5a;

/** Its heads have the same shape, and a connection of it says so in its first line. */
function isHttp(octets: Uint8Array): boolean {
  const first = octets[0] ?? 0;
  if (first < CAPITAL_A || first > CAPITAL_Z) return false;
  const text = String.fromCharCode(...octets.subarray(0, 4_096));
  return /^(?:HTTP\/1|[A-Z]+ [^\r\n]*HTTP\/1)/.test(text);
}

class SipDatagramReader implements DatagramReader {
  readonly #book: SipBook;
  readonly #context: ReaderContext;

  constructor(context: ReaderContext) {
    this.#book = SipBook.of(context.observations);
    this.#context = context;
  }

  datagram(from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace, isCut: boolean): void {
    const messages = messagesOf(octets, isCut);
    if (messages.length === 0) return;
    const path = this.#book.paths.of('udp', from, to, this.#context.exposure);
    for (const message of messages) this.#book.handle(message, path, place);
  }
}

class SipConnectionReader implements ConnectionReader {
  readonly #book: SipBook;
  readonly #sides: Readonly<Record<ConnectionSide, SipStream>>;
  #place: PacketPlace = { number: 0, microseconds: 0 };

  constructor({ observations, exposure, client, server }: ConnectionContext) {
    const book = SipBook.of(observations);
    this.#book = book;
    const stream = (from: TransportAddress, to: TransportAddress) => {
      const path = book.paths.of('tcp', from, to, exposure);
      // Whether it was joined late is not told, and a start line that comes first is found all the same.
      return new SipStream((message) => book.handle(message, path, this.#place), book.held, true);
    };
    this.#sides = { client: stream(client, server), server: stream(server, client) };
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#place = place;
    this.#sides[from].data(octets);
  }

  gap(from: ConnectionSide, _octets: number, place: PacketPlace): void {
    this.#place = place;
    this.#sides[from].gap();
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    this.#place = place;
    this.#sides[from].ended();
    this.#book.lostAlignments += this.#sides[from].lostAlignments;
  }
}
