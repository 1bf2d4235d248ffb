/** What relays are compared by: calls between a party in the clear and one in SRTP, or in the clear too. */
import { randomBytes } from 'node:crypto';

/** `bridge`: RTP on one side, SRTP on the other. `clear`: RTP on both. */
export type BenchMode = 'bridge' | 'clear';

/** Master key and salt of AES_CM_128_HMAC_SHA1_80, one after the other. */
export const KEY_OCTETS = 30;

export interface BenchCall {
  /** Of the party in SRTP. */
  readonly partyKey: Uint8Array;
  /** Of the relay, towards it. */
  readonly relayKey: Uint8Array;
}

export function newCalls(count: number): BenchCall[] {
  return Array.from({ length: count }, () => ({
    partyKey: new Uint8Array(randomBytes(KEY_OCTETS)),
    relayKey: new Uint8Array(randomBytes(KEY_OCTETS)),
  }));
}

/** A relay that runs, in a process of its own. */
export interface RunningRelay {
  /** For each call its port towards the party in the clear, and towards the other. */
  readonly ports: readonly (readonly [number, number])[];
  readonly pid: number;
  stop(): Promise<void>;
}

export interface RelayContender {
  readonly name: string;
  /** @throws {Error} that says why it cannot run here */
  start(mode: BenchMode, calls: readonly BenchCall[], parties: readonly [number, number]): Promise<RunningRelay>;
}
