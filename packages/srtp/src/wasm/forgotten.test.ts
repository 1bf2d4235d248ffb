/** What becomes of kernel memory whose owner nobody closed. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import type { CounterModeKeys, Keystream, PacketCipher } from '../crypto-provider.ts';
import { createHybridCrypto } from '../node/index.ts';
import { createSrtpReceiver } from '../receiver.ts';
import { createSrtpSender } from '../sender.ts';
import { masterKey, rtpPacket } from '../testing/octets.ts';
import { Engine } from './engine.ts';
import { instantiateKernel } from './kernel.ts';
import { KernelLanes } from './lanes.ts';
import { KernelCounterModeCipher, KernelGaloisCipher } from './packet-ciphers.ts';
import { KernelAes, KernelHmacSha1 } from './primitives.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects what nobody reaches; the registry's calls come in turns of their own. */
async function collectAll(): Promise<void> {
  for (let round = 0; round < 3; round++) {
    collect();
    await new Promise((resume) => setTimeout(resume, 2));
  }
}

async function collectedUntil(holds: () => boolean): Promise<void> {
  for (let round = 0; round < 50 && !holds(); round++) await collectAll();
  expect(holds()).toBe(true);
}

/** AES that shows in memory where its keystream was put. */
const platform = () => ({ encrypt: (blocks: Uint8Array) => blocks.slice().fill(0xee), close: () => undefined });

const session: CounterModeKeys = {
  protocol: 'rtp',
  encryptionKey: new Uint8Array(16).fill(0xa1),
  salt: new Uint8Array(14).fill(0xa2),
  authenticationKey: new Uint8Array(20).fill(0xa3),
};

/** Whether all memory that was ever handed out holds nothing but zeros. */
function isClear(engine: Engine): boolean {
  return engine.heap.octets.subarray(engine.packet).every((octet) => octet === 0);
}

/** Protects packets in a function of its own, so that nothing on the stack leads to the cipher afterwards. */
function useAndForget(engine: Engine, make: () => PacketCipher, streams: number): void {
  const cipher = make();
  for (let ssrc = 0; ssrc < streams; ssrc++) {
    const keystream = cipher.createKeystream(ssrc);
    for (let index = 0; index < 12; index++) {
      cipher.protect(new Uint8Array(172), 12, 172, new Uint8Array(200), keystream, ssrc, index, 0, 172, 10);
    }
  }
  expect(isClear(engine)).toBe(false);
}

test.each([
  ['counter mode', (engine: Engine) => new KernelCounterModeCipher(engine, session)],
  ['AES-GCM', (engine: Engine) => new KernelGaloisCipher(engine, { ...session, salt: new Uint8Array(12).fill(0xa2) })],
] as const)(
  'a cipher of %s that was forgotten leaves no key and no keystream behind, and its quota',
  async (_, make) => {
    const engine = new Engine(instantiateKernel(), platform);
    useAndForget(engine, () => make(engine), 2_000);
    expect(engine.preparedOctets).toBeGreaterThan(7 * 1024 * 1024);
    await collectedUntil(() => engine.preparedOctets === 0 && isClear(engine));
  },
);

test('so do the ciphers that keys are derived with', async () => {
  const engine = new Engine(instantiateKernel());
  const use = () => {
    const block = new Uint8Array(16);
    new KernelAes(engine, session.encryptionKey).encrypt(block, block);
    new KernelHmacSha1(engine, session.authenticationKey).sign(block, 16, block, new Uint8Array(20));
  };
  use();
  expect(isClear(engine)).toBe(false);
  await collectedUntil(() => isClear(engine));
});

test('so do lanes with the packets that waited in them', async () => {
  const engine = new Engine(instantiateKernel(), platform);
  const use = () => {
    const lanes = new KernelLanes(engine, 8);
    const cipher = new KernelCounterModeCipher(engine, session);
    for (const [at, length] of [200, 4_000].entries()) {
      lanes.addToProtect(at, cipher, new Uint8Array(length).fill(7), 12, length, undefined, 1, at, 0);
    }
  };
  use();
  expect(isClear(engine)).toBe(false);
  await collectedUntil(() => isClear(engine));
});

test('a cipher stays while a keystream of it is reachable', async () => {
  const engine = new Engine(instantiateKernel(), platform);
  const kept: Keystream[] = [];
  const use = () => {
    const keystream = new KernelCounterModeCipher(engine, session).createKeystream(1);
    if (keystream !== undefined) kept.push(keystream);
  };
  use();
  await collectAll();
  expect([kept.length, isClear(engine)]).toEqual([1, false]);
  kept.length = 0;
  await collectedUntil(() => isClear(engine));
});

test('what was closed is not given back once more when it is collected: it has other owners by then', async () => {
  const engine = new Engine(instantiateKernel(), platform);
  const close = () => {
    const cipher = new KernelCounterModeCipher(engine, session);
    cipher.createKeystream(1);
    cipher.close();
    return cipher.record;
  };
  const record = close();
  const next = new KernelCounterModeCipher(engine, session);
  expect(next.record).toBe(record);
  const keys = () => engine.heap.octets.slice(record, record + 64).join();
  const before = keys();
  await collectAll();
  expect(keys()).toBe(before);
  expect(new KernelCounterModeCipher(engine, session).record).not.toBe(record);
  next.close();
});

test('contexts that come and go without a close do not make the kernel grow', async () => {
  const crypto = createHybridCrypto();
  const options = { profile: 'AES_CM_128_HMAC_SHA1_80', crypto, masterKeys: [masterKey] } as const;
  const out = new Uint8Array(64);
  const call = () => {
    const [sender, receiver] = [createSrtpSender(options), createSrtpReceiver(options)];
    for (let sequence = 0; sequence < 4; sequence++) {
      expect(receiver.unprotect(out.slice(0, sender.protect(rtpPacket(1, sequence), out)), out)).toBe(32);
    }
  };
  const round = async () => {
    for (let at = 0; at < 100; at++) call();
    await collectAll();
  };
  await round();
  await round();
  const length = crypto.memoryLength;
  for (let at = 0; at < 6; at++) await round();
  expect(crypto.memoryLength).toBe(length);
});
