import { parseRtcpCompound } from '@trustline/rtp';

/** Where the word with the encryption flag and the index stands, from the end: AES-GCM, tags of 32 bits, of 80, and with MKIs (RFC 3711 §3.4, RFC 7714 §9.2). */
const indexPlaces = [4, 8, 14, 5, 9, 15, 12, 18, 6, 16] as const;
/** An index as low as this is no accident of random octets. */
const LOW_INDEX = 4_096;
const LARGEST_STEP = 256;
/** SSRC, and the words before it. */
const SHORTEST = 8;
const MOST_SOURCES = 100_000;

interface Source {
  clearPackets: number;
  protectedPackets: number;
  /** By place: the index that stood there last, -1 for none. */
  readonly indices: Int32Array;
}

/** What RTCP shows of each sender: reports in the clear, or the framing of SRTCP. */
export class ControlBook {
  readonly #sources = new Map<string, Source>();

  /** A datagram that looks like RTCP by its first octets; false where it is none. */
  datagram(address: string, octets: Uint8Array): boolean {
    if (octets.byteLength < SHORTEST || (octets[0] as number) >> 6 !== 2) return false;
    const source = this.#source(`${address} ${ssrcOf(octets)}`);
    if (source === undefined) return true;
    if (typeof parseRtcpCompound(octets) !== 'string') source.clearPackets++;
    else if (isProtected(source, octets)) source.protectedPackets++;
    return true;
  }

  /** Of the sender with that SSRC at that address. */
  of(address: string, ssrc: number): { readonly clearPackets: number; readonly protectedPackets: number } {
    const { clearPackets = 0, protectedPackets = 0 } = this.#sources.get(`${address} ${ssrc}`) ?? {};
    return { clearPackets, protectedPackets };
  }

  #source(key: string): Source | undefined {
    let source = this.#sources.get(key);
    if (source === undefined && this.#sources.size < MOST_SOURCES) {
      source = { clearPackets: 0, protectedPackets: 0, indices: new Int32Array(indexPlaces.length).fill(-1) };
      this.#sources.set(key, source);
    }
    return source;
  }
}

/** Whether at one of the places stands a flag with a low index, or one that goes up from packet to packet. */
function isProtected({ indices }: Source, octets: Uint8Array): boolean {
  let is = false;
  for (const [at, place] of indexPlaces.entries()) {
    const from = octets.byteLength - place;
    if (from < SHORTEST) continue;
    const first = octets[from] as number;
    const index =
      ((first & 0x7f) << 24) |
      ((octets[from + 1] as number) << 16) |
      ((octets[from + 2] as number) << 8) |
      (octets[from + 3] as number);
    const before = indices[at] as number;
    const isEncrypted = first >= 0x80;
    const goesUp = before >= 0 && index > before && index - before <= LARGEST_STEP;
    if (isEncrypted && (index <= LOW_INDEX || goesUp)) is = true;
    indices[at] = isEncrypted ? index : -1;
  }
  return is;
}

function ssrcOf(octets: Uint8Array): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return view.getUint32(4);
}
