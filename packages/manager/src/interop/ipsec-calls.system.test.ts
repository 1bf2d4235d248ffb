import { type ChildProcess, execFileSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { ViciConnection } from '@trustline/ipsec/node';
import {
  eventually,
  type IpsecIdentity,
  makeIpsecAuthority,
  makeTwoNamespaces,
  type TwoNamespaces,
} from '@trustline/testing/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type IpsecEndSettings, speech } from './ipsec-end-settings.fixture.ts';

/**
 * Calls over H.323 between a manager and a gateway, each in a network namespace of its own, with strongSwan at both ends and
 * addresses of their own for signalling and for media. The wire between them is captured, and so is what is within the tunnel.
 */
type Told = Readonly<Record<string, unknown>>;
interface End {
  readonly child: ChildProcess;
  readonly told: Told[];
  say(word: string): void;
}

const calls = 50;
const atOnce = 5;
const callMilliseconds = 900;
let world: TwoNamespaces;
let manager: End;
let gateway: End;
let wire: ChildProcess;
let tunnel: ChildProcess;

const capture = (device: string) =>
  world.run('gateway', 'dumpcap', ['-q', '-P', '-B', '8', '-i', device, '-w', join(world.folder, `${device}.pcap`)]);
const base64 = (octets: Uint8Array) => Buffer.from(octets).toString('base64');

async function start(end: 'manager' | 'gateway', own: IpsecIdentity, other: IpsecIdentity, authority: Uint8Array) {
  const peer = end === 'manager' ? 'gateway' : 'manager';
  const settings: IpsecEndSettings = {
    calls: end === 'manager',
    folder: join(world.folder, end),
    address: world[end].address,
    mediaAddress: world[end].others[1],
    identity: own.identity,
    certificate: base64(own.certificate),
    privateKey: base64(own.privateKey),
    authority: base64(authority),
    peer: peer === 'gateway' ? 'gw1' : 'manager',
    peerAddress: world[peer].address,
    peerIdentity: other.identity,
    sockets: calls + 10,
    callMilliseconds,
  };
  const program = new URL('./ipsec-end.fixture.ts', import.meta.url).pathname;
  const child = world.run(end, process.execPath, [program, JSON.stringify(settings)]);
  const told: Told[] = [];
  child.stderr?.on('data', (octets) => told.push({ said: String(octets) }));
  if (child.stdout !== null) createInterface(child.stdout).on('line', (line) => told.push(JSON.parse(line)));
  child.once('exit', (code) => told.push({ exited: code }));
  const one = { child, told, say: (word: string) => child.stdin?.write(`${word}\n`) };
  await hear(one, `the start of the ${end}`, () => told.some((what) => 'ready' in what));
  return one;
}

/** Waits for what an end tells; one that is gone will tell nothing any more. */
async function hear<Found>(end: End, what: string, find: () => Found | undefined | false): Promise<Found> {
  return await eventually(what, () => {
    if (end.child.exitCode !== null) throw new Error(JSON.stringify(end.told.slice(-5)));
    return find();
  });
}

async function ended(child: ChildProcess, signal: NodeJS.Signals = 'SIGINT'): Promise<void> {
  if (child.exitCode !== null) return;
  const end = once(child, 'exit');
  child.kill(signal);
  await end;
}

beforeAll(async () => {
  world = makeTwoNamespaces();
  wire = capture('wire');
  const authority = await makeIpsecAuthority();
  const [own, far] = [await authority.issue('manager.example'), await authority.issue('gw1.example')];
  gateway = await start('gateway', far, own, authority.certificate);
  manager = await start('manager', own, far, authority.certificate);
  await hear(manager, 'the tunnel', () => manager.told.some(({ hold }) => hold === 'returned'));
  tunnel = capture('ipsec0');
  await once(tunnel.stderr ?? tunnel, 'data');
}, 60_000);

afterAll(async () => {
  for (const end of [manager, gateway]) {
    if (end === undefined) continue;
    if (end.child.exitCode !== null) continue;
    const over = once(end.child, 'exit');
    end.say('stop');
    await over;
  }
  world?.close();
}, 60_000);

const all = (name: string) => [...manager.told, ...gateway.told].filter((one) => name in one);
const endsOf = (end: End) => end.told.filter((one) => 'ended' in one);
const heard = (one: Told) => Number(one['heard']) > 0;

/** Takes the association away, at one end or the other, as an administrator might. */
async function tearDown(end: 'manager' | 'gateway'): Promise<void> {
  const connection = await ViciConnection.open(join(world.folder, end, 'vici.socket'));
  await connection
    .request('terminate', { ike: end === 'manager' ? 'gw1' : 'manager', timeout: 2_000 }, { timeout: 3_000 })
    // There may be none at this moment.
    .catch(() => {});
  connection.close();
}

async function placeCalls(count: number, meanwhile: () => Promise<void>): Promise<void> {
  const before = endsOf(manager).length;
  for (let call = 0; call < count; call += 1) manager.say('call');
  await meanwhile();
  await hear(manager, 'the end of the calls', () => endsOf(manager).length >= before + count);
}

const octetsOf = (device: string) => readFileSync(join(world.folder, `${device}.pcap`));

test('a call through the tunnel is encrypted, and both hear what the other says', async () => {
  await placeCalls(1, async () => {});
  expect(endsOf(manager)).toMatchObject([{ how: { kind: 'released', cause: 16 } }]);
  await hear(gateway, 'the end at the gateway', () => endsOf(gateway).length === 1);
  expect([...endsOf(manager), ...endsOf(gateway)].every(heard)).toBe(true);
});

test('both ends stop a packet in the clear that is sent around the tunnel', async () => {
  manager.say('check');
  const answer = await hear(manager, 'the check', () => manager.told.find((one) => 'check' in one));
  const stopped = { leaked: false, message: 'the guard stopped the packet' };
  expect(answer).toEqual({ check: { near: stopped, far: stopped } });
});

test('with the association torn down in the middle of 50 calls no call has a clear packet', async () => {
  for (let placed = 0; placed < calls; placed += atOnce) {
    await placeCalls(atOnce, async () => {
      await delay(randomInt(callMilliseconds));
      await tearDown(randomInt(2) === 0 ? 'manager' : 'gateway');
    });
  }
  // What nobody answers for any more is not waited for: only that no call was clear, and that some were whole.
  expect(all('clear')).toEqual([]);
  expect(endsOf(manager).filter(heard).length).toBeGreaterThan(10);
  expect(all('hold').filter(({ hold }) => hold === 'lost').length).toBeGreaterThan(5);
}, 60_000);

test('no octet of a key, and nothing that was said, was ever on the wire; within the tunnel they were', async () => {
  await delay(500);
  await ended(wire);
  await ended(tunnel);
  const [outside, inside] = [octetsOf('wire'), octetsOf('ipsec0')];
  const keys = all('key').flatMap(({ key, salt }) => [
    Buffer.from(String(key), 'hex'),
    Buffer.from(String(salt), 'hex'),
  ]);
  expect(keys.length).toBeGreaterThan(2 * calls);
  // The search finds what is there: most of these keys went through the tunnel.
  expect(keys.filter((key) => inside.includes(key)).length).toBeGreaterThan(keys.length / 4);
  expect(keys.filter((key) => outside.includes(key))).toEqual([]);
  expect(outside.includes(speech.subarray(0, 32))).toBe(false);
});

test('on the wire there is IKE, ESP within UDP and SRTP, and nothing else', () => {
  const fields = ['frame.protocols', 'ip.src', 'udp.srcport', 'udp.dstport'].flatMap((field) => ['-e', field]);
  const file = join(world.folder, 'wire.pcap');
  const read = execFileSync('tshark', ['-r', file, '-T', 'fields', ...fields], { encoding: 'utf8' });
  const packets = read
    .trim()
    .split('\n')
    .map((line) => line.split('\t'));
  const ofTunnel = packets.filter(([protocols = '']) => /:(?:isakmp|esp|udpencap)\b/.test(protocols));
  const neighbours = packets.filter(([protocols = '']) => /:(?:arp|icmpv6)\b/.test(protocols));
  const mediaAddresses: readonly string[] = [world.manager.others[1], world.gateway.others[1]];
  const media = packets.filter(
    (packet) => packet[2] !== '' && mediaAddresses.includes(packet[1] ?? '') && !ofTunnel.includes(packet),
  );
  const known = new Set([...ofTunnel, ...neighbours, ...media]);
  expect(packets.filter((packet) => !known.has(packet))).toEqual([]);
  expect(ofTunnel.length).toBeGreaterThan(500);
  expect(media.length).toBeGreaterThan(200);
});
