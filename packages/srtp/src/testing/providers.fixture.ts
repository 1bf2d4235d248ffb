import type { SrtpCryptoProvider } from '../crypto-provider.ts';
import { createHybridCrypto, nodeCrypto } from '../node/index.ts';
import { supportedVariants } from '../wasm/kernel.ts';
import { createWasmCrypto } from '../wasm/provider.ts';

/** Every provider there is, each build of the kernel as one of its own. */
export const providers: readonly (readonly [name: string, provider: SrtpCryptoProvider])[] = [
  ['node', nodeCrypto],
  ['hybrid', createHybridCrypto()],
  ...supportedVariants().map((variant) => [`wasm (${variant})`, createWasmCrypto(variant)] as const),
];
