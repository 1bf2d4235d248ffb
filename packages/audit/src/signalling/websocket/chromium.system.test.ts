import { hash } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { eventually, missingPrograms } from '@trustline/testing/node';
import { chromium } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { clear } from '../../model/exposure.ts';
import { Observations } from '../../model/observations.ts';
import type { ConnectionReader } from '../reader.ts';
import { request, sdp, sdpType } from '../sip/messages.fixture.ts';
import { webSocketReaders } from './readers.ts';

const ends = { client: { address: '127.0.0.1', port: 50_000 }, server: { address: '127.0.0.1', port: 8088 } };
/** RFC 6455 §1.3 */
const ACCEPTING = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/** Takes a browser's WebSocket and gives each octet of it to the reader, who learns nothing else. */
async function listenIn(
  compression: string,
  reader: ConnectionReader,
): Promise<{ port: number; received: () => number; close: () => void }> {
  let [packet, received] = [0, 0];
  const place = () => ({ number: ++packet, microseconds: 1_000 * packet });
  const server = createServer((socket: Socket) => {
    let head = '';
    socket.on('data', (octets: Uint8Array) => {
      if (head === '') expect(webSocketReaders.recogniseConnection?.(octets)).toBe('yes');
      received += octets.byteLength;
      reader.data('client', octets, place());
      if (head.includes('\r\n\r\n')) return;
      head += new TextDecoder().decode(octets);
      const key = /Sec-WebSocket-Key: (\S+)/i.exec(head)?.[1];
      if (!head.includes('\r\n\r\n') || key === undefined) return;
      const accept = hash('sha1', key + ACCEPTING, 'base64');
      const answer = new TextEncoder().encode(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: sip\r\n${compression}\r\n`,
      );
      socket.write(answer);
      reader.data('server', answer, place());
    });
    socket.on('error', () => {});
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, received: () => received, close: () => server.close() };
}

describe.skipIf(missingPrograms('chromium'))('what Chromium sends over a WebSocket', () => {
  const long = sdp(
    '192.0.2.10',
    `m=audio 4000 RTP/AVP 8\n${'a=candidate:1 1 udp 1 192.0.2.33 5000 typ host\n'.repeat(1_000)}`,
  );
  const messages = [request('INVITE', 1, sdpType, long), request('ACK', 1), request('INFO', 2), request('BYE', 3)];

  test('is read, compressed with and without what came before (RFC 7692 §7.1.1), and as it is', async () => {
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
    try {
      const page = await browser.newPage();
      for (const compression of [
        'Sec-WebSocket-Extensions: permessage-deflate\r\n',
        'Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover\r\n',
        '',
      ]) {
        const observations = new Observations();
        const reader = webSocketReaders.openConnection?.({
          observations,
          exposure: clear,
          ...ends,
        }) as ConnectionReader;
        const { port, received, close } = await listenIn(compression, reader);
        await page.evaluate(
          ([url, texts]) =>
            new Promise<void>((resolve, reject) => {
              const socket = new WebSocket(url, 'sip');
              socket.onerror = () => reject(new Error('no connection'));
              socket.onclose = () => resolve();
              socket.onopen = () => {
                for (const text of texts) socket.send(text);
                const wait = () => (socket.bufferedAmount === 0 ? resolve() : void setTimeout(wait, 5));
                wait();
              };
            }),
          [`ws://127.0.0.1:${port}/`, messages] as const,
        );
        await eventually('the last message', () => observations.legs()[0]?.ended !== undefined);
        const [leg, ...others] = observations.legs();
        close();
        expect(received() < long.length).toBe(compression !== '');
        expect(others).toEqual([]);
        expect(leg?.messages.map(({ name }) => name)).toEqual(['INVITE', 'ACK', 'INFO', 'BYE']);
        expect(leg?.descriptions[0]?.receives.port).toBe(4_000);
        expect(leg?.ended).toBeDefined();
      }
    } finally {
      await browser.close();
    }
  });
});
