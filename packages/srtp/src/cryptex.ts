import type { Keystream, PacketCipher } from './crypto-provider.ts';
import { headerExtensionAt, ONE_BYTE_PROFILE, TWO_BYTE_PROFILE } from './header-extensions.ts';
import { readUint16, writeUint16 } from './octets.ts';

/**
 * Encrypted header extensions and CSRC lists, "cryptex" (RFC 9335). While a packet is encrypted, the four octets that
 * open its extension stand before the CSRC list, so that all that is encrypted is one piece:
 *
 *     12 octets of header ‖ extension header ‖ CSRC list ‖ extension ‖ payload
 *     |------------- clear -----------------|---------- encrypted ----------|
 *
 * On the wire the CSRC list is back in front.
 */
export type CryptexMode = 'off' | 'enabled' | 'required';

/** RFC 9335 §5.1: the profiles that say so, in place of 0xBEDE and 0x1000. */
const ENCRYPTED_ONE_BYTE = 0xc0de;
const ENCRYPTED_TWO_BYTE = 0xc2de;

const FIXED_HEADER = 12;
const EXTENSION_HEADER = 4;
/** Where the encrypted part begins while the packet is in the order above. */
const CLEAR = FIXED_HEADER + EXTENSION_HEADER;
/** What an empty extension adds to a packet that has CSRC but no extension to say so in (RFC 9335 §5.2). */
export const CRYPTEX_OVERHEAD = EXTENSION_HEADER;

/** Whether a packet has anything that cryptex would hide. */
export function hasSomethingToHide(packet: Uint8Array): boolean {
  return ((packet[0] as number) & 0x1f) !== 0;
}

/** Whether a packet to protect can be protected so: its extension, if any, is of the kinds of RFC 8285. */
export function canHide(packet: Uint8Array): boolean {
  if (!hasSomethingToHide(packet)) return false;
  const extension = headerExtensionAt(packet);
  if (extension === undefined) return true;
  const profile = readUint16(packet, extension);
  return profile === ONE_BYTE_PROFILE || profile === TWO_BYTE_PROFILE;
}

/** Whether a received packet says that it is protected so. */
export function isHidden(packet: Uint8Array): boolean {
  const extension = headerExtensionAt(packet);
  if (extension === undefined) return false;
  const profile = readUint16(packet, extension);
  return profile === ENCRYPTED_ONE_BYTE || profile === ENCRYPTED_TWO_BYTE;
}

/** Writes the protected packet to `out`, and its tag `tagOffset` behind its end; returns its length before MKI and tag. */
export function protectHidden(
  cipher: PacketCipher,
  packet: Uint8Array,
  out: Uint8Array,
  keystream: Keystream | undefined,
  ssrc: number,
  index: number,
  trailer: number,
  tagOffset: number,
  tagLength: number,
): number {
  const end = announce(packet, out);
  const list = listLength(out);
  moveListBack(out, list);
  if (cipher.digestLength === 16 || list === 0) {
    cipher.protect(out, CLEAR, end, out, keystream, ssrc, index, trailer, end + tagOffset, tagLength);
    moveListForward(out, list);
  } else {
    // HMAC covers the packet in the order of the wire.
    cipher.crypt(out, CLEAR, end, out, keystream, ssrc, index);
    moveListForward(out, list);
    cipher.protect(out, end, end, out, undefined, ssrc, index, trailer, end + tagOffset, tagLength);
  }
  return end;
}

/** The digest that a received packet `packet[0, end)` should have. */
export function digestHidden(
  cipher: PacketCipher,
  packet: Uint8Array,
  end: number,
  keystream: Keystream | undefined,
  ssrc: number,
  index: number,
  trailer: number,
  digest: Uint8Array,
): void {
  const list = listLength(packet);
  if (cipher.digestLength !== 16 || list === 0) {
    cipher.digest(packet, CLEAR, end, keystream, ssrc, index, trailer, digest);
    return;
  }
  const ordered = packet.slice(0, end);
  moveListBack(ordered, list);
  cipher.digest(ordered, CLEAR, end, keystream, ssrc, index, trailer, digest);
}

/** Writes the packet `packet[0, end)`, found authentic, to `out` as it was before it was protected. */
export function openHidden(
  cipher: PacketCipher,
  packet: Uint8Array,
  end: number,
  out: Uint8Array,
  keystream: Keystream | undefined,
  ssrc: number,
  index: number,
): void {
  const list = listLength(packet);
  out.set(packet.subarray(0, end));
  moveListBack(out, list);
  cipher.crypt(out, CLEAR, end, out, keystream, ssrc, index);
  moveListForward(out, list);
  const extension = FIXED_HEADER + list;
  const oneByte = readUint16(out, extension) === ENCRYPTED_ONE_BYTE;
  writeUint16(out, extension, oneByte ? ONE_BYTE_PROFILE : TWO_BYTE_PROFILE);
}

/** Copies the packet with the profile that says what follows, and with an empty extension where it had none. */
function announce(packet: Uint8Array, out: Uint8Array): number {
  const extension = headerExtensionAt(packet);
  if (extension !== undefined) {
    out.set(packet);
    const oneByte = readUint16(packet, extension) === ONE_BYTE_PROFILE;
    writeUint16(out, extension, oneByte ? ENCRYPTED_ONE_BYTE : ENCRYPTED_TWO_BYTE);
    return packet.byteLength;
  }
  const at = FIXED_HEADER + listLength(packet);
  const payload = packet.slice(at);
  out.set(packet.subarray(0, at));
  out[0] = (out[0] as number) | 0x10;
  writeUint16(out, at, ENCRYPTED_ONE_BYTE);
  writeUint16(out, at + 2, 0);
  out.set(payload, at + EXTENSION_HEADER);
  return packet.byteLength + EXTENSION_HEADER;
}

function listLength(packet: Uint8Array): number {
  return 4 * ((packet[0] as number) & 0x0f);
}

/** The CSRC list goes behind the extension's header. */
function moveListBack(packet: Uint8Array, length: number): void {
  const header = packet.slice(FIXED_HEADER + length, FIXED_HEADER + length + EXTENSION_HEADER);
  packet.copyWithin(CLEAR, FIXED_HEADER, FIXED_HEADER + length);
  packet.set(header, FIXED_HEADER);
}

/** And in front of it again. */
function moveListForward(packet: Uint8Array, length: number): void {
  const header = packet.slice(FIXED_HEADER, CLEAR);
  packet.copyWithin(FIXED_HEADER, CLEAR, CLEAR + length);
  packet.set(header, FIXED_HEADER + length);
}
