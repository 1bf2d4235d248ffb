import {
  createSrtpReceiver,
  createSrtpSender,
  type SrtpCryptoProvider,
  type SrtpProfileName,
  srtpProfiles,
} from '../src/index.ts';
import { nodeCrypto } from '../src/node/index.ts';
import type { MeteredContender } from './contender.ts';
import { type Engine, InProcessContender } from './in-process.ts';

/**
 * Our own contenders by name. Another provider is one line more; a batch face is a `MeteredContender` of its own, whose
 * `slice` hands over 64 packets at a time (slices are multiples of that where they are as long).
 */
export const ours: Readonly<Record<string, () => MeteredContender>> = {
  'ours (node)': () => new InProcessContender(withProvider('ours (node)', nodeCrypto)),
};

/** Which of them the ratios are about; undefined until there is one. */
export const ourRoles: Readonly<Record<'single' | 'batch' | 'gcm' | 'gcmTable', string | undefined>> = {
  single: 'ours (node)',
  batch: undefined,
  gcm: 'ours (node)',
  gcmTable: undefined,
};

/** One sender or receiver a stream, as a call manager's relay or a phone has them: each call has keys of its own. */
function withProvider(name: string, crypto: SrtpCryptoProvider): Engine {
  return {
    name,
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
      };
    },
  };
}

function fail(rejection: string): never {
  throw new Error(`an authentic packet was refused: ${rejection}`);
}
