import {
  type AnyField,
  decodeBody,
  definitions,
  encodeMessage,
  SccpFrameReader,
  type SccpMessage,
} from '../src/index.ts';

const versions = [3, 11, 15, 16, 17, 18, 20, 21, 22];

/** Every message in some version with nothing but zeros, and as a stream. */
export function corpus(): Uint8Array[] {
  const zeros = definitions.map((definition, i) => {
    const version = versions[i % versions.length] ?? 22;
    const least = (definition.fields as readonly AnyField[]).reduce((sum, field) => sum + field.least(version), 0);
    const message = decodeBody(definition.messageId, new Uint8Array(least), version) as SccpMessage;
    return Uint8Array.of(i % versions.length, 0, ...encodeMessage(message, { version }));
  });
  return [...zeros, Uint8Array.of(3, 9, ...zeros.slice(0, 12).flatMap((one) => [...one.subarray(2)]))];
}

/**
 * The first octet chooses a protocol version, the second where a stream is cut; the rest is the stream. Cut or not, it
 * gives the same messages and the same end; each is read or refused, and what is read is the same after a second round.
 */
export function fuzz(data: Uint8Array): void {
  const [choice = 0, cut = 0] = data;
  const version = versions[choice % versions.length] ?? 22;
  const stream = data.subarray(2);
  const whole = new SccpFrameReader(2_500);
  const messages = readAll(whole, stream, version);
  const pieces = new SccpFrameReader(2_500);
  const step = (cut % 64) + 1;
  let read = 0;
  for (let at = 0; at < stream.length; at += step) {
    read += readAll(pieces, stream.subarray(at, at + step), version).length;
  }
  if (read !== messages.length || (pieces.failure === undefined) !== (whole.failure === undefined)) {
    throw new Error('fragmentation changed what was read');
  }
  for (const message of messages) {
    if (message === undefined) continue;
    const written = encodeMessage(message, { version });
    const again = decodeBody(idOf(written), written, version, 12);
    if (again.kind !== message.kind) throw new Error(`${message.kind} was written as ${again.kind}`);
    const twice = encodeMessage(again, { version });
    const third = decodeBody(idOf(twice), twice, version, 12);
    if (third.kind !== message.kind || encodeMessage(third, { version }).join() !== twice.join()) {
      throw new Error(`a second round changed ${message.kind}`);
    }
  }
}

function readAll(reader: SccpFrameReader, chunk: Uint8Array, version: number): (SccpMessage | undefined)[] {
  const read: (SccpMessage | undefined)[] = [];
  reader.push(chunk);
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    const message = decodeBody(frame.messageId, frame.bytes, version, frame.start, frame.end);
    read.push(message.kind === 'Malformed' ? undefined : message);
  }
  return read;
}

function idOf(written: Uint8Array): number {
  return new DataView(written.buffer, written.byteOffset).getUint32(8, true);
}
