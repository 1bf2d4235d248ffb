import { constantTables } from './constant-tables.ts';
import { plainKernel, relaxedKernel, vectorKernel } from './kernel-bytes.ts';
import { type LinearMemory, webAssembly } from './webassembly.ts';

/** What `kernel/index.ts` exports. Addresses and lengths are trusted; an index goes as upper 32 and lower 16 bits. */
export interface KernelExports {
  readonly memory: LinearMemory;
  heapBase(): number;
  resultAddress(): number;
  keyRecordLength(withHashKey: number): number;
  setCipherKey(record: number, key: number, length: number): void;
  setSalt(record: number, salt: number): void;
  setAuthenticationKey(record: number, block: number): void;
  deriveHashKey(record: number): void;
  encryptBlock(record: number, from: number, to: number): void;
  counterKeystream(record: number, iv: number, to: number, blocks: number): void;
  counterBlocks(
    record: number,
    galois: number,
    ssrc: number,
    upper: number,
    lower: number,
    packets: number,
    blocks: number,
    to: number,
  ): void;
  hmacSha1(record: number, message: number, length: number): void;
  ghash(record: number, from: number, blocks: number): void;
  counterModeProtect(
    record: number,
    packet: number,
    clear: number,
    end: number,
    prepared: number,
    ssrc: number,
    upper: number,
    lower: number,
    trailer: number,
  ): void;
  authenticate(record: number, packet: number, length: number, trailer: number): void;
  crypt(record: number, at: number, length: number, prepared: number, ssrc: number, upper: number, lower: number): void;
  galoisCrypt(
    record: number,
    packet: number,
    clear: number,
    end: number,
    prepared: number,
    ssrc: number,
    upper: number,
    lower: number,
  ): void;
  galoisTag(
    record: number,
    packet: number,
    clear: number,
    end: number,
    prepared: number,
    ssrc: number,
    upper: number,
    lower: number,
    hasTrailer: number,
    trailer: number,
  ): void;
  lanes(): number;
  cryptJob(job: number): void;
  authenticateJob(job: number): void;
  authenticateLanes(j0: number, j1: number, j2: number, j3: number): void;
}

/** Builds of the kernel, the fastest first. */
export const kernelVariants = ['relaxed', 'vector', 'plain'] as const;
export type KernelVariant = (typeof kernelVariants)[number];

const octetsOf: Readonly<Record<KernelVariant, string>> = {
  relaxed: relaxedKernel,
  vector: vectorKernel,
  plain: plainKernel,
};

function kernelOctets(variant: KernelVariant): Uint8Array {
  return Uint8Array.from(atob(octetsOf[variant]), (character) => character.charCodeAt(0));
}

/** The builds that this engine can run. */
export function supportedVariants(): KernelVariant[] {
  return kernelVariants.filter((variant) => webAssembly().validate(kernelOctets(variant)));
}

function fastest(): KernelVariant {
  const [variant] = supportedVariants();
  if (variant === undefined)
    throw new TypeError('this engine runs no build of the kernel: use another crypto provider');
  return variant;
}

/** An instance of its own, with its own memory. */
export function instantiateKernel(variant: KernelVariant = fastest()): KernelExports {
  const { Instance, Module } = webAssembly();
  return start(new Instance(new Module(kernelOctets(variant)), {}).exports);
}

/** The same without blocking, as browsers want it on a page's main thread. */
export async function loadKernel(variant: KernelVariant = fastest()): Promise<KernelExports> {
  const { instance } = await webAssembly().instantiate(kernelOctets(variant), {});
  return start(instance.exports);
}

function start(exports: unknown): KernelExports {
  const kernel = exports as KernelExports;
  new Uint8Array(kernel.memory.buffer).set(constantTables(), 0);
  return kernel;
}
