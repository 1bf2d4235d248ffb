import { createCipheriv } from 'node:crypto';
import { expect, test } from 'vitest';
import { createHybridCrypto, nodeCrypto } from './node/index.ts';
import { srtpProfiles } from './profiles.ts';
import { createSrtpReceiver } from './receiver.ts';
import { createSrtpSender } from './sender.ts';
import { hexadecimal, masterKey, rtpPacket } from './testing/octets.ts';
import { describeProvider } from './testing/provider-suite.fixture.ts';
import { instantiateKernel, kernelVariants, supportedVariants } from './wasm/kernel.ts';
import { createWasmCrypto, loadWasmCrypto, WasmCrypto } from './wasm/provider.ts';

describeProvider('node', () => nodeCrypto);
describeProvider('hybrid', createHybridCrypto);
for (const variant of kernelVariants) describeProvider(`wasm (${variant})`, () => createWasmCrypto(variant));

test('this engine runs every build of the kernel, so that all of them are tested', () => {
  expect(supportedVariants()).toEqual(['relaxed', 'vector', 'plain']);
});

test('the kernel loads without blocking, as a page wants it', async () => {
  const crypto = await loadWasmCrypto();
  expect(crypto.name).toBe('wasm');
  expect(crypto.memoryLength).toBeLessThan(256 * 1024);
});

test.each(kernelVariants)('closing contexts leaves no octet of theirs in the memory of the kernel (%s)', (variant) => {
  const kernel = instantiateKernel(variant);
  const memory = () => hexadecimal(new Uint8Array(kernel.memory.buffer));
  const aes = (key: Uint8Array) => {
    const cipher = createCipheriv('aes-128-ecb', key, null).setAutoPadding(false);
    return { encrypt: (blocks: Uint8Array) => cipher.update(blocks), close: () => undefined };
  };
  const crypto = new WasmCrypto('hybrid', kernel, aes);
  const before = memory();
  for (const profile of ['AES_CM_128_HMAC_SHA1_80', 'AEAD_AES_128_GCM', 'F8_128_HMAC_SHA1_80'] as const) {
    const salt = masterKey.salt.subarray(0, srtpProfiles[profile].masterSaltLength);
    const options = { profile, crypto, masterKeys: [{ key: masterKey.key, salt }], encryptedHeaderExtensions: [1] };
    const [sender, receiver] = [createSrtpSender(options), createSrtpReceiver(options)];
    const out = new Uint8Array(64);
    for (let at = 0; at < 50; at++) {
      const length = sender.protect(rtpPacket(1, at), out);
      expect(receiver.unprotect(out.subarray(0, length), out)).toBe(32);
    }
    expect(memory() === before).toBe(false);
    sender.close();
    receiver.close();
    expect(memory() === before).toBe(true);
  }
});
