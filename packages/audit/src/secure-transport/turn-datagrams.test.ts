import { describe, expect, test } from 'vitest';
import { datagramsOf, encodings } from '../media/streams.fixture.ts';
import { speechLike } from '../signal/signals.fixture.ts';
import { auditOf, CaptureScript, keyNumber, sender } from '../traps/capture-script.fixture.ts';

const client = { address: '192.0.2.30', port: 50_000 };
const relay = { address: '198.51.100.1', port: 3_478 };
const peer = { address: '203.0.113.9', port: 6_000 };

/** ChannelData (RFC 8656 §12.4), as UDP carries it: it need not be padded. */
function inChannel(payload: Uint8Array, channel = 0x4001): Uint8Array {
  return Uint8Array.of(channel >> 8, channel & 0xff, payload.byteLength >> 8, payload.byteLength & 0xff, ...payload);
}

/** A request to bind a channel to the peer (RFC 8656 §12.1). */
function channelBind(): Uint8Array {
  const channelNumber = [0x00, 0x0c, 0, 4, 0x40, 0x01, 0, 0];
  const cookie = [0x21, 0x12, 0xa4, 0x42];
  const address = peer.address.split('.').map((octet, at) => Number(octet) ^ (cookie[at] ?? 0));
  const xorPeerAddress = [0x00, 0x12, 0, 8, 0, 1, (peer.port >> 8) ^ 0x21, (peer.port & 0xff) ^ 0x12, ...address];
  return Uint8Array.of(0x00, 0x09, 0, 20, ...cookie, ...new Uint8Array(12), ...channelNumber, ...xorPeerAddress);
}

const voice = datagramsOf({ payloads: encodings.pcmu(speechLike(1, 24_000)) });

function relayed(datagrams: readonly Uint8Array[], script = new CaptureScript()): CaptureScript {
  for (const payload of datagrams) script.datagram(client, relay, inChannel(payload));
  return script;
}

describe('media in channels of a relay whose binding was not captured', () => {
  test('clear voice is heard, between the ends that the channel has', () => {
    const [call, ...others] = relayed(voice).audited().calls;
    expect(others).toEqual([]);
    expect(call?.verdict).toBe('heard');
    const [stream] = call?.streams ?? [];
    expect(stream).toMatchObject({ source: '192.0.2.30:50000', destination: '198.51.100.1:3478', firstPacket: 1 });
    expect(stream?.packets).toBe(voice.length);
  });

  test('and makes the report no better where another call is protected', () => {
    const script = new CaptureScript();
    script.talk(3, keyNumber(1), keyNumber(2));
    const { verdict, counts } = relayed(voice, script).audited();
    expect(verdict).toBe('heard');
    expect(counts).toMatchObject({ heard: 1, protected: 1 });
  });

  test('SRTP in it is that', () => {
    const payloads = encodings.pcmu(speechLike(1, 24_000));
    const [call] = relayed(datagramsOf({ payloads, sender: sender(keyNumber(1)) })).audited().calls;
    expect(call?.streams.map(({ state }) => state)).toEqual(['encrypted']);
  });

  test('a binding that comes later names the peer from there on', () => {
    const script = relayed(voice.slice(0, 50));
    script.datagram(client, relay, channelBind());
    const streams = relayed(voice.slice(50), script)
      .audited()
      .calls.flatMap((call) => call.streams);
    expect(streams.map(({ destination }) => destination)).toContain('203.0.113.9:6000');
  });
});

describe('what only looks like a channel is none', () => {
  test.each([
    ['two packets of one source', voice.slice(0, 2)],
    ['many sources', voice.map((octets, at) => octets.with(8, at).with(9, at))],
    ['numbers that do not go on', voice.map((octets, at) => octets.with(2, (at * 37) & 0xff))],
    ['no media', voice.map((octets) => octets.with(0, 0x20))],
  ])('%s', (_, datagrams) => {
    expect(relayed(datagrams).audited().calls).toEqual([]);
  });
});

test('channels within channels, as many as a datagram has room for, are given up', () => {
  const innermost = voice[0] ?? new Uint8Array(0);
  const nested = new Uint8Array(60_000);
  for (let at = 0; at + 4 <= nested.byteLength - innermost.byteLength; at += 4) {
    const left = nested.byteLength - at - 4;
    nested.set([0x40, 0x01, left >> 8, left & 0xff], at);
  }
  nested.set(innermost, nested.byteLength - innermost.byteLength);
  const script = relayed(voice.slice(0, 50));
  script.datagram(client, relay, nested);
  expect(script.audited().calls.flatMap(({ streams }) => streams.map(({ packets }) => packets))).toEqual([50]);
});

describe('media that a relay carries by TCP', () => {
  const padded = (payload: Uint8Array) =>
    Uint8Array.of(...inChannel(payload), ...new Uint8Array(-payload.byteLength & 3));
  const said = (...parts: readonly Uint8Array[]) => parts.map((octets) => ({ from: 'client', octets }) as const);

  test('is heard of the peer whose channel was bound, however it is cut into segments', () => {
    const script = new CaptureScript();
    const all = Uint8Array.from([channelBind(), ...voice.map(padded)].flatMap((one) => [...one]));
    const parts = Array.from({ length: Math.ceil(all.byteLength / 300) }, (_, at) =>
      all.slice(300 * at, 300 * (at + 1)),
    );
    script.connection(client, relay, said(...parts));
    const [call, ...others] = script.audited().calls;
    expect(others).toEqual([]);
    expect(call?.verdict).toBe('heard');
    expect(call?.streams).toMatchObject([{ source: '192.0.2.30:50000', destination: '203.0.113.9:6000' }]);
  });

  test('goes on after a gap with the next segment that begins with a message', () => {
    const script = new CaptureScript();
    script.connection(client, relay, said(channelBind(), ...voice.map(padded)));
    const packets = script.packets().filter((_, at) => at !== 20);
    const [call] = auditOf(packets).calls;
    expect(call?.streams[0]?.packets).toBeGreaterThan(100);
  });

  test('is heard where the capture began amid the connection', () => {
    const script = new CaptureScript();
    script.connection(client, relay, said(...voice.map(padded)));
    const { calls } = auditOf(script.packets().slice(2));
    expect(calls).toMatchObject([{ verdict: 'heard' }]);
  });
});
