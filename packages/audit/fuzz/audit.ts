import { type CapturedPacket, encapsulateUdp, linkTypes } from '@trustline/capture';
import { nodeCrypto } from '@trustline/srtp/node';
import { Audit } from '../src/audit.ts';
import { verdicts } from '../src/model/report.ts';
import { csvReport } from '../src/report/csv.ts';
import { sarifReport } from '../src/report/sarif.ts';
import { terminalPage } from '../src/report/terminal-page.ts';
import { mixedPackets } from '../src/robustness/mixed-packets.fixture.ts';
import { tcpPacket } from '../src/traffic/frames.fixture.ts';

const sample = mixedPackets();
const ends = [
  { address: '192.0.2.10', port: 5_062 },
  { address: '192.0.2.20', port: 35_060 },
] as const;
const [first, second] = ends;
const MOST_OF_THE_SAMPLE = 60;

/** Changes to the sample, and frames of one's own. */
export function corpus(): Uint8Array[] {
  return [
    Uint8Array.of(0, 1, 40, 0xff, 0, 9, 60, 0),
    Uint8Array.of(1, 4, ...new TextEncoder().encode('INVITE sip:a@b SIP/2.0\r\nCall-ID: 1\r\n\r\n')),
    Uint8Array.of(2, 30, ...new TextEncoder().encode('SIP/2.0 200 OK\r\nContent-Length: 9\r\n\r\n')),
    Uint8Array.of(3, 0, 0x45, 0, 0, 28),
  ];
}

/**
 * The first octet chooses: packets of a good capture with octets of theirs changed, left out or cut; datagrams or segments of one's
 * own, between ends of which a call is known; or frames as they come. Whatever it is, a report is made of it, in every form.
 */
export function fuzz(data: Uint8Array): void {
  const audit = new Audit({ crypto: nodeCrypto });
  let number = 0;
  for (const frame of framesOf(data)) audit.handle(captured(++number, frame, ((data[0] ?? 0) & 3) === 2));
  audit.end();
  const report = audit.report({ madeAt: '2026-01-01T00:00:00.000Z', toolVersion: '0.0.0', captures: [] });
  const counted = verdicts.reduce((sum, verdict) => sum + report.counts[verdict], 0);
  if (counted !== report.calls.length) throw new Error('a call has no verdict, or two');
  for (const { verdict, heardSeconds } of report.calls) {
    if (verdict === 'protected' && heardSeconds > 0) throw new Error('what is heard is called protected');
  }
  const page = terminalPage(report, { width: 100, takesColour: false, showsAll: true });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
  if (/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(page))
    throw new Error('a terminal is told more than text');
  csvReport(report);
  JSON.parse(sarifReport(report));
}

function* framesOf(data: Uint8Array): Generator<Uint8Array> {
  const [way = 0, parameter = 0] = data;
  const rest = data.subarray(2);
  if ((way & 3) === 0) {
    const from = parameter % sample.length;
    const packets = sample.slice(from, from + MOST_OF_THE_SAMPLE).map((packet) => Uint8Array.from(packet.data));
    for (let at = 0; at + 2 < rest.byteLength; at += 3) {
      const [which = 0, where = 0, value = 0] = rest.subarray(at, at + 3);
      const packet = packets[which % packets.length];
      if (packet !== undefined) packet[where % packet.byteLength] = value;
    }
    yield* packets;
    return;
  }
  const length = 1 + parameter * 4;
  let sequence = 1;
  for (let at = 0; at < rest.byteLength; at += length) {
    const payload = rest.subarray(at, at + length);
    if ((way & 3) === 1)
      yield encapsulateUdp({
        source: at % 3 === 2 ? second : first,
        destination: at % 3 === 2 ? first : second,
        payload,
      });
    else if ((way & 3) === 2) {
      yield tcpPacket({ from: first, to: second, sequence, octets: payload });
      sequence += payload.byteLength - (at % 5 === 4 ? 1 : 0);
    } else yield payload;
  }
}

function captured(number: number, data: Uint8Array, isRaw: boolean): CapturedPacket {
  return {
    kind: 'packet',
    number,
    interface: { linkType: isRaw ? linkTypes.raw : linkTypes.ethernet, snapLength: 0, name: undefined },
    time: { microseconds: 20_000 * number, nanoseconds: 0 },
    data,
    originalLength: data.byteLength,
    direction: undefined,
    comment: undefined,
  };
}
