import { instantiateKernel } from '../wasm/kernel.ts';
import { WasmCrypto } from '../wasm/provider.ts';
import { NodeAes } from './crypto.ts';

let shared: WasmCrypto | undefined;

/**
 * The fastest on Node.js: the kernel in WebAssembly, with the keystream of the next packets made by the AES
 * instructions of the processor through node:crypto. One kernel for the whole thread, made at the first call.
 */
export function hybridCrypto(): WasmCrypto {
  shared ??= createHybridCrypto();
  return shared;
}

/** The same with a kernel and memory of its own. */
export function createHybridCrypto(): WasmCrypto {
  return new WasmCrypto('hybrid', instantiateKernel(), (key) => {
    const aes = new NodeAes(key);
    return { encrypt: (blocks) => aes.encryptBlocks(blocks), close: () => aes.close() };
  });
}
