import { expect, test } from 'vitest';
import { alice, bob, CaptureScript, describe, keyNumber } from './capture-script.fixture.ts';

/** Data of T.38 in UDPTL (ITU-T T.38 §9.1), with the packet before once more. */
function udptl(number: number): Uint8Array {
  const data = [0xc0, 0x01, 0x80, 0x00, 0x01, 0xff, number & 0xff];
  return Uint8Array.of(number >> 8, number & 0xff, data.length, ...data, 0, 1, data.length, ...data);
}

function fax(script: CaptureScript, packets: number): void {
  for (let at = 0; at < packets; at++) script.datagram(alice.media, bob.media, udptl(at));
}

test('a fax by T.38 after SRTP between the same ports, of which no signalling was captured, is no part of what is protected', () => {
  const script = new CaptureScript();
  script.talk(3, keyNumber(1), keyNumber(2));
  fax(script, 40);
  const { calls } = script.audited();
  expect(calls).toMatchObject([{ verdict: 'heard' }]);
  expect(calls[0]?.findings.map(({ code }) => code)).toContain('fax-in-the-clear');
});

test('a fax that signalling describes is heard, though its packets have no form that is known', () => {
  const image = (host: typeof alice) => describe(host).replace(/m=audio (\d+) RTP\/AVP 0 101/, 'm=image $1 udptl t38');
  const script = new CaptureScript();
  script.answered(image(alice), image(bob));
  for (let at = 0; at < 5; at++) script.datagram(bob.media, alice.media, Uint8Array.of(0, at, 1, 2, 3, 4, 5, 6));
  script.over();
  const { calls } = script.audited();
  expect(calls).toMatchObject([{ verdict: 'heard', because: expect.stringMatching(/fax/) }]);
});

test('a few datagrams in no sequence are no fax', () => {
  const script = new CaptureScript();
  script.talk(3, keyNumber(1), keyNumber(2));
  for (const number of [7, 900, 3, 4_000]) script.datagram(alice.media, bob.media, udptl(number));
  expect(script.audited().calls).toMatchObject([{ verdict: 'protected' }]);
});
