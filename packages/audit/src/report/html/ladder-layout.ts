import type { ReportCall, ReportMessage, ReportStream } from '../../model/report.ts';
import { endName } from './wording.ts';

export interface LadderColumn {
  readonly address: string;
  /** Who is there; null where nobody is known to be. */
  readonly name: string | null;
}

/** A piece of a key's way beside a line: joined with the line above, with the line below, and whether it begins or ends here. */
export interface KeyPiece {
  readonly key: number;
  readonly up: boolean;
  readonly down: boolean;
  readonly at: 'message' | 'stream' | null;
}

export type LadderLine = {
  readonly from: number;
  readonly to: number;
  /** One for each key whose way is drawn, in their order; null where it does not pass. */
  readonly keys: readonly (KeyPiece | null)[];
} & (
  | { readonly kind: 'message'; readonly message: ReportMessage }
  | { readonly kind: 'stream'; readonly stream: ReportStream }
);

export interface Ladder {
  readonly columns: readonly LadderColumn[];
  readonly lines: readonly LadderLine[];
  /** How many ways of keys run beside the lines. */
  readonly lanes: number;
}

/** More keys than this are told in words alone. */
export const MOST_KEY_LANES = 6;

/** Messages and streams in the order of their packets, each from host to host, and beside them the way of the keys. */
export function ladderOf(call: ReportCall): Ladder {
  const columns = call.hosts.map((address) => ({ address, name: nameAt(call, address) }));
  const columnOf = (address: string): number => {
    const exact = columns.findIndex((column) => column.address === address);
    const known = exact >= 0 ? exact : columns.findIndex((column) => hostOf(column.address) === hostOf(address));
    if (known >= 0) return known;
    const host = hostOf(address);
    return columns.push({ address: host, name: nameAt(call, host) }) - 1;
  };
  const lines = [
    ...call.messages.map((message) => ({ at: message.packet, message })),
    ...call.streams.map((stream) => ({ at: stream.firstPacket, stream })),
  ].sort((one, other) => one.at - other.at);
  const ways = call.keyPath.map(({ packet, streams }, key) => {
    const begins = lines.findIndex((line) => 'message' in line && line.message.packet === packet);
    const ends = lines.flatMap((line, at) => ('stream' in line && streams.includes(line.stream.number) ? [at] : []));
    return { key, begins, ends, first: Math.min(begins, ...ends), last: Math.max(begins, ...ends) };
  });
  // Of a key that opens nothing, or whose message is not there, no way can be drawn.
  const drawn = ways.filter(({ begins, ends }) => begins >= 0 && ends.length > 0).slice(0, MOST_KEY_LANES);
  return {
    columns,
    lanes: drawn.length,
    lines: lines.map((line, at) => {
      const keys = drawn.map(({ key, begins, ends, first, last }): KeyPiece | null => {
        if (at < first || at > last) return null;
        const stop = at === begins ? 'message' : ends.includes(at) ? 'stream' : null;
        return { key, up: at > first, down: at < last, at: stop };
      });
      if ('message' in line) {
        return { kind: 'message', message: line.message, from: line.message.from, to: line.message.to, keys };
      }
      const { stream } = line;
      return { kind: 'stream', stream, from: columnOf(stream.source), to: columnOf(stream.destination), keys };
    }),
  };
}

function nameAt({ caller, called }: ReportCall, address: string): string | null {
  for (const end of [caller, called]) {
    if (end.addresses.some((one) => hostOf(one) === hostOf(address))) return endName(end);
  }
  return null;
}

/** An address without its port: `192.0.2.1` of `192.0.2.1:5060`, `2001:db8::1` of `[2001:db8::1]:5060`. */
export function hostOf(address: string): string {
  const [, bracketed, plain] = /^\[(.*)\](?::\d+)?$|^([^:]*):\d+$/.exec(address) ?? [];
  return bracketed ?? plain ?? address;
}
