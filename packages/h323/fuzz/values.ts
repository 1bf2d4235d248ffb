import { isDeepStrictEqual } from 'node:util';
import { moduleTables, schema } from '../src/index.ts';
import { revealed } from '../src/revealed.fixture.ts';
import { ValueMaker } from '../src/value-maker.fixture.ts';

const types = moduleTables.flatMap(({ module, types: all }) => Object.keys(all).map((type) => ({ module, type })));

/** Choices that make values of many types. */
export function corpus(): Uint8Array[] {
  return Array.from({ length: 64 }, (_, i) =>
    Uint8Array.from({ length: 64 }, (__, at) => (at === 0 ? i * 4 : at === 1 ? i * 29 : (at * i * 37 + at) & 0xff)),
  );
}

/** The first two octets choose a type, the rest a value of it. It is written, and read as the same. */
export function fuzz(data: Uint8Array): void {
  const [high = 0, low = 0] = data;
  const chosen = types[(high * 256 + low) % types.length];
  if (chosen === undefined) return;
  const { module, type } = chosen;
  const value = new ValueMaker(data.subarray(2)).value(module, type);
  const codec = schema.codec(module, type);
  const written = codec.encode(value);
  const result = codec.decode(written);
  if (!result.ok) throw new Error(`${type}: ${result.error.message}`);
  if (!isDeepStrictEqual(revealed(result.value), revealed(value))) throw new Error(`${type} was read as another value`);
  if (Buffer.compare(codec.encode(result.value), written) !== 0) throw new Error(`${type} was written otherwise`);
}
