import { SipError } from '../error.ts';
import { isToken } from './grammar.ts';
import { knownHeader } from './header-names.ts';
import type { SipMessage } from './types.ts';

const ENCODER = new TextEncoder();

/**
 * The octets of a message, perhaps as a view of a larger buffer (mind `byteOffset`) that nothing else writes to.
 * Content-Length is always written from the body, last, whatever the headers say.
 *
 * Whatever a message was made of, its octets read back as that one message: a value that would begin
 * a new header, end the head or smuggle a second message is refused.
 *
 * @throws {SipError} `sip.unsafe-value` for CR, LF or an unescaped NUL in a value, for a header name or
 * method that is no token, or white space in the Request-URI; `sip.bad-status` for a status outside 100 to 699.
 */
export function serializeMessage(message: SipMessage): Uint8Array {
  const { headers, body } = message;
  let head = startLine(message);
  let lines = 3;
  for (const header of headers) {
    const name = knownHeader(header.name)?.name;
    if (name === 'Content-Length') continue;
    if (name === undefined && !isToken(header.name)) throw unsafe('A header name');
    head += `${name ?? header.name}: ${header.value}\r\n`;
    lines++;
  }
  head += `Content-Length: ${body.length}\r\n\r\n`;
  if (occurrences(head, '\r') !== lines || occurrences(head, '\n') !== lines || hasBareNul(head)) {
    throw unsafe('A value');
  }
  return encode(head, body);
}

function startLine(message: SipMessage): string {
  if (message.kind === 'request') {
    if (!isToken(message.method)) throw unsafe('A method');
    if (message.uri === '' || message.uri.includes(' ') || message.uri.includes('\t')) throw unsafe('A Request-URI');
    return `${message.method} ${message.uri} SIP/2.0\r\n`;
  }
  if (!Number.isInteger(message.status) || message.status < 100 || message.status > 699) {
    throw new SipError('sip.bad-status', `A response has a status from 100 to 699, not ${message.status}`);
  }
  return `SIP/2.0 ${message.status} ${message.reason}\r\n`;
}

/**
 * Small messages are cut from a slab, for an ArrayBuffer each would cost more than all the rest.
 * No part of a slab is ever written twice.
 */
const SLAB_SIZE = 65_536;
const LARGEST_FROM_SLAB = 8_192;
let slab = new ArrayBuffer(SLAB_SIZE);
let slabUsed = 0;

function allocate(length: number): Uint8Array {
  if (length > LARGEST_FROM_SLAB) return new Uint8Array(length);
  if (slabUsed + length > SLAB_SIZE) {
    slab = new ArrayBuffer(SLAB_SIZE);
    slabUsed = 0;
  }
  const out = new Uint8Array(slab, slabUsed, length);
  slabUsed += length;
  return out;
}

/** Most heads are ASCII: their length in octets is known, and they are written in place. */
function encode(head: string, body: Uint8Array): Uint8Array {
  const out = allocate(head.length + body.length);
  const { read, written } = ENCODER.encodeInto(head, out);
  if (read === head.length && written === head.length) {
    out.set(body, written);
    return out;
  }
  const encoded = ENCODER.encode(head);
  const larger = new Uint8Array(encoded.length + body.length);
  larger.set(encoded);
  larger.set(body, encoded.length);
  return larger;
}

function occurrences(text: string, character: string): number {
  let count = 0;
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) count++;
  return count;
}

/** NUL may stand only as a quoted-pair (RFC 3261 §25.1, RFC 4475 §3.1.1.2). */
function hasBareNul(text: string): boolean {
  for (let at = text.indexOf('\0'); at >= 0; at = text.indexOf('\0', at + 1)) {
    if (text.charAt(at - 1) !== '\\') return true;
  }
  return false;
}

function unsafe(what: string): SipError {
  return new SipError('sip.unsafe-value', `${what} holds characters that would change how the message is read`);
}
