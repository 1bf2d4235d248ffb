import {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpCryptoProvider,
  type SrtpProfileName,
  srtpProfiles,
} from '../src/index.ts';
import { createHybridCrypto, nodeCrypto } from '../src/node/index.ts';
import { createWasmCrypto } from '../src/wasm/provider.ts';
import { BatchContender } from './batch.ts';
import type { MeteredContender } from './contender.ts';
import { type Engine, InProcessContender } from './in-process.ts';

/** For how many packets of a stream the hybrid provider makes keystream at once, at most. */
const PREPARED = 48;

/** Our own contenders by name. Another provider is one line more. */
export const ours: Readonly<Record<string, () => MeteredContender>> = {
  'ours (hybrid)': () => new InProcessContender(withProvider('ours (hybrid)', createHybridCrypto(), PREPARED)),
  'ours (hybrid, batch)': () => new BatchContender('ours (hybrid, batch)', createHybridCrypto(), PREPARED),
  'ours (wasm)': () => new InProcessContender(withProvider('ours (wasm)', createWasmCrypto())),
  'ours (wasm, batch)': () => new BatchContender('ours (wasm, batch)', createWasmCrypto()),
  'ours (wasm, no vectors)': () =>
    new InProcessContender(withProvider('ours (wasm, no vectors)', createWasmCrypto('plain'))),
  'ours (node)': () => new InProcessContender(withProvider('ours (node)', nodeCrypto)),
};

/** Which of them the ratios are about; undefined until there is one. */
export const ourRoles: Readonly<Record<'single' | 'batch' | 'gcm' | 'gcmTable', string | undefined>> = {
  single: 'ours (hybrid)',
  batch: 'ours (hybrid, batch)',
  gcm: 'ours (hybrid)',
  // There is no build with tables that depend on secrets: the constant-time one is what stands for it.
  gcmTable: 'ours (hybrid)',
};

/** One sender or receiver a stream, as a call manager's relay or a phone has them: each call has keys of its own. */
function withProvider(name: string, crypto: SrtpCryptoProvider, prepares = 1): Engine {
  return {
    name,
    prepares,
    performs: (profile) => Object.hasOwn(srtpProfiles, profile),
    openSender: (profile, master) =>
      createSrtpSender({ profile: profile as SrtpProfileName, crypto, masterKeys: [master] }),
    openReceiver(profile, master) {
      const receiver = createSrtpReceiver({ profile: profile as SrtpProfileName, crypto, masterKeys: [master] });
      return {
        unprotect(packet, out) {
          const outcome = receiver.unprotect(packet, out);
          return typeof outcome === 'number' ? outcome : fail(outcome);
        },
        close: () => receiver.close(),
      };
    },
  };
}

function fail(rejection: string): never {
  throw new Error(`an authentic packet was refused: ${rejection}`);
}
