import { constants, createDeflateRaw, deflateRawSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { clear } from '../../model/exposure.ts';
import { Observations } from '../../model/observations.ts';
import type { ConnectionReader } from '../reader.ts';
import { request, response, sdp, sdpType } from '../sip/messages.fixture.ts';
import { MOST_INFLATED } from './inflate.ts';
import { webSocketReaders } from './readers.ts';

const client = { address: '2001:db8::10', port: 50_000 };
const server = { address: '2001:db8::1', port: 8088 };
const encode = (text: string) => new TextEncoder().encode(text);

const asks = encode(
  'GET /ws HTTP/1.1\r\nHost: pbx.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n\r\n',
);
const agrees = encode(
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: sip\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n',
);

interface FrameOptions {
  readonly opcode?: number;
  readonly isFinal?: boolean;
  readonly isCompressed?: boolean;
  readonly mask?: readonly number[];
}

function frame(payload: Uint8Array, options: FrameOptions = {}): Uint8Array {
  const { opcode = 1, isFinal = true, isCompressed = false, mask } = options;
  const length = payload.length < 126 ? [payload.length] : [126, payload.length >> 8, payload.length & 255];
  const first = (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0) | opcode;
  const [second = 0, ...rest] = length;
  const masked = mask === undefined ? payload : payload.map((octet, at) => octet ^ (mask[at & 3] ?? 0));
  return Uint8Array.of(first, second | (mask === undefined ? 0 : 0x80), ...rest, ...(mask ?? []), ...masked);
}

class Ear {
  readonly observations = new Observations();
  readonly reader = webSocketReaders.openConnection?.({
    observations: this.observations,
    exposure: clear,
    client,
    server,
  }) as ConnectionReader;
  #number = 0;

  hear(from: 'client' | 'server', octets: Uint8Array, piece = octets.length): this {
    for (let at = 0; at < octets.length; at += piece) {
      const place = { number: ++this.#number, microseconds: 1_000_000 * this.#number };
      this.reader.data(from, octets.slice(at, at + piece), place);
    }
    return this;
  }

  lose(from: 'client' | 'server'): this {
    this.reader.gap(from, 100, { number: ++this.#number, microseconds: 0 });
    return this;
  }

  get names(): readonly (string | undefined)[] {
    return this.observations.legs().flatMap(({ messages }) => messages.map(({ name }) => name));
  }
}

const invite = encode(request('INVITE', 1, sdpType, sdp('2001:db8::10', 'm=audio 4000 RTP/AVP 8')));
const ok = encode(response('200 OK', 'INVITE', 1));
const mask = [0x12, 0x34, 0x56, 0x78];

test('a connection is recognised by its upgrade to SIP (RFC 7118 §4), and by its frames where that was not captured', () => {
  const recognise = (octets: Uint8Array) => webSocketReaders.recogniseConnection?.(octets);
  expect(recognise(asks)).toBe('yes');
  expect(recognise(agrees)).toBe('yes');
  expect(recognise(asks.subarray(0, 40))).toBe('more');
  expect(recognise(encode('GET /chat HTTP/1.1\r\nUpgrade: websocket\r\nSec-WebSocket-Protocol: chat\r\n\r\n'))).toBe(
    'no',
  );
  expect(recognise(encode('GET /sip HTTP/1.1\r\nHost: sip\r\n\r\n'))).toBe('no');
  expect(recognise(frame(invite, { mask }))).toBe('yes');
  expect(recognise(frame(deflated(invite), { mask, isCompressed: true }))).toBe('yes');
  expect(recognise(frame(encode('{"event":"x"}'), { mask }))).toBe('no');
});

test.each([1, 7, 4096])(
  'both sides are read, masked, fragmented and with control frames between, %i octets at a time',
  (piece) => {
    const ear = new Ear()
      .hear('client', asks, piece)
      .hear('server', agrees, piece)
      .hear('client', frame(invite.subarray(0, 100), { mask, isFinal: false }), piece)
      .hear('client', frame(encode('alive'), { mask, opcode: 9 }), piece)
      .hear('client', frame(invite.subarray(100), { mask, opcode: 0 }), piece)
      .hear('client', frame(encode('\r\n\r\n'), { mask }), piece)
      .hear('server', frame(ok, { opcode: 2 }), piece);
    expect(ear.names).toEqual(['INVITE', '200 OK']);
    const [leg] = ear.observations.legs();
    expect(leg?.messages[0]?.path).toEqual({ transport: 'websocket', from: client, to: server, exposure: clear });
    expect(leg?.descriptions[0]?.receives).toEqual({ address: '2001:db8::10', port: 4000 });
  },
);

test('compressed messages are read with what came before as their dictionary (RFC 7692 §7.2.2)', async () => {
  const deflate = createDeflateRaw();
  const ear = new Ear().hear('client', asks).hear('server', agrees);
  for (const message of [request('INVITE', 1), request('ACK', 1), request('BYE', 2)]) {
    const payload = await compressed(deflate, encode(message));
    ear.hear('client', frame(payload.subarray(0, 20), { mask, isCompressed: true, isFinal: false }));
    ear.hear('client', frame(payload.subarray(20), { mask, opcode: 0 }));
  }
  expect(ear.names).toEqual(['INVITE', 'ACK', 'BYE']);
});

test('after a loss it goes on with the next frame that begins a segment', () => {
  const ear = new Ear()
    .hear('client', asks)
    .hear('client', frame(invite, { mask }).subarray(0, 600))
    .lose('client')
    .hear('client', encode('the middle of a frame'))
    .hear('client', frame(encode(request('ACK', 1)), { mask }))
    .hear('client', frame(encode(request('BYE', 2)), { mask }), 50);
  // The head of the INVITE was there before the loss.
  expect(ear.names).toEqual(['INVITE', 'ACK', 'BYE']);
});

test('a message that inflates to more than one may have is given up, and memory stays bounded', () => {
  const bomb = deflated(new Uint8Array(40 * MOST_INFLATED));
  const ear = new Ear()
    .hear('client', asks)
    .hear('client', frame(bomb, { mask, isCompressed: true }))
    .hear('client', frame(invite, { mask }));
  expect(ear.names).toEqual(['INVITE']);
  const endless = Uint8Array.of(0x82, 0x7f, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff);
  ear.hear('server', agrees).hear('server', endless);
  for (let nth = 0; nth < 100; nth++) ear.hear('server', new Uint8Array(10_000));
  expect(ear.names).toEqual(['INVITE']);
});

function deflated(octets: Uint8Array): Uint8Array {
  return new Uint8Array(deflateRawSync(octets, { finishFlush: constants.Z_SYNC_FLUSH })).subarray(0, -4);
}

function compressed(deflate: ReturnType<typeof createDeflateRaw>, octets: Uint8Array): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    deflate.on('data', (chunk: Uint8Array) => chunks.push(chunk));
    deflate.write(octets);
    deflate.flush(constants.Z_SYNC_FLUSH, () => {
      deflate.removeAllListeners('data');
      resolve(Uint8Array.from(chunks.flatMap((chunk) => [...chunk])).subarray(0, -4));
    });
  });
}
