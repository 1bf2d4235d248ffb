import { decodeFrame } from '../src/frame/decode.ts';
import { CaptureReader } from '../src/reader.ts';

/** Any octets, in chunks of any size, are read to an end; every packet in them is taken apart. */
export function fuzz(data: Uint8Array): void {
  const reader = new CaptureReader();
  const size = 1 + (data.at(-1) ?? 0);
  let octets = 0;
  for (let from = 0; from < data.byteLength; from += size) {
    reader.push(data.subarray(from, from + size));
    for (let item = reader.next(); item !== undefined; item = reader.next()) {
      if (item.kind !== 'packet') continue;
      octets += item.data.byteLength;
      decodeFrame(item.interface.linkType, item.data);
    }
  }
  const end = reader.end();
  if (octets > data.byteLength) throw new Error('more came out than went in');
  if (end.kind !== 'complete' && end.offset > data.byteLength) throw new Error('the end lies beyond the end');
}
