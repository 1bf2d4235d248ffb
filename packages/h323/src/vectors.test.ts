import { describe, expect, test } from 'vitest';
import { revealed } from './revealed.fixture.ts';
import { schema } from './schema.ts';
import { vectors } from './vectors.fixture.ts';

describe('messages that other stacks sent', () => {
  test('there are all of them', () => expect(vectors.length).toBe(72));

  test.each(vectors)('$name is read to its end and written again as the same octets', ({ module, type, octets }) => {
    const codec = schema.codec(module, type);
    const result = codec.decode(octets);
    if (!result.ok) throw result.error;
    expect(result.end).toBe(octets.byteLength);
    expect(Buffer.from(codec.encode(result.value)).toString('hex')).toBe(Buffer.from(octets).toString('hex'));
  });
});

describe('parts of messages that were decoded by hand', () => {
  const byHand = vectors.filter(({ decoded }) => decoded !== undefined);

  test('there are all of them', () => expect(byHand.length).toBe(7));

  test.each(byHand)('$name', ({ module, type, octets, decoded }) => {
    const result = schema.codec(module, type).decode(octets);
    if (!result.ok) throw result.error;
    expect(asByHand(revealed(result.value))).toEqual(decoded);
  });
});

/** As the vectors have it: `{ kind, value }` by its kind, addresses as texts, secrets told. */
function asByHand(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asByHand);
  if (typeof value !== 'object' || value === null) return value;
  const { secret, kind, value: inner } = value as { secret?: unknown; kind?: string; value?: unknown };
  if (secret !== undefined) return asByHand(secret);
  if (kind === 'iPAddress') return addressText(inner as { network: string; tsapIdentifier: number });
  if (kind === 'unicastAddress') return asByHand(inner);
  if (kind !== undefined) return inner === undefined ? kind : { [kind]: asByHand(inner) };
  const { multiplexParameters, ...fields } = value as { multiplexParameters?: { kind: string; value: unknown } };
  const plain = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, asByHand(field)]));
  if (multiplexParameters === undefined) return plain;
  return multiplexParameters.kind === 'none'
    ? { ...plain, multiplexParameters: 'none' }
    : { ...plain, [multiplexParameters.kind]: asByHand(multiplexParameters.value) };
}

function addressText({ network, tsapIdentifier }: { network: string; tsapIdentifier: number }): string {
  return `${[...Buffer.from(network, 'hex')].join('.')}:${tsapIdentifier}`;
}
