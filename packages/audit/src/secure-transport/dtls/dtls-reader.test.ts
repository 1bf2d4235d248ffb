import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NOON, secretsOf } from '../tls/reading.fixture.ts';
import { DtlsReader } from './dtls-reader.ts';
import { MessageReassembly } from './message-reassembly.ts';

const place = { number: 1, microseconds: NOON };

interface Message {
  readonly type: number;
  readonly body: Uint8Array;
}

function fragment({ type, body }: Message, number: number, from: number, to: number): Uint8Array {
  const u24 = (value: number) => [value >> 16, (value >> 8) & 0xff, value & 0xff];
  const head = [type, ...u24(body.byteLength), number >> 8, number & 0xff, ...u24(from), ...u24(to - from)];
  return Uint8Array.of(...head, ...body.subarray(from, to));
}

function reassemble(fragments: readonly Uint8Array[]): readonly Message[] {
  const messages: Message[] = [];
  const reassembly = new MessageReassembly((type, body) => messages.push({ type, body: body.slice() }));
  for (const one of fragments) reassembly.push(one, place);
  reassembly.flush();
  return messages;
}

describe('messages in fragments (RFC 6347 §4.2.3)', () => {
  test('come whole, once, and in their order, however they are cut, mixed up and repeated', () => {
    const message = fc.record({ type: fc.nat({ max: 255 }), body: fc.uint8Array({ maxLength: 60 }) });
    const messages = fc.array(message, { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.integer({ min: 1, max: 30 }), fc.infiniteStream(fc.nat()), (sent, size, order) => {
        const fragments = sent.flatMap((one, number) => {
          const count = Math.max(1, Math.ceil(one.body.byteLength / size));
          return Array.from({ length: count }, (_, at) =>
            fragment(one, number, at * size, Math.min((at + 1) * size, one.body.byteLength)),
          );
        });
        // The first is the first that is seen: where a capture begins, counting does.
        const [first = new Uint8Array(0), ...rest] = fragments;
        const mixed = [...rest, ...rest.slice(0, 3)]
          .map((one) => ({ one, at: order.next().value ?? 0 }))
          .sort((a, b) => a.at - b.at);
        expect(reassemble([first, ...mixed.map(({ one }) => one)])).toEqual(sent);
      }),
    );
  });

  test('what claims more than there is or than anybody sends is passed over', () => {
    const bomb = Uint8Array.of(1, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1, 9);
    const beyond = Uint8Array.of(1, 0, 0, 4, 0, 0, 0, 0, 3, 0, 0, 2, 9, 9);
    const hello = fragment({ type: 1, body: Uint8Array.of(1, 2) }, 0, 0, 2);
    expect(reassemble([bomb, beyond, hello])).toHaveLength(1);
  });
});

test('any datagrams are read without an exception', () => {
  const side = fc.constantFrom('client' as const, 'server' as const);
  const record = fc
    .record({
      type: fc.integer({ min: 20, max: 26 }),
      epoch: fc.nat({ max: 1 }),
      content: fc.uint8Array({ maxLength: 90 }),
    })
    .map(({ type, epoch, content }) =>
      Uint8Array.of(type, 0xfe, 0xfd, 0, epoch, 0, 0, 0, 0, 0, 0, 0, content.byteLength, ...content),
    );
  const datagram = fc.record({ from: side, octets: fc.oneof(fc.uint8Array({ maxLength: 80 }), record) });
  fc.assert(
    fc.property(fc.array(datagram, { maxLength: 10 }), (datagrams) => {
      const reader = new DtlsReader(secretsOf(''));
      for (const { from, octets } of datagrams) reader.datagram(from, octets, place);
      reader.facts();
      reader.srtpKeys();
    }),
  );
});
