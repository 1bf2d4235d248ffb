import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { TpktReader } from './tpkt/frame-reader.ts';

/** One message of a capture, without the TPKT that carried it. */
export interface CapturedMessage {
  readonly capture: string;
  readonly kind: 'call-signalling' | 'h245' | 'ras';
  readonly octets: Uint8Array;
  /** IPv4 addresses. */
  readonly from: string;
  readonly to: string;
}

const CALL_SIGNALLING_PORT = 1720;
const RAS_PORT = 1719;
/** Octets before the IP header: Ethernet, and cooked capture of Linux, version 2. */
const linkHeaders: Readonly<Record<number, number>> = { 1: 14, 276: 20 };
const TCP = 6;
const UDP = 17;

/** Every message of the captures beside the vectors; see their README for who speaks. */
export function capturedMessages(): CapturedMessage[] {
  const paths = globSync(join(import.meta.dirname, '../vectors/captures/*.pcap')).sort();
  if (paths.length === 0) throw new Error('the captures are gone');
  return paths.flatMap((path) => messagesOf(basename(path, '.pcap'), readFileSync(path)));
}

function messagesOf(capture: string, file: Buffer): CapturedMessage[] {
  const messages: CapturedMessage[] = [];
  const streams = new Map<string, { readonly reader: TpktReader; next: number | undefined }>();
  const linkHeader = linkHeaders[file.readUInt32LE(20)];
  if (linkHeader === undefined) throw new Error(`${capture} is of another link type`);
  for (let at = 24; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const ip = file.subarray(at + 16 + linkHeader, at + 16 + length);
    at += 16 + length;
    const packet = ip.subarray(0, ip.readUInt16BE(2));
    const transport = packet.subarray(((packet[0] ?? 0) & 0x0f) * 4);
    const from = [...packet.subarray(12, 16)].join('.');
    const to = [...packet.subarray(16, 20)].join('.');
    const ports = [transport.readUInt16BE(0), transport.readUInt16BE(2)];
    if (packet[9] === UDP && ports.includes(RAS_PORT)) {
      messages.push({ capture, kind: 'ras', octets: Uint8Array.from(transport.subarray(8)), from, to });
    }
    if (packet[9] !== TCP) continue;
    const key = `${packet.toString('hex', 12, 20)} ${ports}`;
    const payload = transport.subarray(((transport[12] ?? 0) >>> 4) * 4);
    const sequence = transport.readUInt32BE(4);
    const starts = ((transport[13] ?? 0) & 2) !== 0;
    if (starts) streams.set(key, { reader: new TpktReader(), next: (sequence + 1) >>> 0 });
    const stream = streams.get(key);
    if (stream === undefined || payload.length === 0) continue;
    // What comes twice is a segment that was sent again.
    if (sequence !== stream.next) continue;
    stream.next = (sequence + payload.length) >>> 0;
    stream.reader.push(payload);
    const kind = ports.includes(CALL_SIGNALLING_PORT) ? 'call-signalling' : 'h245';
    for (let octets = stream.reader.next(); octets !== undefined; octets = stream.reader.next()) {
      messages.push({ capture, kind, octets: Uint8Array.from(octets), from, to });
    }
    if (stream.reader.failure !== undefined) throw stream.reader.failure;
  }
  return messages;
}
