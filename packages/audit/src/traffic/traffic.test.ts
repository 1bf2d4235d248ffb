import { type CapturedPacket, encapsulateUdp, linkTypes } from '@trustline/capture';
import { describe, expect, test } from 'vitest';
import { captured, flags, tcpPacket } from './frames.fixture.ts';
import { Traffic } from './traffic.ts';

const client = { address: '192.0.2.1', port: 50_000 };
const server = { address: '192.0.2.2', port: 5_060 };

/** What the observer of a capture is told, one line each. */
function heardIn(packets: readonly CapturedPacket[], flows = 1_000) {
  const lines: string[] = [];
  const traffic = new Traffic(
    {
      openDatagrams: ({ source, destination, protocol }) => {
        const name = `${source.address}:${source.port} > ${destination.address}:${destination.port} (${protocol})`;
        return {
          datagram: (octets, { number }, isCut) =>
            void lines.push(`${number} ${name} ${new TextDecoder().decode(octets)}${isCut ? ' cut' : ''}`),
        };
      },
      openConnection: (ends) => {
        const name = `${ends.client.port} > ${ends.server.port}${ends.joinedLate ? ', joined late' : ''}`;
        lines.push(`opened ${name}`);
        return {
          data: (from, octets, { number }) =>
            void lines.push(`${number} ${name} ${from}: ${new TextDecoder().decode(octets)}`),
          gap: (from, octets) => void lines.push(`${name} ${from}: gap of ${octets}`),
          ended: (from) => void lines.push(`${name} ${from} ended`),
        };
      },
    },
    { flows, connections: flows },
  );
  for (const packet of packets) traffic.handle(packet);
  traffic.end();
  return { lines, counts: traffic.counts() };
}

const toServer = { from: client, to: server };
const toClient = { from: server, to: client };

describe('a TCP connection', () => {
  test('is opened by its SYN, and each side is in order', () => {
    const { lines } = heardIn(
      captured([
        tcpPacket({ ...toServer, sequence: 100, flags: flags.syn }),
        tcpPacket({ ...toClient, sequence: 500, acknowledgement: 101, flags: flags.syn }),
        tcpPacket({ ...toServer, sequence: 104, acknowledgement: 501, text: 'two' }),
        tcpPacket({ ...toServer, sequence: 101, acknowledgement: 501, text: 'one' }),
        tcpPacket({ ...toClient, sequence: 501, acknowledgement: 107, text: 'yes', flags: flags.fin }),
        tcpPacket({ ...toServer, sequence: 107, acknowledgement: 505, flags: flags.reset }),
      ]),
    );
    expect(lines).toEqual([
      'opened 50000 > 5060',
      '4 50000 > 5060 client: one',
      '4 50000 > 5060 client: two',
      '5 50000 > 5060 server: yes',
      '50000 > 5060 server ended',
      '50000 > 5060 client ended',
    ]);
  });

  test('that the capture joined late has its server at the lower port', () => {
    const { lines } = heardIn(
      captured([
        tcpPacket({ ...toClient, sequence: 1, acknowledgement: 1, text: 'b' }),
        tcpPacket({ ...toServer, sequence: 1, acknowledgement: 2, text: 'a' }),
      ]),
    );
    expect(lines.slice(0, 3)).toEqual([
      'opened 50000 > 5060, joined late',
      '1 50000 > 5060, joined late server: b',
      '2 50000 > 5060, joined late client: a',
    ]);
  });

  test('after another between the same ports is one of its own, though the first never ended', () => {
    const first = [
      tcpPacket({ ...toServer, sequence: 100, flags: flags.syn }),
      tcpPacket({ ...toClient, sequence: 500, acknowledgement: 101, flags: flags.syn }),
      tcpPacket({ ...toServer, sequence: 101, acknowledgement: 501, text: 'first' }),
    ];
    const second = [
      tcpPacket({ ...toServer, sequence: 90_000, flags: flags.syn }),
      tcpPacket({ ...toServer, sequence: 90_000, flags: flags.syn }),
      tcpPacket({ ...toClient, sequence: 4_000, acknowledgement: 90_001, flags: flags.syn }),
      tcpPacket({ ...toServer, sequence: 90_001, acknowledgement: 4_001, text: 'second' }),
    ];
    const { lines } = heardIn(captured([...first, ...second]));
    expect(lines.filter((line) => !line.endsWith('ended'))).toEqual([
      'opened 50000 > 5060',
      '3 50000 > 5060 client: first',
      'opened 50000 > 5060',
      '7 50000 > 5060 client: second',
    ]);
    expect(lines.filter((line) => line.endsWith('ended'))).toHaveLength(4);
  });

  test('of which the capture lost a segment has a gap there', () => {
    const { lines } = heardIn(
      captured([
        tcpPacket({ ...toServer, sequence: 100, flags: flags.syn }),
        tcpPacket({ ...toServer, sequence: 101, text: 'abc' }),
        tcpPacket({ ...toServer, sequence: 110, text: 'jkl' }),
      ]),
    );
    expect(lines.slice(1, 4)).toEqual([
      '2 50000 > 5060 client: abc',
      '50000 > 5060 client: gap of 6',
      '3 50000 > 5060 client: jkl',
    ]);
  });
});

test('datagrams come by direction, those of other protocols without ports, a cut one is said to be cut', () => {
  const udp = encapsulateUdp({ source: client, destination: server, payload: new TextEncoder().encode('hello') });
  const other = udp.slice();
  other[14 + 9] = 50;
  const { lines, counts } = heardIn(captured([udp, other, udp.subarray(0, udp.byteLength - 2)], linkTypes.ethernet));
  expect(lines[0]).toBe('1 192.0.2.1:50000 > 192.0.2.2:5060 (17) hello');
  expect(lines[1]).toMatch(/^2 192\.0\.2\.1:0 > 192\.0\.2\.2:0 \(50\) /);
  expect(lines[2]).toBe('3 192.0.2.1:50000 > 192.0.2.2:5060 (17) hel cut');
  expect(counts.packets).toMatchObject({ udp: 2, ip: 1, tcp: 0 });
});

test('of the interfaces of very many sections the latest are remembered; none begins with its clock set back', () => {
  const payload = new TextEncoder().encode('hello');
  const [packet] = captured([encapsulateUdp({ source: client, destination: server, payload })], linkTypes.ethernet);
  if (packet === undefined) return;
  let opened = 0;
  const traffic = new Traffic(
    {
      openDatagrams: () => {
        opened++;
        return { datagram: () => {} };
      },
      openConnection: () => ({ data: () => {}, gap: () => {}, ended: () => {} }),
    },
    { flows: 100_000, connections: 10 },
  );
  const hear = (at: CapturedPacket['interface']) => traffic.handle({ ...packet, interface: at, time });
  const time = { microseconds: -1e12, nanoseconds: 0 };
  const [first, last] = [{ ...packet.interface }, { ...packet.interface }];
  hear(first);
  for (let at = 0; at < 70_000; at++) hear({ ...packet.interface });
  hear(last);
  hear(first);
  hear(last);
  expect(opened).toBe(70_003);
  expect(traffic.counts()).toMatchObject({ clockSetBack: 0, packets: { udp: 70_004 } });
});

test('of a million ends that speak once so many are remembered as may be', () => {
  const packets = Array.from({ length: 3_000 }, (_, at) =>
    encapsulateUdp({
      source: { address: `10.0.${at >> 8}.${at & 255}`, port: 1_000 },
      destination: server,
      payload: Uint8Array.of(1),
    }),
  );
  const { lines, counts } = heardIn(captured(packets, linkTypes.ethernet), 500);
  expect(lines).toHaveLength(3_000);
  expect(counts.flowsGivenUp).toBeGreaterThanOrEqual(2_500);
});
