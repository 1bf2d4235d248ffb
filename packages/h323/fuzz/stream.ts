import { decodeQ931, encodeQ931, encodeTpkt, isdnDialect, TpktReader } from '../src/index.ts';

/** A stream of small messages, whole and broken. */
export function corpus(): Uint8Array[] {
  const release = Uint8Array.of(8, 2, 0x80, 1, 0x5a, 8, 2, 0x80, 0x90);
  const setup = Uint8Array.of(8, 2, 0, 1, 5, 0xa1, 4, 3, 0x80, 0x90, 0xa2, 0x96, 0x27, 1, 0xff, 0x70, 2, 0x81, 0x31);
  const stream = [setup, new Uint8Array(0), release].flatMap((payload) => [...encodeTpkt(payload)]);
  return [
    Uint8Array.of(3, ...stream),
    Uint8Array.of(200, ...stream, 3, 0, 0, 3),
    Uint8Array.of(0, ...stream.slice(0, -2)),
  ];
}

/**
 * The first octet says where the stream is cut. Cut or not, its payloads are the same and so is its end; each is a message
 * of Q.931 that is written as it was read, or is refused with its place, in both dialects.
 */
export function fuzz(data: Uint8Array): void {
  const step = ((data[0] ?? 0) % 64) + 1;
  const stream = data.slice(1);
  const whole = new TpktReader(4_096);
  const payloads = readAll(whole, stream);
  const pieces = new TpktReader(4_096);
  const again: Uint8Array[] = [];
  for (let at = 0; at < stream.byteLength; at += step) again.push(...readAll(pieces, stream.subarray(at, at + step)));
  if (again.length !== payloads.length || (pieces.failure === undefined) !== (whole.failure === undefined)) {
    throw new Error('fragmentation changed what was read');
  }
  payloads.forEach((payload, i) => {
    if (Buffer.compare(payload, again[i] ?? new Uint8Array(0)) !== 0)
      throw new Error('fragmentation changed a payload');
    readMessage(payload);
  });
}

function readAll(reader: TpktReader, chunk: Uint8Array): Uint8Array[] {
  const payloads: Uint8Array[] = [];
  reader.push(chunk);
  for (let payload = reader.next(); payload !== undefined; payload = reader.next()) payloads.push(payload.slice());
  return payloads;
}

function readMessage(payload: Uint8Array): void {
  for (const dialect of [undefined, isdnDialect]) {
    const result = decodeQ931(payload, dialect);
    if (!result.ok) {
      if ((result.error.offset ?? payload.byteLength + 1) > payload.byteLength)
        throw new Error('a place beyond the end');
      continue;
    }
    const written = encodeQ931(result.message, dialect);
    const second = decodeQ931(written, dialect);
    if (!second.ok || Buffer.compare(encodeQ931(second.message, dialect), written) !== 0) {
      throw new Error('a second round changed a message');
    }
  }
}
