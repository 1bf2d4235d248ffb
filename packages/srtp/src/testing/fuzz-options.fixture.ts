import { type SrtpContextOptions, type SrtpProfileName, srtpProfiles } from '../index.ts';
import { hybridCrypto } from '../node/index.ts';

/** Not those with tags of 32 bits: a fuzzer that makes a million guesses an hour would guess one some day. */
const profiles = (Object.keys(srtpProfiles) as SrtpProfileName[]).filter((name) => !name.endsWith('_32'));

/** Options that the octets choose; the same at both ends. Always authenticated. */
export function optionsOf(first: number, second: number): SrtpContextOptions {
  const profile = profiles[first % profiles.length] as SrtpProfileName;
  const { masterKeyLength, masterSaltLength, encryption } = srtpProfiles[profile];
  const master = (mki: number) => ({
    key: new Uint8Array(masterKeyLength).fill(mki),
    salt: new Uint8Array(masterSaltLength).fill(mki + 1),
    mki: Uint8Array.of(mki, 7),
  });
  const { mki: _unused, ...alone } = master(1);
  const header =
    second & 0x01
      ? { encryptedHeaderExtensions: [1, 2, 3] }
      : second & 0x02 && encryption !== 'none'
        ? { cryptex: second & 0x04 ? ('required' as const) : ('enabled' as const) }
        : {};
  return {
    profile,
    crypto: hybridCrypto(),
    masterKeys: second & 0x08 ? [master(1), master(2)] : [alone],
    ...header,
    ...(second & 0x10 ? { keyDerivationRate: 4 } : {}),
    ...(second & 0x20 ? { unencryptedRtcp: true } : {}),
    ...(second & 0x40 && encryption !== 'galois' ? { rolloverCounterCarriage: { mode: 2, rate: 3 } } : {}),
  };
}
