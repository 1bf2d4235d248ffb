/** A packet of T.38 by UDPTL (ITU-T T.38 §9.1), as far as it tells itself from other things. */
export interface UdptlPacket {
  readonly sequenceNumber: number;
  /** What the packet says first: a signal of the modems, or octets of the fax. */
  readonly says: 'indicator' | 'data';
}

/** Signals and kinds of data that T.38 §7.3 numbers, in their four bits. */
const MOST_INDICATORS = 16;
const MOST_DATA_TYPES = 9;
/** Packets that are sent again in one, at the most. */
const MOST_SECONDARY = 64;

/** Undefined for what does not end where its lengths say. */
export function readUdptl(octets: Uint8Array): UdptlPacket | undefined {
  if (octets.byteLength < 5) return undefined;
  const primary = openField(octets, 2);
  if (primary === undefined || primary.length === 0) return undefined;
  const says = whatIfpSays(octets.subarray(primary.at, primary.end));
  if (says === undefined || !isRecovery(octets, primary.end)) return undefined;
  return { sequenceNumber: ((octets[0] as number) << 8) | (octets[1] as number), says };
}

/** The one octet of an indicator, or the head of data (T.38 §7.2): of each, the bits that aligned PER gives them. */
function whatIfpSays(ifp: Uint8Array): UdptlPacket['says'] | undefined {
  const first = ifp[0] as number;
  const [hasField, isData, isExtended] = [(first & 0x80) !== 0, (first & 0x40) !== 0, (first & 0x20) !== 0];
  const value = (first >> 1) & 0x0f;
  if (!isData) {
    const isWhole = !hasField && ifp.byteLength === (isExtended ? 2 : 1);
    return isWhole && (isExtended || value < MOST_INDICATORS) ? 'indicator' : undefined;
  }
  if (!isExtended && value >= MOST_DATA_TYPES) return undefined;
  return hasField === ifp.byteLength > (isExtended ? 2 : 1) ? 'data' : undefined;
}

/** What was sent before, once more, or its parity, to the end. */
function isRecovery(octets: Uint8Array, from: number): boolean {
  const kind = octets[from];
  if (kind === 0x80) return octets.byteLength >= from + 3;
  const count = octets[from + 1] ?? MOST_SECONDARY + 1;
  if (kind !== 0 || count > MOST_SECONDARY) return false;
  let at = from + 2;
  for (let nth = 0; nth < count; nth++) {
    const field = openField(octets, at);
    if (field === undefined) return false;
    at = field.end;
  }
  return at === octets.byteLength;
}

/** A length of one or two octets (X.691 §11.9), and what it counts. */
function openField(octets: Uint8Array, at: number): { at: number; end: number; length: number } | undefined {
  const first = octets[at];
  if (first === undefined || first >= 0xc0) return undefined;
  const isLong = first >= 0x80;
  const start = at + (isLong ? 2 : 1);
  const length = isLong ? ((first & 0x3f) << 8) | (octets[at + 1] ?? 0) : first;
  return start + length > octets.byteLength ? undefined : { at: start, end: start + length, length };
}
