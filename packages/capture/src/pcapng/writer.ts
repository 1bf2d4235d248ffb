import { ByteWriter, TrustlineError } from '@trustline/base';
import { MAXIMUM_BLOCK_LENGTH } from '../format.ts';
import type { CaptureDirection, CaptureTime } from '../item.ts';
import { ticksFromTime } from '../ticks.ts';
import { BYTE_ORDER_MAGIC, blockTypes, directionFlags, optionCodes, padding } from './block.ts';

export interface SectionFields {
  /** The program that writes: `trustline phone 0.1.0`. */
  readonly application?: string;
  readonly hardware?: string;
  readonly operatingSystem?: string;
  readonly comment?: string;
}

export interface InterfaceFields {
  readonly linkType: number;
  readonly name?: string;
  readonly description?: string;
  /** The most octets kept of a packet; 0, the default, for no limit. */
  readonly snapLength?: number;
}

export interface PacketFields {
  /** Index of the interface within the section, from 0. */
  readonly interface: number;
  readonly time: CaptureTime;
  readonly data: Uint8Array;
  /** Octets on the wire, where `data` was cut. */
  readonly originalLength?: number;
  readonly direction?: CaptureDirection;
  readonly comment?: string;
}

type Option = readonly [code: number, value: Uint8Array | string | undefined];

/** Begins a pcapng file, or another section of one. Blocks are written little-endian. */
export function sectionHeaderBlock(fields: SectionFields = {}): Uint8Array {
  const body = new ByteWriter(64)
    .u32le(BYTE_ORDER_MAGIC)
    .u16le(1) // major version
    .u16le(0) // minor version
    .u32le(0xffff_ffff) // the length of the section is not given
    .u32le(0xffff_ffff);
  return block(blockTypes.sectionHeader, body, [
    [optionCodes.comment, fields.comment],
    [optionCodes.sectionHardware, fields.hardware],
    [optionCodes.sectionOperatingSystem, fields.operatingSystem],
    [optionCodes.sectionApplication, fields.application],
  ]);
}

/** Describes the next interface of the section; the first has index 0. Its times are in nanoseconds. */
export function interfaceDescriptionBlock(fields: InterfaceFields): Uint8Array {
  const body = new ByteWriter(64).u16le(fields.linkType).u16le(0);
  body.u32le(fields.snapLength ?? 0);
  return block(blockTypes.interfaceDescription, body, [
    [optionCodes.interfaceName, fields.name],
    [optionCodes.interfaceDescription, fields.description],
    [optionCodes.interfaceResolution, Uint8Array.of(9)],
  ]);
}

/**
 * @throws {TrustlineError} capture.packet-too-large
 */
export function enhancedPacketBlock(fields: PacketFields): Uint8Array {
  const { data, direction } = fields;
  const { high, low } = ticksFromTime(fields.time);
  const body = new ByteWriter(data.byteLength + 64)
    .u32le(fields.interface)
    .u32le(high)
    .u32le(low)
    .u32le(data.byteLength)
    .u32le(fields.originalLength ?? data.byteLength)
    .bytes(data)
    .zeros(padding(data.byteLength));
  return block(blockTypes.enhancedPacket, body, [
    [optionCodes.comment, fields.comment],
    [optionCodes.packetFlags, direction && Uint8Array.of(directionFlags[direction], 0, 0, 0)],
  ]);
}

/** Keys that travel with the capture; readers want them before the packets that they open. */
export function decryptionSecretsBlock(type: number, data: Uint8Array): Uint8Array {
  const body = new ByteWriter(data.byteLength + 16).u32le(type).u32le(data.byteLength);
  return block(blockTypes.decryptionSecrets, body.bytes(data).zeros(padding(data.byteLength)), []);
}

function block(type: number, body: ByteWriter, options: readonly Option[]): Uint8Array {
  const given = options.filter(([, value]) => value !== undefined);
  for (const [code, value] of given) writeOption(body, code, value ?? '');
  if (given.length > 0) body.u16le(optionCodes.endOfOptions).u16le(0);
  const length = body.length + 12;
  if (length > MAXIMUM_BLOCK_LENGTH) {
    throw new TrustlineError('capture.packet-too-large', `A block of ${length} octets is more than readers accept.`);
  }
  return new ByteWriter(length).u32le(type).u32le(length).bytes(body.finish()).u32le(length).finish();
}

function writeOption(body: ByteWriter, code: number, value: Uint8Array | string): void {
  const octets = typeof value === 'string' ? clipped(value) : value;
  body.u16le(code).u16le(octets.byteLength).bytes(octets).zeros(padding(octets.byteLength));
}

/** A text in UTF-8, cut between characters to what an option's 16-bit length can say. */
function clipped(value: string): Uint8Array {
  const octets = new Uint8Array(Math.min(0xffff, value.length * 3));
  return octets.subarray(0, new TextEncoder().encodeInto(value, octets).written);
}
