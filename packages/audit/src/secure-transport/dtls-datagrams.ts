import type { FlowKey, TransportAddress } from '@trustline/capture';
import type { KeyMaterial } from '../keys/key-material.ts';
import { endText } from '../model/end-text.ts';
import type { MediaKey } from '../model/media-key.ts';
import type { ReportSecureConnection } from '../model/report.ts';
import type { SecureDatagramReaders } from '../recognise/recogniser.ts';
import { boundedText } from '../signalling/bounded-text.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import type { PacketPlace } from '../traffic/place.ts';
import { DtlsReader } from './dtls/dtls-reader.ts';
import { srtpProfileName } from './dtls/srtp-keys.ts';
import { looksLikeDtls } from './recognise.ts';
import { certificatesOf, weaknessText } from './report-words.ts';
import { MOST_SECURE_CONNECTIONS, type SecureConnectionBook } from './secure-connection-book.ts';
import { fingerprintsOf, type SeenCertificate } from './tls/certificate.ts';
import { TlsSecrets } from './tls/secrets.ts';

/** Told of DTLS between two ports, and of the media's keys where its secret was given. */
export interface DtlsListener {
  dtlsSeen(ends: Pick<FlowKey, 'source' | 'destination'>): void;
  /** The ends have agreed on keys; `encrypts`: not where the profile of SRTP that they chose has a NULL cipher. */
  dtlsAgreed(ends: Pick<FlowKey, 'source' | 'destination'>, encrypts: boolean): void;
  keysFound(ends: Pick<FlowKey, 'source' | 'destination'>, keys: readonly MediaKey[]): void;
}

/** What a handshake between two ports has shown of who they are. */
export interface DtlsAssociation {
  readonly ends: readonly [TransportAddress, TransportAddress];
  readonly certificates: readonly {
    readonly end: TransportAddress;
    /** Of the end's own certificate, as `a=fingerprint` writes it: `sha-256 AB:CD…`, by every hash. */
    readonly fingerprints: readonly string[];
    readonly place: PacketPlace;
  }[];
}

/** Reads DTLS in datagrams, each pair of ports by itself. */
export class DtlsDatagrams implements SecureDatagramReaders {
  readonly name = 'dtls';
  readonly reader = {
    datagram: (from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace) =>
      this.#datagram(from, to, octets, place),
  };
  readonly #book: SecureConnectionBook;
  readonly #secrets: TlsSecrets | undefined;
  readonly #listener: DtlsListener;
  readonly #pairs = new Map<string, Pair>();

  constructor(book: SecureConnectionBook, keys: KeyMaterial | undefined, listener: DtlsListener) {
    this.#book = book;
    this.#secrets = keys === undefined ? undefined : new TlsSecrets(keys);
    this.#listener = listener;
  }

  recogniseDatagram(octets: Uint8Array, { source, destination }: Pick<FlowKey, 'source' | 'destination'>): boolean {
    const first = octets[0] ?? 0;
    // RFC 7983 §7. The short form of DTLS 1.3 says nothing of itself, and comes after a handshake.
    if (first < 20 || first > 63) return false;
    return looksLikeDtls(octets) === 'yes' || (first >> 5 === 1 && this.#pairs.has(keyOf(source, destination)));
  }

  associations(): readonly DtlsAssociation[] {
    return [...this.#pairs.values()].map((pair) => pair.association());
  }

  #datagram(from: TransportAddress, to: TransportAddress, octets: Uint8Array, place: PacketPlace): void {
    const key = keyOf(from, to);
    let pair = this.#pairs.get(key);
    if (pair === undefined) {
      if (this.#pairs.size >= MOST_SECURE_CONNECTIONS) return;
      pair = new Pair(from, to, this.#secrets, this.#listener);
      this.#pairs.set(key, pair);
      const { report } = pair;
      this.#book.add(report, () => false);
    }
    pair.datagram(from, octets, place);
  }
}

class Pair {
  readonly #client: TransportAddress;
  readonly #server: TransportAddress;
  readonly #reader: DtlsReader;
  readonly #listener: DtlsListener;
  #octets = 0;
  #keys = 0;
  /** What was told of the profile that was agreed on last. */
  #told: { readonly profile: number | undefined } | undefined;

  constructor(from: TransportAddress, to: TransportAddress, secrets: TlsSecrets | undefined, listener: DtlsListener) {
    this.#client = from;
    this.#server = to;
    this.#reader = new DtlsReader(secrets);
    this.#listener = listener;
    listener.dtlsSeen({ source: from, destination: to });
  }

  datagram(from: TransportAddress, octets: Uint8Array, place: PacketPlace): void {
    this.#octets += octets.byteLength;
    const isClient = from.address === this.#client.address && from.port === this.#client.port;
    this.#reader.datagram(isClient ? 'client' : 'server', octets, place);
    this.#tellAgreement();
    this.#findKeys();
  }

  association(): DtlsAssociation {
    const { clientSide, clientCertificates, serverCertificates } = this.#reader.facts();
    const other: ConnectionSide = clientSide === 'client' ? 'server' : 'client';
    const shown = (side: ConnectionSide, [certificate]: readonly SeenCertificate[]) =>
      certificate === undefined
        ? []
        : [{ end: this.#endOf(side), fingerprints: fingerprintTexts(certificate), place: certificate.place }];
    return {
      ends: [this.#client, this.#server],
      certificates: [...shown(clientSide, clientCertificates), ...shown(other, serverCertificates)],
    };
  }

  readonly report = (number: number): ReportSecureConnection => {
    const facts = this.#reader.facts();
    const other: ConnectionSide = facts.clientSide === 'client' ? 'server' : 'client';
    return {
      number,
      protocol: 'dtls',
      client: endText(this.#endOf(facts.clientSide)),
      server: endText(this.#endOf(other)),
      version: facts.version ?? facts.recordVersion ?? null,
      suite: facts.suite ?? null,
      forwardSecrecy: facts.forwardSecrecy ?? null,
      mutual: facts.mutual === undefined ? null : facts.mutual === 'yes',
      serverName: boundedText(facts.serverName) ?? null,
      certificates: certificatesOf(facts),
      weaknesses: facts.weaknesses.map(weaknessText),
      opened: this.#keys > 0 ? 'given-key' : facts.encrypts === false ? 'null-cipher' : 'no',
      carries: facts.srtpProfile === undefined ? null : 'keys of SRTP',
      firstPacket: facts.firstPlace?.number ?? 0,
      lastPacket: facts.lastPlace?.number ?? 0,
      octets: this.#octets,
    };
  };

  #endOf(side: ConnectionSide): TransportAddress {
    return side === 'client' ? this.#client : this.#server;
  }

  #tellAgreement(): void {
    if (!this.#reader.isAgreed) return;
    const profile = this.#reader.srtpProfile;
    if (this.#told !== undefined && this.#told.profile === profile) return;
    this.#told = { profile };
    const encrypts = profile === undefined || !srtpProfileName(profile)?.startsWith('NULL_');
    this.#listener.dtlsAgreed({ source: this.#client, destination: this.#server }, encrypts);
  }

  #findKeys(): void {
    const found = this.#reader.srtpKeys();
    if (found.length <= this.#keys) return;
    this.#keys = found.length;
    const keys = found.flatMap(({ profile, client, server, place }): MediaKey[] =>
      [client, server].map((key) => ({ profile, ...key, source: { kind: 'dtls-exporter', place } })),
    );
    this.#listener.keysFound({ source: this.#client, destination: this.#server }, keys);
  }
}

function fingerprintTexts({ der }: SeenCertificate): readonly string[] {
  return Object.entries(fingerprintsOf(der)).map(([hash, digest]) => `${hash} ${digest}`);
}

function keyOf(one: TransportAddress, other: TransportAddress): string {
  const [a, b] = [endText(one), endText(other)];
  return a < b ? `${a} ${b}` : `${b} ${a}`;
}
