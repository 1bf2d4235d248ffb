import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { get } from 'node:http';
import { connect, type TLSSocket } from 'node:tls';
import { Redacted } from '@trustline/base';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { ManagerFolder } from './running-manager.fixture.ts';

/** Where the phone is, and where somebody else is. */
const [here, elsewhere] = ['127.0.0.1', '127.0.0.2'];

const manager = new ManagerFolder();
let count = 0;
let device: string;
let line: string;
beforeAll(async () => {
  await manager.start();
}, 60_000);
beforeEach(async () => {
  count += 1;
  device = `SEP0011223344${count.toString(16).toUpperCase().padStart(2, '0')}`;
  line = String(1_000 + count);
  await manager.addPhone(device, line);
});
afterAll(() => manager.remove());

/** Reads a list in the name of the phone by HTTP. */
async function byHttp(address: string, kind = 'CTL'): Promise<void> {
  const path = `/${kind}${device}.tlv`;
  const request = get({ host: here, port: await manager.port('HTTP'), path, localAddress: address, agent: false });
  const [response] = await once(request, 'response');
  expect(response.statusCode).toBe(200);
  response.resume();
  await once(response, 'end');
}

/** Reads a list in the name of the phone by TFTP (RFC 1350), block after block. */
async function byTftp(address: string, kind = 'CTL'): Promise<void> {
  const socket = createSocket('udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const name = `${kind}${device}.tlv`;
  socket.send(Buffer.from(`\0\x01${name}\0octet\0`, 'latin1'), await manager.port('TFTP'), here);
  for (let length = 512; length === 512; ) {
    const [packet, from] = await once(socket, 'message');
    expect(packet.readUInt16BE(0)).toBe(3);
    length = packet.length - 4;
    const acknowledgement = Buffer.from([0, 4, packet[2], packet[3]]);
    await new Promise((resolve) => socket.send(acknowledgement, from.port, from.address, resolve));
  }
  await new Promise((resolve) => socket.close(() => resolve(undefined)));
}

const phone = async () => (await manager.client.trust()).phones.find((one) => one.device === device);
const soon = (check: () => Promise<void>) => vi.waitFor(check, { timeout: 20_000, interval: 50 });
const given = (kind: string, address: string) =>
  soon(async () => {
    expect((await phone())?.given).toContainEqual(expect.objectContaining({ kind, address }));
  });

/** A connection of the phone, from where it is, with its own certificate. */
async function connected(): Promise<TLSSocket> {
  const { proof } = await manager.client.deviceCredentials(device);
  if (proof.kind !== 'certificate') throw new Error('a secure phone has a certificate');
  const port = (await manager.client.status()).listeners.find(({ transport }) => transport === 'tls')?.port ?? 0;
  const socket = connect({
    host: here,
    port,
    cert: proof.certificatePem,
    key: proof.privateKeyPem,
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  return socket;
}

let registers = 0;
/** @param callId another one where the phone has started anew */
async function register(socket: TLSSocket, callId: string): Promise<void> {
  registers += 1;
  const request = [
    'REGISTER sip:127.0.0.1 SIP/2.0',
    `Via: SIP/2.0/TLS 127.0.0.1:5999;branch=z9hG4bK${registers};rport`,
    'Max-Forwards: 70',
    `From: <sip:${line}@127.0.0.1>;tag=${registers}`,
    `To: <sip:${line}@127.0.0.1>`,
    `Call-ID: ${callId}`,
    `CSeq: ${registers} REGISTER`,
    `Contact: <sip:${line}@127.0.0.1:5999;transport=tls>`,
    'Expires: 300',
    'Content-Length: 0',
  ];
  socket.write(`${request.join('\r\n')}\r\n\r\n`);
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^SIP\/2.0 200/);
}

describe.each([
  ['HTTP', byHttp],
  ['TFTP', byTftp],
] as const)('whoever fetches a list by %s', (_, fetchList) => {
  test('in the name of a phone that registers elsewhere is not that phone', async () => {
    await fetchList(elsewhere);
    await given('CTL', elsewhere);
    const socket = await connected();
    await register(socket, 'first');
    expect(await phone()).toMatchObject({ state: 'unknown', ctl: null, given: [{ kind: 'CTL', address: elsewhere }] });
    // The phone itself does, and now it is known.
    await fetchList(here);
    await given('CTL', here);
    await register(socket, 'first');
    const later = await connected();
    await register(later, 'first');
    expect(await phone()).toMatchObject({ state: 'unknown', ctl: null });
    await register(later, 'second');
    await soon(async () => expect(await phone()).toMatchObject({ ctl: { address: here }, itl: null, given: [] }));
    socket.destroy();
    later.destroy();
  });
});

test('a connection that was there before the list was fetched proves nothing, whatever comes over it', async () => {
  const socket = await connected();
  await byHttp(here);
  await given('CTL', here);
  await register(socket, 'anew');
  expect(await phone()).toMatchObject({ state: 'unknown', ctl: null, given: [{ address: here }] });
  socket.destroy();
});

test('an enrolment proves it by the string, and not in a window in which everybody is believed', async () => {
  await byHttp(here);
  await byHttp(here, 'ITL');
  await given('ITL', here);
  await manager.client.openEnrolment(device, { by: 'nothing', minutes: 5 });
  expect((await manager.enrol(device, { by: 'nothing' })).result).toMatchObject({ outcome: 'installed' });
  expect(await phone()).toMatchObject({ state: 'unknown' });
  await manager.client.openEnrolment(device, { by: 'string', string: '12345678' });
  const string = new Redacted('12345678');
  expect((await manager.enrol(device, { by: 'string', string })).result).toMatchObject({ outcome: 'installed' });
  await soon(async () => expect(await phone()).toMatchObject({ state: 'up-to-date', given: [] }));
  const events = (await manager.events()).filter((event) => event.device === device);
  expect(events.filter(({ kind }) => kind === 'trust-list-taken').map(({ cause }) => cause)).toEqual([
    expect.stringMatching(/CTL number \d+, .* as its first, and came to CAPF from there afterwards\.$/),
    expect.stringMatching(/ITL number \d+, /),
  ]);
});
