import type { TransportAddress } from '@trustline/capture';
import { encodeTftpPacket } from '@trustline/provisioning';

export const phone = { address: '192.0.2.20', port: 49_001 };
export const fileServer = { address: '192.0.2.1', port: 69 };
/** The port of one transfer. */
export const transferPort = { address: '192.0.2.1', port: 34_567 };

export type Datagram = readonly [TransportAddress, TransportAddress, Uint8Array];

/** A file read by TFTP, a block at a time, each acknowledged. */
export function readTransfer(
  fileName: string,
  file: Uint8Array,
  { blockSize = 512, client = phone, server = transferPort } = {},
): Datagram[] {
  const isUsual = blockSize === 512;
  const options = isUsual
    ? []
    : [
        { name: 'blksize', value: String(blockSize) },
        { name: 'tsize', value: '0' },
      ];
  const said: Datagram[] = [
    [client, fileServer, encodeTftpPacket({ kind: 'read-request', fileName, mode: 'octet', options })],
  ];
  if (!isUsual) {
    const agreed = [{ name: 'BLKSIZE', value: String(blockSize) }];
    said.push([server, client, encodeTftpPacket({ kind: 'option-acknowledgement', options: agreed })]);
    said.push([client, server, encodeTftpPacket({ kind: 'acknowledgement', block: 0 })]);
  }
  for (let at = 0, number = 1; at <= file.byteLength; at += blockSize, number++) {
    const [block, data] = [number & 0xffff, file.subarray(at, at + blockSize)];
    said.push([server, client, encodeTftpPacket({ kind: 'data', block, data })]);
    said.push([client, server, encodeTftpPacket({ kind: 'acknowledgement', block })]);
  }
  return said;
}
