import { KeyMaterial } from '../../keys/key-material.ts';
import type { ConnectionObserver, ConnectionSide } from '../../traffic/connections.ts';
import type { Said } from './recorded-tls.fixture.ts';
import { TlsSecrets } from './secrets.ts';
import { type TlsFacts, TlsReader } from './tls-reader.ts';

export interface Reading {
  readonly facts: TlsFacts;
  readonly heard: Readonly<Record<ConnectionSide, string>>;
  /** What was heard in each part. */
  readonly byPart: ReadonlyMap<number, string>;
  readonly gaps: Readonly<Record<ConnectionSide, number>>;
}

/** The moment of the packets of a reading. */
export const NOON = Date.UTC(2026, 5, 1, 12) * 1_000;

export function secretsOf(...texts: readonly string[]): TlsSecrets {
  const material = new KeyMaterial();
  for (const text of texts) material.add(text);
  return new TlsSecrets(material);
}

/** `lost`: parts that the capture does not have, by their numbers. */
export function readSaid(
  said: readonly Said[],
  secrets?: TlsSecrets,
  {
    lost = [],
    microseconds = NOON,
    joinedLate = false,
  }: { readonly lost?: readonly number[]; readonly microseconds?: number; readonly joinedLate?: boolean } = {},
): Reading {
  const heard = { client: '', server: '' };
  const byPart = new Map<number, string>();
  const gaps = { client: 0, server: 0 };
  const inner: ConnectionObserver = {
    data: (from, octets, { number }) => {
      const text = new TextDecoder('latin1').decode(octets);
      heard[from] += text;
      byPart.set(number - 1, (byPart.get(number - 1) ?? '') + text);
    },
    gap: (from) => gaps[from]++,
    ended: () => {},
  };
  const reader = new TlsReader({ inner, joinedLate, ...(secrets === undefined ? {} : { secrets }) });
  for (const [at, { from, octets }] of said.entries()) {
    const place = { number: at + 1, microseconds };
    if (lost.includes(at)) reader.gap(from, octets.byteLength, place);
    else reader.data(from, octets, place);
  }
  for (const side of ['client', 'server'] as const) reader.ended(side, { number: said.length, microseconds });
  return { facts: reader.facts(), heard, byPart, gaps };
}
