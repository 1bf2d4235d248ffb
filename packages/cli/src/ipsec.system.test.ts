import { type ChildProcess, execFileSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IpsecNode, type ProtectedTunnel } from '@trustline/ipsec/node';
import type { IpsecAnswer, IpsecExplanationAnswer } from '@trustline/manager';
import { eventually, makeTwoNamespaces, type TwoNamespaces, takeTableAway } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';

/**
 * A manager and the far end of its tunnel, each in a network namespace of its own. At the far end the helper is a process of
 * its own (`trustline ipsec helper`); the manager, which is root here, does its own work (`ipsec.helper: own`).
 */
const main = new URL('./main.ts', import.meta.url).pathname;
let world: TwoNamespaces;
let manager: ChildProcess;
let helper: ChildProcess;
let gateway: IpsecNode;
let tunnel: ProtectedTunnel;

const document = (end: 'manager' | 'gateway') => join(world.folder, `${end}.yaml`);
const run = (...argv: string[]) => trustline([...argv, '--config', document('manager')]);
const status = async () => JSON.parse((await run('ipsec', 'status', '--json')).out) as IpsecAnswer;
const explain = async () =>
  (JSON.parse((await run('ipsec', 'explain', 'gw1', '--json')).out) as IpsecExplanationAnswer[])[0];
const rules = () =>
  execFileSync('ip', ['netns', 'exec', world.manager.namespace, 'nft', 'list', 'ruleset'], { encoding: 'utf8' });
const isProtected = () =>
  eventually('a protected gateway', async () => {
    const { tunnels, guard } = await status();
    return guard.inPlace && tunnels[0]?.isProtected === true;
  });

/** Starts the program in a namespace, until it says what is waited for. */
async function start(end: 'manager' | 'gateway', until: string, ...argv: string[]): Promise<ChildProcess> {
  const child = world.run(end, process.execPath, [main, ...argv, '--config', document(end)]);
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (octets) => {
      said += String(octets);
      if (said.includes(until)) resolve();
    });
  }
  child.once('exit', (code) => reject(new Error(`it ended with ${code}: ${said}`)));
  await promise;
  return child;
}

const startManager = () => start('manager', 'Ctrl-C stops it.', 'start');

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const over = once(child, 'exit');
  child.kill(signal);
  await over;
}

beforeAll(async () => {
  world = makeTwoNamespaces();
  const folder = (name: string) => join(world.folder, name);
  writeFileSync(
    document('manager'),
    `dataFolder: ${folder('data')}
identity: { hosts: [manager.example] }
listeners: [{ transport: tls, host: 127.0.0.1, port: 0 }]
api: { metrics: { port: 0 } }
provisioning: { enabled: false }
ipsec:
  enabled: true
  helper: own
  folder: ${folder('m')}
  stateFile: ${folder('m.json')}
  mediaSeconds: 1
  tunnels:
    - { gateway: gw1, local: ${world.manager.address}, remote: ${world.gateway.address} }
`,
  );
  writeFileSync(
    document('gateway'),
    `ipsec: { enabled: true, folder: ${folder('g')}, stateFile: ${folder('g.json')}, group: root }\n`,
  );
  manager = await startManager();
  helper = await start('gateway', 'The IPsec helper runs', 'ipsec', 'helper');
}, 60_000);

afterAll(async () => {
  await gateway?.stop();
  await end(manager, 'SIGINT');
  await end(helper, 'SIGTERM');
  world?.close();
}, 60_000);

test('before the gateway has its certificate no key would go, and each point says what to do', async () => {
  const explanation = await explain();
  expect(explanation).toMatchObject({ gateway: 'gw1', keysWouldGo: false });
  expect(explanation?.points.filter(({ holds }) => holds === false).map(({ point }) => point)).toEqual([
    'child',
    'selectors',
    'identity',
  ]);
  const { out } = await run('ipsec', 'explain');
  expect(out).toMatch(/^gw1: a call now would get no keys, and the guard lets none by in the clear/);
  expect(out).toMatch(/- child {9}no IKE association is established[^\n]*\n {6}next: /);
});

test('a gateway with a certificate of the cluster is protected, and the commands say how', async () => {
  const out = join(world.folder, 'gw1');
  const names = ['--address', world.gateway.address, '--host', 'gw1.example'];
  expect(await run('ipsec', 'certificate', 'gw1', ...names, '--out', out)).toMatchObject({ code: 0 });
  const der = (name: string) => new Uint8Array(new X509Certificate(readFileSync(join(out, name))).raw);
  const key = createPrivateKey(readFileSync(join(out, 'gateway.key.pem'))).export({ type: 'pkcs8', format: 'der' });
  const authority = der('ipsec-ca.pem');
  tunnel = {
    tunnel: {
      name: 'manager',
      localAddress: world.gateway.address,
      remoteAddress: world.manager.address,
      mode: 'tunnel',
      profile: 'standard',
      authentication: {
        kind: 'certificate',
        localIdentity: world.gateway.address,
        localCertificate: der('gateway.crt.pem'),
        remoteIdentity: 'manager.example',
        remote: { kind: 'authority', authority },
      },
    },
  };
  gateway = await IpsecNode.start(
    {
      folder: join(world.folder, 'g'),
      stack: 'kernel-libipsec',
      credentials: { privateKey: new Uint8Array(key), authorities: [authority] },
      initiates: false,
      mediaPatience: 1_000,
      onEvent: () => {},
      onHold: () => {},
    },
    [tunnel],
  );
  await isProtected();
  const answer = await status();
  expect(answer).toMatchObject({ stack: 'userspace', guard: { inPlace: true }, problem: null });
  expect(answer.tunnels).toMatchObject([
    {
      gateway: 'gw1',
      state: 'up',
      provenIdentity: world.gateway.address,
      ike: 'IKEv2 AES_GCM_16-256 PRF_HMAC_SHA2_384 ECP_384',
      esp: 'tunnel AES_GCM_16-256',
      weak: [],
    },
  ]);
  expect(await explain()).toMatchObject({ keysWouldGo: true });
  expect((await run('ipsec', 'status')).out).toMatch(/ESP in user space · guard in place\n[^\n]*\ngw1 +protected/);
  expect((await run('status')).out).toMatch(/ipsec +1 of 1 gateways protected\n/);
});

test('check exits with 0 where nothing leaks, and with 1 where it does', async () => {
  expect(await run('ipsec', 'check', 'gw1')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^gw1: from here tight \(the guard stopped the packet\); from there not measured/),
  });
  const putBack = await takeTableAway(world, 'manager', 'trustline_ipsec');
  onTestFinished(putBack);
  // The second table stands behind it, and no key goes all the same: all three say so.
  const withoutGuard = 'gw1 is not proven: the guard is not in place';
  const tight = await run('ipsec', 'check', 'gw1');
  expect(tight).toMatchObject({
    code: 0,
    out: expect.stringContaining('from here tight (the guard stopped the packet)'),
  });
  for (const { out } of [tight, await run('ipsec', 'status')]) expect(out).toContain(withoutGuard);
  expect(await explain()).toMatchObject({ keysWouldGo: false });
  const putSecondBack = await takeTableAway(world, 'manager', 'trustline_ipsec_held', manager.pid);
  onTestFinished(putSecondBack);
  expect(await run('ipsec', 'check', 'gw1')).toMatchObject({ code: 1, out: expect.stringContaining('LEAKED') });
  await Promise.all([putBack(), putSecondBack()]);
  await isProtected();
  expect(await run('ipsec', 'check', 'gw9')).toMatchObject({ code: 1, error: expect.stringContaining('no tunnel to') });
});

test('a way into the tunnel that is missing is found, though tunnel and guard are there, and what is said to do helps', async () => {
  const rule = ['pref', '220', 'not', 'from', 'all', 'fwmark', '0x42', 'lookup', '220'];
  execFileSync('ip', ['-n', world.manager.namespace, 'rule', 'delete', ...rule]);
  const around = `packets to ${world.gateway.address} would go by wire, around the tunnel, and be dropped`;
  for (const command of ['status', 'explain', 'check']) expect((await run('ipsec', command)).out).toContain(around);
  expect(await explain()).toMatchObject({ keysWouldGo: false });
  await end(manager, 'SIGINT');
  manager = await startManager();
  await isProtected();
  expect(await explain()).toMatchObject({ keysWouldGo: true });
});

describe('what happens is told', () => {
  test('a tunnel that goes and comes back: keys stop, media end after their time, keys may go again', async () => {
    await gateway.remove('manager');
    await eventually('the end of media', async () => (await run('events')).out.includes('ipsec-media-ended'));
    await gateway.add(tunnel);
    await isProtected();
    const { out } = await run('events');
    const told = [...out.matchAll(/ (ipsec-[a-z-]+) /g)].map(([, kind]) => kind);
    const wanted = [
      'ipsec-up',
      'ipsec-leak',
      'ipsec-down',
      'ipsec-keys-stopped',
      'ipsec-media-ended',
      'ipsec-keys-resumed',
    ];
    expect(told.filter((kind) => wanted.includes(kind ?? ''))).toEqual(expect.arrayContaining(wanted));
    expect(out).toContain('media already keyed go on for 1 seconds');
  });

  test('a gateway that is added has its guard and its tunnel before it can be called', async () => {
    const [local, address] = [world.manager.others[0], world.gateway.others[0]];
    const added = await run('gateway', 'add', 'gw_2', '--address', address, '--local-address', local);
    expect(added).toMatchObject({
      code: 0,
      out: expect.stringContaining(' match identity remote fqdn manager.example'),
    });
    expect(rules()).toContain(`ip daddr ${address} counter packets`);
    expect((await status()).tunnels[1]).toMatchObject({ gateway: 'gw_2', local, remote: address, isProtected: false });
  });

  test('a manager that is killed leaves the guard closed, and goes on with a daemon of its own when it is back', async () => {
    await end(manager, 'SIGKILL');
    expect(rules()).toContain(`ip daddr ${world.gateway.address} counter packets`);
    manager = await startManager();
    await isProtected();
    expect((await status()).tunnels.map(({ gateway }) => gateway)).toEqual(['gw1', 'gw_2']);
  });

  test('a gateway that is removed loses its tunnel, and at last its guard', async () => {
    expect(await run('gateway', 'remove', 'gw_2')).toMatchObject({ code: 0, error: '' });
    expect((await status()).tunnels.map(({ gateway }) => gateway)).toEqual(['gw1']);
    expect(rules()).not.toContain(world.gateway.others[0]);
  });

  test('a certificate that is revoked loses its tunnel, and gets none again', async () => {
    expect(await run('pki', 'revoke', join(world.folder, 'gw1/gateway.crt.pem'))).toMatchObject({ code: 0 });
    await eventually('the loss', async () => (await status()).tunnels[0]?.isProtected === false);
    await eventually('the refusal', async () => {
      const { out } = await run('events');
      return out.slice(out.indexOf('certificate-revoked-here')).includes('ipsec-failed');
    });
    expect((await status()).tunnels[0]?.isProtected).toBe(false);
  });
});
