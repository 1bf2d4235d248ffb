/**
 * A decoder of records with a planted bug: magic, length, and that many octets of fields. The length is compared with
 * the whole input instead of what follows the header, so that one a little too large reads past the end.
 */
const isMended = import.meta.url.endsWith('?mended');
const magic = 0x5ac3;
const headerOctets = 4;

export function fuzz(data: Uint8Array): void {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  if (data.length < headerOctets || view.getUint16(0) !== magic) return;
  const length = view.getUint16(2);
  if (length > (isMended ? data.length - headerOctets : data.length)) return;
  let sum = 0;
  for (let at = 0; at < length; at += 1) sum += view.getUint8(headerOctets + at);
  if (sum < 0) throw new Error('octets are not negative');
}
