import type { AuditReport } from '../model/report.ts';

/** What is known of captures for their packets to be found. */
export type CountedCaptures = readonly Pick<AuditReport['captures'][number], 'name' | 'packets'>[];

export interface PacketsOfCapture {
  /** Index into the captures; -1 where there is none. */
  readonly index: number;
  readonly name: string | undefined;
  /** Their numbers in this capture alone, as Wireshark shows them where it is opened by itself. */
  readonly packets: readonly number[];
}

/** Packets by the captures in which they stand: a report counts them on from one capture to the next. */
export function packetsByCapture(packets: readonly number[], captures: CountedCaptures): readonly PacketsOfCapture[] {
  const found = new Map<number, number[]>();
  for (const packet of packets) {
    const { index, before } = captureOfPacket(packet, captures);
    const list = found.get(index);
    if (list === undefined) found.set(index, [packet - before]);
    else list.push(packet - before);
  }
  return [...found]
    .sort(([one], [other]) => one - other)
    .map(([index, numbers]) => ({ index, name: captures[index]?.name, packets: numbers }));
}

/** The capture in which a packet stands, the last where it is beyond all, and how many packets come before that capture. */
function captureOfPacket(
  packet: number,
  captures: CountedCaptures,
): { readonly index: number; readonly before: number } {
  let before = 0;
  for (const [index, { packets }] of captures.entries()) {
    if (packet <= before + packets || index === captures.length - 1) return { index, before };
    before += packets;
  }
  return { index: -1, before };
}
