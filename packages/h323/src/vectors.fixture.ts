import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A message or a part of one, from a capture or encoded by hand; `vectors/README.md` says where from. */
export interface Vector {
  readonly name: string;
  readonly module: string;
  readonly type: string;
  readonly octets: Uint8Array;
  /** What it says, where tshark cannot be asked. */
  readonly decoded?: unknown;
}

export const vectors: readonly Vector[] = (
  JSON.parse(readFileSync(join(import.meta.dirname, '../vectors/messages.json'), 'utf8')) as (Omit<Vector, 'octets'> & {
    hex: string;
  })[]
).map(({ hex, ...vector }) => ({ ...vector, octets: Uint8Array.from(Buffer.from(hex, 'hex')) }));
