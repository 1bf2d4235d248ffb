import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ChannelData, readChannelData, readStunMessage, type StunMessage } from './stun-message.ts';
import { StunStream } from './stun-stream.ts';

const octets = (text: string) =>
  Uint8Array.from(text.replace(/\s/g, '').match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

/** RFC 5769 §2.1: a request with a short-term credential, password `VOkJxbRl1RmTxUk/WvJxBt`. */
const request = octets(`000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74
  002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2
  80280004e57a3bcf`);
/** RFC 5769 §2.2: its answer, by IPv4. */
const answer = octets(`0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220
  002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96`);
/** RFC 5769 §2.3: by IPv6. */
const answer6 = octets(`010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220
  002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c`);
/** RFC 5769 §2.4: a long-term credential, password `TheMatrIX`. */
const longTerm = octets(`000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000
  0015001c662f2f3439396b39353464364f4c33346f4c39465354767936347341
  0014000b6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666`);

describe('the samples of RFC 5769', () => {
  test('a request: who asks, and what the password could be guessed by', () => {
    const message = readStunMessage(request);
    expect(message).toMatchObject({
      class: 'request',
      method: 'Binding',
      software: 'STUN test client',
      username: 'evtj:h6vY',
    });
    const { credential } = message ?? {};
    expect(credential).toMatchObject({ kind: 'short-term', mac: 'HMAC-SHA1' });
    const code = createHmac('sha1', 'VOkJxbRl1RmTxUk/WvJxBt')
      .update(credential?.covered ?? '')
      .digest();
    expect(credential?.code).toEqual(new Uint8Array(code));
  });

  test('answers: addresses of both families', () => {
    expect(readStunMessage(answer)?.mappedAddress).toEqual({ address: '192.0.2.1', port: 32_853 });
    expect(readStunMessage(answer6)?.mappedAddress).toEqual({
      address: '2001:db8:1234:5678:11:2233:4455:6677',
      port: 32_853,
    });
    expect(readStunMessage(answer)).toMatchObject({ class: 'success', credential: undefined });
  });

  test('a long-term credential is that of its password', () => {
    const { credential } = readStunMessage(longTerm) ?? {};
    expect(credential).toMatchObject({
      kind: 'long-term',
      username: 'マトリックス',
      realm: 'example.org',
      nonce: 'f//499k954d6OL34oL9FSTvy64sA',
      passwordAlgorithm: 'MD5',
    });
    const key = createHash('md5').update('マトリックス:example.org:TheMatrIX').digest();
    expect(credential?.code).toEqual(
      new Uint8Array(
        createHmac('sha1', key)
          .update(credential?.covered ?? '')
          .digest(),
      ),
    );
  });
});

describe('what a relay carries', () => {
  const data = octets('000102030405');
  const indication = octets(
    '001700182112a442000102030405060708090a0b 001200080001 2133 e112a643 00130006 000102030405 0000',
  );
  const channelData = octets('40010006 000102030405 0000');

  test('a Data indication says who sent it', () => {
    expect(readStunMessage(indication)).toMatchObject({
      class: 'indication',
      method: 'Data',
      peerAddress: { address: '192.0.2.1', port: 33 },
      data,
    });
  });

  test('ChannelData has a channel and the payload', () => {
    expect(readChannelData(channelData)).toEqual({ kind: 'channel-data', channel: 0x4001, payload: data });
    expect(readChannelData(channelData.subarray(0, 9))).toBeUndefined();
  });

  test('by TCP both are cut from each other, however they are segmented', () => {
    const stream = Uint8Array.of(...request, ...channelData, ...indication, ...channelData);
    for (const size of [1, 3, 17, 1_000]) {
      const kinds: string[] = [];
      const reader = new StunStream((message) => kinds.push(message.kind));
      for (let at = 0; at < stream.byteLength; at += size) reader.push(stream.subarray(at, at + size));
      expect(kinds).toEqual(['stun', 'channel-data', 'stun', 'channel-data']);
    }
    const lost = new StunStream(() => {});
    lost.push(new TextEncoder().encode('SIP/2.0 200 OK\r\n'));
    expect(lost.isLost).toBe(true);
  });
});

test('every truncation and any change is read without an exception', () => {
  for (const sample of [request, answer, answer6, longTerm]) {
    for (let length = 0; length < sample.byteLength; length++)
      expect(readStunMessage(sample.subarray(0, length))).toBeUndefined();
    fc.assert(
      fc.property(fc.nat({ max: sample.byteLength - 1 }), fc.nat({ max: 255 }), (at, octet) => {
        readStunMessage(sample.with(at, octet));
      }),
    );
  }
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 60 })), (parts) => {
      const seen: (StunMessage | ChannelData)[] = [];
      const reader = new StunStream((message) => seen.push(message));
      for (const part of parts) reader.push(part);
    }),
  );
});
