import { StreamBudget } from '@trustline/capture';
import type { KeyMaterial } from '../keys/key-material.ts';
import { endText } from '../model/end-text.ts';
import type { ReportSecureConnection } from '../model/report.ts';
import type { OpenWithin, SecureConnectionReaders } from '../recognise/recogniser.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { ConnectionReader } from '../signalling/reader.ts';
import type { ConnectionEnds, ConnectionObserver, ConnectionSide } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { looksLikeTls, looksLikeTlsWithin } from './recognise.ts';
import { certificatesOf, weaknessText } from './report-words.ts';
import type { SecureConnectionBook } from './secure-connection-book.ts';
import { TlsSecrets } from './tls/secrets.ts';
import { TlsReader } from './tls/tls-reader.ts';

/** TLS, told by its records: what its handshake shows goes into the book, what can be read in it to who recognises that. */
export function tlsConnections(book: SecureConnectionBook, keys: KeyMaterial | undefined): SecureConnectionReaders {
  const secrets = keys === undefined ? undefined : new TlsSecrets(keys);
  const budget = new StreamBudget();
  return {
    name: 'tls',
    recogniseConnection: looksLikeTls,
    recogniseWithin: looksLikeTlsWithin,
    openConnection: (ends, within) => new TlsConnection(book, { secrets, budget }, ends, within),
  };
}

class TlsConnection implements ConnectionReader {
  readonly #reader: TlsReader;
  readonly #ends: ConnectionEnds;
  readonly #number: number;
  #inner: ConnectionObserver | undefined;
  #carries: string | null = null;
  #octets = 0;
  #first: PacketPlace | undefined;
  #last: PacketPlace | undefined;
  #ended = 0;

  constructor(
    book: SecureConnectionBook,
    { secrets, budget }: { readonly secrets: TlsSecrets | undefined; readonly budget: StreamBudget },
    ends: ConnectionEnds,
    within: OpenWithin,
  ) {
    this.#ends = ends;
    this.#number = book.add(
      (number) => this.#report(number),
      () => this.#ended === 2,
    );
    // Whether what is read lay open is known once something was.
    const opened = (): ConnectionObserver => {
      this.#inner ??= within(this.#exposure(), (name) => {
        this.#carries = name;
      });
      return this.#inner;
    };
    this.#reader = new TlsReader({
      ...(secrets === undefined ? {} : { secrets }),
      budget,
      joinedLate: ends.joinedLate,
      inner: {
        data: (from, octets, place) => opened().data(from, octets, place),
        gap: (from, octets, place) => opened().gap(from, octets, place),
        ended: (from, place) => this.#inner?.ended(from, place),
      },
    });
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    this.#octets += octets.byteLength;
    this.#first ??= place;
    this.#last = place;
    this.#reader.data(from, octets, place);
  }

  gap(from: ConnectionSide, octets: number, place: PacketPlace): void {
    this.#reader.gap(from, octets, place);
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    this.#ended++;
    this.#reader.ended(from, place);
  }

  #exposure() {
    const kind = this.#reader.facts().opening.kind === 'clear' ? 'null-cipher' : 'given-key';
    return { kind, connection: this.#number } as const;
  }

  #report(number: number): ReportSecureConnection {
    const facts = this.#reader.facts();
    const { client, server } = this.#ends;
    const [own, other] = facts.clientSide === 'client' ? [client, server] : [server, client];
    const { kind } = facts.opening;
    return {
      number,
      protocol: 'tls',
      client: endText(own),
      server: endText(other),
      version: facts.version ?? facts.recordVersion ?? null,
      suite: facts.suite ?? null,
      forwardSecrecy: facts.forwardSecrecy ?? null,
      mutual: facts.mutual === undefined ? null : facts.mutual === 'yes',
      serverName: boundedText(facts.serverName) ?? null,
      certificates: certificatesOf(facts),
      weaknesses: facts.weaknesses.map(weaknessText),
      opened:
        kind === 'clear'
          ? 'null-cipher'
          : kind === 'opened'
            ? 'given-key'
            : facts.encrypts === false
              ? 'null-cipher'
              : 'no',
      carries: this.#carries,
      firstPacket: this.#first?.number ?? 0,
      lastPacket: this.#last?.number ?? 0,
      octets: this.#octets,
    };
  }
}
