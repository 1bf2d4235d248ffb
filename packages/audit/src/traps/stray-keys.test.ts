import type { TransportAddress } from '@trustline/capture';
import { expect, describe as group, test } from 'vitest';
import { alice, bob, CaptureScript, describe, keyNumber, sipMessage } from './capture-script.fixture.ts';

const [a, b] = [keyNumber(1), keyNumber(2)];
const octets = (text: string) => new TextEncoder().encode(text);
const offer = describe(alice, { key: a });
const answer = describe(bob, { key: b });

/** An INVITE and its answer, as texts. */
const invite = sipMessage({
  start: 'INVITE sip:bob@example.com SIP/2.0',
  caller: alice,
  callee: bob,
  cseq: '1 INVITE',
  body: offer,
});
const ok = sipMessage({ start: 'SIP/2.0 200 OK', caller: alice, callee: bob, cseq: '1 INVITE', body: answer });

function both(script: CaptureScript, fromAlice: Uint8Array, fromBob: Uint8Array): void {
  script.datagram(alice.signalling, bob.signalling, fromAlice);
  script.datagram(bob.signalling, alice.signalling, fromBob);
}

/** An IPv4 packet in an Ethernet frame, as a fragment where `fragment` says so (RFC 791 §3.1). */
function ipFrame(from: TransportAddress, to: TransportAddress, protocol: number, payload: Uint8Array, fragment = 0) {
  const frame = new Uint8Array(34 + payload.byteLength);
  const view = new DataView(frame.buffer);
  frame.set([8, 0, 0x45], 12);
  view.setUint16(16, 20 + payload.byteLength);
  view.setUint16(18, from.port);
  view.setUint16(20, fragment);
  frame.set([64, protocol], 22);
  frame.set(from.address.split('.').map(Number), 26);
  frame.set(to.address.split('.').map(Number), 30);
  frame.set(payload, 34);
  return frame;
}

function send(script: CaptureScript, frame: Uint8Array): void {
  script.now += 20_000;
  script.sent.push({ frame, microseconds: script.now });
}

/** All fragments of a message by UDP but the first. */
function laterFragments(script: CaptureScript, from: TransportAddress, to: TransportAddress, text: string): void {
  const all = octets(`${' '.repeat(8)}${text}`);
  const each = 320;
  for (let at = each; at < all.byteLength; at += each) {
    const more = at + each < all.byteLength ? 0x2000 : 0;
    send(script, ipFrame(from, to, 17, all.subarray(at, at + each), more | (at / 8)));
  }
}

/** A message by TCP in segments of 200 octets, the first of which the capture lacks. */
function withoutFirstSegment(script: CaptureScript, from: 'client' | 'server', text: string, port: number): void {
  const before = script.sent.length;
  const said = Array.from({ length: Math.ceil(text.length / 200) }, (_, at) => ({
    from,
    octets: octets(text.slice(200 * at, 200 * at + 200)),
  }));
  script.connection({ ...alice.signalling, port }, bob.signalling, said);
  script.sent.splice(before + 2, 1);
}

/** One DATA chunk (RFC 9260 §3.3.1). */
const sctp = (text: string) => {
  const common = [0x13, 0xc4, 0x13, 0xc4, 0, 0, 0, 7, 0x5a, 0x5a, 0x5a, 0x5a];
  const length = 16 + text.length;
  return Uint8Array.of(
    ...common,
    0,
    3,
    length >> 8,
    length & 0xff,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    1,
    0,
    0,
    0,
    0,
    ...octets(text),
  );
};
const posted = (text: string) => {
  const body = JSON.stringify({ sdp: text }).replaceAll('/', '\\/');
  return octets(`POST /call HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
};
const withoutCallId = (text: string) => octets(text.replace(/Call-ID: .*\r\n/, ''));

group('a key of SRTP that lay open in what no protocol explains opens the media that it fits', () => {
  test.each<[string, (script: CaptureScript) => void]>([
    ['SIP without a Call-ID', (script) => both(script, withoutCallId(invite), withoutCallId(ok))],
    [
      'SIP behind a header of some vendor',
      (script) => both(script, octets(`\x01\x10\0\0${invite}`), octets(`\x01\x10\0\0${ok}`)),
    ],
    [
      'a MESSAGE',
      (script) => {
        const headers = ['Content-Type: text/plain'];
        script.sip(alice, bob, 'MESSAGE sip:bob@example.com SIP/2.0', '1 MESSAGE', `${offer}${answer}`, headers);
      },
    ],
    [
      'JSON by HTTP, its slashes escaped',
      (script) =>
        script.connection(alice.signalling, bob.signalling, [
          { from: 'client', octets: posted(offer) },
          { from: 'client', octets: posted(answer) },
        ]),
    ],
    [
      'SIP by TCP whose first segment was lost',
      (script) => {
        withoutFirstSegment(script, 'client', invite, 5_070);
        withoutFirstSegment(script, 'server', ok, 5_071);
      },
    ],
    [
      'SIP by UDP whose first fragment was lost',
      (script) => {
        laterFragments(script, alice.signalling, bob.signalling, invite);
        laterFragments(script, bob.signalling, alice.signalling, ok);
      },
    ],
    [
      'SIP by SCTP',
      (script) => {
        send(script, ipFrame(alice.signalling, bob.signalling, 132, sctp(invite)));
        send(script, ipFrame(bob.signalling, alice.signalling, 132, sctp(ok)));
      },
    ],
  ])('%s', (_, say) => {
    const script = new CaptureScript();
    say(script);
    script.talk(3, a, b);
    const { calls } = script.audited();
    expect(calls.map(({ verdict }) => verdict)).toEqual(['heard']);
    expect(calls[0]?.because).toMatch(/^Its SRTP key lay open in what no protocol explains \(packet \d+\)/);
    expect(calls[0]?.findings.map(({ code }) => code)).toContain('stray-key-in-clear');
  });
});

group('a key that opens nothing', () => {
  const saidBetween = (from: TransportAddress, to: TransportAddress) => {
    const script = new CaptureScript();
    script.datagram(from, to, octets(`\x01\x10\0\0${describe(alice, { key: keyNumber(7) })}`));
    script.talk(3, a, b);
    return script.audited().calls[0];
  };

  test('but lay open between the very hosts of the media leaves it open whether they are protected', () => {
    const call = saidBetween(bob.signalling, alice.signalling);
    expect(call?.verdict).toBe('cannot-tell');
    expect(call?.because).toContain('(packet 1); it opened none of what was captured');
    expect(call?.findings.map(({ code }) => code)).toEqual(['stray-key-in-clear']);
  });

  test('and lay open between others says nothing of them', () => {
    expect(saidBetween({ address: '203.0.113.5', port: 5_060 }, alice.signalling)?.verdict).toBe('protected');
  });
});

test('a key of signalling that was understood is of its call, whether it came by UDP or in pieces by TCP', () => {
  const byUdp = new CaptureScript();
  byUdp.answered(offer, answer);
  const byTcp = new CaptureScript();
  byTcp.connection(alice.signalling, bob.signalling, [
    { from: 'client', octets: octets(invite.slice(0, -20)) },
    { from: 'client', octets: octets(invite.slice(-20)) },
    { from: 'server', octets: octets(ok) },
  ]);
  for (const script of [byUdp, byTcp]) {
    script.talk(3, a, b);
    const { calls } = script.audited();
    expect(calls[0]?.verdict).toBe('heard');
    expect(calls[0]?.because).toContain('lay open in SIP');
    expect(calls[0]?.findings.map(({ code }) => code)).not.toContain('stray-key-in-clear');
  }
});
