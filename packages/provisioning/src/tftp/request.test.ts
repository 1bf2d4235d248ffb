import { expect, test } from 'vitest';
import { decodeTftpPacket, encodeTftpPacket, type TftpPacket } from './packet.ts';
import { readTftpRequest } from './request.ts';

const ask = (mode: string, kind: 'read-request' | 'write-request' = 'read-request') =>
  readTftpRequest(encodeTftpPacket({ kind, fileName: 'a', mode, options: [] }));

test('RFC 1350 §5: modes in any case', () => {
  expect(ask('OcTeT')).toMatchObject({ kind: 'read', mode: 'octet' });
  expect(ask('NETASCII')).toMatchObject({ kind: 'read', mode: 'netascii' });
});

test('mail and other modes are refused with error 4, writing with error 2', () => {
  const errorOf = (reading: ReturnType<typeof ask>) =>
    reading.kind === 'refused' ? decodeTftpPacket(reading.answer) : undefined;
  expect(errorOf(ask('mail'))).toMatchObject({ packet: { kind: 'error', code: 4 } });
  expect(errorOf(ask('octet', 'write-request'))).toMatchObject({ packet: { kind: 'error', code: 2 } });
});

test.each<TftpPacket>([
  { kind: 'data', block: 1, data: new Uint8Array(3) },
  { kind: 'acknowledgement', block: 0 },
  { kind: 'error', code: 5, message: '' },
])('$kind to the listening port wakes nobody', (packet) => {
  expect(readTftpRequest(encodeTftpPacket(packet))).toEqual({ kind: 'ignored' });
});

test('nor does noise', () => {
  expect(readTftpRequest(Uint8Array.of(0, 1, 2))).toEqual({ kind: 'ignored' });
});
