import { createWasmCrypto, supportedVariants } from '@trustline/srtp';
import { hybridCrypto, nodeCrypto } from '@trustline/srtp/node';
import { type Vector, type Verdict, verdictOn } from './vectors.ts';

/** Every vector with every provider, the fastest build of the kernel and each that this Node.js can run. */
export function verdictsInNode(vectors: readonly Vector[]): Verdict[] {
  const providers = [
    ['nodeCrypto', nodeCrypto],
    ['hybridCrypto()', hybridCrypto()],
    ['createWasmCrypto()', createWasmCrypto()],
    ...supportedVariants().map((variant) => [`createWasmCrypto('${variant}')`, createWasmCrypto(variant)] as const),
  ] as const;
  return providers.flatMap(([name, crypto]) => vectors.map((vector) => verdictOn(name, crypto, vector)));
}
