import { expect, test } from 'vitest';
import { stunBindingResponse } from './stun.ts';

const hex = (bytes: Uint8Array | undefined) => Buffer.from(bytes ?? []).toString('hex');
const transaction = 'b7e7a701bc34d686fa87dfae';
const request = (text: string) => Uint8Array.from(Buffer.from(text, 'hex'));
const binding = request(`000100002112a442${transaction}`);

test('RFC 8489 §14.2: who asks is told its address, as in the samples of RFC 5769 §2.2 and §2.3', () => {
  const v4 = stunBindingResponse(binding, { host: '192.0.2.1', port: 32_853 });
  expect(hex(v4)).toBe(`0101000c2112a442${transaction}002000080001a147e112a643`);
  const v6 = stunBindingResponse(binding, { host: '2001:db8:1234:5678:11:2233:4455:6677', port: 32_853 });
  expect(hex(v6)).toBe(`010100182112a442${transaction}002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9`);
});

test('addresses with zeros left out, and with a zone, are told whole', () => {
  const address = (host: string) => hex(stunBindingResponse(binding, { host, port: 0 })).slice(-32);
  expect(address('::1')).toBe(address('0:0:0:0:0:0:0:1'));
  expect(address('fe80::1%eth0')).toBe(address('fe80:0:0:0:0:0:0:1'));
});

test('anything else is no question', () => {
  const others = ['', '000100002112a443'.padEnd(40, '0'), '000100042112a442'.padEnd(40, '0'), '0101'.padEnd(40, '0')];
  expect(others.map((text) => stunBindingResponse(request(text), { host: '::1', port: 1 }))).toEqual(
    others.map(() => undefined),
  );
});
