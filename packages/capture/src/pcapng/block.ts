/** The block types and options of pcapng (draft-ietf-opsawg-pcapng §4) that this room reads or writes. */

export const blockTypes = {
  sectionHeader: 0x0a0d0d0a,
  interfaceDescription: 1,
  /** Obsolete, and still found in old files. */
  packet: 2,
  simplePacket: 3,
  enhancedPacket: 6,
  decryptionSecrets: 10,
} as const;

export const BYTE_ORDER_MAGIC = 0x1a2b3c4d;

export const optionCodes = {
  endOfOptions: 0,
  comment: 1,
  sectionHardware: 2,
  sectionOperatingSystem: 3,
  sectionApplication: 4,
  interfaceName: 2,
  interfaceDescription: 3,
  interfaceResolution: 9,
  interfaceOffset: 14,
  packetFlags: 2,
} as const;

/** The two lowest bits of epb_flags (§4.3.1). */
export const directionFlags = { inbound: 1, outbound: 2 } as const;

/** Octets up to the next multiple of four. */
export function padding(length: number): number {
  return -length & 3;
}
