import { CRYPTEX_OVERHEAD } from './cryptex.ts';
import { readUint32, writeUint32 } from './octets.ts';
import type { CheckedOptions } from './options.ts';
import { RTCP_INDEX_LENGTH } from './packet-layout.ts';
import { CARRIED_LENGTH, carriageMacLength, carriesCounter } from './rollover-carriage.ts';

/**
 * What follows the encrypted part of a packet. HMAC and AES-GCM put their tags in different places:
 *
 *     SRTP    HMAC   packet ‖ MKI ‖ tag                  RFC 3711 §3.1
 *             GCM    packet ‖ tag ‖ MKI                  RFC 7714 §8.2
 *     SRTCP   HMAC   packet ‖ index word ‖ MKI ‖ tag     RFC 3711 §3.4
 *             GCM    packet ‖ tag ‖ index word ‖ MKI     RFC 7714 §9.2
 *
 * With the rollover counter carried, the tag of SRTP begins with it (RFC 4771 §2).
 */
export class PacketEnd {
  readonly #options: CheckedOptions;
  readonly #mkiLength: number;
  readonly #tagFirst: boolean;
  /** Most octets that SRTP adds. */
  readonly rtpOverhead: number;
  /** Octets that SRTCP adds. */
  readonly rtcpOverhead: number;
  /** Octets of the tag where it is alike in every SRTP packet and nothing stands around it; −1 otherwise. */
  readonly plainTagLength: number;

  constructor(options: CheckedOptions, mkiLength: number) {
    const { profile, carriage, cryptex } = options;
    this.#options = options;
    this.#mkiLength = mkiLength;
    this.#tagFirst = profile.encryption === 'galois';
    const tag = carriage?.mode === 3 ? CARRIED_LENGTH : options.unauthenticatedRtp ? 0 : profile.rtpTagLength;
    this.rtpOverhead = mkiLength + tag + (cryptex === 'off' ? 0 : CRYPTEX_OVERHEAD);
    this.plainTagLength = carriage === undefined && mkiLength === 0 ? tag : -1;
    this.rtcpOverhead = RTCP_INDEX_LENGTH + mkiLength + profile.rtcpTagLength;
  }

  /** Octets of authentication that the SRTP packet with this sequence number has. */
  macLength(sequenceNumber: number): number {
    const { profile, carriage, unauthenticatedRtp } = this.#options;
    if (carriage !== undefined) {
      return carriageMacLength(carriage, carriesCounter(carriage, sequenceNumber), profile.rtpTagLength);
    }
    return unauthenticatedRtp ? 0 : profile.rtpTagLength;
  }

  /** Octets of rollover counter that it carries. */
  counterLength(sequenceNumber: number): number {
    const { carriage } = this.#options;
    return carriage !== undefined && carriesCounter(carriage, sequenceNumber) ? CARRIED_LENGTH : 0;
  }

  /** How far behind the encrypted part its authentication begins. */
  tagOffset(sequenceNumber: number): number {
    return (this.#tagFirst ? 0 : this.#mkiLength) + this.counterLength(sequenceNumber);
  }

  /** Octets behind the encrypted part of the SRTP packet with this sequence number. */
  rtpLength(sequenceNumber: number): number {
    return this.#mkiLength + this.counterLength(sequenceNumber) + this.macLength(sequenceNumber);
  }

  /** Where the MKI of an SRTP packet is whose encrypted part ends at `end`. */
  rtpMkiAt(end: number): number {
    return this.#tagFirst ? end + this.#options.profile.rtpTagLength : end;
  }

  /** Where its tag is. */
  rtpTagAt(end: number): number {
    return this.#tagFirst ? end : end + this.#mkiLength;
  }

  /** Where the index word of an SRTCP packet is. */
  rtcpIndexAt(end: number): number {
    return this.#tagFirst ? end + this.#options.profile.rtcpTagLength : end;
  }

  rtcpMkiAt(end: number): number {
    return this.rtcpIndexAt(end) + RTCP_INDEX_LENGTH;
  }

  rtcpTagAt(end: number): number {
    return this.#tagFirst ? end : end + RTCP_INDEX_LENGTH + this.#mkiLength;
  }

  /** Writes what stands around the tag of an SRTP packet, MKI and rollover counter; returns where the packet ends. */
  finishRtp(
    out: Uint8Array,
    end: number,
    mki: Uint8Array,
    sequenceNumber: number,
    macLength: number,
    rolloverCounter: number,
  ): number {
    const counterLength = this.counterLength(sequenceNumber);
    if (this.#mkiLength > 0) copyTo(out, this.rtpMkiAt(end), mki);
    if (counterLength > 0) writeUint32(out, this.rtpTagAt(end), rolloverCounter);
    return end + this.#mkiLength + counterLength + macLength;
  }

  /** Writes what stands around the tag of an SRTCP packet, index word and MKI; returns where the packet ends. */
  finishRtcp(out: Uint8Array, end: number, mki: Uint8Array, indexWord: number): number {
    writeUint32(out, this.rtcpIndexAt(end), indexWord);
    copyTo(out, this.rtcpMkiAt(end), mki);
    return end + this.rtcpOverhead;
  }

  /** The rollover counter that an SRTP packet carries; undefined when it carries none. */
  carriedCounter(packet: Uint8Array, end: number, sequenceNumber: number): number | undefined {
    return this.counterLength(sequenceNumber) > 0 ? readUint32(packet, this.rtpTagAt(end)) : undefined;
  }
}

/** A digest buffer that fits every cipher. */
export function createDigest(): Uint8Array {
  return new Uint8Array(20);
}

function copyTo(out: Uint8Array, at: number, from: Uint8Array): void {
  for (let i = 0; i < from.byteLength; i++) out[at + i] = from[i] as number;
}
