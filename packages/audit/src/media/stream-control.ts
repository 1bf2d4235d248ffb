import { parseRtcpCompound } from '@trustline/rtp';
import type { PacketPlace } from '../traffic/place.ts';
import type { StreamControl } from './audited-stream.ts';

/** Where the word with the encryption flag and the index stands, from the end: AES-GCM, tags of 32 bits, of 80, and with MKIs (RFC 3711 §3.4, RFC 7714 §9.2). */
const indexPlaces = [4, 8, 14, 5, 9, 15, 12, 18, 6, 16] as const;
/** An index as low as this is no accident of random octets. */
const LOW_INDEX = 4_096;
const LARGEST_STEP = 256;
/** SSRC, and the words before it. */
const SHORTEST = 8;
const MOST_SOURCES = 100_000;
/** Of RTCP, where RTP is, too (RFC 5761 §4). */
const [FIRST_TYPE, LAST_TYPE] = [192, 223];
const [SENDER_REPORT, SOURCE_DESCRIPTION, GOODBYE] = [200, 202, 203];
/** With the counts of packets and octets, which are its last words. */
const SENDER_REPORT_OCTETS = 28;

interface Source {
  clearPackets: number;
  /** Of those that describe their source and are no farewell; and the farewell. */
  firstClear: PacketPlace | undefined;
  farewell: PacketPlace | undefined;
  protectedPackets: number;
  /** By place: the index that stood there last, -1 for none. */
  readonly indices: Int32Array;
  /** The two octets after the SSRC of the last one that could not be read; -1 before any. */
  beginning: number;
}

/** What RTCP shows of each sender: reports in the clear, or the framing of SRTCP. */
export class ControlBook {
  readonly #sources = new Map<string, Source>();

  /** A datagram that looks like RTCP by its first octets; false where it is none. */
  datagram(address: string, octets: Uint8Array, place?: PacketPlace): boolean {
    if (octets.byteLength < SHORTEST || (octets[0] as number) >> 6 !== 2) return false;
    const source = this.#source(`${address} ${ssrcOf(octets)}`);
    if (source === undefined) return true;
    if (typeof parseRtcpCompound(octets) !== 'string' || packetsIn(octets) > 0) {
      source.clearPackets++;
      // Others say nothing of who talks, as what keeps a port open at a NAT does.
      if (holds(octets, SOURCE_DESCRIPTION)) {
        if (holds(octets, GOODBYE)) source.farewell ??= place;
        else source.firstClear ??= place;
      }
    } else if (isProtected(source, octets)) source.protectedPackets++;
    return true;
  }

  /** Of the sender with that SSRC at that address. */
  of(address: string, ssrc: number): StreamControl {
    const {
      clearPackets = 0,
      protectedPackets = 0,
      firstClear,
      farewell,
    } = this.#sources.get(`${address} ${ssrc}`) ?? {};
    return { clearPackets, protectedPackets, ...(firstClear && { firstClear }), ...(farewell && { farewell }) };
  }

  #source(key: string): Source | undefined {
    let source = this.#sources.get(key);
    if (source === undefined && this.#sources.size < MOST_SOURCES) {
      source = {
        clearPackets: 0,
        firstClear: undefined,
        farewell: undefined,
        protectedPackets: 0,
        indices: new Int32Array(indexPlaces.length).fill(-1),
        beginning: -1,
      };
      this.#sources.set(key, source);
    }
    return source;
  }
}

/** How many packets of RTCP stand there one after the other, to the end and whatever is in them; 0 where they do not. */
function packetsIn(octets: Uint8Array): number {
  let at = 0;
  let packets = 0;
  while (at + 4 <= octets.byteLength) {
    const [version = 0, type = 0] = octets.subarray(at, at + 2);
    if (version >> 6 !== 2 || type < FIRST_TYPE || type > LAST_TYPE) return 0;
    at += 4 * ((((octets[at + 2] as number) << 8) | (octets[at + 3] as number)) + 1);
    packets++;
  }
  return at === octets.byteLength ? packets : 0;
}

/** Whether at one of the places stands a flag with a low index, or one that goes up from packet to packet. */
function isProtected(source: Source, octets: Uint8Array): boolean {
  const { indices } = source;
  const isChanged = isBegunAnew(source, octets);
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
    const isFlagged = first >= 0x80;
    const goesUp = before >= 0 && index > before && index - before <= LARGEST_STEP;
    if (isFlagged && (index <= LOW_INDEX || goesUp) && isUnreadable(octets.subarray(0, from), isChanged)) is = true;
    indices[at] = isFlagged ? index : -1;
  }
  return is;
}

/**
 * Whether something was encrypted there: of a NULL cipher the flag says nothing (RFC 3711 §4.1.3). The head of the first packet is
 * clear in any case, so of one alone what follows tells: a time, or a source that is reported on, stays from report to report.
 */
function isUnreadable(octets: Uint8Array, isChanged: boolean): boolean {
  if (octets.byteLength < SHORTEST + 4) return false;
  const packets = packetsIn(octets);
  return packets === 0 || (packets === 1 && (isChanged || isNoSenderReport(octets)));
}

/** A sender that says to have sent more packets than in days of any voice has said nothing: its report is encrypted. */
function isNoSenderReport(octets: Uint8Array): boolean {
  return octets[1] === SENDER_REPORT && octets.byteLength >= SENDER_REPORT_OCTETS && (octets[20] as number) > 0;
}

/** Whether a compound packet that can be read holds one of a type. */
function holds(octets: Uint8Array, type: number): boolean {
  let at = 0;
  while (at + 4 <= octets.byteLength) {
    if (octets[at + 1] === type) return true;
    at += 4 * ((((octets[at + 2] as number) << 8) | (octets[at + 3] as number)) + 1);
  }
  return false;
}

function isBegunAnew(source: Source, octets: Uint8Array): boolean {
  const beginning = ((octets[SHORTEST] ?? 0) << 8) | (octets[SHORTEST + 1] ?? 0);
  const before = source.beginning;
  source.beginning = beginning;
  return before >= 0 && before !== beginning;
}

function ssrcOf(octets: Uint8Array): number {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  return view.getUint32(4);
}
