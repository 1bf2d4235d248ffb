/** Parties of a relayed call, for the tests of the relay: what they send and how they read what comes. */
import { type OpusLibrary, writeRtpHeader } from '@trustline/rtp';
import { createSrtpReceiver, createSrtpSender, type SrtpReceiver, type SrtpSender } from '@trustline/srtp';
import { hybridCrypto } from '@trustline/srtp/node';
import { SeededRandom } from '@trustline/testing';
import type { HoldAudio } from './hold-audio.ts';
import { MediaRelay } from './media-relay.ts';
import { readUint16, readUint32 } from './octets.ts';
import type { Component, DirectionKeys, MediaEndpoint, RelayNotice, SideId, SideSettings } from './settings.ts';

const profile = 'AES_CM_128_HMAC_SHA1_80';

/** Keys whose octets are those of `seed`. */
export function keysOf(seed: number): DirectionKeys {
  const key = new Uint8Array(16).fill(seed);
  const salt = new Uint8Array(14).fill(seed + 1);
  return { profile, masterKeys: [{ key, salt }], keyDerivationRate: 0, fingerprint: `key ${seed}` };
}

export const clear = { kind: 'clear' } as const;

/** SRTP under the key that the party makes, and the one that we make towards it. */
export function srtp(receive: number, send: number) {
  return { kind: 'srtp', receive: keysOf(receive), send: keysOf(send) } as const;
}

export interface Sent {
  readonly side: SideId;
  readonly component: Component;
  readonly datagram: Uint8Array;
  readonly to: MediaEndpoint;
}

/** What an RTP packet says, opened. */
export interface Heard {
  readonly sequenceNumber: number;
  readonly timestamp: number;
  readonly ssrc: number;
  readonly marker: boolean;
  readonly payload: string;
  readonly octets: Uint8Array;
}

/** A party's own SRTP, or none. */
export class Party {
  readonly ssrc: number;
  readonly endpoint: MediaEndpoint;
  sender: SrtpSender | undefined;
  receiver: SrtpReceiver | undefined;

  constructor(ssrc: number, endpoint: MediaEndpoint, sends?: number, receives?: number) {
    this.ssrc = ssrc;
    this.endpoint = endpoint;
    if (sends !== undefined) this.useKeys(sends, receives ?? 0);
  }

  useKeys(sends: number, receives: number): void {
    const { masterKeys } = keysOf(sends);
    this.sender = createSrtpSender({ profile, crypto: hybridCrypto(), masterKeys });
    this.receiver = createSrtpReceiver({ profile, crypto: hybridCrypto(), masterKeys: keysOf(receives).masterKeys });
  }

  rtp(sequenceNumber: number, payload = `voice ${sequenceNumber}`, timestamp = sequenceNumber * 160): Uint8Array {
    const packet = new Uint8Array(12 + payload.length);
    writeRtpHeader(packet, false, 0, sequenceNumber, timestamp, this.ssrc);
    packet.set(new TextEncoder().encode(payload), 12);
    if (this.sender === undefined) return packet;
    const out = new Uint8Array(packet.byteLength + 16);
    return out.subarray(0, this.sender.protect(packet, out));
  }

  hears(datagram: Uint8Array): Heard {
    const packet = datagram.slice();
    const length = this.receiver === undefined ? packet.byteLength : this.receiver.unprotect(packet, packet);
    if (typeof length !== 'number') throw new Error(`a party could not open what came: ${length}`);
    const octets = packet.subarray(12, length);
    return {
      sequenceNumber: readUint16(packet, 2),
      timestamp: readUint32(packet, 4),
      ssrc: readUint32(packet, 8),
      marker: ((packet[1] as number) & 0x80) !== 0,
      payload: new TextDecoder().decode(octets),
      octets,
    };
  }
}

export const alice: MediaEndpoint = { address: '192.0.2.1', port: 4_000 };
export const bob: MediaEndpoint = { address: '192.0.2.2', port: 5_000 };

/** A relay between the sides 1 and 2. */
export class RelayLab {
  readonly relay: MediaRelay;
  readonly sent: Sent[] = [];
  now = 0;

  constructor(
    first: Partial<SideSettings> = {},
    second: Partial<SideSettings> = {},
    hold?: HoldAudio,
    opus?: OpusLibrary,
    announcement?: HoldAudio,
  ) {
    const random = new SeededRandom(7);
    this.relay = new MediaRelay({
      crypto: hybridCrypto(),
      random: (length) => random.bytes(length),
      ...(hold === undefined ? {} : { hold }),
      ...(opus === undefined ? {} : { opus }),
      ...(announcement === undefined ? {} : { announcement }),
      transmit: (side, component, datagram, to) => this.sent.push({ side, component, datagram, to }),
    });
    this.set(1, { remote: alice, ...first });
    this.set(2, { remote: bob, ...second });
    this.relay.bridge(0, 1, 2);
  }

  set(side: SideId, changes: Partial<SideSettings>): void {
    const remote = side === 1 ? alice : bob;
    const usual = { side, remote, protection: clear, takes: true, gives: true, clockRate: 8_000 };
    this.relay.set(this.now, { ...usual, ...changes });
  }

  /** A datagram comes in; what goes out of it. */
  receive(side: SideId, datagram: Uint8Array, from?: MediaEndpoint, component: Component = 'rtp'): Sent[] {
    const { address, port } = from ?? (side === 1 ? alice : bob);
    this.relay.receive(this.now, side, component, datagram.slice(), address, port);
    return this.flush();
  }

  flush(): Sent[] {
    this.relay.flush(this.now);
    return this.sent.splice(0);
  }

  notices(): RelayNotice[] {
    const notices: RelayNotice[] = [];
    for (let notice = this.relay.poll(); notice !== undefined; notice = this.relay.poll()) notices.push(notice);
    return notices;
  }
}
