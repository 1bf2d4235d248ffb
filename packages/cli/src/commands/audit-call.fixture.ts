import {
  encapsulateUdp,
  enhancedPacketBlock,
  interfaceDescriptionBlock,
  linkTypes,
  sectionHeaderBlock,
  type TransportAddress,
} from '@trustline/capture';
import { dtmfEventOf, encodeMuLaw, serializeRtpPacket, serializeTelephoneEvent } from '@trustline/rtp';

const phone = (address: string, port: number): TransportAddress => ({ address, port });
const [alice, bank] = ['192.0.2.10', '192.0.2.20'];

/** A call by SIP in the clear, of some seconds of a tone each way, in which digits are keyed in as events (RFC 4733). */
export function clearCall({
  digits = '',
  seconds = 3,
}: {
  readonly digits?: string;
  readonly seconds?: number;
} = {}): Uint8Array {
  const blocks: Uint8Array[] = [sectionHeaderBlock(), interfaceDescriptionBlock({ linkType: linkTypes.ethernet })];
  const begun = Date.UTC(2026, 10, 28, 10, 0, 0);
  const put = (milliseconds: number, source: TransportAddress, destination: TransportAddress, payload: Uint8Array) => {
    const time = { microseconds: 1_000 * (begun + milliseconds), nanoseconds: 0 };
    blocks.push(enhancedPacketBlock({ interface: 0, time, data: encapsulateUdp({ source, destination, payload }) }));
  };
  const say = (milliseconds: number, isForth: boolean, text: string) =>
    put(
      milliseconds,
      phone(isForth ? alice : bank, 5060),
      phone(isForth ? bank : alice, 5060),
      new TextEncoder().encode(text),
    );
  say(0, true, message('INVITE sip:5000@192.0.2.20 SIP/2.0', 'INVITE', description(alice, 4000)));
  say(10, false, message('SIP/2.0 180 Ringing', 'INVITE'));
  say(500, false, message('SIP/2.0 200 OK', 'INVITE', description(bank, 6000)));
  say(510, true, message('ACK sip:5000@192.0.2.20 SIP/2.0', 'ACK'));
  talk(
    600,
    50 * seconds,
    (milliseconds, packet) => put(milliseconds, phone(alice, 4000), phone(bank, 6000), packet),
    440,
    digits,
  );
  talk(
    610,
    50 * seconds,
    (milliseconds, packet) => put(milliseconds, phone(bank, 6000), phone(alice, 4000), packet),
    600,
    '',
  );
  say(600 + 1_000 * seconds, true, message('BYE sip:5000@192.0.2.20 SIP/2.0', 'BYE'));
  say(610 + 1_000 * seconds, false, message('SIP/2.0 200 OK', 'BYE'));
  return Buffer.concat(blocks);
}

function message(start: string, method: string, body = ''): string {
  const head = [
    start,
    'Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK1',
    'From: "Alice" <sip:1001@192.0.2.10>;tag=a',
    `To: <sip:5000@192.0.2.20>${start.startsWith('INVITE') ? '' : ';tag=b'}`,
    'Call-ID: of-the-test@192.0.2.10',
    `CSeq: ${method === 'BYE' ? 2 : 1} ${method}`,
    ...(body === '' ? [] : ['Content-Type: application/sdp']),
    `Content-Length: ${body.length}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

function description(address: string, port: number): string {
  const media = `m=audio ${port} RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\n`;
  return `v=0\r\no=- 1 1 IN IP4 ${address}\r\ns=-\r\nc=IN IP4 ${address}\r\nt=0 0\r\n${media}`;
}

/** Packets of 20 ms: a tone, and from the first second on the digits, each with 5 packets of its event and 5 of the tone. */
function talk(
  from: number,
  packets: number,
  put: (milliseconds: number, packet: Uint8Array) => void,
  frequency: number,
  digits: string,
): void {
  const shared = { ssrc: 0x1000 + frequency, csrcs: [], extension: undefined, paddingLength: 0 };
  for (let at = 0; at < packets; at++) {
    const [digit, step] = [digits[Math.floor((at - 50) / 10)], (at - 50) % 10];
    const isEvent = at >= 50 && digit !== undefined && step < 5;
    const samples = Int16Array.from(
      { length: 160 },
      (_, n) => 8_000 * Math.sin((2 * Math.PI * frequency * (160 * at + n)) / 8_000),
    );
    const voice = new Uint8Array(160);
    encodeMuLaw(samples, voice);
    const event = {
      event: (isEvent ? dtmfEventOf(digit) : undefined) ?? 0,
      end: step === 4,
      volume: 10,
      duration: 160 * (step + 1),
    };
    put(
      from + 20 * at,
      serializeRtpPacket({
        ...shared,
        marker: isEvent && step === 0,
        payloadType: isEvent ? 101 : 0,
        sequenceNumber: at,
        timestamp: 160 * (isEvent ? at - step : at),
        payload: isEvent ? serializeTelephoneEvent(event) : voice,
      }),
    );
  }
}
