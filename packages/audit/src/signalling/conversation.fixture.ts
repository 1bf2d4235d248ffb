import { clear, type Exposure } from '../model/exposure.ts';
import { Observations } from '../model/observations.ts';
import type { ConnectionSide } from '../traffic/connections.ts';
import type { SignallingProtocolReaders } from './reader.ts';

export const client = { address: '192.0.2.11', port: 50_123 };
export const server = { address: '192.0.2.1', port: 7_777 };

/** What one side of a connection says, or so many octets of it that are missing. */
export type Said = readonly [ConnectionSide, Uint8Array | number];

/** Reads a conversation as a protocol does, a packet for each that is said; it is to be recognised before. */
export function readConversation(
  readers: SignallingProtocolReaders,
  said: readonly Said[],
  observations = new Observations(),
  ends: { readonly client: typeof client; readonly server: typeof server } = { client, server },
  exposure: Exposure = clear,
): Observations {
  const reader = readers.openConnection?.({ observations, exposure, ...ends });
  if (reader === undefined) throw new Error('it reads no connections');
  for (const [at, [from, what]] of said.entries()) {
    const place = { number: at + 1, microseconds: 1_000_000 * (at + 1) };
    if (typeof what === 'number') reader.gap(from, what, place);
    else reader.data(from, what, place);
  }
  const last = { number: said.length, microseconds: 1_000_000 * said.length };
  reader.ended('client', last);
  reader.ended('server', last);
  return observations;
}
