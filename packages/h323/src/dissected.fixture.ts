import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import type { CapturedMessage } from './captured.fixture.ts';
import { encodeTpkt } from './tpkt/frame-reader.ts';

/** One thing that a dissector read: a field with its value, the alternative that was chosen, or how many there are. */
export interface Reading {
  /** As ASN.1 has it, or that of its type where it is an element of a list. */
  readonly name: string;
  /** The value as text: decimal numbers, indexes of alternatives, how many elements. */
  readonly show: string;
  /** Its octets in hexadecimal, where it has its own. */
  readonly octets?: string;
  /** What a number or index is called. */
  readonly called?: string;
}

const ports = { 'call-signalling': 1720, h245: 1800, ras: 1719 } as const;

/** A capture in which each message has a connection or datagram of its own. */
export function writeCapture(path: string, messages: readonly Pick<CapturedMessage, 'kind' | 'octets'>[]): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20); // Ethernet
  const packets = messages.map(({ kind, octets }, i) => {
    const packet = kind === 'ras' ? udp(octets, i) : tcp(encodeTpkt(octets), ports[kind], i);
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_795_460_786 + i, 0);
    record.writeUInt32LE(packet.byteLength, 8);
    record.writeUInt32LE(packet.byteLength, 12);
    return Buffer.concat([record, packet]);
  });
  writeFileSync(path, Buffer.concat([header, ...packets]));
}

function tcp(payload: Uint8Array, port: number, i: number): Buffer {
  const head = Buffer.alloc(20);
  head.writeUInt16BE(20_000 + i, 0);
  head.writeUInt16BE(port, 2);
  head.writeUInt32BE(1, 4);
  head.writeUInt32BE(1, 8);
  head.writeUInt16BE(0x5018, 12);
  head.writeUInt16BE(65_535, 14);
  return ethernet(Buffer.concat([head, payload]), 6);
}

function udp(payload: Uint8Array, i: number): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(20_000 + i, 0);
  head.writeUInt16BE(ports.ras, 2);
  head.writeUInt16BE(8 + payload.byteLength, 4);
  return ethernet(Buffer.concat([head, payload]), 17);
}

function ethernet(transport: Buffer, protocol: number): Buffer {
  const head = Buffer.alloc(34);
  head.writeUInt16BE(0x0800, 12);
  head[14] = 0x45;
  head.writeUInt16BE(20 + transport.byteLength, 16);
  head[22] = 64;
  head[23] = protocol;
  head.set([192, 0, 2, 1, 192, 0, 2, 2], 26);
  return Buffer.concat([head, transport]);
}

/** What tshark reads in each packet of a capture, in the order of the wire. */
export function dissect(path: string): readonly (readonly Reading[])[] {
  const output = execFileSync('tshark', ['-r', path, '-d', `tcp.port==${ports.h245},h245`, '-T', 'pdml'], {
    encoding: 'utf8',
    maxBuffer: 512 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output
    .split('<packet>')
    .slice(1)
    .map((packet) => packet.split('\n').flatMap(readingOf));
}

/** Protocols whose fields are ASN.1; and the marks of what tshark could not read. */
const field = /<field name="((?:h225|h245|h235|h450|h4501|_ws)\.[^"]*)" showname="([^"]*)"(.*)/;

/** A field has one line. SEQUENCEs have no value of their own, and what tshark adds to what is on the wire is left out. */
function readingOf(line: string): Reading[] {
  const found = field.exec(line);
  if (found === null) return [];
  const [, name = '', shown = '', rest = ''] = found;
  if (name.startsWith('_ws.malformed')) return [{ name: '_ws.malformed', show: shown }];
  if (/^_ws\.|\.Manufacturer$|^h450\.operation$|\.debug\./.test(name)) return [];
  // Of a bit, the dissector shows where in its octet it is.
  const text = unescaped(shown).replace(/^(?:[01.]{4} )+(?:= )?/, '');
  const title = /^[^:]*/.exec(text)?.[0] ?? '';
  const told = text.slice(title.length + 2);
  const show = unescaped(attribute(rest, 'show') ?? '');
  if (name.endsWith('_element')) return told === 'NULL' ? [{ name: title, show: 'NULL' }] : [];
  const octets = attribute(rest, 'value');
  const called = /^(.*?) \(\d+\)/.exec(told)?.[1];
  return [
    { name: title, show, ...(octets === undefined ? {} : { octets }), ...(called === undefined ? {} : { called }) },
  ];
}

function attribute(text: string, key: string): string | undefined {
  return new RegExp(` ${key}="([^"]*)"`).exec(text)?.[1];
}

function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };
  return text.replaceAll(/&(?:#x([0-9a-f]+)|(\w+));/gi, (_, code: string | undefined, name: string) =>
    code === undefined ? (named[name] ?? '') : String.fromCodePoint(Number.parseInt(code, 16)),
  );
}
