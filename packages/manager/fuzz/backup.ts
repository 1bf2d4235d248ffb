import { ArchiveReader } from '../src/backup/archive.ts';
import { HEADER_LENGTH, isRightSecret, makeHeader, Opener, readHeader, Sealer, usualCost } from '../src/backup/seal.ts';

const secret = new Uint8Array(32).fill(7);
const header = makeHeader(secret, usualCost, new Uint8Array(16), new Uint8Array(7));

/** Any octets as a file, as the chunks behind a good header, and as contents; what was sealed opens to what it was. */
export function fuzz(data: Uint8Array): void {
  const read = readHeader(data);
  if (read.ok) isRightSecret(read.value, secret);

  const stranger = new Opener(header, secret);
  const pushed = stranger.push(data);
  if ((pushed.ok && pushed.value.length > 0) || stranger.finish().ok)
    throw new Error('octets of a stranger were opened');

  const archive = new ArchiveReader();
  const size = 1 + (data.at(-1) ?? 0);
  let octets = 0;
  for (let from = 0; from < data.byteLength; from += size) {
    const result = archive.push(data.subarray(from, from + size));
    if (!result.ok) break;
    for (const item of result.value) if (item.kind === 'octets') octets += item.octets.byteLength;
  }
  if (octets > data.byteLength) throw new Error('more came out than went in');

  const sealer = new Sealer(header, secret);
  const sealed = Buffer.concat([header.bytes, ...sealer.push(data), sealer.finish()]);
  const opener = new Opener(header, secret);
  const parts = opener.push(sealed.subarray(HEADER_LENGTH));
  const last = opener.finish();
  if (!parts.ok || !last.ok) throw new Error('what was sealed does not open');
  if (!Buffer.concat([...parts.value, last.value]).equals(data)) throw new Error('it opens to something else');
}
