import { type ChildProcess, execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Redacted } from '@trustline/base';
import {
  eventually,
  type IpsecIdentity,
  makeIpsecAuthority,
  makeTwoNamespaces,
  type TwoNamespaces,
  takeTableAway,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { HelperClient } from '../node/helper-client.ts';
import { IpsecNode } from '../node/ipsec-node.ts';
import type { ProtectionEvent } from '../node/protection.ts';
import { ViciConnection } from '../node/vici-connection.ts';
import type { Proof, SignallingConnection } from '../proof.ts';
import type { HoldOutput } from '../protection-hold.ts';
import { CHILD_NAME, type TunnelConfiguration } from '../tunnel-configuration.ts';

/** Two helpers with strongSwan in two network namespaces; what they do is asked by VICI and read back from nft. */
type End = 'manager' | 'gateway';
const otherOf = (end: End): End => (end === 'manager' ? 'gateway' : 'manager');
let world: TwoNamespaces;
let authority: Awaited<ReturnType<typeof makeIpsecAuthority>>;
let identities: Record<End, IpsecIdentity>;
const helpers: Partial<Record<End, ChildProcess>> = {};
const nodes: Partial<Record<End, IpsecNode>> = {};
const events: ProtectionEvent[] = [];
const holds: HoldOutput[] = [];
let line: ReturnType<typeof speak>;
let signalling: SignallingConnection;
let capture: ChildProcess;

const near = () => nodes.manager as IpsecNode;
const folderOf = (end: End) => join(world.folder, end);
const inside = (end: End, ...words: string[]) =>
  execFileSync('ip', ['netns', 'exec', world[end].namespace, ...words], { encoding: 'utf8' });

const tunnelOf = (end: End): TunnelConfiguration => ({
  name: end === 'manager' ? 'gw1' : 'manager',
  localAddress: world[end].address,
  remoteAddress: world[otherOf(end)].address,
  mode: 'tunnel',
  profile: 'standard',
  authentication: {
    kind: 'certificate',
    localIdentity: identities[end].identity,
    localCertificate: identities[end].certificate,
    remoteIdentity: identities[otherOf(end)].identity,
    remote:
      end === 'manager'
        ? { kind: 'certificate', certificate: identities.gateway.certificate }
        : { kind: 'authority', authority: authority.certificate },
  },
});

/** As a gateway of 2013 is protected: IKEv1 main mode, AES-128, SHA-1, group 2, a key that both know. */
const legacyTunnelOf = (end: End): TunnelConfiguration => {
  const [localAddress, remoteAddress] = [world[end].others[0], world[otherOf(end)].others[0]];
  const key = new Redacted(Buffer.from('a key for this test alone'));
  return {
    name: end === 'manager' ? 'gw2' : 'old-manager',
    localAddress,
    remoteAddress,
    mode: 'tunnel',
    profile: 'legacy',
    authentication: { kind: 'pre-shared-key', localIdentity: localAddress, remoteIdentity: remoteAddress, key },
  };
};

const tunnel6Of = (end: End): TunnelConfiguration => ({
  ...tunnelOf(end),
  name: end === 'manager' ? 'gw6' : 'manager6',
  localAddress: world[end].address6,
  remoteAddress: world[otherOf(end)].address6,
});

async function startHelper(end: End): Promise<void> {
  const program = new URL('./helper.fixture.ts', import.meta.url).pathname;
  const state = join(world.folder, `${end}.json`);
  const helper = world.run(end, process.execPath, [program, folderOf(end), state]);
  helpers[end] = helper;
  const complaints: string[] = [];
  helper.stderr?.on('data', (octets) => complaints.push(String(octets)));
  const ended = once(helper, 'exit').then(() => Promise.reject(new Error(complaints.join(''))));
  await Promise.race([once(helper.stdout ?? helper, 'data'), ended]);
  ended.catch(() => {});
}

async function startNode(end: End): Promise<void> {
  nodes[end] = await IpsecNode.start(
    {
      folder: folderOf(end),
      stack: 'kernel-libipsec',
      credentials: { privateKey: identities[end].privateKey, authorities: [authority.certificate] },
      initiates: end === 'manager',
      mediaPatience: 500,
      onEvent: (event) => end === 'manager' && events.push(event),
      onHold: (_, output) => end === 'manager' && holds.push(output),
    },
    [{ tunnel: tunnelOf(end) }],
  );
}

/** One end of a TCP connection in a namespace; everything that it tells is kept. */
function speak(end: End) {
  const child = world.run(end, process.execPath, [join(import.meta.dirname, '../node/line.fixture.mjs')]);
  const told: Record<string, unknown>[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (text) => told.push(JSON.parse(text)));
  return {
    say: (words: string) => child.stdin?.write(`${words}\n`),
    hear: (what: string) => eventually(`${what} at the ${end}`, () => told.find((one) => what in one)),
    told,
  };
}

async function prove(sent: number, act: () => void = () => {}): Promise<Proof> {
  const before = await near().baseline('gw1');
  act();
  return await near().prove('gw1', signalling, before, sent);
}

const told = (kind: ProtectionEvent['kind'], since = 0) => events.slice(since).some((event) => event.kind === kind);
const guarded = () =>
  eventually('the guard and the tunnel', async () => {
    const { guard, tunnels } = await near().status();
    return guard.inPlace && tunnels.every(({ isProtected }) => isProtected);
  });

/** Has the daemon give a tunnel new keys now, as it does every hour. */
async function rekey(connection: string): Promise<void> {
  const since = events.length;
  const vici = await ViciConnection.open(join(folderOf('manager'), 'vici.socket'));
  await vici.request('rekey', { ike: connection, child: CHILD_NAME });
  vici.close();
  await eventually('new keys', () =>
    events.slice(since).some((event) => event.kind === 'ipsec-rekeyed' && event.connection === connection),
  );
  expect(events.slice(since).filter(({ kind }) => kind === 'ipsec-down')).toEqual([]);
}

/** Takes a table of the guard of an end away; returns what ends that. */
const takeAway = (end: End, table: 'trustline_ipsec' | 'trustline_ipsec_held') =>
  takeTableAway(world, end, table, table.endsWith('_held') ? helpers[end]?.pid : undefined);
/** The same, for one test. */
async function takeAwayFromManager(table: Parameters<typeof takeAway>[1]): Promise<() => Promise<void>> {
  const putBack = await takeAway('manager', table);
  onTestFinished(putBack);
  return putBack;
}

beforeAll(async () => {
  world = makeTwoNamespaces();
  capture = world.run('gateway', 'dumpcap', ['-q', '-P', '-i', 'wire', '-w', join(world.folder, 'wire.pcap')]);
  authority = await makeIpsecAuthority();
  identities = { manager: await authority.issue('manager.example'), gateway: await authority.issue('gw1.example') };
  await Promise.all([startHelper('gateway'), startHelper('manager')]);
  await startNode('gateway');
  await startNode('manager');
}, 60_000);

afterAll(async () => {
  await Promise.all([nodes.manager?.stop(), nodes.gateway?.stop()]);
  for (const helper of Object.values(helpers)) {
    const ended = once(helper, 'exit');
    helper.kill('SIGTERM');
    await ended;
  }
  world?.close();
}, 60_000);

describe('a tunnel between two daemons', () => {
  test('comes up, and says with whom and how', async () => {
    await eventually('an event', () => events.length > 0);
    expect(events[0]).toEqual({
      kind: 'ipsec-up',
      connection: 'gw1',
      remoteIdentity: 'gw1.example',
      encryption: 'AES_GCM_16-256',
      weak: [],
    });
    await guarded();
    expect(holds).toEqual([{ kind: 'returned' }]);
  });

  test('a connection through it is proven by what the association counted', async () => {
    const listener = speak('gateway');
    listener.say('listen 1720');
    await listener.hear('listening');
    line = speak('manager');
    const before = await near().baseline('gw1');
    line.say(`connect ${world.gateway.address} 1720`);
    const { connected } = (await line.hear('connected')) as { connected: { address: string; port: number } };
    signalling = { local: connected, remote: { address: world.gateway.address, port: 1720 } };
    line.say('send 900');
    await listener.hear('received');
    const proof = await near().prove('gw1', signalling, before, 900);
    expect(proof).toMatchObject({ proven: true, evidence: { remoteIdentity: 'gw1.example', octetsSent: 900 } });
    expect(proof.proven && proof.evidence.octetsThroughTunnel).toBeGreaterThan(900);
  });

  test('a connection by another address or one that sends nothing through it is not', async () => {
    expect(await prove(900)).toMatchObject({ proven: false, failure: 'not-through-tunnel' });
    const elsewhere = { ...signalling, local: { address: '10.98.0.7', port: 4 } };
    const before = await near().baseline('gw1');
    expect(await near().prove('gw1', elsewhere, before, 0)).toMatchObject({ proven: false, failure: 'wrong-address' });
  });

  test('gets new keys without a gap, and a connection that was there is proven by them', async () => {
    await rekey('gw1');
    const before = await near().baseline('gw1');
    line.say('send 300');
    expect(await near().prove('gw1', signalling, before, 300)).toMatchObject({ proven: true });
    expect(near().isProtected('gw1')).toBe(true);
  });

  test('is explained, point by point', async () => {
    const points = await near().explain('gw1');
    expect(points.map(({ holds }) => holds)).toEqual([true, true, true, true, true, true, null]);
    expect(points[1]?.message).toContain('10.98.0.1/32 === 10.98.0.2/32');
  });

  test('of a gateway that has none there is no proof', async () => {
    const before = await near().baseline('nobody');
    expect(await near().prove('nobody', signalling, before, 0)).toMatchObject({ proven: false, failure: 'no-tunnel' });
  });
});

describe('further gateways, while the daemon runs on', () => {
  test('one of 2013 by IKEv1, a shared key and group 2 is protected, and called weak', async () => {
    await nodes.gateway?.add({ tunnel: legacyTunnelOf('gateway') });
    await near().add({ tunnel: legacyTunnelOf('manager') });
    const up = await eventually('the tunnel of gw2', () =>
      events.find((event) => event.kind === 'ipsec-up' && event.connection === 'gw2'),
    );
    expect(up).toMatchObject({
      encryption: 'AES_CBC-128',
      weak: ['HMAC_SHA1_96', 'PRF_HMAC_SHA1', 'MODP_1024'],
    });
    const status = (await near().status()).tunnels.find(({ connection }) => connection === 'gw2');
    expect(status?.associations[0]).toMatchObject({ version: '1' });
  });

  test('one of IPv6 is closed, protected and proven', async () => {
    await nodes.gateway?.add({ tunnel: tunnel6Of('gateway') });
    await near().add({ tunnel: tunnel6Of('manager') });
    await eventually('the tunnel of gw6', () => near().isProtected('gw6'));
    const before = await near().baseline('gw6');
    const line6 = speak('manager');
    line6.say(`connect ${world.gateway.address6} 1720`);
    const { connected } = (await line6.hear('connected')) as { connected: { address: string; port: number } };
    line6.say('send 300');
    const signalling6 = { local: connected, remote: { address: world.gateway.address6, port: 1720 } };
    expect(await near().prove('gw6', signalling6, before, 300)).toMatchObject({ proven: true });
    await rekey('gw6');
    const afterwards = await near().baseline('gw6');
    line6.say('send 300');
    expect(await near().prove('gw6', signalling6, afterwards, 300)).toMatchObject({ proven: true });
  });

  test('that are taken away lose their tunnel, and at last their guard', async () => {
    const helper = new HelperClient(folderOf('manager'));
    await expect(helper.release('gw2')).rejects.toMatchObject({ code: 'ipsec.guard' });
    for (const [own, far] of [
      ['gw2', 'old-manager'],
      ['gw6', 'manager6'],
    ] as const) {
      await near().remove(own);
      await nodes.gateway?.remove(far);
    }
    const reading = await helper.read();
    helper.close();
    expect(reading.inPlace && [...reading.dropped.keys()]).toEqual(['gw1']);
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: true });
  });
});

describe('the guard', () => {
  test('that was changed, or taken away, is put back, and that is told once each', async () => {
    for (const [change, problem] of [
      ['insert rule inet trustline_ipsec inbound tcp dport 1720 accept', 'were changed by somebody else'],
      ['flush ruleset', 'is gone'],
    ] as const) {
      await guarded();
      const since = events.length;
      holds.splice(0);
      inside('manager', 'nft', change);
      await eventually('the return', () => holds.some(({ kind }) => kind === 'returned'));
      expect(events.slice(since)).toEqual([
        expect.objectContaining({ kind: 'ipsec-guard-lost', problem: expect.stringContaining(problem), times: 1 }),
        { kind: 'ipsec-guard-restored' },
      ]);
      // On a busy machine it may take longer than media wait here.
      expect(holds.filter(({ kind }) => kind !== 'given-up').map(({ kind }) => kind)).toEqual(['lost', 'returned']);
    }
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: true });
  });

  test('stops a packet in the clear that is sent around the tunnel, and calls go on', async () => {
    const before = await near().baseline('gw1');
    const stopped = { leaked: false, message: 'the guard stopped the packet' };
    expect(await near().check('gw1')).toEqual({
      near: stopped,
      far: { leaked: null, message: expect.stringContaining('no gateway of ours') },
    });
    line.say('send 100');
    expect(await near().prove('gw1', signalling, before, 100)).toMatchObject({ proven: true });
  });

  test('that was taken away has a second table behind it, and a probe finds when that is gone, too', async () => {
    const putBack = await takeAwayFromManager('trustline_ipsec');
    expect((await near().status()).guard.inPlace).toBe(false);
    const stopped = { leaked: false, message: 'the guard stopped the packet' };
    expect(await near().check('gw1')).toMatchObject({ near: stopped });
    const putSecondBack = await takeAwayFromManager('trustline_ipsec_held');
    expect(await near().check('gw1')).toMatchObject({ near: { leaked: true } });
    await putSecondBack();
    await putBack();
    await guarded();
  });
});

describe('what the far end sends around the tunnel is dropped', () => {
  let putBack: () => Promise<void>;
  beforeAll(async () => {
    // As by somebody who broke in there: its guard is away, and what is named goes as the daemon's own packets do.
    const tables = ['trustline_ipsec', 'trustline_ipsec_held'] as const;
    const each = await Promise.all(tables.map((table) => takeAway('gateway', table)));
    putBack = async () => void (await Promise.all(each.map((one) => one())));
    inside('gateway', 'nft', 'table inet around { chain out { type route hook output priority -150; }; }');
  });
  afterAll(async () => {
    inside('gateway', 'nft', 'delete table inet around');
    await putBack();
  });
  const goesAround = (what: string) =>
    inside('gateway', 'nft', `add rule inet around out ip daddr ${world.manager.address} ${what} meta mark set 0x42`);
  const guardOf = async () => {
    const { guard } = await near().status();
    if (!guard.inPlace) throw new Error(guard.problem);
    return guard;
  };

  test('and told; of a stranger in its name no call is refused', async () => {
    const since = events.length;
    const before = await near().baseline('gw1');
    goesAround('tcp dport 1721');
    speak('gateway').say(`connect ${world.manager.address} 1721`);
    await eventually('a packet that was dropped', async () => (await guardOf()).dropped.get('gw1')?.inbound);
    line.say('send 100');
    expect(await near().prove('gw1', signalling, before, 100)).toMatchObject({ proven: true });
    await eventually('the event', () => told('ipsec-clear-packets', since));
    expect(events.slice(since)).toEqual([
      expect.objectContaining({ kind: 'ipsec-clear-packets', dropped: { inbound: expect.any(Number), outbound: 0 } }),
    ]);
  });

  test('and a connection is refused that it answers in the clear, no other', async () => {
    const listener = speak('gateway');
    listener.say('listen 1722');
    await listener.hear('listening');
    const doubtful = speak('manager');
    doubtful.say(`connect ${world.gateway.address} 1722`);
    const { connected } = (await doubtful.hear('connected')) as { connected: { address: string; port: number } };
    const connection = { local: connected, remote: { address: world.gateway.address, port: 1722 } };
    const before = await near().baseline('gw1');
    goesAround('tcp sport 1722');
    doubtful.say('send 100');
    await eventually('an answer that was dropped', async () =>
      (await guardOf()).segments.some(({ local, remote }) => local.port === connected.port && remote.port === 1722),
    );
    expect(await near().prove('gw1', connection, before, 100)).toMatchObject({
      proven: false,
      failure: 'answered-in-the-clear',
      message: expect.stringMatching(/the far end sends packets of this connection in the clear: \d+ were dropped$/),
    });
    line.say('send 100');
    expect(await near().prove('gw1', signalling, before, 100)).toMatchObject({ proven: true });
  });
});

describe('when it goes', () => {
  test('by the far end, it is told, media end after their time, and it comes back by itself', async () => {
    const since = events.length;
    holds.splice(0);
    await nodes.gateway?.remove('manager');
    await eventually('the loss', () => told('ipsec-down', since));
    await eventually('the end of media', () => holds.some(({ kind }) => kind === 'given-up'));
    await nodes.gateway?.add({ tunnel: tunnelOf('gateway') });
    await eventually('the return', () => holds.some(({ kind }) => kind === 'returned'));
    expect(holds.map(({ kind }) => kind)).toEqual(['lost', 'given-up', 'returned']);
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: true });
  });

  test('with a daemon that was killed, nothing is proven, nothing leaves, and it is started again', async () => {
    const before = await near().baseline('gw1');
    const late = speak('manager');
    await late.hear('ready');
    process.kill(Number(readFileSync(join(folderOf('manager'), 'daemon/process'), 'utf8')), 'SIGKILL');
    await eventually('the loss', () => !near().isProtected('gw1'));
    late.say(`connect ${world.gateway.address} 1720`);
    await late.hear('failed');
    expect(await near().prove('gw1', signalling, before, 0)).toMatchObject({ proven: false });
    await guarded();
  });

  test('with a daemon that was killed and a guard that was taken away at one moment nothing leaves', async () => {
    const late = speak('manager');
    await late.hear('ready');
    const putBack = await takeAwayFromManager('trustline_ipsec');
    process.kill(Number(readFileSync(join(folderOf('manager'), 'daemon/process'), 'utf8')), 'SIGKILL');
    await eventually('a way around the tunnel', () =>
      inside('manager', 'ip', 'route', 'get', world.gateway.address).includes('dev wire'),
    );
    late.say(`connect ${world.gateway.address} 1720`);
    await late.hear('failed');
    await putBack();
    await guarded();
  });

  test('with a manager that was killed the guard stays, and with the helper too', async () => {
    await nodes.manager?.stop();
    delete nodes.manager;
    const ended = once(helpers.manager as ChildProcess, 'exit');
    helpers.manager?.kill('SIGTERM');
    await ended;
    const late = speak('manager');
    late.say(`connect ${world.gateway.address} 1720`);
    await late.hear('failed');
    await startHelper('manager');
    expect(JSON.parse(readFileSync(join(world.folder, 'manager.json'), 'utf8'))).toEqual({
      peers: [{ connection: 'gw1', address: world.gateway.address }],
    });
  });

  test('on the wire there was never a packet of ours in the clear but the probe that had no guard', async () => {
    const ended = once(capture, 'exit');
    capture.kill('SIGINT');
    await ended;
    const fields = ['frame.protocols', 'ip.src', 'udp.dstport', 'tcp.dstport', 'tcp.srcport'].flatMap((field) => [
      '-e',
      field,
    ]);
    const read = inside('gateway', 'tshark', '-r', join(world.folder, 'wire.pcap'), '-T', 'fields', ...fields);
    const clear = read
      .trim()
      .split('\n')
      .map((text) => text.split('\t'))
      .filter(([protocols = '']) => !/:(?:isakmp|esp|udpencap|arp|icmpv6)\b/.test(protocols));
    const fromUs = clear.filter(([, source]) => source === world.manager.address);
    expect(fromUs.map(([, , port]) => port)).toEqual(['9']);
    // What the far end was made to send around its tunnel.
    const fromThere = clear.filter(([, source]) => source === world.gateway.address);
    expect(new Set(fromThere.flatMap(([, , , to, from]) => (to === '1721' ? to : from)))).toEqual(
      new Set(['1721', '1722']),
    );
  });
});
