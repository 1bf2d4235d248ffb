import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodeDatagram, encapsulateUdp, linkTypes } from '../index.ts';
import { CaptureFile, readCaptureFile } from './file.ts';

const programs = ['tshark', 'capinfos', 'editcap'];
const missing = programs.filter((program) => spawnSync(program, ['--version']).status !== 0);
const vectors = fileURLToPath(new URL('../../vectors/', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'capture-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.skipIf(missing.length === 0)(`skipped for want of ${missing.join(', ')}: scripts/install-peers.sh`, ({ skip }) => {
  if (process.env['CI'] === 'true') expect(missing).toEqual([]);
  skip(`${missing.join(', ')} not installed`);
});

describe.skipIf(missing.length > 0)('Wireshark', () => {
  const path = join(folder, 'ours.pcapng');

  beforeAll(async () => {
    const file = await CaptureFile.open(path, { section: { application: 'Trustline', comment: 'two ends' } });
    file.addInterface({ linkType: linkTypes.ethernet, name: 'phone' });
    file.addInterface({ linkType: linkTypes.raw, name: 'manager', description: 'the other end' });
    for (let index = 0; index < 20; index++) {
      const [address, other] = index % 4 < 2 ? ['192.0.2.1', '192.0.2.2'] : ['2001:db8::1', '2001:db8::2'];
      const frame = encapsulateUdp({
        source: { address: address ?? '', port: 40_000 },
        destination: { address: other ?? '', port: 40_002 },
        payload: new Uint8Array(index).fill(index),
      });
      file.write({
        interface: index % 2,
        time: { microseconds: 1_795_460_786_000_000 + index * 20_000, nanoseconds: index },
        data: index % 2 === 0 ? frame : frame.subarray(14),
        direction: index % 2 === 0 ? 'inbound' : 'outbound',
        comment: `packet ${index}`,
      });
    }
    await file.close();
  });

  test('reads our file: no malformed packet, right sums, every field as written', () => {
    const options = ['-o', 'udp.check_checksum:TRUE', '-o', 'ip.check_checksum:TRUE'];
    expect(tshark(path, [...options, '-Y', '_ws.malformed || _ws.expert.severity >= 6291456'])).toEqual([]);
    const fields = ['frame.time_epoch', 'frame.interface_name', 'frame.comment', 'frame.packet_flags_direction'];
    const rows = tshark(path, [
      '-T',
      'fields',
      ...[...fields, 'udp.length', 'udp.checksum.status'].flatMap((f) => ['-e', f]),
      ...options,
    ]);
    expect(rows).toEqual(
      Array.from({ length: 20 }, (_, index) =>
        [
          `1795460786.${String(index * 20_000_000 + index).padStart(9, '0')}`,
          index % 2 === 0 ? 'phone' : 'manager',
          `packet ${index}`,
          index % 2 === 0 ? '0x00000001' : '0x00000002',
          index + 8,
          1,
        ].join('\t'),
      ),
    );
  });

  test('agrees in capinfos on packets, interfaces and resolution', () => {
    const report = execFileSync('capinfos', [path], { encoding: 'utf8' });
    expect(report).toMatch(/Number of packets:\s+20\n/);
    expect(report).toMatch(/Number of interfaces in file:\s+2\n/);
    expect(report).toMatch(/Time precision = nanoseconds/);
  });

  test.each(readdirSync(vectors).filter((name) => name.includes('pcap')))('reads %s as we do', async (name) => {
    expect(await ourRows(join(vectors, name))).toEqual(theirRows(join(vectors, name)));
  });

  test.each(['pcap', 'nsecpcap', 'pcapng'])('and what editcap rewrites as %s', async (format) => {
    for (const source of [path, join(vectors, 'opal-dtmf-rfc2833.pcap')]) {
      if (source === path && format !== 'pcapng') continue; // pcap holds one link type only
      const rewritten = join(folder, `rewritten.${format}`);
      execFileSync('editcap', ['-F', format, source, rewritten]);
      expect(await ourRows(rewritten)).toEqual(theirRows(rewritten));
    }
  });
});

/** One row a packet: number, time, captured and original length, and for UDP the ports and its length. */
async function ourRows(path: string): Promise<string[]> {
  const rows: string[] = [];
  for await (const item of readCaptureFile(path)) {
    if (item.kind !== 'packet') continue;
    const { microseconds, nanoseconds } = item.time ?? { microseconds: 0, nanoseconds: 0 };
    const seconds = Math.floor(microseconds / 1_000_000);
    const fraction = (microseconds % 1_000_000) * 1000 + nanoseconds;
    const frame = decodeDatagram(item.interface.linkType, item.data);
    const udp =
      frame === undefined ? ['', '', ''] : [frame.source.port, frame.destination.port, frame.payload.length + 8];
    const time = `${seconds}.${String(fraction).padStart(9, '0')}`;
    rows.push([item.number, time, item.data.length, item.originalLength, ...udp].join('\t'));
  }
  return rows;
}

function theirRows(path: string): string[] {
  const fields = [
    'frame.number',
    'frame.time_epoch',
    'frame.cap_len',
    'frame.len',
    'udp.srcport',
    'udp.dstport',
    'udp.length',
  ];
  return tshark(path, ['-T', 'fields', ...fields.flatMap((field) => ['-e', field])]);
}

function tshark(path: string, options: readonly string[]): string[] {
  const output = execFileSync('tshark', ['-n', '-r', path, ...options], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return output.split('\n').filter((line) => line !== '');
}
