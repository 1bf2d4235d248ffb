import { decodeH245, decodeQ931, MessageType } from '@trustline/h323';
import type { Framing } from '../message-stream.ts';
import type { Recognition } from '../reader.ts';

const HEADER_LENGTH = 4;
/** Where octets are missing, no longer message is looked for: none that was seen has a tenth of it. */
const LONGEST_SOUGHT = 16_384;
const Q931_DISCRIMINATOR = 8;
const H245_IDENTIFIER = '0.0.8.245.0.';
const messageTypes: ReadonlySet<number> = new Set(Object.values(MessageType));

/** Octets of a TPKT, by its header (RFC 1006 §6): version 3, a zero, the length of all; undefined where it is none. */
function lengthAt(octets: Uint8Array, at: number): number | undefined {
  if (octets[at] !== 3 || octets[at + 1] !== 0) return undefined;
  const length = (octets[at + 2] ?? 0) * 256 + (octets[at + 3] ?? 0);
  return length < HEADER_LENGTH ? undefined : length;
}

/** Whether a payload begins as a message of call signalling does: discriminator, call reference, and a type that is known. */
export function isCallSignalling(payload: Uint8Array): boolean {
  const [discriminator, length = 0] = payload;
  return (
    discriminator === Q931_DISCRIMINATOR && (length === 1 || length === 2) && messageTypes.has(payload[2 + length] ?? 0)
  );
}

/** How much the payload of a TPKT says that it is H.245: `weak` where it is read to its end, but could be by chance. */
function h245Evidence(payload: Uint8Array): 'strong' | 'weak' | 'none' {
  const { messages, error } = decodeH245(payload);
  const [first] = messages;
  if (error !== undefined || first === undefined || first.kind === '...') return 'none';
  if (first.value.kind === '...') return 'none';
  if (first.kind !== 'request') return 'weak';
  if (first.value.kind === 'terminalCapabilitySet') {
    return first.value.value.protocolIdentifier.startsWith(H245_IDENTIFIER) ? 'strong' : 'none';
  }
  return first.value.kind === 'masterSlaveDetermination' ? 'strong' : 'weak';
}

/** Whether the first octets of a side are H.225.0 call signalling or H.245. Other protocols use TPKT too. */
export function recogniseTpkt(octets: Uint8Array): Recognition {
  let weak = 0;
  for (let at = 0; ; ) {
    if (octets.byteLength - at < HEADER_LENGTH) return startsTpkt(octets.subarray(at)) ? 'more' : 'no';
    const length = lengthAt(octets, at);
    if (length === undefined) return 'no';
    const payload = octets.subarray(at + HEADER_LENGTH, at + length);
    if (isCallSignalling(payload)) return 'yes';
    if (payload.byteLength < length - HEADER_LENGTH) return 'more';
    if (payload.byteLength > 0) {
      const evidence = h245Evidence(payload);
      if (evidence === 'none') return 'no';
      weak += 1;
      if (evidence === 'strong' || weak >= 2) return 'yes';
    }
    at += length;
  }
}

function startsTpkt(octets: Uint8Array): boolean {
  return (octets.byteLength < 1 || octets[0] === 3) && (octets.byteLength < 2 || octets[1] === 0);
}

/** TPKTs; after a loss it goes on at one that holds what is read. */
export const tpktFraming: Framing = {
  headerLength: HEADER_LENGTH,
  lengthOf: (octets) => lengthAt(octets, 0),
  beginsAgain(octets) {
    const length = lengthAt(octets, 0);
    if (length === undefined || length === HEADER_LENGTH || length > LONGEST_SOUGHT) return 'no';
    if (octets.byteLength < length) return 'more';
    const payload = octets.subarray(HEADER_LENGTH, length);
    return (isCallSignalling(payload) && decodeQ931(payload).ok) || h245Evidence(payload) !== 'none' ? 'yes' : 'no';
  },
};

/** What a TPKT holds; nothing in those that keep a connection alive. */
export function payloadOf(tpkt: Uint8Array): Uint8Array {
  return tpkt.subarray(HEADER_LENGTH);
}
