import { StreamBuffer } from '@trustline/base';
import { StreamBudget } from '@trustline/capture';
import type { ConnectionObserver, ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { looksLikeTls } from '../recognise.ts';
import { type Alert, factsOf, type HandshakeFacts } from './facts.ts';
import { Handshake, type TlsRole } from './handshake.ts';
import { HandshakeAssembler } from './handshake-assembler.ts';
import { canBeOpened } from './make-openers.ts';
import { alertName, contentTypes, handshakeTypes, versionName } from './names.ts';
import { ProtectedSide } from './protected-side.ts';
import { RecordSplitter, type TlsRecord } from './record-splitter.ts';
import type { SecretSource, TlsSecrets } from './secrets.ts';

export interface TlsReaderOptions {
  /** By which records may be opened; those of suites without encryption need none. */
  readonly secrets?: TlsSecrets;
  /** Told what the connection carries, where that can be read, as it would be told of a connection in the clear. */
  readonly inner?: ConnectionObserver;
  /** The capture may begin anywhere, also within a record: the first is searched. */
  readonly joinedLate?: boolean;
  /** For what waits for the rest of a record or message, of all connections together. */
  readonly budget?: StreamBudget;
}

/** What became of the records that carry data. */
export type Opening =
  /** The suite encrypts nothing. */
  | { readonly kind: 'clear' }
  | { readonly kind: 'opened'; readonly by: SecretSource }
  /** There was nothing to open. */
  | { readonly kind: 'no-data' }
  | { readonly kind: 'no-keys' }
  /** The handshake is not in the capture. */
  | { readonly kind: 'suite-not-known' }
  /** A cipher that is not opened here: RC4, DES, SSL 3, compression. */
  | { readonly kind: 'not-supported' }
  /** There were keys, and no record verified with them. */
  | { readonly kind: 'keys-do-not-fit' };

export interface TlsFacts extends HandshakeFacts {
  readonly protocol: 'tls';
  /** `failed`: ended by an alert before it was complete. */
  readonly handshake: 'complete' | 'incomplete' | 'failed' | 'not-seen';
  /** As records say it where no hello was seen: `TLS 1.2 or 1.3` for what both write. */
  readonly recordVersion: string | undefined;
  /** Which side of the connection is the client of TLS: mostly, not always, the one that opened it. */
  readonly clientSide: ConnectionSide;
  readonly renegotiations: number;
  readonly alerts: readonly Alert[];
  readonly opening: Opening;
  /** Octets of application data as they crossed the network, by the side that sent them. */
  readonly sealedOctets: Readonly<Record<ConnectionSide, number>>;
  /** Those that were read. */
  readonly openedOctets: Readonly<Record<ConnectionSide, number>>;
  readonly recordsOpened: number;
  readonly recordsNotOpened: number;
  /** Where octets were missing and nothing that follows could be read any more. */
  readonly stopped: readonly { readonly side: ConnectionSide; readonly place: PacketPlace }[];
  readonly firstPlace: PacketPlace | undefined;
  readonly lastPlace: PacketPlace | undefined;
}

const MOST_ALERTS = 32;
/** As in `looksLikeTls`: those of all suites that SSL 2 ever had are far shorter. */
const LONGEST_SSL2_HELLO = 4_096;

interface Side {
  /** The first octets, which may be a hello in the form of SSL 2; undefined once they were looked at. */
  start: StreamBuffer | undefined;
  readonly splitter: RecordSplitter;
  readonly assembler: HandshakeAssembler;
  readonly protection: ProtectedSide;
  /** Of what waits, as the budget has it. */
  counted: number;
  /** Octets were found that were no record, or were missing, and no record since then. */
  lostAt: PacketPlace | undefined;
  /** Records of the handshake that were encrypted, as Finished is. */
  sealedHandshakes: number;
  /** Since the server's hello of TLS 1.3, those longer than an alert. */
  sealedRecords: number;
  sealedOctets: number;
  openedOctets: number;
}

/**
 * Reads a TLS connection from the octets of both its sides: what its handshake shows, and what it carries where the suite
 * encrypts nothing or keys are known. What is read is given on in order; what was lost or could not be opened after something
 * was, is a gap.
 */
export class TlsReader implements ConnectionObserver {
  readonly #inner: ConnectionObserver | undefined;
  readonly #budget: StreamBudget;
  readonly #sides: Readonly<Record<ConnectionSide, Side>>;
  readonly #hasSecrets: boolean;
  #handshake: Handshake;
  /** Before a renegotiation. */
  #first: Handshake | undefined;
  #clientSide: ConnectionSide | undefined;
  #renegotiations = 0;
  #recordVersion: number | undefined;
  readonly #alerts: Alert[] = [];
  #firstPlace: PacketPlace | undefined;
  #lastPlace: PacketPlace | undefined;

  constructor({ secrets, inner, joinedLate = false, budget = new StreamBudget() }: TlsReaderOptions = {}) {
    this.#inner = inner;
    this.#budget = budget;
    this.#hasSecrets = secrets !== undefined;
    this.#handshake = this.#newHandshake();
    const newSide = (side: ConnectionSide) => this.#newSide(side, secrets, joinedLate);
    this.#sides = { client: newSide('client'), server: newSide('server') };
  }

  data(from: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    const side = this.#sides[from];
    const rest = side.start === undefined ? octets : this.#afterStart(from, side.start, octets, place);
    side.splitter.push(rest, place);
    this.#count(from, place);
  }

  gap(from: ConnectionSide, octets: number, place: PacketPlace): void {
    const side = this.#sides[from];
    side.start = undefined;
    side.splitter.gap(octets, place);
    this.#count(from, place);
  }

  ended(from: ConnectionSide, place: PacketPlace): void {
    const side = this.#sides[from];
    side.start = undefined;
    side.splitter.end(place);
    side.assembler.lose();
    this.#count(from, place);
    this.#inner?.ended(from, place);
  }

  facts(): TlsFacts {
    const { client, server } = this.#sides;
    const recordVersion = this.#recordVersion;
    const name = recordVersion === undefined ? undefined : versionName(recordVersion);
    const stopped = (['client', 'server'] as const).flatMap((side) => {
      const place = this.#sides[side].lostAt;
      return place === undefined ? [] : [{ side, place }];
    });
    return {
      protocol: 'tls',
      ...factsOf(this.#first ?? this.#handshake),
      handshake: this.#outcome(),
      recordVersion: name === 'TLS 1.2' ? 'TLS 1.2 or 1.3' : name,
      clientSide: this.#clientSide ?? 'client',
      renegotiations: this.#renegotiations,
      alerts: this.#alerts,
      opening: this.#opening(),
      sealedOctets: { client: client.sealedOctets, server: server.sealedOctets },
      openedOctets: { client: client.openedOctets, server: server.openedOctets },
      recordsOpened: client.protection.opened + server.protection.opened,
      recordsNotOpened: client.protection.notOpened + server.protection.notOpened,
      stopped,
      firstPlace: this.#firstPlace,
      lastPlace: this.#lastPlace,
    };
  }

  #newHandshake(): Handshake {
    return new Handshake(false, this.#hasSecrets);
  }

  /** What waits in all connections stays within the budget: whoever exceeds it loses what it holds. */
  #count(from: ConnectionSide, place: PacketPlace): void {
    const side = this.#sides[from];
    const count = () => {
      const held = side.splitter.held + side.assembler.held;
      this.#budget.used += held - side.counted;
      side.counted = held;
    };
    count();
    if (this.#budget.used <= this.#budget.limit || side.counted === 0) return;
    side.splitter.giveUp(place);
    side.assembler.lose();
    count();
  }

  #newSide(side: ConnectionSide, secrets: TlsSecrets | undefined, joinedLate: boolean): Side {
    const sink = {
      record: (record: TlsRecord) => this.#record(side, record),
      lost: (octets: number, place: PacketPlace) => this.#lost(side, octets, place),
      verifies: (record: TlsRecord) => this.#verifies(side, record),
    };
    return {
      start: joinedLate ? undefined : new StreamBuffer(),
      splitter: new RecordSplitter(sink, joinedLate),
      assembler: new HandshakeAssembler((type, body, raw, place) => this.#message(side, type, body, raw, place)),
      protection: new ProtectedSide(secrets),
      counted: 0,
      lostAt: undefined,
      sealedHandshakes: 0,
      sealedRecords: 0,
      sealedOctets: 0,
      openedOctets: 0,
    };
  }

  #roleOf(side: ConnectionSide): TlsRole {
    return side === (this.#clientSide ?? 'client') ? 'client' : 'server';
  }

  /** What follows a hello in the form of SSL 2, or all where there is none; nothing while that cannot be said. */
  #afterStart(from: ConnectionSide, start: StreamBuffer, octets: Uint8Array, place: PacketPlace): Uint8Array {
    start.push(octets);
    const held = start.bytes.subarray(start.start, start.end);
    const [high = 0, low = 0, type] = held;
    const end = 2 + (((high & 0x7f) << 8) | low);
    const isHello =
      (high & 0x80) !== 0 && (type === undefined || type === 1 || type === 4) && end <= LONGEST_SSL2_HELLO;
    if (isHello && (type === undefined || held.byteLength < end)) {
      start.keep();
      return new Uint8Array(0);
    }
    this.#sides[from].start = undefined;
    if (!isHello) return held;
    this.#firstPlace ??= place;
    this.#lastPlace = place;
    this.#clientSide ??= type === 1 ? from : other(from);
    this.#handshake.ssl2Hello(held.subarray(2, end), place);
    return held.subarray(end);
  }

  /** A hello speaks for itself, keys for others; what neither can tell is told by the head of the next record. */
  #verifies(side: ConnectionSide, record: TlsRecord): 'yes' | 'no' | 'unsure' {
    const verified = this.#sides[side].protection.verifies(record, this.#handshake, this.#roleOf(side));
    return verified === 'unsure' && looksLikeTls(record.whole) === 'yes' ? 'yes' : verified;
  }

  #record(name: ConnectionSide, record: TlsRecord): void {
    const side = this.#sides[name];
    const { protection } = side;
    this.#firstPlace ??= record.place;
    this.#lastPlace = record.place;
    // The first hello of a client may say 1.0 for the sake of old machines in between.
    if (this.#handshake.serverHello !== undefined || this.#recordVersion === undefined || record.type !== 22) {
      this.#recordVersion = record.version;
    }
    side.lostAt = undefined;
    if (!protection.protects(record, this.#handshake)) {
      this.#clear(name, record.type, record.fragment, record.place);
      return;
    }
    if (record.type === contentTypes.applicationData) side.sealedOctets += record.fragment.byteLength;
    if (record.type === contentTypes.handshake) side.sealedHandshakes++;
    if (this.#handshake.serverHello !== undefined && record.fragment.byteLength > 19) side.sealedRecords++;
    const opened = protection.open(record, this.#handshake, this.#roleOf(name));
    if (opened === undefined) {
      if (this.#isOpened()) this.#inner?.gap(name, record.fragment.byteLength, record.place);
      return;
    }
    this.#clear(name, opened.type, opened.octets, record.place);
  }

  /** What a record held, whether it was encrypted or never was. */
  #clear(name: ConnectionSide, type: number, octets: Uint8Array, place: PacketPlace): void {
    const side = this.#sides[name];
    switch (type) {
      case contentTypes.handshake:
        if (this.#isReadable(octets)) side.assembler.push(octets, place);
        return;
      case contentTypes.changeCipherSpec:
        this.#changeCipher(name);
        return;
      case contentTypes.alert:
        this.#alert(name, octets, place);
        return;
      case contentTypes.applicationData:
        side.openedOctets += octets.byteLength;
        if (octets.byteLength > 0) this.#inner?.data(name, octets, place);
    }
  }

  /** Of a connection that was joined in its middle the handshake records may be encrypted: only a hello begins one. */
  #isReadable(octets: Uint8Array): boolean {
    const { clientHello, serverHello } = this.#handshake;
    const isBegun = clientHello !== undefined || serverHello !== undefined || this.#clientSide !== undefined;
    const isHello = octets[0] === handshakeTypes.clientHello || octets[0] === handshakeTypes.serverHello;
    return isBegun || (isHello && (octets[1] === 0 || octets.byteLength < 2));
  }

  #changeCipher(name: ConnectionSide): void {
    const { isTls13, clientHello, serverHello } = this.#handshake;
    // In TLS 1.3 it means nothing (RFC 8446 appendix D.4), nor from a client that has early data to send and no answer yet.
    if (isTls13 || (clientHello !== undefined && serverHello === undefined)) return;
    const side = this.#sides[name];
    side.assembler.lose();
    side.protection.begin(this.#handshake);
    if (this.#roleOf(name) === 'server') this.#handshake.serverChangesCipher();
  }

  #alert(name: ConnectionSide, octets: Uint8Array, place: PacketPlace): void {
    const [level, description] = octets;
    if (octets.byteLength !== 2 || description === undefined || this.#alerts.length >= MOST_ALERTS) return;
    this.#alerts.push({ from: this.#roleOf(name), isFatal: level === 2, name: alertName(description), place });
  }

  #message(name: ConnectionSide, type: number, body: Uint8Array, raw: Uint8Array, place: PacketPlace): void {
    if (type === handshakeTypes.clientHello) {
      this.#clientSide ??= name;
      if (this.#handshake.serverHello !== undefined) {
        this.#first ??= this.#handshake;
        this.#renegotiations++;
        this.#handshake = this.#newHandshake();
      }
    }
    if (type === handshakeTypes.serverHello) this.#clientSide ??= other(name);
    const role = this.#roleOf(name);
    this.#handshake.message(role, type, body, raw, place);
    if (this.#handshake.isTls13) this.#sides[name].protection.message(type, role);
  }

  #lost(name: ConnectionSide, octets: number, place: PacketPlace): void {
    const side = this.#sides[name];
    side.lostAt ??= place;
    side.assembler.lose();
    side.protection.lose(octets);
    if (this.#isOpened()) this.#inner?.gap(name, Math.max(1, octets), place);
  }

  /** Whoever reads what the connection carries must know of gaps from the beginning, and not of what is never read. */
  #isOpened(): boolean {
    const { client, server } = this.#sides;
    return client.protection.opened > 0 || server.protection.opened > 0;
  }

  #outcome(): TlsFacts['handshake'] {
    const { clientHello, serverHello, isTls13, finished } = this.#first ?? this.#handshake;
    if (clientHello === undefined && serverHello === undefined) return 'not-seen';
    const { client, server } = this.#sides;
    const isComplete = isTls13
      ? (finished.client && finished.server) || (client.sealedRecords > 0 && server.sealedRecords > 0)
      : client.sealedHandshakes > 0 && server.sealedHandshakes > 0;
    if (isComplete) return 'complete';
    return this.#alerts.some(({ isFatal }) => isFatal) ? 'failed' : 'incomplete';
  }

  #opening(): Opening {
    const { client, server } = this.#sides;
    const protections = [client.protection, server.protection];
    const { suite, serverHello, version } = this.#handshake;
    const source = protections.map((one) => one.source).find((one) => one !== undefined);
    if (suite?.mode === 'none') return { kind: 'clear' };
    if (protections.some(({ opened }) => opened > 0)) return { kind: 'opened', by: source ?? 'key-log' };
    if (protections.every(({ notOpened }) => notOpened === 0)) return { kind: 'no-data' };
    if (serverHello === undefined || suite === undefined) return { kind: 'suite-not-known' };
    if (!canBeOpened(suite, version ?? 0) || serverHello.compression !== 0) return { kind: 'not-supported' };
    return { kind: source === undefined ? 'no-keys' : 'keys-do-not-fit' };
  }
}

function other(side: ConnectionSide): ConnectionSide {
  return side === 'client' ? 'server' : 'client';
}
