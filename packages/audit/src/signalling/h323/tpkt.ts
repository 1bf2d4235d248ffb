import { StreamBuffer } from '@trustline/base';
import { decodeH245, decodeQ931, MessageType } from '@trustline/h323';
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

/**
 * Cuts one side of a connection into the payloads of its TPKTs. Where octets are missing, or stand that can be none, it
 * goes on at the next that holds what is read. Holds no more than the longest TPKT and a segment.
 */
export class TpktStream {
  readonly #received = new StreamBuffer();
  #isLost = false;

  /** Call `next` until it gives nothing more before `chunk` changes. */
  push(chunk: Uint8Array): void {
    this.#received.push(chunk);
  }

  /** Octets are missing here. */
  gap(): void {
    this.#received.drop();
    this.#isLost = true;
  }

  /** The next payload, valid until the next call; undefined while more must come. Empty ones, which keep alive, are left out. */
  next(): Uint8Array | undefined {
    const received = this.#received;
    for (;;) {
      if (this.#isLost && !this.#find()) return received.keep();
      if (received.held < HEADER_LENGTH) return received.keep();
      const length = lengthAt(received.bytes, received.start);
      if (length === undefined) {
        this.#isLost = true;
        continue;
      }
      if (received.held < length) return received.keep();
      const payload = received.bytes.subarray(received.start + HEADER_LENGTH, received.start + length);
      received.start += length;
      if (payload.byteLength > 0) return payload;
    }
  }

  /** Goes on to where a TPKT begins; false where more must come to know. */
  #find(): boolean {
    const received = this.#received;
    for (; received.held >= HEADER_LENGTH; received.start++) {
      const length = lengthAt(received.bytes, received.start);
      if (length === undefined || length === HEADER_LENGTH || length > LONGEST_SOUGHT) continue;
      if (received.held < length) return false;
      const payload = received.bytes.subarray(received.start + HEADER_LENGTH, received.start + length);
      if (!(isCallSignalling(payload) && decodeQ931(payload).ok) && h245Evidence(payload) === 'none') continue;
      this.#isLost = false;
      return true;
    }
    return false;
  }
}
