import { describe, expect, test } from 'vitest';
import { hostOf, ladderOf } from './ladder-layout.ts';
import { aCall, aMessage, aStream } from './report.fixture.ts';

const hosts = ['10.20.1.21:5060', '10.20.0.5:5060'];

describe('the ladder of a call', () => {
  test('has messages and streams in the order of their packets, and a column for each host of media, too', () => {
    const { columns, lines } = ladderOf(
      aCall({
        hosts,
        messages: [aMessage(1, 0, 1, 'INVITE'), aMessage(9, 1, 0, '200 OK')],
        streams: [
          aStream({ number: 1, firstPacket: 5, source: '10.20.1.21:16384', destination: '10.20.9.2:20000' }),
          aStream({ number: 2, firstPacket: 20, source: '10.20.9.2:20000', destination: '10.20.1.21:16384' }),
        ],
      }),
    );
    expect(columns).toEqual([
      { address: '10.20.1.21:5060', name: 'Front desk (2001)' },
      { address: '10.20.0.5:5060', name: null },
      { address: '10.20.9.2', name: null },
    ]);
    expect(lines.map(({ kind, from, to }) => [kind, from, to])).toEqual([
      ['message', 0, 1],
      ['stream', 0, 2],
      ['message', 1, 0],
      ['stream', 2, 0],
    ]);
  });

  test('leads each key from its message to the streams that it opens, also to those that began before', () => {
    const { lines, lanes } = ladderOf(
      aCall({
        hosts,
        messages: [aMessage(1, 0, 1, 'INVITE'), aMessage(5, 0, 1, 'INVITE'), aMessage(9, 1, 0, '200 OK')],
        streams: [aStream({ number: 1, firstPacket: 3 }), aStream({ number: 2, firstPacket: 7 })],
        keyPath: [
          { packet: 5, streams: [1, 2] },
          { packet: 9, streams: [] },
          { packet: 77, streams: [2] },
        ],
      }),
    );
    expect(lines.map(({ keys: [first] }) => first)).toEqual([
      null,
      { key: 0, up: false, down: true, at: 'stream' },
      { key: 0, up: true, down: true, at: 'message' },
      { key: 0, up: true, down: false, at: 'stream' },
      null,
    ]);
    // Of a key that opens nothing, or whose message is not there, no way can be drawn.
    expect(lanes).toBe(1);
  });
});

test('a host is its address without the port', () => {
  expect(['192.0.2.1:5060', '[2001:db8::1]:5060', '[2001:db8::1]', '2001:db8::1', '192.0.2.1', ''].map(hostOf)).toEqual(
    ['192.0.2.1', '2001:db8::1', '2001:db8::1', '2001:db8::1', '192.0.2.1', ''],
  );
});
