import type { KeyObject } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Redacted, TrustlineError } from '@trustline/base';
import type { CapfKeyRequest } from '@trustline/provisioning';
import { NetworkBoot } from './network-boot.ts';
import type { FileServer } from './servers.ts';
import type { PhoneMemory } from './state-folder.ts';

/** One phone of a fleet. */
export interface FleetPhone {
  readonly device: string;
  readonly memory: PhoneMemory;
  readonly authenticationString?: Redacted<string> | undefined;
}

export interface FleetOptions {
  readonly phones: readonly FleetPhone[];
  readonly files: FileServer;
  /** What they speak; what their configurations say without. */
  readonly protocol?: 'SIP' | 'SCCP' | undefined;
  /** Phones that boot at the same time; the next one is switched on when one has registered. */
  readonly atOnce: number;
  readonly makeKey?: ((key: CapfKeyRequest) => Promise<KeyObject>) | undefined;
  /** Told after each phone. */
  readonly onProgress?: (registered: number, failed: number) => void;
  /** Switches off what has not been switched on yet. */
  readonly signal?: AbortSignal;
}

export interface FleetResult {
  readonly registered: number;
  readonly failed: readonly { readonly device: string; readonly error: TrustlineError }[];
  /** From the first power-on to the last registration, in milliseconds. */
  readonly milliseconds: number;
  /** Of each phone that registered, from its power-on to its registration, in milliseconds, shortest first. */
  readonly bootTimes: readonly number[];
  /** Octets that this process holds more than before, for each registered phone; all of them are registered. */
  readonly octetsPerPhone: number;
}

/** A running fleet: its phones stay registered until it is stopped. */
export interface Fleet {
  readonly result: FleetResult;
  stop(): Promise<void>;
}

/** Phones that say goodbye at the same time. */
const GOODBYES = 50;

/** Boots phones beside each other until each has registered or failed. */
export async function bootFleet(options: FleetOptions): Promise<Fleet> {
  const { phones, files, protocol, atOnce, makeKey, onProgress, signal } = options;
  const waiting = [...phones];
  const running: NetworkBoot[] = [];
  const bootTimes: number[] = [];
  const failed: { device: string; error: TrustlineError }[] = [];
  const before = resident();
  const startedAt = performance.now();
  async function oneAfterTheOther(): Promise<void> {
    for (let phone = waiting.shift(); phone !== undefined; phone = waiting.shift()) {
      if (signal?.aborted === true) return;
      const poweredOnAt = performance.now();
      const boot = NetworkBoot.powerOn({ ...phone, files, protocol, makeKey });
      try {
        await boot.registered();
        bootTimes.push(performance.now() - poweredOnAt);
        running.push(boot);
      } catch (error) {
        failed.push({ device: phone.device, error: error as TrustlineError });
        await boot.stop();
      }
      onProgress?.(bootTimes.length, failed.length);
    }
  }
  await Promise.all(Array.from({ length: atOnce }, oneAfterTheOther));
  const milliseconds = performance.now() - startedAt;
  const result: FleetResult = {
    registered: bootTimes.length,
    failed,
    milliseconds,
    bootTimes: bootTimes.toSorted((a, b) => a - b),
    octetsPerPhone: bootTimes.length === 0 ? 0 : (resident() - before) / bootTimes.length,
  };
  return {
    result,
    async stop() {
      while (running.length > 0) await Promise.all(running.splice(0, GOODBYES).map((boot) => boot.stop()));
    },
  };
}

/** The time within which this share of the phones had booted, in milliseconds; 0 without phones. */
export function bootTimeOf({ bootTimes }: FleetResult, share: number): number {
  return bootTimes[Math.min(bootTimes.length - 1, Math.ceil(bootTimes.length * share) - 1)] ?? 0;
}

function resident(): number {
  globalThis.gc?.(); // where the process was started with it, only what is held counts
  return process.memoryUsage.rss();
}
