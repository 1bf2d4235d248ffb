import { loadWasmCrypto, supportedVariants, type WasmCrypto } from '@trustline/srtp';
import { type Vector, type Verdict, verdictOn } from './vectors.ts';

/** Every vector with the fastest build of the kernel and each that this browser can run. */
export async function verdictsInBrowser(vectors: readonly Vector[]): Promise<Verdict[]> {
  const providers: [name: string, crypto: WasmCrypto][] = [['loadWasmCrypto()', await loadWasmCrypto()]];
  for (const variant of supportedVariants()) {
    providers.push([`loadWasmCrypto('${variant}')`, await loadWasmCrypto(variant)]);
  }
  return providers.flatMap(([name, crypto]) => vectors.map((vector) => verdictOn(name, crypto, vector)));
}
