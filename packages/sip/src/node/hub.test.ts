import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { sampleRequest } from '@trustline/testing';
import { afterEach, describe, expect, test } from 'vitest';
import type { SipFlow } from '../flow.ts';
import { prependHeader, withHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import { serializeMessage } from '../message/serialize.ts';
import type { SipMessage } from '../message/types.ts';
import type { FlowCloseReason, SipTransportEvent } from './events.ts';
import { SipTransportHub } from './hub.ts';
import type { SipTransportLimits } from './limits.ts';

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

function startHub(limits: Partial<SipTransportLimits> = {}) {
  const messages: { flow: SipFlow; message: SipMessage }[] = [];
  const closed: FlowCloseReason[] = [];
  const events: SipTransportEvent[] = [];
  const hub = new SipTransportHub({
    onMessage: (flow, message) => messages.push({ flow, message }),
    onFlowClosed: (_flow, reason) => closed.push(reason),
    onEvent: (event) => events.push(event),
    limits,
  });
  opened.push(hub);
  return { hub, messages, closed, events };
}

/** A TCP client that is not ours. */
function tcpClient(port: number, localAddress = '127.0.0.1') {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  opened.push({ close: () => socket.destroy() });
  const heard: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => heard.push(chunk));
  socket.on('error', () => {});
  const ended = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  return { socket, text: () => Buffer.concat(heard).toString(), ended };
}

const any = { host: '127.0.0.1', port: 0 };
const options = prependHeader(sampleRequest('OPTIONS'), 'Via', 'SIP/2.0/TCP 192.0.2.1;branch=z9hG4bKa');
const octets = serializeMessage(options);
const malformed = new TextDecoder().decode(octets).replace('CSeq: 1 OPTIONS', 'CSeq: 1 REGISTER');

describe('TCP', () => {
  test('a burst from one address closes its own connections, and not that of a phone elsewhere which is silent yet', async () => {
    const server = startHub({ unauthenticatedConnections: 5 });
    const listener = await server.hub.listenTcp(any);
    const phone = tcpClient(listener.local.port, '127.0.0.2');
    await once(phone.socket, 'connect');
    const burst = Array.from({ length: 40 }, () => tcpClient(listener.local.port));
    await Promise.all(burst.slice(0, 35).map(({ ended }) => ended));
    phone.socket.write(octets);
    await expect.poll(() => server.messages.length).toBe(1);
    expect(server.messages[0]?.flow.remote.host).toBe('127.0.0.2');
  });

  test('carries messages both ways, however they are cut', async () => {
    const server = startHub();
    const listener = await server.hub.listenTcp(any);
    const { socket, text } = tcpClient(listener.local.port);
    socket.setNoDelay(true);
    for (const octet of octets) socket.write(Uint8Array.of(octet));
    await expect.poll(() => server.messages.length).toBe(1);
    const { flow } = server.messages[0] ?? {};
    server.hub.send(flow?.id ?? '', serializeMessage(createResponse(options, 200, { toTag: 'b' })));
    await expect.poll(text).toMatch(/^SIP\/2\.0 200 OK\r\n/);
  });

  test('answers CRLF CRLF with CRLF (RFC 5626 §4.4.1)', async () => {
    const server = startHub();
    const listener = await server.hub.listenTcp(any);
    const { socket, text } = tcpClient(listener.local.port);
    socket.write('\r\n\r\n');
    await expect.poll(text).toBe('\r\n');
  });

  test('answers what it can of an unreadable message, then closes the stream', async () => {
    const server = startHub();
    const listener = await server.hub.listenTcp(any);
    const { socket, text, ended } = tcpClient(listener.local.port);
    socket.write(malformed);
    await ended;
    expect(text()).toMatch(/^SIP\/2\.0 400 /);
    await expect.poll(() => server.closed).toEqual(['bad-message']);
    expect(server.events).toMatchObject([{ kind: 'bad-message', error: { code: 'sip.cseq-method-mismatch' } }]);
    expect(server.hub.status).toEqual({ flows: 0, connections: 0, badMessages: 1 });
  });

  test('answers 400 to a malformed header and reads on: nothing is in doubt about where the message ended', async () => {
    const server = startHub();
    const listener = await server.hub.listenTcp(any);
    const { socket, text } = tcpClient(listener.local.port);
    socket.write(serializeMessage(withHeader(options, 'Contact', '<sip:')));
    socket.write(octets);
    await expect.poll(() => server.messages.length).toBe(1);
    await expect.poll(text).toMatch(/^SIP\/2\.0 400 /);
    expect(server.events).toMatchObject([{ kind: 'bad-message', error: { code: 'sip.bad-header' } }]);
    expect(server.closed).toEqual([]);
  });

  test('closes on half a message followed by silence, and on silence alone', async () => {
    const server = startHub({ messageTimeout: 50, unauthenticatedIdleTimeout: 1_200 });
    const listener = await server.hub.listenTcp(any);
    const half = tcpClient(listener.local.port);
    half.socket.write(octets.subarray(0, 50));
    const silent = tcpClient(listener.local.port);
    await half.ended;
    expect(server.closed).toEqual(['half-message']);
    await silent.ended;
    expect(server.closed).toEqual(['half-message', 'idle']);
  });

  test('closes on a message that comes octet by octet and does not end', async () => {
    const server = startHub({ messageTimeout: 50 });
    const listener = await server.hub.listenTcp(any);
    const { socket, ended } = tcpClient(listener.local.port);
    const drip = setInterval(() => socket.write('x'), 5);
    await ended;
    clearInterval(drip);
    expect(server.closed).toEqual(['half-message']);
  });

  test('does not wait for a header of ten megabytes', async () => {
    const server = startHub();
    const listener = await server.hub.listenTcp(any);
    const { socket, ended } = tcpClient(listener.local.port);
    socket.write(`OPTIONS sip:a@b SIP/2.0\r\nSubject: ${'x'.repeat(10_000_000)}\r\n\r\n`);
    await ended;
    expect(server.events).toMatchObject([{ kind: 'bad-message', error: { code: 'sip.header-too-large' } }]);
  });

  test('keeps a flow that we opened alive, until a ping is not answered (RFC 5626 §4.4.1)', async () => {
    let pings = 0;
    const server = createServer((socket) => {
      socket.on('data', (chunk) => {
        pings += 1;
        if (chunk.toString() === '\r\n\r\n' && pings <= 2) socket.write('\r\n');
      });
      socket.on('error', () => {});
    });
    opened.push(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const caller = startHub();
    await caller.hub.connectTcp({ host: '127.0.0.1', port, keepAlive: { interval: 10, pongTimeout: 1_500 } });
    await expect.poll(() => caller.closed, { timeout: 15_000 }).toEqual(['no-pong']);
    expect(pings).toBeGreaterThan(2);
  });

  test('closes a far end that does not read', async () => {
    const server = startHub({ writeBacklog: 100_000 });
    const listener = await server.hub.listenTcp(any);
    const { socket } = tcpClient(listener.local.port);
    socket.pause();
    socket.write(octets);
    await expect.poll(() => server.messages.length).toBe(1);
    const id = server.messages[0]?.flow.id ?? '';
    const large = serializeMessage({ ...options, body: new Uint8Array(60_000) });
    let sent = 0;
    while (server.hub.send(id, large)) sent += 1;
    expect(sent).toBeGreaterThan(0);
    expect(server.closed).toEqual(['slow-reader']);
    expect(server.hub.send(id, octets)).toBe(false);
  });
});

describe('UDP', () => {
  async function udpClient(port: number) {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    opened.push({ close: () => socket.close() });
    const heard: Buffer[] = [];
    socket.on('message', (datagram: Buffer) => heard.push(datagram));
    return { send: (datagram: Uint8Array | string) => socket.send(datagram, port, '127.0.0.1'), heard, socket };
  }

  test('carries messages both ways: each remote address is one flow', async () => {
    const server = startHub();
    const listener = await server.hub.listenUdp(any);
    const one = await udpClient(listener.local.port);
    const two = await udpClient(listener.local.port);
    for (const client of [one, two, one]) client.send(octets);
    await expect.poll(() => server.messages.length).toBe(3);
    expect(server.hub.status.flows).toBe(2);
    const flow = listener.flowTo({ host: '127.0.0.1', port: one.socket.address().port });
    expect(server.messages.some((message) => message.flow === flow)).toBe(true);
    server.hub.send(flow.id, octets);
    await expect.poll(() => one.heard.length).toBe(1);
    expect(two.heard).toEqual([]);
  });

  test('sends a stranger at most half as much again as came from there, until it has proved who it is', async () => {
    const server = startHub();
    const listener = await server.hub.listenUdp(any);
    const client = await udpClient(listener.local.port);
    client.send(octets);
    await expect.poll(() => server.messages.length).toBe(1);
    const { id } = server.messages[0]?.flow ?? { id: '' };
    const [most, answer] = [1.5 * octets.length, new Uint8Array(octets.length).fill(0x78)];
    for (let turn = 0; turn < 20; turn += 1) expect(server.hub.send(id, answer)).toBe(true);
    client.send(octets);
    await expect.poll(() => server.messages.length).toBe(2);
    expect(client.heard.reduce((sum, { length }) => sum + length, 0)).toBeLessThanOrEqual(most);
    server.hub.authenticate(id);
    const before = client.heard.length;
    for (let turn = 0; turn < 20; turn += 1) server.hub.send(id, answer);
    await expect.poll(() => client.heard.length).toBe(before + 20);
  });

  test('counts bad datagrams, and answers 400 to those it can', async () => {
    const server = startHub();
    const listener = await server.hub.listenUdp(any);
    const client = await udpClient(listener.local.port);
    client.send('garbage');
    client.send(malformed);
    client.send(serializeMessage(withHeader(options, 'Contact', '<sip:')));
    await expect.poll(() => server.hub.status.badMessages).toBe(3);
    const badRequest: unknown = expect.stringMatching(/^SIP\/2\.0 400 /);
    await expect.poll(() => client.heard.map(String)).toEqual([badRequest, badRequest]);
    expect(server.messages).toEqual([]);
  });

  test('ignores keep-alives of line breaks, and answers those of STUN (RFC 5626 §4.4.2)', async () => {
    const server = startHub();
    const listener = await server.hub.listenUdp(any);
    const client = await udpClient(listener.local.port);
    client.send('\r\n\r\n');
    // A bare question would have an answer of more than half as much again; one with a SOFTWARE attribute has not.
    client.send(Buffer.from('000100002112a442ffffffffffffffffffffffff', 'hex'));
    client.send(Buffer.from('000100082112a442000102030405060708090a0b8022000454657374', 'hex'));
    await expect.poll(() => client.heard.length).toBe(1);
    const port = (client.socket.address().port ^ 0x2112).toString(16).padStart(4, '0');
    expect(client.heard[0]?.toString('hex')).toBe(
      `0101000c2112a442000102030405060708090a0b002000080001${port}5e12a443`,
    );
    expect(server.hub.status).toEqual({ flows: 0, connections: 0, badMessages: 0 });
  });

  test('forgets the oldest stranger when there are too many, never one that we chose or that has authenticated', async () => {
    const server = startHub({ datagramFlows: 2 });
    const listener = await server.hub.listenUdp(any);
    const chosen = listener.flowTo({ host: '127.0.0.1', port: 1_001 });
    for (let number = 1; number <= 3; number += 1) {
      (await udpClient(listener.local.port)).send(octets);
      await expect.poll(() => server.messages.length).toBe(number);
    }
    expect(server.closed).toEqual(['connection-limit', 'connection-limit']);
    const [first, , last] = server.messages.map(({ flow }) => flow.id);
    expect(server.hub.send(first ?? '', octets)).toBe(false);
    server.hub.authenticate(last ?? '');
    expect(() => listener.flowTo({ host: '127.0.0.1', port: 1_004 })).toThrow(
      expect.objectContaining({ code: 'sip.too-many-flows' }) as Error,
    );
    expect(listener.flowTo(chosen.remote)).toBe(chosen);
  });
});

test('a port in use is named, with a way to find who has it', async () => {
  const { hub } = startHub();
  const tcp = await hub.listenTcp(any);
  const udp = await hub.listenUdp(any);
  for (const attempt of [hub.listenTcp(tcp.local), hub.listenUdp(udp.local)]) {
    await expect(attempt).rejects.toMatchObject({
      code: 'sip.port-in-use',
      nextStep: expect.stringContaining('ss -lnp') as string,
    });
  }
  await expect(hub.listenTcp({ host: '192.0.2.1', port: 0 })).rejects.toMatchObject({ code: 'sip.no-such-address' });
});

test('closing the hub ends every flow and frees its ports', async () => {
  const { hub, closed } = startHub();
  const tcp = await hub.listenTcp(any);
  const { ended } = tcpClient(tcp.local.port);
  await expect.poll(() => hub.status.flows).toBe(1);
  hub.close();
  await ended;
  expect(closed).toEqual(['closed-by-us']);
  const next = startHub();
  await expect
    .poll(() =>
      next.hub.listenTcp(tcp.local).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
});

describe('IPv6', () => {
  test('a listener on :: hears both families, and answers each (RFC 3493 §3.7)', async () => {
    const server = startHub();
    const listener = await server.hub.listenUdp({ host: '::', port: 0 });
    for (const [type, host] of [
      ['udp4', '127.0.0.1'],
      ['udp6', '::1'],
    ] as const) {
      const socket = createSocket(type);
      opened.push({ close: () => socket.close() });
      socket.send(octets, listener.local.port, host);
      await expect.poll(() => server.messages.at(-1)?.flow.remote.host).toBe(host);
      const flow = server.messages.at(-1)?.flow;
      expect(flow?.local).toEqual({ host, port: listener.local.port });
      const heard = once(socket, 'message');
      server.hub.send(flow?.id ?? '', serializeMessage(createResponse(options, 200, { toTag: 'b' })));
      expect(String((await heard)[0])).toMatch(/^SIP\/2\.0 200 OK/);
    }
  });

  test('an IPv6 address in Via and in a flow stands as RFC 3261 §25.1 writes it', async () => {
    const [server, client] = [startHub(), startHub()];
    const listener = await server.hub.listenTcp({ host: '::1', port: 0 });
    const flow = await client.hub.connectTcp({ host: '::1', port: listener.local.port });
    expect(flow.remote).toEqual({ host: '::1', port: listener.local.port });
    client.hub.send(flow.id, octets);
    await expect.poll(() => server.messages[0]?.flow.remote).toEqual(flow.local);
  });
});
