import { expect, test } from 'vitest';
import { isStunBindingResponse, mappedAddressIn, stunBindingRequest, stunBindingResponse } from './stun.ts';

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

test('RFC 8489 §14.2: what is told is read again, by who asked, and by nobody else', () => {
  const asked = request(transaction);
  expect(hex(stunBindingRequest(asked))).toBe(hex(binding));
  for (const host of ['192.0.2.1', '2001:db8::1']) {
    const answer = stunBindingResponse(binding, { host, port: 5060 }) ?? new Uint8Array(0);
    const again = stunBindingResponse(request(`000100002112a442${'ab'.repeat(12)}`), { host, port: 5060 });
    expect(isStunBindingResponse(answer)).toBe(true);
    // Port, then the address, as they are.
    expect(hex(mappedAddressIn(answer, asked))).toMatch(host === '192.0.2.1' ? /^13c4c0000201$/ : /^13c420010db8/);
    expect(mappedAddressIn(again ?? new Uint8Array(0), asked)).toBeUndefined();
  }
});

test('an answer that lies about its lengths says nothing', () => {
  const asked = request(transaction);
  const lying = [`010100082112a442${transaction}002000ff00000000`, `010100042112a442${transaction}80220000`];
  expect(lying.map((text) => mappedAddressIn(request(text), asked))).toEqual([undefined, undefined]);
});
