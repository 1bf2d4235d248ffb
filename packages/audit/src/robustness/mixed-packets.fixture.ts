import type { CapturedPacket } from '@trustline/capture';
import type { Said } from '../signalling/conversation.fixture.ts';
import { controlOfCall } from '../signalling/h323/messages.fixture.ts';
import { callOfPhone } from '../signalling/skinny/messages.fixture.ts';
import { alice, bob, CaptureScript, describe, keyNumber } from '../traps/capture-script.fixture.ts';

/** The beginning of TLS 1.2: a ClientHello with one cipher suite, and a record of what nobody can read. */
const clientHello = Uint8Array.of(
  22,
  3,
  1,
  0,
  45,
  1,
  0,
  0,
  41,
  3,
  3,
  ...new Uint8Array(32).fill(7),
  0,
  0,
  2,
  0xc0,
  0x2f,
  1,
  0,
);
const record = Uint8Array.of(23, 3, 3, 0, 64, ...Uint8Array.from({ length: 64 }, (_, at) => at * 91));

/** A small capture with something of everything: two calls of SIP, the second with its keys in the open, Skinny, H.323 and TLS. */
export function mixedPackets(): readonly CapturedPacket[] {
  const script = new CaptureScript();
  const server = { address: '192.0.2.1', port: 2_000 };
  const said = (words: readonly Said[]) =>
    words.flatMap(([from, octets]) => (typeof octets === 'number' ? [] : [{ from, octets }]));
  script.connection({ address: '192.0.2.11', port: 50_000 }, server, said(callOfPhone(20)));
  script.connection({ address: '192.0.2.12', port: 50_001 }, { ...server, port: 11_720 }, said(controlOfCall()));
  script.connection({ address: '192.0.2.13', port: 50_002 }, { ...server, port: 443 }, [
    { from: 'client', octets: clientHello },
    { from: 'server', octets: record },
  ]);
  script.answered(describe(alice), describe(bob));
  script.talk(1);
  script.over();
  script.now += 5e6;
  script.callId = 'second-call@192.0.2.10';
  const [a, b] = [keyNumber(1), keyNumber(2)];
  script.answered(describe(alice, { key: a }), describe(bob, { key: b }));
  script.voices(
    { seconds: 1, key: a, ssrc: 0xa2, sequenceNumber: 20_000 },
    { seconds: 1, key: b, ssrc: 0xb2, sequenceNumber: 30_000, from: bob.media, to: alice.media, speech: 2 },
  );
  script.over();
  return script.packets();
}
