import { describe, expect, test } from 'vitest';
import { alice, bob, Ear, proxy, request, response, sdp, sdpType, wire } from './messages.fixture.ts';

const offer = sdp('192.0.2.10', 'm=audio 4000 RTP/AVP 8 101\na=rtpmap:101 telephone-event/8000');
const answer = sdp('192.0.2.20', 'm=audio 5000 RTP/AVP 8\na=sendrecv');

describe('a call', () => {
  test('has its ends, its ladder, its media and its times', () => {
    const { leg } = new Ear()
      .hear(alice, bob, request('INVITE', 1, `${sdpType}\nUser-Agent: Phone/1.0`, offer))
      .hear(bob, alice, response('100 Trying', 'INVITE', 1, 'Server: a hop'))
      .hear(bob, alice, response('180 Ringing', 'INVITE', 1, 'Server: Desk/2'))
      .hear(bob, alice, response('200 OK', 'INVITE', 1, sdpType, answer))
      .hear(alice, bob, request('ACK', 1))
      .hear(bob, alice, bobHangsUp('Reason: Q.850;cause=16;text="Normal call clearing"'))
      .hear(alice, bob, response('200 OK', 'BYE', 7));
    expect(leg.identity).toBe('call-1@192.0.2.10');
    expect(leg.caller).toEqual({
      number: '1001',
      name: 'Alice',
      uri: 'sip:1001@pbx.example',
      device: 'Phone/1.0',
    });
    expect(leg.called).toEqual({ number: '1002', uri: 'sip:1002@pbx.example', device: 'Desk/2' });
    expect(leg.messages.map(({ name, detail }) => [name, detail])).toEqual([
      ['INVITE', 'audio 192.0.2.10:4000 RTP/AVP PCMA'],
      ['100 Trying', undefined],
      ['180 Ringing', undefined],
      ['200 OK', 'audio 192.0.2.20:5000 RTP/AVP PCMA'],
      ['ACK', undefined],
      ['BYE', undefined],
      ['200 OK', 'to BYE'],
    ]);
    expect([leg.first.number, leg.answered?.number, leg.ended?.number, leg.last.number]).toEqual([1, 4, 6, 7]);
    expect(leg.endReason).toBe('BYE; Q.850 16 Normal call clearing');
    expect(leg.descriptions.map(({ end, receives }) => [end, receives.port])).toEqual([
      ['caller', 4000],
      ['called', 5000],
    ]);
    expect(leg.descriptions[0]).toMatchObject({
      kind: 'audio',
      receives: { address: '192.0.2.10', port: 4000 },
      rtcp: { address: '192.0.2.10', port: 4001 },
      profile: 'RTP/AVP',
      direction: 'sendrecv',
      codecs: [
        { payloadType: 8, name: 'PCMA', clockRate: 8_000 },
        { payloadType: 101, name: 'telephone-event', clockRate: 8_000 },
      ],
      keying: ['none'],
      keys: [],
      suites: [],
    });
  });

  test('that is refused ends with the words of the refusal and its warning (RFC 3261 §20.43)', () => {
    const { leg } = new Ear()
      .hear(alice, bob, request('INVITE', 1, sdpType, offer))
      .hear(bob, alice, response('488 Not Acceptable Here', 'INVITE', 1, 'Warning: 304 pbx.example "SRTP required"'))
      .hear(alice, bob, request('ACK', 1));
    expect(leg.answered).toBeUndefined();
    expect(leg.ended?.number).toBe(2);
    expect(leg.endReason).toBe('488 Not Acceptable Here; 304 SRTP required');
  });

  test('that is cancelled ends there; its 487 does not say more', () => {
    const { leg } = new Ear()
      .hear(alice, bob, request('INVITE', 1, sdpType, offer))
      .hear(alice, bob, request('CANCEL', 1, 'Reason: SIP;cause=200;text="Call completed elsewhere"'))
      .hear(bob, alice, response('487 Request Terminated', 'INVITE', 1));
    expect(leg.ended?.number).toBe(2);
    expect(leg.endReason).toBe('CANCEL; SIP 200 Call completed elsewhere');
  });

  test('that is challenged goes on; one fork that fails does not end it', () => {
    const { leg } = new Ear()
      .hear(alice, proxy, request('INVITE', 1, sdpType, offer))
      .hear(proxy, alice, response('407 Proxy Authentication Required', 'INVITE', 1))
      .hear(bob, proxy, response('486 Busy Here', 'INVITE', 1))
      .hear(bob, proxy, response('200 OK', 'INVITE', 1, sdpType, answer));
    expect(leg.answered?.number).toBe(4);
    expect(leg.ended).toBeUndefined();
    expect(leg.endReason).toBeUndefined();
  });

  test('keeps the descriptions of every fork, and an identical one of a retransmission once (RFC 3261 §12.1)', () => {
    const early = (tag: string, port: number) =>
      response('183 Session Progress', 'INVITE', 1, sdpType, sdp('192.0.2.20', `m=audio ${port} RTP/AVP 8`)).replace(
        'tag=b1',
        `tag=${tag}`,
      );
    const { leg } = new Ear()
      .hear(alice, proxy, request('INVITE', 1, sdpType, offer))
      .hear(proxy, alice, early('b1', 6000))
      .hear(proxy, alice, early('b2', 6002))
      .hear(proxy, alice, early('b2', 6002));
    expect(leg.descriptions.map(({ receives }) => receives.port)).toEqual([4000, 6000, 6002]);
    expect(leg.messages.map(({ detail }) => detail).at(-1)).toMatch(/^sent again; audio 192\.0\.2\.20:6002/);
  });

  test('through a proxy shows each hop, and the message of one hop once however often it was captured', () => {
    const ear = new Ear();
    const first = request('INVITE', 1, sdpType, offer);
    const second = first.replace('Via:', 'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKproxy\r\nVia:');
    const outside = { address: '203.0.113.7', port: 40_000 };
    ear
      .hear(alice, proxy, first)
      .hear(alice, proxy, first, 20) // another interface
      .hear(outside, proxy, first, 20) // behind a NAT
      .hear(proxy, bob, second);
    expect(ear.leg.messages.map(({ path, otherPaths }) => [path.from, otherPaths?.map(({ from }) => from)])).toEqual([
      [alice, [outside]],
      [proxy, []],
    ]);
    expect(ear.leg.descriptions).toHaveLength(1);
  });

  test('that is joined late is a call all the same; the end that speaks first stands for the caller', () => {
    const { leg } = new Ear().hear(bob, alice, bobHangsUp()).hear(alice, bob, response('200 OK', 'BYE', 7));
    expect(leg.caller.number).toBe('1002');
    expect(leg.ended?.number).toBe(1);
  });

  test('tells a hold by its direction or its address, and each new description also where it is like one before', () => {
    const held = sdp('192.0.2.10', 'm=audio 4000 RTP/AVP 8\na=inactive');
    const { leg } = new Ear()
      .hear(alice, bob, request('INVITE', 1, sdpType, offer))
      .hear(bob, alice, response('200 OK', 'INVITE', 1, sdpType, answer))
      .hear(alice, bob, request('INVITE', 2, sdpType, held))
      .hear(bob, alice, response('200 OK', 'INVITE', 2, sdpType, sdp('0.0.0.0', 'm=audio 5000 RTP/AVP 8')))
      .hear(alice, bob, request('UPDATE', 3, sdpType, offer));
    expect(leg.descriptions.map(({ direction, receives }) => [direction, receives.address])).toEqual([
      ['sendrecv', '192.0.2.10'],
      ['sendrecv', '192.0.2.20'],
      ['inactive', '192.0.2.10'],
      ['sendrecv', '0.0.0.0'],
      ['sendrecv', '192.0.2.10'],
    ]);
  });

  test('names who the network says that speaks, and who it was meant for (RFC 3325, RFC 5806, RFC 7044)', () => {
    const { leg } = new Ear().hear(
      alice,
      bob,
      request(
        'INVITE',
        1,
        `P-Asserted-Identity: "Accounts" <sip:+49301234567@carrier.example;user=phone>
Diversion: <sip:+49302@pbx.example>;reason=no-answer, "First, really" <sip:+49301@pbx.example>;reason=unconditional`,
      ),
    );
    expect(leg.caller).toMatchObject({ number: '+49301234567', name: 'Accounts' });
    expect(leg.diverted.map(({ number }) => number)).toEqual(['+49301', '+49302']);
    const history = new Ear().hear(
      alice,
      bob,
      request('INVITE', 1, 'History-Info: <sip:1@a.example>;index=1, <sip:2@a.example?Reason=SIP>;index=1.1'),
    );
    expect(history.leg.diverted.map(({ number }) => number)).toEqual(['1']);
  });

  test('is joined to others by what its messages say (RFC 3891, RFC 7989, X-Call-ID, Cisco-Guid)', () => {
    const { leg } = new Ear()
      .hear(
        alice,
        bob,
        request(
          'INVITE',
          1,
          `Session-ID: ab30317f1a784dc48ff824d0d3715d86;remote=00000000000000000000000000000000
X-Call-ID: other@pbx
Replaces: 425928@phone.example;to-tag=7743;from-tag=6472
Cisco-Guid: 0305419896-2596069104-0000000001-4294967295
P-Charging-Vector: icid-value="1234bc9876e";icid-generated-at=192.0.6.8`,
        ),
      )
      .hear(
        alice,
        bob,
        request('REFER', 2, 'Refer-To: <sip:3@a.example?Replaces=abc%40host%3Bto-tag%3D1%3Bfrom-tag%3D2>'),
      );
    expect([...leg.related]).toEqual([
      '425928@phone.example',
      'other@pbx',
      'session-id:ab30317f1a784dc48ff824d0d3715d86',
      'icid:1234bc9876e',
      'h225-conference:123456789abcdef000000001ffffffff',
      'abc@host',
    ]);
  });

  test('keeps names bounded', () => {
    const long = 'x'.repeat(64_000);
    const { leg } = new Ear().hear(alice, bob, request('INVITE', 1).replace('"Alice"', `"${long}"`));
    expect(leg.caller.name).toHaveLength(256);
  });
});

describe('digits in signalling', () => {
  const info = (cseq: number, type: string, body: string) => request('INFO', cseq, `Content-Type: ${type}`, body);

  test('are read in every form that INFO has', () => {
    const { leg } = new Ear()
      .hear(alice, bob, request('INVITE', 1))
      .hear(alice, bob, info(2, 'application/dtmf-relay', 'Signal=5\nDuration=160'))
      .hear(alice, bob, info(2, 'application/dtmf-relay', 'Signal=5\nDuration=160')) // sent again
      .hear(alice, bob, info(3, 'application/dtmf-relay', 'Signal= 11\nDuration= 250'))
      .hear(alice, bob, info(4, 'application/dtmf', '*'))
      .hear(alice, bob, info(5, 'application/vnd.nortelnetworks.digits', 'p=Digit-Collection\ny=Digits\nd=Digits=7'))
      .hear(alice, bob, info(6, 'text/plain', 'Signal=d'))
      .hear(alice, bob, info(7, 'application/dtmf-relay', 'Signal=16')); // flash: no digit
    expect(leg.digits.map(({ digits }) => digits).join('')).toBe('5#*7D');
    expect(leg.digits[0]).toMatchObject({ how: 'sip-info', end: 'caller', place: { number: 2 } });
  });

  test('are read where a subscriber is told of them (RFC 4730 §5.3), in the dialogue of the call or one of its own', () => {
    const body = `<?xml version="1.0"?>
<kpml-response xmlns="urn:ietf:params:xml:ns:kpml-response" version="1.0" code="200" text="OK" digits="12#" tag="x"/>`;
    const ear = new Ear().hear(alice, bob, request('INVITE', 1)).hear(bob, alice, response('200 OK', 'INVITE', 1));
    ear.hear(
      bob,
      alice,
      wire(
        `NOTIFY sip:1001@192.0.2.10 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.20;branch=z9hG4bKn
From: <sip:1002@pbx.example>;tag=s1
To: <sip:1001@pbx.example>;tag=s2
Call-ID: subscription@192.0.2.10
CSeq: 1 NOTIFY
Event: kpml;call-id="call-1@192.0.2.10";remote-tag=a1;local-tag=b1
Content-Type: application/kpml-response+xml`,
        body,
      ),
    );
    expect(ear.leg.digits).toMatchObject([{ digits: '12#', end: 'called' }]);
    ear.hear(alice, bob, request('NOTIFY', 9, 'Event: kpml\nContent-Type: application/kpml-response+xml', body));
    expect(ear.leg.digits).toMatchObject([{ end: 'called' }, { digits: '12#', end: 'caller' }]);
  });
});

function bobHangsUp(more = ''): string {
  return wire(`BYE sip:1001@192.0.2.10:5060 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.20:5060;branch=z9hG4bK-b
From: <sip:1002@pbx.example>;tag=b1
To: "Alice" <sip:1001@pbx.example>;tag=a1
Call-ID: call-1@192.0.2.10
CSeq: 7 BYE${more === '' ? '' : `\n${more}`}`);
}
