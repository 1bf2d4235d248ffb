import type { Cell, Measured } from './measure.ts';
import type { Allocations, Footprint } from './memory.ts';
import { ourRoles } from './ours.ts';

export interface Result {
  readonly cell: Cell;
  readonly measured: ReadonlyMap<string, Measured>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly node: string;
}

export interface OurMemory {
  readonly contender: string;
  readonly profile: string;
  readonly allocations: Readonly<Record<'protect' | 'unprotect', Allocations>>;
  readonly sender: Footprint;
  readonly receiver: Footprint;
}

/** Names of the C drivers, in tables and ratios. */
export const LIBSRTP = 'libsrtp (Debian)';
export const OPENSSL = 'OpenSSL EVP';

const COLUMN = 26;
const NAME = 26;

/** Contenders against numbers of streams, for one profile, direction and size. */
export function table(results: readonly Result[]): string {
  const [first] = results;
  if (first === undefined) return '';
  const { profile, direction, octets } = first.cell;
  const names = [...new Set(results.flatMap(({ measured }) => [...measured.keys()]))];
  const heads = results.map(({ cell }) => `${grouped(cell.streams)} stream${cell.streams === 1 ? '' : 's'}`);
  return [
    `${profile}, ${direction}, ${grouped(octets)} octets: ns/packet (best) × as long as ours`,
    line(['', ...heads]),
    ...names.map((name) => line([name, ...results.map((result) => entry(name, result))])),
    '',
  ].join('\n');
}

function entry(name: string, { measured }: Result): string {
  const value = measured.get(name);
  if (value === undefined) return '-';
  const own = ourRoles.single === undefined ? undefined : measured.get(ourRoles.single);
  const ratio = own === undefined ? '' : ` ${(value.nanoseconds / own.nanoseconds).toFixed(2)}×`;
  return `${Math.round(value.nanoseconds)} (${Math.round(value.best)})${ratio}`;
}

function line([name = '', ...cells]: readonly string[]): string {
  return name.padEnd(NAME) + cells.map((cell) => cell.padStart(COLUMN)).join('');
}

export function memoryTable(memories: readonly OurMemory[]): string {
  return memories
    .flatMap(({ contender, profile, allocations, sender, receiver }) => [
      `${contender}, ${profile}`,
      ...(['protect', 'unprotect'] as const).map((direction) => {
        const { heap, buffers } = allocations[direction];
        return `  ${direction}: each packet allocates ${heap.toFixed(1)} octets in the heap, ${buffers.toFixed(1)} in buffers`;
      }),
      ...Object.entries({ sender, receiver }).map(
        ([side, { heap, external, resident }]) =>
          `  a ${side} of one stream holds ${grouped(heap)} octets in the heap, ${grouped(external)} outside; the process grew by ${grouped(resident)}`,
      ),
    ])
    .join('\n');
}

const SHOWN = 172;
const COUNTER_MODE = 'AES_CM_128_HMAC_SHA1_80';
const GCM = 'AEAD_AES_128_GCM';

/**
 * Time a packet, ours divided by theirs: below 1 ours is faster. Null where one of the two was not measured.
 * Protecting packets of 172 octets (20 ms of G.711), on one stream, or in batches over 64.
 */
export function ratios(results: readonly Result[]): Readonly<Record<string, number | null>> {
  const between = (own: string | undefined, other: string, profile: string, streams: number): number | null => {
    const cell = results.find(
      ({ cell }) =>
        cell.profile === profile && cell.direction === 'protect' && cell.octets === SHOWN && cell.streams === streams,
    );
    const ours = own === undefined ? undefined : cell?.measured.get(own);
    const theirs = cell?.measured.get(other);
    return ours === undefined || theirs === undefined ? null : round(ours.nanoseconds / theirs.nanoseconds);
  };
  return {
    singleVsDebianLibsrtp: between(ourRoles.single, LIBSRTP, COUNTER_MODE, 1),
    singleVsOpenssl: between(ourRoles.single, OPENSSL, COUNTER_MODE, 1),
    batchVsDebianLibsrtp: between(ourRoles.batch, LIBSRTP, COUNTER_MODE, 64),
    batchVsOpenssl: between(ourRoles.batch, OPENSSL, COUNTER_MODE, 64),
    gcmVsOpenssl: between(ourRoles.gcm, OPENSSL, GCM, 1),
    gcmTableVsOpenssl: between(ourRoles.gcmTable, OPENSSL, GCM, 1),
  };
}

/** Everything that was measured, for programs. */
export function json(
  machine: Machine,
  contenders: Readonly<Record<string, string>>,
  results: readonly Result[],
  memories: readonly OurMemory[],
): string {
  return JSON.stringify(
    {
      schema: 'trustline.bench.srtp/1',
      machine,
      contenders,
      ratiosMean:
        'time a packet, ours divided by theirs: below 1 ours is faster; there is no build with tables, so gcmTableVsOpenssl is the constant-time one again',
      ratios: ratios(results),
      nanosecondsPerPacket: results.flatMap(({ cell, measured }) =>
        [...measured].map(([contender, { nanoseconds, best }]) => ({
          ...cell,
          contender,
          median: round(nanoseconds),
          best: round(best),
        })),
      ),
      memory: memories,
    },
    undefined,
    2,
  );
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}

function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
