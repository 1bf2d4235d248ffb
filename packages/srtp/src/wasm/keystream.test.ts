import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hexadecimal } from '../testing/octets.ts';
import { Engine } from './engine.ts';
import { instantiateKernel } from './kernel.ts';
import { PreparedKeystream } from './keystream.ts';

const key = Uint8Array.from({ length: 16 }, (_, at) => at + 1);
const salt = Uint8Array.from({ length: 16 }, (_, at) => (at < 14 ? 200 - at : 0));
const SSRC = 0x1234_5678;

function prepare(engine = new Engine(instantiateKernel()), ssrc = SSRC) {
  const record = engine.heap.allocate(engine.kernel.keyRecordLength(0));
  engine.withSecret(key, 0, (address) => engine.kernel.setCipherKey(record, address, 16));
  engine.withSecret(salt, 0, (address) => engine.kernel.setSalt(record, address));
  const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
  const platform = { encrypt: (blocks: Uint8Array) => cipher.update(blocks), close: () => undefined };
  return { engine, record, keystream: new PreparedKeystream(engine, record, false, ssrc, platform, () => undefined) };
}

/** RFC 3711 §4.1.1, with node:crypto. */
function expected(index: number, octets: number): string {
  const iv = BigInt(`0x${hexadecimal(salt)}`) ^ (BigInt(SSRC) << 64n) ^ (BigInt(index) << 16n);
  const block = Buffer.from(iv.toString(16).padStart(32, '0'), 'hex');
  return createCipheriv('aes-128-ctr', key, block).update(Buffer.alloc(octets)).toString('hex');
}

test('no keystream for an (SSRC, index) is handed out twice, and what is handed out is that of its index', () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.constant(1) },
    fc.integer({ min: -60, max: 60 }),
    fc.constantFrom(0, 2, -1, 40_000, -40_000),
  );
  const octets = fc.constantFrom(1, 16, 60, 160, 160, 160, 200, 1_200, 2_000);
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 40 }), fc.array(fc.tuple(step, octets), { maxLength: 300 }), (start, steps) => {
      const { engine, keystream } = prepare();
      const handed = new Set<number>();
      let index = start;
      for (const [move, length] of steps) {
        index = Math.max(0, index + move);
        const address = keystream.take(index, length);
        if (address === 0) continue; // the kernel makes it then
        expect(handed.has(index)).toBe(false);
        handed.add(index);
        const slot = engine.heap.octets.subarray(address, address + length);
        expect(hexadecimal(slot)).toBe(expected(index, length));
        slot.fill(0); // as the kernel does while it uses it
      }
      keystream.close();
      expect(keystream.take(index + 1, 16)).toBe(0);
    }),
    { numRuns: process.env['TRUSTLINE_FULL'] === '1' ? 500 : 60 },
  );
});

test('most packets of a stream in order find their keystream made', () => {
  const { keystream } = prepare();
  const made = Array.from({ length: 1_000 }, (_, index) => keystream.take(index, 160)).filter(
    (address) => address !== 0,
  );
  expect(made.length).toBeGreaterThan(990);
});

test('the kernel clears a slot while it uses it, and a stream that closes leaves none', () => {
  const { engine, record, keystream } = prepare();
  for (let index = 0; index < 40; index++) {
    const address = keystream.take(index, 160);
    engine.kernel.counterModeProtect(record, engine.packet, 12, 172, address, SSRC, 0, index, 0);
    if (address === 0) continue;
    expect(engine.heap.octets.subarray(address, address + 160).every((octet) => octet === 0)).toBe(true);
  }
  const ahead = expected(41, 160);
  const memory = () => Buffer.from(engine.heap.octets).toString('hex');
  expect(memory()).toContain(ahead);
  keystream.close();
  expect(memory()).not.toContain(ahead);
});

test('all SSRC together prepare no more than the engine allows, and room given back is used again', () => {
  const engine = new Engine(instantiateKernel());
  const streams = Array.from({ length: 5_000 }, (_, at) => prepare(engine, SSRC + at).keystream);
  for (let index = 0; index < 12; index++) for (const stream of streams) stream.take(index, 160);
  const taken = () => streams.filter((stream) => stream.take(12, 160) !== 0).length;
  expect(engine.preparedOctets).toBeLessThanOrEqual(8 * 1024 * 1024);
  expect(taken()).toBeLessThan(5_000);
  for (const stream of streams.splice(0, 4_400)) stream.close();
  for (let index = 13; index < 16; index++) for (const stream of streams) stream.take(index, 160);
  expect(streams.filter((stream) => stream.take(16, 160) !== 0).length).toBe(600);
  for (const stream of streams) stream.close();
  expect(engine.preparedOctets).toBe(0);
});
