import { Observations } from '../src/model/observations.ts';
import { provisioningReaders } from '../src/signalling/provisioning/readers.ts';
import { findSecrets, MOST_SECRETS } from '../src/signalling/provisioning/secrets.ts';
import { readTransfer } from '../src/signalling/provisioning/transfers.fixture.ts';

const client = { address: '192.0.2.20', port: 49_001 };
const server = { address: '192.0.2.1', port: 34_567 };
const text = (words: string) => new TextEncoder().encode(words);

/** A configuration, HTTP with it, and a transfer by TFTP as datagrams one behind the other. */
export function corpus(): Uint8Array[] {
  const file = '<device><sshUserId>a</sshUserId><sshPassword>b</sshPassword></device>';
  const transfer = readTransfer('SEP001122334455.cnf.xml', text(file), { blockSize: 32 });
  return [
    text(file),
    text(`GET /SEP1.cnf.xml HTTP/1.1\r\nAuthorization: Basic YTpi\r\n\r\n`),
    text(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n<a>1<\r\n0\r\n\r\n`),
    Uint8Array.from(transfer.flatMap(([, , datagram]) => [...datagram])),
  ];
}

/** Reads the octets as what a phone fetches by each protocol: nothing throws, nothing is kept without end. */
export function fuzz(data: Uint8Array): void {
  const observations = new Observations({ legs: 10, disclosures: 1_000 });
  const context = { observations, exposure: { kind: 'clear' } as const };
  const place = { number: 1, microseconds: 0 };
  const half = data.byteLength >> 1;
  for (const readers of provisioningReaders) {
    readers.recogniseConnection?.(data);
    const connection = readers.openConnection?.({ ...context, client, server });
    connection?.data('client', text('GET /a.xml HTTP/1.1\r\n\r\n'), place);
    connection?.data('server', data.subarray(0, half), place);
    connection?.gap('server', data[0] ?? 1, place);
    connection?.data('server', data.subarray(half), place);
    connection?.data('client', data, place);
    connection?.ended('server', place);
    connection?.ended('client', place);
    const datagrams = readers.openDatagrams?.(context);
    if (datagrams === undefined) continue;
    const size = 4 + ((data[0] ?? 0) & 63);
    for (const [from, to, datagram] of readTransfer('a.xml', data, { blockSize: 2_048 })) {
      datagrams.datagram(from, to, datagram, place, (data[1] ?? 0) > 250);
    }
    for (let at = 0; at < data.byteLength; at += size) {
      const datagram = data.subarray(at, at + size);
      readers.recogniseDatagram?.(datagram);
      datagrams.expects?.(client, server, datagram);
      datagrams.datagram(client, server, datagram, place, false);
      datagrams.datagram(server, client, datagram, place, false);
    }
    datagrams.end?.();
  }
  if (findSecrets(new TextDecoder().decode(data)).length > MOST_SECRETS) throw new Error('more is told than may be');
  for (const { subject } of observations.disclosures()) if (subject.length > 256) throw new Error('a name is too long');
}
