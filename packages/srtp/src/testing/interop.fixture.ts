import { expect } from 'vitest';
import { hybridCrypto } from '../node/index.ts';
import type { SrtpContextOptions, SrtpMasterKey } from '../options.ts';
import { type SrtpProfileName, srtpProfiles } from '../profiles.ts';
import { createSrtpReceiver } from '../receiver.ts';
import { createSrtpSender } from '../sender.ts';
import { hexadecimal } from './octets.ts';
import type { PeerInput, PeerOutcome, PeerProgram } from './peer-program.fixture.ts';
import { arriving, type Delivery, type Packet, TRAFFIC_WINDOW } from './traffic.fixture.ts';

/** The suites that some peer performs; none performs F8. */
export type InteropProfile = Exclude<SrtpProfileName, 'F8_128_HMAC_SHA1_80'>;

export const interopProfiles = Object.keys(srtpProfiles).filter((name) => !name.startsWith('F8')) as InteropProfile[];

/** A master key of its own for every number; with an MKI where one is given. */
export function interopKey(profile: InteropProfile, number: number, mki?: Uint8Array): SrtpMasterKey {
  const { masterKeyLength, masterSaltLength } = srtpProfiles[profile];
  const octets = (length: number, first: number) => Uint8Array.from({ length }, (_, i) => first + 13 * i + 89 * number);
  const master = { key: octets(masterKeyLength, 0xe1), salt: octets(masterSaltLength, 0x0e) };
  return mki === undefined ? master : { ...master, mki };
}

/** Several, whose MKI differ in their last octet alone. */
export function interopKeys(profile: InteropProfile, count: number): readonly [SrtpMasterKey, ...SrtpMasterKey[]] {
  const key = (number: number) => interopKey(profile, number, Uint8Array.of(0xbe, 0xef, 0x00, number));
  return [key(0), ...Array.from({ length: count - 1 }, (_, i) => key(i + 1))];
}

/** Protects and opens a whole sequence: we, or somebody else. */
export interface Party {
  readonly name: string;
  /** `keyOf` says with which master key each packet goes out; all with the first where it is left out. */
  protect(packets: readonly Packet[], keyOf?: (position: number) => number): Uint8Array[];
  /** Undefined for a packet that was refused. */
  open(packets: readonly Packet[]): (Uint8Array | undefined)[];
}

export function ourselves(
  profile: InteropProfile,
  masterKeys: readonly SrtpMasterKey[],
  more: Partial<SrtpContextOptions> = {},
): Party {
  const options = { profile, crypto: hybridCrypto(), masterKeys, ...more };
  const out = new Uint8Array(2_048);
  return {
    name: 'we',
    protect(packets, keyOf = () => 0) {
      const sender = createSrtpSender(options);
      return packets.map(({ kind, octets }, position) => {
        const mki = masterKeys[keyOf(position)]?.mki;
        if (mki !== undefined) sender.useMasterKey(mki);
        return out.slice(0, kind === 'rtp' ? sender.protect(octets, out) : sender.protectRtcp(octets, out));
      });
    },
    open(packets) {
      const receiver = createSrtpReceiver({ ...options, replayWindow: TRAFFIC_WINDOW });
      return packets.map(({ kind, octets }) => {
        const outcome = kind === 'rtp' ? receiver.unprotect(octets, out) : receiver.unprotectRtcp(octets, out);
        return typeof outcome === 'number' ? out.slice(0, outcome) : undefined;
      });
    },
  };
}

export function foreign(
  program: PeerProgram,
  profile: InteropProfile,
  masterKeys: readonly SrtpMasterKey[],
  encryptedExtensions: readonly number[] = [],
): Party {
  const options = { profile, masterKeys, replayWindow: TRAFFIC_WINDOW, encryptedExtensions };
  return {
    name: program.name,
    protect(packets, keyOf = () => 0) {
      const inputs: PeerInput[] = packets.flatMap((packet, position) => {
        const changes = position > 0 && keyOf(position) !== keyOf(position - 1);
        return changes ? [{ kind: 'key', position: keyOf(position) }, packet] : [packet];
      });
      return program.run({ ...options, direction: 'protect' }, inputs).map(mustBePacket);
    },
    open: (packets) =>
      program
        .run({ ...options, direction: 'unprotect' }, packets)
        .map((outcome) => (typeof outcome === 'number' ? undefined : outcome)),
  };
}

function mustBePacket(outcome: PeerOutcome): Uint8Array {
  if (typeof outcome === 'number') throw new Error(`the peer could not protect a packet: status ${outcome}`);
  return outcome;
}

/**
 * What one party protects the other opens, byte for byte, in the order in which it arrives; what comes again or
 * damaged it refuses.
 */
export function expectUnderstanding(
  from: Party,
  to: Party,
  packets: readonly Packet[],
  deliveries: readonly Delivery[],
  keyOf?: (position: number) => number,
): void {
  const sealed = from.protect(packets, keyOf);
  expect(sealed).toHaveLength(packets.length);
  expectOpened(from.name, sealed, to, packets, deliveries);
}

/** The second half of that: `sealed` are the protected `packets`, wherever they come from. */
export function expectOpened(
  from: string,
  sealed: readonly Uint8Array[],
  to: Party,
  packets: readonly Packet[],
  deliveries: readonly Delivery[],
): void {
  const opened = to.open(
    deliveries.map((delivery) => ({
      kind: (packets[delivery.position] as Packet).kind,
      octets: arriving(delivery, sealed),
    })),
  );
  expect(opened).toHaveLength(deliveries.length);
  // The first difference says more than a hundred thousand packets side by side.
  const wrong = deliveries.findIndex((delivery, i) => told(opened[i]) !== told(expected(delivery, packets)));
  const delivery = deliveries[wrong];
  if (delivery === undefined) return;
  expect.fail(
    `${to.name} made of packet ${delivery.position} (${packets[delivery.position]?.kind}, ${delivery.what}) of ${from}:\n` +
      `${told(opened[wrong])}\ninstead of\n${told(expected(delivery, packets))}`,
  );
}

function expected({ position, what }: Delivery, packets: readonly Packet[]): Uint8Array | undefined {
  return what === 'fresh' ? packets[position]?.octets : undefined;
}

function told(packet: Uint8Array | undefined): string {
  return packet === undefined ? 'refused' : hexadecimal(packet);
}
