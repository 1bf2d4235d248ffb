import type { AuditedStream } from './audited-stream.ts';

/** What a stream is besides what is told of it. */
export interface StreamShape {
  /** None of its packets carries anything: they keep a way through a NAT open (RFC 6263 §4.1). */
  readonly isEmpty: boolean;
  /** Something of it was read or opened, or has a pattern. */
  readonly isSeen: boolean;
  /** Packets, each counted once. */
  readonly packets: number;
  /** By payload type: octets that each of its payloads has; undefined where they differ. */
  readonly lengths: ReadonlyMap<number, number | undefined>;
}

/** Sources of one packet between two ports that are no accident any more. */
const MOST_STRAYS = 2;
/** Packets of a stream of which nothing but its length is seen. */
const FEW = 4;

/**
 * Those between two ports that are no media, of all that go there: packets that carry nothing, and one that nobody can read, for
 * a source is none before two in sequence (RFC 3550 A.1).
 */
export function straysAmong<Stream extends { readonly shape: StreamShape }>(all: readonly Stream[]): readonly Stream[] {
  const shapes = new Map(all.map((stream) => [stream, stream.shape]));
  const of = (is: (shape: StreamShape) => boolean) => [...shapes].filter(([, shape]) => is(shape)).map(([one]) => one);
  const empty = of(({ isEmpty }) => isEmpty);
  const alone = of(({ isEmpty, isSeen, packets }) => !isEmpty && !isSeen && packets === 1);
  const isBesideOthers = alone.length <= MOST_STRAYS && alone.length + empty.length < all.length;
  return isBesideOthers ? [...empty, ...alone] : empty;
}

/** A stream as it was audited, with its shape. */
export interface ShapedStream {
  readonly audited: AuditedStream;
  readonly shape: StreamShape;
}

/** A few packets that are framed as the SRTP beside them, whose tag was seen, are SRTP too. Of all that go between two ports. */
export function framedAsOthers(streams: readonly ShapedStream[]): readonly AuditedStream[] {
  return streams.map((one) => {
    const { audited, shape } = one;
    if (audited.state !== 'unknown' || shape.isSeen || shape.packets > FEW) return audited;
    const other = streams.find((beside) => isFramedAs(one, beside));
    if (other === undefined) return audited;
    const ssrc = other.audited.ssrc.toString(16).padStart(8, '0');
    const because = `its ${audited.packets} packets are framed as the SRTP beside them, of SSRC 0x${ssrc}`;
    const parts = audited.parts.map((part) => ({ ...part, state: 'encrypted' as const }));
    return { ...audited, state: 'encrypted', because, parts, tagOctets: other.audited.tagOctets };
  });
}

function isFramedAs({ audited: one, shape }: ShapedStream, { audited: other, shape: beside }: ShapedStream): boolean {
  if (other.state !== 'encrypted' || (other.tagOctets ?? 0) === 0 || beside.packets <= FEW) return false;
  if (one.source.address !== other.source.address || one.destination.address !== other.destination.address)
    return false;
  return [...shape.lengths].every(([type, length]) => length !== undefined && beside.lengths.get(type) === length);
}
