import { expect, test } from 'vitest';
import { encapsulateUdp } from '../frame/encapsulate.ts';
import { linkTypes } from '../item.ts';
import { dissect } from './dissect.ts';
import { Dissection } from './dissection.ts';
import { type FlowKey, FlowTable } from './flow-table.ts';

const packet = new Dissection();

function from(address: string, port: number): Dissection {
  const destination = { address: address.includes(':') ? '2001:db8::2' : '192.0.2.2', port: 5_060 };
  const frame = encapsulateUdp({ source: { address, port }, destination, payload: new Uint8Array(4) });
  dissect(linkTypes.ethernet, frame, packet);
  return packet;
}

test('a flow is made once, and told apart by address, port, tunnel and interface', () => {
  const made: FlowKey[] = [];
  const table = new FlowTable((key) => {
    made.push(key);
    return made.length;
  });
  for (let round = 0; round < 2; round++) {
    expect(table.find(from('192.0.2.1', 1), 0)).toBe(1);
    expect(table.find(from('192.0.2.1', 2), 0)).toBe(2);
    expect(table.find(from('192.0.2.3', 1), 0)).toBe(3);
    expect(table.find(from('192.0.2.1', 1), 1)).toBe(4);
    expect(table.find(from('2001:db8::1', 1), 0)).toBe(5);
    const inTunnel = from('192.0.2.1', 1);
    inTunnel.tunnel = 7;
    expect(table.find(inTunnel, 0)).toBe(6);
  }
  expect(made).toHaveLength(6);
  expect(made[4]).toEqual({
    source: { address: '2001:db8::1', port: 1 },
    destination: { address: '2001:db8::2', port: 5_060 },
    protocol: 17,
    tunnel: 0,
    interface: 0,
  });
  expect([...table.flows()]).toEqual([1, 2, 3, 4, 5, 6]);
});

test('as many as there may be are held, and those used least lately go', () => {
  const gone: number[] = [];
  const table = new FlowTable(
    ({ source }) => source.port,
    1_000,
    (port) => gone.push(port),
  );
  for (let port = 1; port <= 5_000; port++) {
    expect(table.find(from('192.0.2.1', port), 0)).toBe(port);
    if (port % 100 === 0) table.find(from('192.0.2.1', 1), 0);
  }
  expect(table.size).toBeLessThanOrEqual(1_000);
  expect(table.givenUp + table.size).toBe(5_000);
  expect(gone).toHaveLength(table.givenUp);
  expect(gone).not.toContain(1);
  expect(table.find(from('192.0.2.1', 5_000), 0)).toBe(5_000);
});
