import { once } from 'node:events';
import { makeTestCertificates, sampleRequest } from '@trustline/testing';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import type { SipFlow } from '../flow.ts';
import { prependHeader } from '../message/headers.ts';
import { createResponse } from '../message/response.ts';
import { serializeMessage } from '../message/serialize.ts';
import type { SipMessage } from '../message/types.ts';
import { SipTransportHub } from './hub.ts';

let identity: { readonly cert: string; readonly key: string };
beforeAll(async () => {
  const { certificatePem, privateKeyPem } = (await makeTestCertificates()).callManager.ecdsa;
  identity = { cert: certificatePem, key: privateKeyPem };
});

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0)) each.close();
});

const page = 'https://phone.example';
const options = prependHeader(sampleRequest('OPTIONS'), 'Via', 'SIP/2.0/WSS df7jal23ls0d.invalid;branch=z9hG4bKa');
const text = new TextDecoder().decode(serializeMessage(options));

async function listening() {
  const messages: { flow: SipFlow; message: SipMessage }[] = [];
  const refusals: string[] = [];
  const closed: string[] = [];
  const hub = new SipTransportHub({
    onMessage: (flow, message) => messages.push({ flow, message }),
    onFlowClosed: (_, reason) => closed.push(reason),
    onEvent: (event) => event.kind === 'handshake-refused' && refusals.push(event.reason),
    messageLimits: { startLine: 8_192, headerCount: 256, header: 16_384, head: 16_384, body: 16_384 },
  });
  opened.push(hub);
  const where = { host: '127.0.0.1', port: 0 };
  const listener = await hub.listenWebSocket({ ...where, secureContextOptions: identity, origins: [page] });
  const open = (origin: string | undefined, protocols: string | string[] = 'sip') => {
    const socket = new WebSocket(`wss://127.0.0.1:${listener.local.port}`, protocols, {
      rejectUnauthorized: false,
      ...(origin === undefined ? {} : { origin }),
    });
    opened.push({ close: () => socket.terminate() });
    return socket;
  };
  return { hub, messages, refusals, closed, open };
}

describe('SIP over WebSockets', () => {
  test('RFC 7118 §4.2: one message of SIP is one of the WebSocket, text or binary, both ways', async () => {
    const { hub, messages, open } = await listening();
    const socket = open(page);
    await once(socket, 'open');
    expect(socket.protocol).toBe('sip');
    socket.send(text);
    socket.send(serializeMessage(options));
    await expect.poll(() => messages.length).toBe(2);
    const [{ flow } = { flow: undefined }] = messages;
    expect(flow?.transport).toBe('wss');
    const heard = once(socket, 'message');
    hub.send(flow?.id ?? '', serializeMessage(createResponse(options, 200, { toTag: 'b' })));
    const [data, isBinary] = await heard;
    expect([String(data).slice(0, 14), isBinary]).toEqual(['SIP/2.0 200 OK', false]);
  });

  test('RFC 5626 §4.4.1, RFC 7118 §6: a double CRLF is answered by one', async () => {
    const { open } = await listening();
    const socket = open(page);
    await once(socket, 'open');
    const heard = once(socket, 'message');
    socket.send('\r\n\r\n');
    expect(String((await heard)[0])).toBe('\r\n');
  });

  test.each([
    ['a page of another origin', 'https://evil.example', 'sip', 403, 'its page is of https://evil.example'],
    ['who names no origin', undefined, 'sip', 403, 'it names no web origin'],
    ['another subprotocol', page, 'chat', 400, 'it does not offer the WebSocket subprotocol sip'],
  ])('RFC 6454 §7, RFC 7118 §4.1: %s is refused, and it is said', async (_, origin, protocol, status, reason) => {
    const { open, refusals, messages } = await listening();
    const [error] = await once(open(origin, protocol), 'error');
    expect(String(error)).toContain(String(status));
    await expect.poll(() => refusals[0]).toContain(reason);
    expect(messages).toEqual([]);
  });

  test('what asks for a page is told what is spoken here', async () => {
    const { open } = await listening();
    const socket = open(page);
    await once(socket, 'open');
    const url = socket.url.replace('wss', 'https');
    const { request } = await import('node:https');
    const asked = request(url, { rejectUnauthorized: false }).end();
    const [response] = await once(asked, 'response');
    expect([response.statusCode, response.headers.upgrade]).toEqual([426, 'websocket']);
    response.resume();
  });

  test('a message that is too large, or cannot be read, is not taken', async () => {
    const { messages, closed, open } = await listening();
    const socket = open(page);
    await once(socket, 'open');
    const heard = once(socket, 'message');
    socket.send(text.replace('CSeq: 1 OPTIONS', 'CSeq: 1 REGISTER'));
    expect(String((await heard)[0])).toMatch(/^SIP\/2\.0 400 /);
    socket.send(text.padEnd(100_000, 'x'));
    await expect.poll(() => closed).toEqual(['bad-message']);
    expect(messages).toEqual([]);
  });
});
