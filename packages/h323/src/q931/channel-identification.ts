import { readGroup } from './octet-groups.ts';

/** Channel identification of a primary rate (Q.931 §4.5.13): one B channel of this interface, by its number. */
export interface ChannelIdentification {
  /** No other channel will do. */
  readonly exclusive: boolean;
  /** The timeslot: 1 to 31 of an E1, 1 to 24 of a T1; absent where any channel, or none, is meant. */
  readonly channel?: number;
  /** 0 no channel, 1 the one that is named, 3 any. */
  readonly selection: number;
}

const PRIMARY_RATE = 0x20;
const EXPLICIT_INTERFACE = 0x40;
const NUMBER_OF_B_CHANNELS = 0x03;

/** Reads the contents of the element; undefined where they are none, or those of a basic rate. */
export function decodeChannelIdentification(octets: Uint8Array): ChannelIdentification | undefined {
  const [first] = octets;
  if (first === undefined || (first & PRIMARY_RATE) === 0) return undefined;
  const exclusive = (first & 0x08) !== 0;
  const selection = first & 3;
  let at = 1;
  if ((first & EXPLICIT_INTERFACE) !== 0) at += readGroup(octets, at)?.length ?? octets.byteLength;
  const channel = octets[at + 1];
  // A slot map (bit 5 of octet 3.2) names several channels, which no call has.
  const isNumber = selection === 1 && channel !== undefined && ((octets[at] ?? 0) & 0x10) === 0;
  return { exclusive, selection, ...(isNumber ? { channel: channel & 0x7f } : {}) };
}

export function encodeChannelIdentification({ exclusive, selection, channel }: ChannelIdentification): Uint8Array {
  const first = 0x80 | PRIMARY_RATE | (exclusive ? 0x08 : 0) | selection;
  if (channel === undefined) return Uint8Array.of(first);
  return Uint8Array.of(first, 0x80 | NUMBER_OF_B_CHANNELS, 0x80 | channel);
}
