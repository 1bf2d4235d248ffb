import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Framing, MessageStream } from './message-stream.ts';

const MAGIC = 0xff;

/** `255 | octets of all | …`, of which none holds 255: after a loss one is sure once it is whole. */
const framing: Framing = {
  headerLength: 2,
  lengthOf: (octets) => (octets[0] === MAGIC && (octets[1] ?? 0) >= 2 ? octets[1] : undefined),
  beginsAgain: (octets) => {
    const length = framing.lengthOf(octets);
    return length === undefined ? 'no' : octets.byteLength < length ? 'more' : 'yes';
  },
};

const messages = fc.array(
  fc.array(fc.integer({ min: 0, max: 99 }), { maxLength: 20 }).map((body) => [MAGIC, body.length + 2, ...body]),
);

function messagesOf(stream: MessageStream, octets: readonly number[]): number[][] {
  stream.push(Uint8Array.from(octets));
  const found: number[][] = [];
  for (let one = stream.next(); one !== undefined; one = stream.next()) found.push([...one]);
  return found;
}

describe('a stream of messages', () => {
  test('gives each message once, however the octets are cut', () => {
    fc.assert(
      fc.property(messages, fc.infiniteStream(fc.integer({ min: 1, max: 9 })), (said, cuts) => {
        const stream = new MessageStream(framing);
        const octets = said.flat();
        const found: number[][] = [];
        for (let at = 0; at < octets.length; ) {
          const length = cuts.next().value ?? 1;
          found.push(...messagesOf(stream, octets.slice(at, at + length)));
          at += length;
        }
        expect(found).toEqual(said);
      }),
    );
  });

  test('goes on at the next message where octets are missing, or stand that can be none', () => {
    fc.assert(
      fc.property(messages, messages, fc.array(fc.integer({ min: 0, max: 99 })), (before, after, rubbish) => {
        const stream = new MessageStream(framing);
        expect(messagesOf(stream, [...before.flat(), MAGIC, 30, 1])).toEqual(before);
        stream.gap();
        expect(messagesOf(stream, [...rubbish, ...after.flat()])).toEqual(after);
        expect(messagesOf(stream, [...rubbish, ...before.flat()])).toEqual(before);
      }),
    );
  });
});
