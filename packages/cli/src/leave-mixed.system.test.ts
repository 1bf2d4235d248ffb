import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redacted } from '@trustline/base';
import { ManagerClient } from '@trustline/manager/node';
import { heldLines, speechLike } from '@trustline/phone';
import { type BootEvent, NetworkBoot, play, StateFolder } from '@trustline/phone/node';
import { artefactFolder, eventually } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const pin = 'canary-58213';
/** Ports that the system gives, on loopback. */
const settings = [
  'listeners=[{transport: tls, host: 127.0.0.1, port: 0}, {transport: tcp, host: 127.0.0.1, port: 0}]',
  'api.metrics.port=0',
  'log.level=debug',
  'provisioning.host=127.0.0.1',
  ...['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `provisioning.${service}Port=0`),
];
const [ada, bob, eve, clear] = ['SEP001122334401', 'SEP001122334402', 'SEP001122334403', 'SEP001122334404'] as const;
const numbers = { [ada]: '1001', [bob]: '1002', [eve]: '1003', [clear]: '1004' } as const;
type Device = keyof typeof numbers;

/** Each test goes on from where the one before left the cluster, as an operator does. */
describe('a production cluster leaves mixed mode and comes back, without a hand on any phone', () => {
  const artefacts = artefactFolder('cli-leave-mixed');
  let scratch: string;
  let data: string;
  let document: string;
  let manager: ChildProcess;
  let client: ManagerClient;
  let password: Redacted<string>;
  /** `told`: what the manager wanted of the phone. */
  const running = new Map<Device, { readonly boot: NetworkBoot; readonly events: BootEvent[]; told?: string }>();
  /** Everything that a command, the manager or a phone said. */
  const said: string[] = [];

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'trustline-leave-'));
    [data, document] = [join(scratch, 'data'), join(scratch, 'trustline.yaml')];
    await done('init', '--data', data, '--name', 'example', '--host', '127.0.0.1');
    await start();
    client = new ManagerClient({ kind: 'socket', path: join(data, 'api.sock') });
    for (const label of ['blue', 'green']) await done('token', 'init', '--software', join(scratch, `${label}.token`));
    await ctl('create', '--software', join(scratch, 'green.token'));
    for (const name of [ada, bob, eve])
      await client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: numbers[name] }] });
    const added = { name: clear, securityMode: 'non-secure', lines: [{ number: numbers[clear] }] } as const;
    password = new Redacted((await client.addDevice(added)).password ?? '');
  }, 120_000);
  afterAll(async () => {
    await Promise.all([...running.keys()].map(switchOff));
    if (manager !== undefined && manager.exitCode === null) {
      manager.kill('SIGKILL');
      await once(manager, 'exit');
    }
    rmSync(scratch, { recursive: true, force: true });
  });

  async function done(...argv: readonly string[]): Promise<string> {
    const { code, out, error } = await trustline([...argv, '--config', document], { TRUSTLINE_TOKEN_PIN: pin });
    said.push(out, error);
    if (code !== 0) throw new Error(`${argv.join(' ')}: ${error}`);
    return out;
  }

  /** A command of the CTL client, signed by the one token, which says yes. */
  const ctl = (...argv: readonly string[]) => done('ctl', ...argv, '--software', join(scratch, 'blue.token'), '--yes');

  async function start(): Promise<void> {
    const flags = settings.flatMap((one) => ['--set', one]);
    manager = spawn(process.execPath, [main, 'start', '--config', document, ...flags], { stdio: 'pipe' });
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    let text = '';
    const hear = (chunk: Buffer) => {
      said.push(String(chunk));
      appendFileSync(join(artefacts, 'manager.log'), chunk);
      text += String(chunk);
      if (text.includes('Ctrl-C stops it.')) resolve();
    };
    manager.stdout?.on('data', hear);
    manager.stderr?.on('data', hear);
    manager.once('exit', (code) => reject(new Error(`the manager ended with ${code}: ${text}`)));
    await ready;
  }

  const memoryOf = (device: Device) => new StateFolder(join(scratch, device));

  /** Power on, with the memory of before and nothing else; of a phone without LSC the digits that somebody types. */
  async function switchOn(device: Device, authenticationString?: string) {
    const { provisioning } = await client.status();
    const port = (service: string) => provisioning.find((one) => one.service === service)?.port ?? 0;
    const events: BootEvent[] = [];
    const boot = NetworkBoot.powerOn({
      device,
      files: { host: '127.0.0.1', httpPort: port('HTTP'), tftpPort: port('TFTP'), tvsPort: port('TVS') },
      memory: memoryOf(device),
      authenticationString: authenticationString === undefined ? undefined : new Redacted(authenticationString),
      digestPassword: device === clear ? password : undefined,
      phone: {
        ...(device === clear ? {} : { security: 'prefer' }),
        onEvent: (event) => {
          said.push(JSON.stringify(event, (key, value) => (key === 'call' ? undefined : value)));
          if (event.kind === 'service-control') one.told = event.action;
          if (event.kind === 'incoming') void boot.phone?.answer(event.call, { source: play(speechLike(20, 2)) });
        },
      },
      onEvent: (event) => {
        events.push(event);
        said.push(event.kind === 'registered' ? event.how.transport : JSON.stringify(event));
      },
    });
    const one: { boot: NetworkBoot; events: BootEvent[]; told?: string } = { boot, events };
    running.set(device, one);
    return boot;
  }

  async function switchOff(device: Device): Promise<void> {
    await running.get(device)?.boot.stop();
    running.delete(device);
  }

  async function reboot(...devices: readonly Device[]): Promise<void> {
    for (const device of devices) {
      await switchOff(device);
      await (await switchOn(device)).registered();
    }
  }

  const registrationOf = (device: Device) =>
    running.get(device)?.events.findLast((event) => event.kind === 'registered')?.how;

  /** Calls, waits until both ends show this level, and says by which suite the voice goes. */
  async function suiteOfCall(from: Device, to: Device, level: 'encrypted' | 'non-secure') {
    const phones = [running.get(from)?.boot.phone, running.get(to)?.boot.phone] as const;
    const near = await phones[0]?.call(numbers[to], { source: play(speechLike(20, 1)) });
    await near?.established;
    const suite = await eventually(`the level ${level} at both ends`, () => {
      const far = phones[1]?.calls[0];
      return near?.level === level && far?.level === level ? near.media?.suite : undefined;
    });
    near?.hangUp();
    await near?.ended;
    await eventually('the end of the call', () => phones[1]?.calls.length === 0);
    return suite;
  }

  /** The memory of a phone as it is now, for a `trustline phone call` of another day. */
  async function keepFiles(device: Device, name: string): Promise<string> {
    const folder = join(scratch, name);
    cpSync(join(scratch, device), folder, { recursive: true });
    const { provisioning } = await client.status();
    const port = (service: string) => provisioning.find((one) => one.service === service)?.port ?? 0;
    const servers = { host: '127.0.0.1', httpPort: port('HTTP'), tftpPort: port('TFTP'), tvsPort: port('TVS') };
    new StateFolder(folder).savePlace({ device, ...servers });
    return folder;
  }

  async function callWithFiles(folder: string) {
    const { code, out, error } = await trustline(['phone', 'call', numbers[bob], '--state', folder]);
    said.push(out, error);
    expect(error).toContain(
      `older than the mode of the cluster. Boot it again: trustline phone boot --state ${folder}`,
    );
    expect(error).not.toMatch(/device credentials|belongs to this device/);
    return { code, error };
  }

  const eventsOf = async (kind: string) => {
    const events: unknown[] = [];
    for await (const event of client.events({ limit: 1_000 })) if (event.kind === kind) events.push(event);
    return events;
  };
  const lockedOrBehind = async () => (await client.trust()).phones.filter(({ state }) => state !== 'up-to-date');

  test('in mixed mode secure phones call each other encrypted, and a non-secure one in the clear, shown at both ends', async () => {
    for (const device of [ada, bob]) {
      const { string } = await client.openEnrolment(device, { by: 'string' });
      await (await switchOn(device, string ?? '')).registered();
    }
    await (await switchOn(clear)).registered();
    expect([registrationOf(ada)?.transport, registrationOf(clear)?.transport]).toEqual(['tls', 'tcp']);
    expect(await suiteOfCall(ada, bob, 'encrypted')).toBe('AEAD_AES_256_GCM');
    // Who can keeps SRTP up to the relay; the call is non-secure all the same.
    expect(await suiteOfCall(ada, clear, 'non-secure')).toBe('AEAD_AES_256_GCM');
    expect(await suiteOfCall(clear, bob, 'non-secure')).toBe('clear');
  }, 90_000);

  test('one phone has an EC key, to which no file can be encrypted: trust status says who would not follow', async () => {
    const { string } = await client.openEnrolment(eve, { by: 'string', key: 'EC-P-256' });
    await (await switchOn(eve, string ?? '')).registered();
    expect(registrationOf(eve)).toMatchObject({ transport: 'tls', identity: 'LSC' });
    expect(await done('trust', 'status')).toMatch(
      /If the cluster left mixed mode, 1 could not register: SEP001122334403\n/,
    );
  }, 60_000);

  test('running phones are told when mixed mode is left: each boots by itself, after its call, and registers by digest', async () => {
    const near = await running.get(ada)?.boot.phone?.call(numbers[bob], { source: play(speechLike(60, 1)) });
    await near?.established;
    const older = await keepFiles(ada, 'files-of-mixed-mode');
    expect(await ctl('set-cluster', 'non-secure')).toMatch(/The list says non-secure mode/);
    for (const device of [ada, bob]) {
      const told = () => running.get(device)?.told;
      await eventually(`${device} is told`, told);
      expect(told()).toBe('reset');
    }
    expect([near?.state, near?.media?.suite]).toEqual(['established', 'AEAD_AES_256_GCM']);
    expect([registrationOf(ada)?.transport, registrationOf(bob)?.transport]).toEqual(['tls', 'tls']);
    near?.hangUp();
    expect(await near?.ended).toMatchObject({ ending: 'completed' });
    for (const device of [ada, bob]) {
      await eventually(`${device} without TLS`, () => registrationOf(device)?.transport === 'tcp');
    }
    expect(running.get(clear)?.told).toBeUndefined();
    expect(await callWithFiles(older)).toMatchObject({ code: 15, error: expect.stringContaining('without a word') });
    expect(await suiteOfCall(bob, ada, 'non-secure')).toBe('clear');
  }, 90_000);

  test('so does each that boots later: it takes the list, finds its password in its encrypted file and registers by it', async () => {
    await reboot(ada, bob, clear);
    for (const device of [ada, bob]) {
      expect(registrationOf(device)).toMatchObject({ transport: 'tcp', securityMode: 'non-secure' });
      const asked = running.get(device)?.events.flatMap((event) => (event.kind === 'file' ? [event.name] : []));
      expect(asked).toEqual([`CTL${device}.tlv`, `ITL${device}.tlv`, `${device}.cnf.xml.enc.sgn`]);
    }
    expect(await suiteOfCall(ada, bob, 'non-secure')).toBe('clear');
    expect(await suiteOfCall(clear, ada, 'non-secure')).toBe('clear');
  }, 90_000);

  test('the phone that cannot follow is told of with the reason and the way, and follows once it went it', async () => {
    // It is not told to boot again: it would be lost at once.
    expect([running.get(eve)?.told, registrationOf(eve)?.transport]).toEqual([undefined, 'tls']);
    await switchOff(eve);
    await expect((await switchOn(eve)).registered()).rejects.toMatchObject({
      code: 'phone.no-password',
      nextStep: expect.stringContaining(`trustline enrolment open ${eve}`),
    });
    expect(await eventsOf('phone-left-behind')).toMatchObject([
      {
        device: eve,
        reason: 'unsuited-key',
        nextStep: expect.stringContaining('--by certificate --key-kind RSA-2048'),
      },
    ]);
    expect(await done('trust', 'status')).toMatch(
      /SEP001122334403 cannot register while the cluster is non-secure: the key .* is not RSA.*\n {2}next: .*enrolment open/,
    );
    await done('enrolment', 'open', eve, '--by', 'certificate', '--key-kind', 'RSA-2048');
    await reboot(eve);
    expect(registrationOf(eve)).toMatchObject({ transport: 'tcp', securityMode: 'non-secure' });
    expect(await done('trust', 'status')).not.toMatch(/cannot register/);
    expect(await suiteOfCall(eve, ada, 'non-secure')).toBe('clear');
  }, 90_000);

  test('back in mixed mode nobody secure stays registered without TLS, and running phones come back by themselves', async () => {
    const older = await keepFiles(ada, 'files-of-non-secure-mode');
    expect(await ctl('set-cluster', 'mixed')).toMatch(/The list says mixed mode/);
    for (const device of [ada, bob, eve]) {
      await eventually(`${device} by TLS`, () => registrationOf(device)?.transport === 'tls');
    }
    expect(await callWithFiles(older)).toMatchObject({
      code: 14,
      error: expect.stringContaining('403 This device must use TLS'),
    });
    const { devices } = await client.devices();
    for (const { name, securityMode, registrations } of devices) {
      const transports = registrations.map(({ transport }) => transport);
      expect(transports, name).toEqual([securityMode === 'encrypted' ? 'tls' : 'tcp']);
    }
    expect(await suiteOfCall(ada, bob, 'encrypted')).toBe('AEAD_AES_256_GCM');
    await reboot(ada, eve, clear);
    expect(await suiteOfCall(eve, ada, 'encrypted')).toBe('AEAD_AES_256_GCM');
    expect(await suiteOfCall(clear, bob, 'non-secure')).toBe('clear');
    expect(await lockedOrBehind()).toEqual([]);
  }, 120_000);

  test('the digest password is in the memory of its phone, mode 0600, and in no log, event, record or other file', async () => {
    const secrets = [ada, bob, eve].map((device) => {
      const [line] = heldLines(memoryOf(device).load());
      expect(line?.authentication?.name).toBe(device);
      expect(statSync(join(scratch, device, 'state.json')).mode & 0o777).toBe(0o600);
      return line?.authentication?.password.reveal() ?? '';
    });
    expect(new Set(secrets).size).toBe(3);
    for (const secret of secrets) expect(secret).toMatch(/^[a-km-z2-9]{24}$/);
    for await (const event of client.events({ limit: 10_000 })) said.push(JSON.stringify(event));
    for await (const line of client.exportRecords()) said.push(line);
    const { provisioning } = await client.status();
    const port = provisioning.find(({ service }) => service === 'HTTP')?.port;
    for (const form of ['', '.sgn', '.enc.sgn']) {
      said.push(await (await fetch(`http://127.0.0.1:${port}/${ada}.cnf.xml${form}`)).text());
    }
    for (const device of [...running.keys()]) await switchOff(device);
    manager.kill('SIGTERM');
    await once(manager, 'exit');
    const everything = said.join('');
    expect(everything).toContain('phone-left-behind');
    for (const secret of [...secrets, pin]) {
      expect(everything).not.toContain(secret);
      for (const entry of readdirSync(data, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        expect(readFileSync(join(entry.parentPath, entry.name)).includes(secret), entry.name).toBe(false);
      }
    }
  }, 60_000);
});
