import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { GuardKeeper } from '../node/guard-keeper.ts';
import { IkeDaemon } from '../node/ike-daemon.ts';
import { Protection } from '../node/protection.ts';
import type { SignallingConnection } from '../proof.ts';
import type { TunnelEvent } from '../tunnel.ts';
import type { TunnelConfiguration } from '../tunnel-configuration.ts';
import {
  type IpsecIdentity,
  makeIpsecAuthority,
  makeTwoNamespaces,
  type TwoNamespaces,
} from './two-namespaces.fixture.ts';

/** Two strongSwan daemons in two network namespaces; ours is asked by VICI, and nft is read back. */
let world: TwoNamespaces;
let authority: Awaited<ReturnType<typeof makeIpsecAuthority>>;
const daemons: { manager?: IkeDaemon; gateway?: IkeDaemon } = {};
let far: Protection;
let near: Protection;
let guard: GuardKeeper;
let identities: { manager: IpsecIdentity; gateway: IpsecIdentity };
const events: TunnelEvent[] = [];
let line: ReturnType<typeof speak>;
let signalling: SignallingConnection;
let capture: ReturnType<TwoNamespaces['run']>;

const tunnelOf = (own: 'manager' | 'gateway'): TunnelConfiguration => {
  const other = own === 'manager' ? 'gateway' : 'manager';
  return {
    name: own === 'manager' ? 'gw1' : 'manager',
    localAddress: world[own].address,
    remoteAddress: world[other].address,
    mode: 'tunnel',
    profile: 'standard',
    authentication: {
      kind: 'certificate',
      localIdentity: identities[own].identity,
      localCertificate: identities[own].certificate,
      remoteIdentity: identities[other].identity,
      remoteCertificate: identities[other].certificate,
    },
  };
};

async function protect(own: 'manager' | 'gateway', keeper: GuardKeeper): Promise<Protection> {
  const daemon = await IkeDaemon.start({
    directory: join(world.folder, own),
    stack: 'kernel-libipsec',
    networkNamespace: world[own].namespace,
  });
  daemons[own] = daemon;
  const tunnel = tunnelOf(own);
  return await Protection.start({
    viciSocket: daemon.viciSocket,
    stack: 'kernel-libipsec',
    tunnels: [tunnel],
    privateKey: identities[own].privateKey,
    authorities: [authority.certificate],
    guard: keeper,
    guardPlan: {
      table: 'trustline_guard',
      stack: 'kernel-libipsec',
      tunnelDevice: 'ipsec0',
      peers: [{ connection: tunnel.name, address: tunnel.remoteAddress }],
    },
    initiates: own === 'manager',
    onEvent: (event) => own === 'manager' && events.push(event),
  });
}

/** One end of a TCP connection in a namespace; everything that it tells is kept. */
function speak(end: 'manager' | 'gateway') {
  const child = world.run(end, process.execPath, [join(import.meta.dirname, '../node/line.fixture.mjs')]);
  const told: Record<string, unknown>[] = [];
  if (child.stdout !== null) createInterface(child.stdout).on('line', (text) => told.push(JSON.parse(text)));
  return {
    say: (words: string) => child.stdin?.write(`${words}\n`),
    hear: (what: string) => eventually(`${what} at the ${end}`, () => told.find((one) => what in one)),
    told,
  };
}

const prove = async (sent: number, act: () => void = () => {}) => {
  const before = await near.baseline('gw1');
  act();
  return await near.prove('gw1', signalling, before, sent);
};

beforeAll(async () => {
  world = makeTwoNamespaces();
  capture = world.run('gateway', 'dumpcap', ['-q', '-P', '-i', 'wire', '-w', join(world.folder, 'wire.pcap')]);
  authority = await makeIpsecAuthority();
  identities = { manager: await authority.issue('manager.example'), gateway: await authority.issue('gw1.example') };
  guard = new GuardKeeper(world.manager.namespace);
  far = await protect('gateway', new GuardKeeper(world.gateway.namespace));
  near = await protect('manager', guard);
}, 60_000);

afterAll(async () => {
  await near?.stop();
  await far?.stop();
  await Promise.all([daemons.manager?.stop(), daemons.gateway?.stop()]);
  guard?.close();
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
  });

  test('a connection through it is proven by what the association counted', async () => {
    const listener = speak('gateway');
    listener.say('listen 1720');
    await listener.hear('listening');
    line = speak('manager');
    const before = await near.baseline('gw1');
    line.say(`connect ${world.gateway.address} 1720`);
    const { connected } = (await line.hear('connected')) as { connected: { address: string; port: number } };
    signalling = { local: connected, remote: { address: world.gateway.address, port: 1720 } };
    line.say('send 900');
    await listener.hear('received');
    const proof = await near.prove('gw1', signalling, before, 900);
    expect(proof).toMatchObject({ proven: true, evidence: { remoteIdentity: 'gw1.example', octetsSent: 900 } });
    expect(proof.proven && proof.evidence.octetsThroughTunnel).toBeGreaterThan(900);
  });

  test('a connection by another address or one that sends nothing through it is not', async () => {
    expect(await prove(900)).toMatchObject({ proven: false, failure: 'not-through-tunnel' });
    const elsewhere = { ...signalling, local: { address: '10.98.0.7', port: 4 } };
    const before = await near.baseline('gw1');
    expect(await near.prove('gw1', elsewhere, before, 0)).toMatchObject({ proven: false, failure: 'wrong-address' });
  });
});

describe('the guard', () => {
  const nft = (...words: string[]) =>
    execFileSync('ip', ['netns', 'exec', world.manager.namespace, 'nft', ...words], { encoding: 'utf8' });

  test('is missed as soon as somebody changes it, and is put back in one step', async () => {
    nft('insert', 'rule', 'inet', 'trustline_guard', 'inbound', 'tcp', 'dport', '1720', 'accept');
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: false, failure: 'no-guard' });
    nft('delete', 'table', 'inet', 'trustline_guard');
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: false, failure: 'no-guard' });
    await guard.install({
      table: 'trustline_guard',
      stack: 'kernel-libipsec',
      tunnelDevice: 'ipsec0',
      peers: [{ connection: 'gw1', address: world.gateway.address }],
    });
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: true });
  });

  test('drops what the far end sends around the tunnel, and no key leaves at that moment', async () => {
    // The guard and the route of the far end are taken away, as by somebody who broke in there.
    const far = (...words: string[]) => execFileSync('ip', ['-n', world.gateway.namespace, ...words]);
    execFileSync('ip', ['netns', 'exec', world.gateway.namespace, 'nft', 'flush', 'ruleset']);
    far('rule', 'delete', 'pref', '220');
    const before = await near.baseline('gw1');
    const around = speak('gateway');
    around.say(`connect ${world.manager.address} 1721`);
    await eventually('a dropped packet', async () => {
      const reading = await guard.read();
      return reading.inPlace && (reading.dropped.get('gw1')?.inbound ?? 0) > 0;
    });
    far('rule', 'add', 'pref', '220', 'not', 'from', 'all', 'fwmark', '0x42', 'lookup', '220');
    line.say('send 100');
    expect(await near.prove('gw1', signalling, before, 100)).toMatchObject({
      proven: false,
      failure: 'clear-packets-seen',
      message: expect.stringMatching(/the guard dropped packets in the clear: \d in and 0 out$/),
    });
  });
});

describe('when it goes', () => {
  test('by the far end, it is told, and comes back by itself', async () => {
    const since = events.length;
    await far.stop();
    for (const kind of ['ipsec-down', 'ipsec-up']) {
      await eventually(kind, () => events.slice(since).some((event) => event.kind === kind));
    }
    expect(await prove(100, () => line.say('send 100'))).toMatchObject({ proven: true });
  });

  test('with a daemon that ended, nothing is known and nothing is proven, and nothing leaves', async () => {
    const daemon = daemons.manager;
    const before = await near.baseline('gw1');
    await daemon?.stop();
    expect(await near.prove('gw1', signalling, before, 0)).toMatchObject({
      proven: false,
      failure: 'daemon-unreadable',
    });
    const late = speak('manager');
    late.say(`connect ${world.gateway.address} 1720`);
    await late.hear('failed');
  });

  test('on the wire there was never anything but IKE, ESP within UDP and ARP', async () => {
    const ended = new Promise((resolve) => capture.once('exit', resolve));
    capture.kill('SIGINT');
    await ended;
    const read = execFileSync(
      'tshark',
      ['-r', join(world.folder, 'wire.pcap'), '-T', 'fields', '-e', '_ws.col.Protocol'],
      {
        encoding: 'utf8',
      },
    );
    const seen = new Set(read.trim().split('\n'));
    expect([...seen].filter((one) => !['ISAKMP', 'ESP', 'ARP', 'UDPENCAP', 'ICMPv6'].includes(one))).toEqual(['TCP']);
  });
});
