import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBody, encodeMessage, type SccpMessage } from '../codec.ts';
import { SccpFrameReader } from './frame-reader.ts';

const messages: SccpMessage[] = [
  { kind: 'KeepAliveReq' },
  { kind: 'OffHook', lineInstance: 1, callReference: 0 },
  { kind: 'EnblocCall', calledParty: '4711', lineInstance: 1 },
  { kind: 'DisplayPromptStatusV2', timeOutValue: 0, lineInstance: 1, callReference: 2, promptStatus: 'Grüße' },
];
const stream = Buffer.concat(messages.map((message) => encodeMessage(message, { version: 17 })));

function readAll(reader: SccpFrameReader, chunk: Uint8Array): unknown[] {
  reader.push(chunk);
  const read: unknown[] = [];
  for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
    read.push(decodeBody(frame.messageId, frame.bytes, 17, frame.start, frame.end));
  }
  return read;
}

test('many messages in one segment are read in their order', () => {
  expect(readAll(new SccpFrameReader(), stream)).toEqual(messages);
});

test('a stream cut anywhere gives the same messages, and what was pushed may change afterwards', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(stream.length), { maxLength: 12 }), (cuts) => {
      const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
      const reader = new SccpFrameReader();
      const read = places.slice(1).flatMap((end, i) => {
        const chunk = new Uint8Array(stream.subarray(places[i], end));
        const found = readAll(reader, chunk);
        chunk.fill(0xee);
        return found;
      });
      expect(read).toEqual(messages);
      expect(reader.partial).toBe(false);
    }),
  );
});

test('one octet at a time', () => {
  const reader = new SccpFrameReader();
  expect([...stream].flatMap((octet) => readAll(reader, Uint8Array.of(octet)))).toEqual(messages);
});

describe('a length that cannot be ends the stream', () => {
  test.each([0, 3, 8_193, 2 ** 31, 2 ** 32 - 1])('%i', (length) => {
    const header = new Uint8Array(12);
    new DataView(header.buffer).setUint32(0, length, true);
    const reader = new SccpFrameReader();
    expect(readAll(reader, Buffer.concat([stream, header, stream]))).toEqual(messages);
    expect(reader.failure).toMatchObject({ code: 'sccp.frame-length' });
    expect(readAll(reader, stream)).toEqual([]);
    expect(reader.partial).toBe(false);
  });

  test('4 is a message without a body', () => {
    const reader = new SccpFrameReader();
    expect(readAll(reader, Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0))).toEqual([{ kind: 'KeepAliveReq' }]);
  });
});

test('a message that has begun is told', () => {
  const reader = new SccpFrameReader();
  expect(readAll(reader, stream.subarray(0, 5))).toEqual([]);
  expect(reader.partial).toBe(true);
});
