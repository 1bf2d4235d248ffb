import type * as H225 from '../generated/h225.types.ts';
import type * as H245 from '../generated/h245.types.ts';

/** Where RTP is received; RTCP is on the port above (RFC 3550 §11). */
export interface MediaAddress {
  /** 4 or 16 octets. */
  readonly host: Uint8Array;
  readonly port: number;
}

const payloadTypes = { g711Ulaw64k: 0, g711Alaw64k: 8, 'g722-64k': 9, g729: 18, g729AnnexA: 18 } as const;

/** Audio by its name in H.245. */
export interface AudioFormat {
  readonly name: keyof typeof payloadTypes;
  /** Of G.711 and G.722 one frame is a millisecond, of G.729 ten (H.245 §B.2.2.6): the most in a packet. 1 to 256. */
  readonly frames: number;
}

/** The static payload type of RFC 3551. */
export function payloadTypeOf({ name }: AudioFormat): number {
  return payloadTypes[name];
}

/** Undefined for audio that is not known here. */
export function audioFormatOf(capability: H245.AudioCapability): AudioFormat | undefined {
  if (!('value' in capability) || typeof capability.value !== 'number' || !(capability.kind in payloadTypes))
    return undefined;
  return { name: capability.kind as AudioFormat['name'], frames: capability.value };
}

export function audioCapabilityOf({ name, frames }: AudioFormat): H245.AudioCapability {
  return { kind: name, value: frames };
}

/** An address of H.245; `offset` 1 is that of RTCP. */
export function unicastAddress({ host, port }: MediaAddress, offset: 0 | 1 = 0): H245.TransportAddress {
  const tsapIdentifier = port + offset;
  const value: H245.UnicastAddress =
    host.byteLength === 16
      ? { kind: 'iP6Address', value: { network: host, tsapIdentifier } }
      : { kind: 'iPAddress', value: { network: host, tsapIdentifier } };
  return { kind: 'unicastAddress', value };
}

/** Undefined for multicast and for networks other than IP. */
export function mediaAddressOf(address: H245.TransportAddress | undefined): MediaAddress | undefined {
  if (address?.kind !== 'unicastAddress') return undefined;
  const { value: unicast } = address;
  if (unicast.kind !== 'iPAddress' && unicast.kind !== 'iP6Address') return undefined;
  return { host: unicast.value.network, port: unicast.value.tsapIdentifier };
}

/** An address of H.225.0. */
export function transportAddress({ host, port }: MediaAddress): H225.TransportAddress {
  return host.byteLength === 16
    ? { kind: 'ip6Address', value: { ip: host, port } }
    : { kind: 'ipAddress', value: { ip: host, port } };
}

/** Undefined for networks other than IP. */
export function addressOf(address: H225.TransportAddress | undefined): MediaAddress | undefined {
  if (address?.kind !== 'ipAddress' && address?.kind !== 'ip6Address') return undefined;
  return { host: address.value.ip, port: address.value.port };
}

/** Octet by octet, then the port (H.323 §8.2.3): negative where `one` is the smaller. */
export function compareAddresses(one: MediaAddress, other: MediaAddress): number {
  for (let i = 0; i < Math.max(one.host.byteLength, other.host.byteLength); i++) {
    const difference = (one.host[i] ?? -1) - (other.host[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return one.port - other.port;
}
