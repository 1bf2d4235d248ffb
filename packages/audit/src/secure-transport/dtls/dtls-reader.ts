import type { ConnectionSide } from '../../traffic/connections.ts';
import type { PacketPlace } from '../../traffic/place.ts';
import { type Alert, factsOf, type HandshakeFacts } from '../tls/facts.ts';
import { Handshake, type TlsRole } from '../tls/handshake.ts';
import { alertName, contentTypes, handshakeTypes, versionName } from '../tls/names.ts';
import type { TlsSecrets } from '../tls/secrets.ts';
import { MessageReassembly } from './message-reassembly.ts';
import { type DtlsSrtpKeys, srtpKeysOf } from './srtp-keys.ts';

const RECORD_HEADER = 13;
const MOST_ALERTS = 32;
/** Handshakes of one pair of ports, one after the other. */
const MOST_HANDSHAKES = 16;

export interface DtlsFacts extends HandshakeFacts {
  readonly protocol: 'dtls';
  readonly handshake: 'complete' | 'incomplete' | 'failed' | 'not-seen';
  /** As records say it where no hello was seen. */
  readonly recordVersion: string | undefined;
  readonly clientSide: ConnectionSide;
  /** Handshakes between the same ports, of which the last is described. */
  readonly handshakes: number;
  readonly alerts: readonly Alert[];
  /** Octets of encrypted records, by the side that sent them. */
  readonly sealedOctets: Readonly<Record<ConnectionSide, number>>;
  readonly malformed: number;
  readonly firstPlace: PacketPlace | undefined;
  readonly lastPlace: PacketPlace | undefined;
}

interface Side {
  readonly messages: MessageReassembly;
  isHeard: boolean;
  sealedOctets: number;
  /** Records of the present handshake's keys. */
  sealedRecords: number;
}

/**
 * Reads the DTLS datagrams between two ports (RFC 6347, RFC 9147): what their handshakes show, and with their secrets the keys of
 * the media that they were made for (RFC 5764). Which end is called client is the caller's choice: the hello tells.
 */
export class DtlsReader {
  readonly #secrets: TlsSecrets | undefined;
  readonly #sides: Readonly<Record<ConnectionSide, Side>>;
  #handshake: Handshake;
  readonly #earlier: Handshake[] = [];
  readonly #srtpKeys = new WeakMap<Handshake, DtlsSrtpKeys>();
  #handshakes = 0;
  #clientSide: ConnectionSide | undefined;
  readonly #alerts: Alert[] = [];
  #recordVersion: number | undefined;
  #malformed = 0;
  #firstPlace: PacketPlace | undefined;
  #lastPlace: PacketPlace | undefined;

  constructor(secrets?: TlsSecrets) {
    this.#secrets = secrets;
    this.#handshake = this.#newHandshake();
    this.#sides = { client: this.#newSide('client'), server: this.#newSide('server') };
  }

  datagram(from: ConnectionSide, datagram: Uint8Array, place: PacketPlace): void {
    this.#firstPlace ??= place;
    this.#sides[from].isHeard = true;
    this.#lastPlace = place;
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
    for (let at = 0; at < datagram.byteLength; ) {
      const type = datagram[at] ?? 0;
      if (type >> 5 === 1) {
        // The short form of DTLS 1.3 (RFC 9147 §4), whose length may be that of the datagram: all of it is encrypted.
        this.#sealed(from, datagram.byteLength - at);
        return;
      }
      if (at + RECORD_HEADER > datagram.byteLength) break;
      const end = at + RECORD_HEADER + view.getUint16(at + 11);
      if (end > datagram.byteLength) break;
      if (this.#recordVersion === undefined || this.#handshake.serverHello !== undefined) {
        this.#recordVersion = view.getUint16(at + 1);
      }
      this.#record(from, type, view.getUint16(at + 3), datagram.subarray(at + RECORD_HEADER, end), place);
      at = end;
    }
  }

  facts(): DtlsFacts {
    const { client, server } = this.#sides;
    const { clientHello, serverHello } = this.#handshake;
    const isSeen = clientHello !== undefined || serverHello !== undefined;
    const isComplete = isSeen && client.sealedRecords > 0 && server.sealedRecords > 0;
    const isFailed = this.#alerts.some(({ isFatal }) => isFatal);
    return {
      protocol: 'dtls',
      ...factsOf(this.#handshake),
      handshake: !isSeen ? 'not-seen' : isComplete ? 'complete' : isFailed ? 'failed' : 'incomplete',
      recordVersion: this.#recordVersion === undefined ? undefined : versionName(this.#recordVersion),
      clientSide: this.#clientSide ?? 'client',
      handshakes: this.#handshakes,
      alerts: this.#alerts,
      sealedOctets: { client: client.sealedOctets, server: server.sealedOctets },
      malformed: this.#malformed + client.messages.malformed + server.messages.malformed,
      firstPlace: this.#firstPlace,
      lastPlace: this.#lastPlace,
    };
  }

  /**
   * Whether all ends that were heard have begun to encrypt: they have agreed on keys, as far as can be seen. One direction alone may
   * have been captured.
   */
  get isAgreed(): boolean {
    const { client, server } = this.#sides;
    const heard = [client, server].filter(({ isHeard }) => isHeard);
    return heard.length > 0 && heard.every(({ sealedRecords }) => sealedRecords > 0);
  }

  /** The profile of SRTP that the server chose, where its hello says it in the clear (RFC 5764 §4.1.2; not in DTLS 1.3). */
  get srtpProfile(): number | undefined {
    return this.#handshake.serverHello?.extensions.srtpProfiles[0];
  }

  /** Of each handshake whose secret is known and that agreed on a profile of SRTP, the oldest first. */
  srtpKeys(): readonly DtlsSrtpKeys[] {
    const secrets = this.#secrets;
    if (secrets === undefined) return [];
    return [...this.#earlier, this.#handshake].flatMap((handshake) => {
      const keys = this.#srtpKeys.get(handshake) ?? srtpKeysOf(handshake, secrets);
      if (keys === undefined) return [];
      this.#srtpKeys.set(handshake, keys);
      return [keys];
    });
  }

  #newHandshake(): Handshake {
    return new Handshake(true, this.#secrets !== undefined);
  }

  #newSide(side: ConnectionSide): Side {
    const messages = new MessageReassembly((type, body, raw, place) => this.#message(side, type, body, raw, place));
    return { messages, isHeard: false, sealedOctets: 0, sealedRecords: 0 };
  }

  #roleOf(side: ConnectionSide): TlsRole {
    return side === (this.#clientSide ?? 'client') ? 'client' : 'server';
  }

  #record(from: ConnectionSide, type: number, epoch: number, content: Uint8Array, place: PacketPlace): void {
    if (epoch > 0) {
      this.#sealed(from, content.byteLength);
      return;
    }
    switch (type) {
      case contentTypes.handshake:
        if (this.#isOfAnother(content)) this.#beginAnother();
        this.#sides[from].messages.push(content, place);
        return;
      case contentTypes.changeCipherSpec:
        this.#sides[from].messages.flush();
        if (this.#roleOf(from) === 'server') this.#handshake.serverChangesCipher();
        return;
      case contentTypes.alert:
        if (content.byteLength === 2 && this.#alerts.length < MOST_ALERTS) {
          const name = alertName(content[1] ?? 0);
          this.#alerts.push({ from: this.#roleOf(from), isFatal: content[0] === 2, name, place });
        }
        return;
      default:
        this.#malformed++;
    }
  }

  #sealed(from: ConnectionSide, octets: number): void {
    const side = this.#sides[from];
    side.messages.flush();
    side.sealedRecords++;
    side.sealedOctets += octets;
  }

  /** A client's hello of another random than the one before, numbered from the beginning. */
  #isOfAnother(content: Uint8Array): boolean {
    const known = this.#handshake.clientHello;
    const [type, , , , high, low] = content;
    if (known === undefined || type !== handshakeTypes.clientHello || high !== 0 || low !== 0) return false;
    const random = content.subarray(14, 46);
    return random.byteLength === 32 && known.random.some((octet, at) => octet !== random[at]);
  }

  #beginAnother(): void {
    this.#earlier.push(this.#handshake);
    if (this.#earlier.length >= MOST_HANDSHAKES) this.#earlier.shift();
    this.#handshake = this.#newHandshake();
    this.#clientSide = undefined;
    for (const side of Object.values(this.#sides)) {
      side.messages.reset();
      side.sealedRecords = 0;
    }
  }

  #message(from: ConnectionSide, type: number, body: Uint8Array, raw: Uint8Array, place: PacketPlace): void {
    if (type === handshakeTypes.clientHello) {
      if (this.#handshake.clientHello === undefined) this.#handshakes++;
      this.#clientSide ??= from;
    }
    if (type === handshakeTypes.serverHello) this.#clientSide ??= from === 'client' ? 'server' : 'client';
    this.#handshake.message(this.#roleOf(from), type, body, raw, place);
  }
}
