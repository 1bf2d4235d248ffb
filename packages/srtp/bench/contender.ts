/** What is timed: one direction of SRTP over a number of streams. */
export type Direction = 'protect' | 'unprotect';

/**
 * One SRTP implementation in the run. Ours, those of others in this language, and the C drivers all look like this,
 * and each lives in a process of its own: nobody's garbage is collected in another's time, and no call site sees
 * more than one implementation.
 */
export interface Contender {
  readonly name: string;
  performs(profile: string): Promise<boolean> | boolean;
  /** Starts afresh with so many streams, and packets of so many octets, header included. */
  setup(profile: string, streams: number, octets: number): Promise<void> | void;
  /** The next packets, protected, in hexadecimal: whoever makes others is not timed. */
  check(count: number): Promise<readonly string[]> | readonly string[];
  /** Nanoseconds for so many packets, one stream after the other. */
  slice(direction: Direction, packets: number): Promise<number> | number;
}

/** A contender in this process, which can be measured by something else than the clock: what grew during the loop. */
export interface MeteredContender extends Contender {
  slice(direction: Direction, packets: number, meter?: () => number): Promise<number> | number;
}

/** What the benchmark needs to know of a suite to make keys for it; octets. */
export interface Suite {
  readonly keyLength: number;
  readonly saltLength: number;
  readonly tagLength: number;
  readonly aead: boolean;
}

/** The suites of the benchmark (RFC 4568 §6.2, RFC 6188 §4, RFC 7714 §12), whether or not everybody performs them. */
export const suites: Readonly<Record<string, Suite>> = {
  AES_CM_128_HMAC_SHA1_80: { keyLength: 16, saltLength: 14, tagLength: 10, aead: false },
  AES_CM_128_HMAC_SHA1_32: { keyLength: 16, saltLength: 14, tagLength: 4, aead: false },
  AES_256_CM_HMAC_SHA1_80: { keyLength: 32, saltLength: 14, tagLength: 10, aead: false },
  AEAD_AES_128_GCM: { keyLength: 16, saltLength: 12, tagLength: 16, aead: true },
  AEAD_AES_256_GCM: { keyLength: 32, saltLength: 12, tagLength: 16, aead: true },
};

export function suiteNamed(profile: string): Suite {
  const suite = suites[profile];
  if (suite === undefined)
    throw new Error(`${profile} is no suite of the benchmark: ${Object.keys(suites).join(', ')}`);
  return suite;
}

/** The master key that every contender is given for a suite. */
export interface BenchKey {
  readonly key: Uint8Array;
  readonly salt: Uint8Array;
}

export function benchKey(profile: string): BenchKey {
  const { keyLength, saltLength } = suiteNamed(profile);
  const octets = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => first + 7 * i);
  return { key: octets(keyLength, 0x2b), salt: octets(saltLength, 0x91) };
}

/** The lines on which contenders in other processes are told what to do; drivers/command-loop.h reads the same. */
export const commands = {
  performs: (profile: string) => `performs ${profile}`,
  setup(profile: string, streams: number, octets: number): string {
    const { key, salt } = benchKey(profile);
    return `setup ${profile} ${Buffer.concat([key, salt]).toString('hex')} ${streams} ${octets}`;
  },
  check: (count: number) => `check ${count}`,
  slice: (direction: Direction, packets: number) => `slice ${direction} ${packets}`,
};
