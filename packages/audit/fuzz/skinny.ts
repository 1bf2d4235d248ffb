import { Observations } from '../src/model/observations.ts';
import { callOfPhone } from '../src/signalling/skinny/messages.fixture.ts';
import { skinnyReaders } from '../src/signalling/skinny/readers.ts';

const ends = { client: { address: '192.0.2.1', port: 1 }, server: { address: '192.0.2.2', port: 2 } };

/** A call of a phone, as a stream of each side. */
export function corpus(): Uint8Array[] {
  return [3, 17, 22].map((version) =>
    Uint8Array.from(callOfPhone(version).flatMap(([, what]) => (typeof what === 'number' ? [] : [...what]))),
  );
}

/** Reads the octets as they come from one side, with a gap where they say so: nothing throws, nothing is kept without end. */
export function fuzz(data: Uint8Array): void {
  const observations = new Observations({ legs: 100, disclosures: 100 });
  const reader = skinnyReaders.openConnection?.({ observations, exposure: { kind: 'clear' }, ...ends });
  skinnyReaders.recogniseConnection?.(data);
  const pieces = 1 + ((data[0] ?? 0) & 7);
  const length = Math.ceil(data.byteLength / pieces);
  for (let at = 0; at < data.byteLength; at += length) {
    const place = { number: at + 1, microseconds: at };
    const from = ((data[at] ?? 0) & 0x40) === 0 ? 'server' : 'client';
    if (((data[at] ?? 0) & 0x80) !== 0) reader?.gap(from, 10, place);
    reader?.data(from, data.subarray(at, at + length), place);
  }
  reader?.ended('client', { number: data.byteLength, microseconds: 0 });
  for (const leg of observations.legs()) {
    if (leg.messages.length > 500 || (leg.caller.name?.length ?? 0) > 256) throw new Error('more is kept than may be');
  }
}
