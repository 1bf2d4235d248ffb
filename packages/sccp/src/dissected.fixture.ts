import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** One field that tshark found: where it stands in the message, header included, and its octets. */
export interface DissectedField {
  /** Without `skinny.`. */
  readonly name: string;
  readonly at: number;
  readonly length: number;
  /** In hexadecimal; of a bit, its value. */
  readonly octets: string;
  /** Which bits of an integer it is; 0 where it is the whole. */
  readonly mask: number;
}

export interface DissectedMessage {
  readonly fields: readonly DissectedField[];
  /** Protocols that tshark saw within the packet. */
  readonly protocols: readonly string[];
}

const SKINNY_PORT = 2000;
const HEADERS = 14 + 20 + 20;

/** A capture of one connection to the port of Skinny, one message in each segment. */
export function writeCapture(path: string, messages: readonly Uint8Array[]): void {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(65_535, 16);
  header.writeUInt32LE(1, 20); // Ethernet
  let sequence = 1;
  const packets = messages.map((message, i) => {
    const frame = segment(message, sequence);
    sequence += message.byteLength;
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_795_460_786 + i, 0);
    record.writeUInt32LE(frame.byteLength, 8);
    record.writeUInt32LE(frame.byteLength, 12);
    return Buffer.concat([record, frame]);
  });
  writeFileSync(path, Buffer.concat([header, ...packets]));
}

function segment(payload: Uint8Array, sequence: number): Buffer {
  const headers = Buffer.alloc(HEADERS);
  headers.writeUInt16BE(0x0800, 12);
  headers[14] = 0x45;
  headers.writeUInt16BE(40 + payload.byteLength, 16);
  headers[22] = 64;
  headers[23] = 6; // TCP
  headers.set([192, 0, 2, 1, 192, 0, 2, 2], 26);
  headers.writeUInt16BE(50_000, 34);
  headers.writeUInt16BE(SKINNY_PORT, 36);
  headers.writeUInt32BE(sequence, 38);
  headers.writeUInt32BE(1, 42);
  headers[46] = 0x50;
  headers[47] = 0x18;
  headers.writeUInt16BE(65_535, 48);
  return Buffer.concat([headers, payload]);
}

/** What tshark makes of each message of a capture. */
export function dissect(path: string): readonly DissectedMessage[] {
  const output = tshark(path, ['-T', 'json', '--no-duplicate-keys', '-x']);
  const packets = JSON.parse(output) as { _source: { layers: Record<string, unknown> } }[];
  return packets.map(({ _source: { layers } }) => {
    const fields: DissectedField[] = [];
    collect(layers['skinny'], fields);
    const protocols = Object.keys(layers).filter((name) => !name.endsWith('_raw'));
    return { fields, protocols };
  });
}

/** Raw fields are `[octets, position, length, mask, type]`, or a list of these where a name occurs several times. */
function collect(tree: unknown, fields: DissectedField[]): void {
  if (Array.isArray(tree)) for (const one of tree) collect(one, fields);
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) return;
  for (const [name, value] of Object.entries(tree)) {
    if (!name.startsWith('skinny.') || !name.endsWith('_raw')) {
      collect(value, fields);
      continue;
    }
    const occurrences = (Array.isArray((value as unknown[])[0]) ? value : [value]) as [
      string,
      number,
      number,
      number,
    ][];
    for (const [octets, at, length, mask] of occurrences) {
      fields.push({ name: name.slice('skinny.'.length, -'_raw'.length), at: at - HEADERS, length, octets, mask });
    }
  }
}

/** How tshark calls each message of a capture. */
export function messageNames(path: string): readonly string[] {
  return tshark(path, ['-T', 'fields', '-e', '_ws.col.Info'])
    .trim()
    .split('\n')
    .map((info) => info.trim().split(' ')[0] ?? '');
}

function tshark(path: string, options: readonly string[]): string {
  return execFileSync('tshark', ['-r', path, '-d', `tcp.port==${SKINNY_PORT},skinny`, ...options], {
    encoding: 'utf8',
    maxBuffer: 256 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}
