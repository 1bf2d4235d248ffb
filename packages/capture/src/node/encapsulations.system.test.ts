import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dissect } from '../dissect/dissect.ts';
import { Dissection } from '../dissect/dissection.ts';
import { flowKey } from '../dissect/flow-table.ts';
import { FragmentReassembly } from '../dissect/fragments.ts';
import type { CapturedPacket } from '../item.ts';
import { readCaptureFile } from './file.ts';

const folder = mkdtempSync(join(tmpdir(), 'encapsulations-'));
afterAll(() => rmSync(folder, { recursive: true }));

const said = 'what was said within all of it';
/** What each was put into, and the number of its tunnel. */
const expected: Readonly<Record<string, readonly [readonly string[], number]>> = {
  ethernet: [[], 0],
  'ethernet, IPv6': [[], 0],
  VLAN: [['VLAN'], 7],
  QinQ: [['VLAN', 'VLAN'], (9 << 12) | 7],
  SNAP: [[], 0],
  cooked: [[], 0],
  'cooked with VLAN': [['VLAN'], 7],
  'cooked 2': [[], 0],
  raw: [[], 0],
  'raw, IPv6': [[], 0],
  loopback: [[], 0],
  PPP: [[], 0],
  'PPP in HDLC': [[], 0],
  PPPoE: [['PPPoE'], 0],
  MPLS: [['MPLS'], 17],
  'MPLS pseudowire': [['MPLS'], 18],
  GRE: [['GRE'], 0],
  'GRE with key, checksum and sequence': [['GRE'], 99],
  'GRE that bridges': [['GRE', 'VLAN'], 7],
  'ERSPAN I': [['ERSPAN'], 0],
  'ERSPAN II': [['ERSPAN'], 5],
  'ERSPAN III': [['ERSPAN'], 5],
  VXLAN: [['VXLAN'], 42],
  'IP in IP': [['IP in IP'], 0],
  'IPv6 in IP': [['IP in IP'], 0],
  HEP: [['HEP'], 0],
  'IPv6 with extension headers': [[], 0],
  fragments: [[], 0],
  'fragments, the last first': [[], 0],
  'fragments of IPv6': [[], 0],
  'fragments in VXLAN': [['VXLAN'], 42],
};

const names = Object.keys(expected);
/** tshark reads the chunks of HEP as data, and Scapy's ERSPAN II not at all; a pseudowire it has to be told of. */
const notByTshark = ['HEP', 'ERSPAN II', 'MPLS pseudowire'];
const pathOf = (name: string) => join(folder, `${name}.pcap`);

async function packetsOf(name: string): Promise<readonly CapturedPacket[]> {
  const packets: CapturedPacket[] = [];
  for await (const item of readCaptureFile(pathOf(name))) if (item.kind === 'packet') packets.push(item);
  return packets;
}

describe.skipIf(missingPrograms('scapy', 'tshark'))('what Scapy wraps a datagram into', () => {
  const theirs = new Map<string, string>();

  beforeAll(async () => {
    const script = fileURLToPath(new URL('encapsulations.fixture.py', import.meta.url));
    execFileSync('/usr/bin/python3', [script, folder], { stdio: ['ignore', 'ignore', 'pipe'] });
    expect(readdirSync(folder).sort()).toEqual(names.map((name) => `${name}.pcap`).sort());
    // One file for tshark, which takes half a second to begin.
    const all = join(folder, 'all.pcapng');
    execFileSync('mergecap', ['-F', 'pcapng', '-a', '-w', all, ...names.map(pathOf)]);
    const fields = ['ip.src', 'ipv6.src', 'udp.dstport', 'data.data'].flatMap((field) => ['-e', field]);
    const rows = execFileSync('tshark', ['-n', '-r', all, '-T', 'fields', ...fields], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).split('\n');
    let at = 0;
    for (const name of names) {
      at += (await packetsOf(name)).length;
      theirs.set(name, rows[at - 1] ?? '');
    }
  });

  test.each(names)('%s is unwrapped, as tshark does', async (name) => {
    const packet = new Dissection();
    const fragments = new FragmentReassembly();
    const found: unknown[] = [];
    for (const item of await packetsOf(name)) {
      dissect(item.interface.linkType, item.data, packet);
      if (packet.kind === 'fragment' && !fragments.handle(item.time?.microseconds ?? 0, packet)) continue;
      const payload = new TextDecoder().decode(packet.payload);
      found.push([packet.kind, flowKey(packet, 0), [...packet.encapsulations], payload]);
    }
    const isVersion6 = packet.addressLength === 16;
    const [source, destination] = isVersion6 ? ['2001:db8::1', '2001:db8::2'] : ['192.0.2.1', '192.0.2.2'];
    const [encapsulations, tunnel] = expected[name] ?? [];
    const flow = {
      source: { address: source, port: 40_000 },
      destination: { address: destination, port: 40_002 },
      protocol: 17,
      tunnel,
      interface: 0,
    };
    const times = name.startsWith('fragments') ? 100 : 1;
    expect(found).toEqual([['udp', flow, encapsulations, said.repeat(times)]]);
    if (notByTshark.includes(name)) return;
    const [inner4 = '', inner6 = '', port = '', data = ''] = theirs.get(name)?.split('\t') ?? [];
    expect((isVersion6 ? inner6 : inner4).split(',').at(-1)).toBe(source);
    expect(port.split(',').at(-1)).toBe('40002');
    expect(Buffer.from(data, 'hex').toString()).toBe(said.repeat(times));
  });
});
