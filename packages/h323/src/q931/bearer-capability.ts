import { readGroup, writeGroup } from './octet-groups.ts';

/** Bearer capability (Q.931 §4.5.5). What follows the first octet of layer 1 is kept as it came. */
export interface BearerCapability {
  /** 0 is that of ITU-T. */
  readonly codingStandard: number;
  /** 0 speech, 8 unrestricted digital, 16 audio of 3.1 kHz. */
  readonly transferCapability: number;
  /** 0 circuit, 2 packet. */
  readonly transferMode: number;
  /** 16 is 64 kbit/s, 24 a multiple of it. */
  readonly transferRate: number;
  /** Octet 4.1: how many times 64 kbit/s. */
  readonly rateMultiplier?: number;
  /** 2 is G.711 µ-law, 3 A-law, 5 H.221 and H.242. */
  readonly layer1?: number;
  readonly rest: Uint8Array;
}

const LAYER_1 = 1;

/** Speech in G.711 at 64 kbit/s, as an ISDN gateway asks for it. */
export function speech(law: 'mu' | 'A'): BearerCapability {
  return {
    codingStandard: 0,
    transferCapability: 0,
    transferMode: 0,
    transferRate: 16,
    layer1: law === 'mu' ? 2 : 3,
    rest: new Uint8Array(0),
  };
}

/** Reads the contents of the element; undefined where they are none. */
export function decodeBearerCapability(octets: Uint8Array): BearerCapability | undefined {
  const capability = readGroup(octets, 0);
  const rate = readGroup(octets, 1);
  if (capability?.length !== 1 || rate === undefined || rate.length > 2) return undefined;
  const [standardAndCapability = 0] = capability;
  const [modeAndRate = 0, rateMultiplier] = rate;
  const layerAt = 1 + rate.length;
  const layer = octets[layerAt] ?? 0;
  const isLayer1 = layer >= 0x80 && ((layer >>> 5) & 3) === LAYER_1;
  return {
    codingStandard: standardAndCapability >>> 5,
    transferCapability: standardAndCapability & 0x1f,
    transferMode: modeAndRate >>> 5,
    transferRate: modeAndRate & 0x1f,
    ...(rateMultiplier === undefined ? {} : { rateMultiplier }),
    ...(isLayer1 ? { layer1: layer & 0x1f } : {}),
    rest: octets.subarray(isLayer1 ? layerAt + 1 : layerAt),
  };
}

export function encodeBearerCapability(bearer: BearerCapability): Uint8Array {
  const { codingStandard, transferCapability, transferMode, transferRate, rateMultiplier, layer1, rest } = bearer;
  const modeAndRate = (transferMode << 5) | transferRate;
  return Uint8Array.of(
    ...writeGroup([(codingStandard << 5) | transferCapability]),
    ...writeGroup(rateMultiplier === undefined ? [modeAndRate] : [modeAndRate, rateMultiplier]),
    ...(layer1 === undefined ? [] : writeGroup([(LAYER_1 << 5) | layer1])),
    ...rest,
  );
}
