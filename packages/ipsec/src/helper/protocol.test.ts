import { describe, expect, test } from 'vitest';
import { IpsecError } from '../error.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  type HelperAnswer,
  type HelperRequest,
  LineReader,
  MAX_LINE,
} from './protocol.ts';

const text = (octets: Uint8Array) => new TextDecoder().decode(octets).trimEnd();

describe('a line of the helper', () => {
  test.each<HelperRequest>([
    { do: 'status' },
    { do: 'read' },
    { do: 'release', connection: 'gw1' },
    { do: 'routes', ways: [{ localAddress: '10.98.0.1', remoteAddress: '10.98.0.2' }] },
    { do: 'probe', connection: 'gw1' },
    {
      do: 'protect',
      peers: [
        { connection: 'gw1', address: '10.98.0.2' },
        { connection: 'gw2', address: '2001:db8::2', mediaPorts: { first: 16_384, last: 32_767 } },
      ],
    },
  ])('$do is read as it was written', (content) => {
    expect(decodeRequest(text(encodeRequest({ id: 7, content })))).toEqual({ id: 7, content });
  });

  test.each<HelperAnswer>([
    { is: 'done' },
    { is: 'routes', devices: ['ipsec0', null] },
    { is: 'routes' },
    { is: 'status', status: { stack: 'kernel-libipsec', tunnelDevice: 'ipsec0', daemonRuns: true } },
    { is: 'probed', result: { leaked: null, message: 'nft is not there' } },
    { is: 'reading', reading: { inPlace: false, problem: 'the table is gone' } },
    {
      is: 'reading',
      reading: {
        inPlace: true,
        dropped: new Map([['gw1', { inbound: 1, outbound: 2 }]]),
        segments: [
          { local: { address: '10.98.0.1', port: 4_000 }, remote: { address: '10.98.0.2', port: 1720 }, packets: 2 },
        ],
        probes: new Map([['gw1', { inbound: 0, outbound: 3 }]]),
        repairs: { count: 3, problem: 'the table was gone', at: 1_800_000_000_000 },
      },
    },
    {
      is: 'reading',
      reading: { inPlace: false, problem: 'it is gone', repairs: { count: 1, problem: 'a rule', at: 1 } },
    },
    { is: 'refused', error: new IpsecError('ipsec.guard', 'nft refused', { nextStep: 'install nftables' }) },
  ])('$is is read as it was written', (content) => {
    expect(decodeAnswer(text(encodeAnswer({ id: 8, content })))).toEqual({ id: 8, content });
  });

  test.each([
    '',
    'null',
    '[]',
    '{"do":"read"}',
    '{"id":-1,"do":"read"}',
    '{"id":1,"do":"run"}',
    '{"id":1,"do":"protect","peers":[{"connection":"gw1"}]}',
    '{"id":1,"do":"protect","peers":{}}',
    '{"id":1,"do":"routes","ways":[{"localAddress":"10.98.0.1","remoteAddress":"10.98.0.2\\nrule flush"}]}',
    '{"id":1,"do":"routes","ways":[{"localAddress":"eth0","remoteAddress":"10.98.0.2"}]}',
  ])('%s is refused', (line) => {
    expect(() => decodeRequest(line)).toThrow(IpsecError);
    expect(() => decodeAnswer(line)).toThrow(IpsecError);
  });

  test('is found in whatever pieces it comes, and may not grow without end', () => {
    const reader = new LineReader();
    expect(reader.push(Buffer.from('a'))).toEqual([]);
    expect(reader.push(Buffer.from('b\nc\nd'))).toEqual(['ab', 'c']);
    expect(() => reader.push(Buffer.alloc(MAX_LINE + 1, 0x20))).toThrow(IpsecError);
  });
});
