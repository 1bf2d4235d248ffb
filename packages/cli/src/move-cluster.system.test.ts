import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ManagerClient } from '@trustline/manager/node';
import { artefactFolder } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CommandOutcome, trustline } from './command-line.fixture.ts';

const main = new URL('./main.ts', import.meta.url).pathname;
const pin = 'canary-77031';
const device = 'SEP001122334411';

/** A production cluster of two software tokens, operated by commands alone. */
class Cluster {
  readonly name: string;
  readonly folder: string;
  readonly client: ManagerClient;
  #manager: ChildProcess | undefined;

  constructor(scratch: string, name: string) {
    this.name = name;
    this.folder = join(scratch, name);
    this.client = new ManagerClient({ kind: 'socket', path: join(this.folder, 'data', 'api.sock') });
  }

  path(file: string): string {
    return join(this.folder, file);
  }

  run(...argv: readonly string[]): Promise<CommandOutcome> {
    return trustline([...argv, '--config', this.path('trustline.yaml')], { TRUSTLINE_TOKEN_PIN: pin });
  }

  async done(...argv: readonly string[]): Promise<string> {
    const outcome = await this.run(...argv);
    if (outcome.code !== 0) throw new Error(`${this.name}: ${argv.join(' ')}: ${outcome.out}${outcome.error}`);
    return outcome.out;
  }

  /** A command of the CTL client, which says yes; `blue` signs. */
  ctl(...argv: readonly string[]): Promise<string> {
    const tokens = ['blue', 'green'].flatMap((label) => ['--software', this.path(`${label}.token`)]);
    return this.done('ctl', ...argv, ...tokens, '--token', 'blue', '--yes');
  }

  async start(): Promise<void> {
    mkdirSync(this.folder);
    await this.done('init', '--data', this.path('data'), '--name', this.name, '--host', '127.0.0.1');
    const settings = [
      'listeners=[{transport: tls, host: 127.0.0.1, port: 0}, {transport: tcp, host: 127.0.0.1, port: 0}]',
      'api.metrics.port=0',
      'provisioning.host=127.0.0.1',
      ...['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `provisioning.${service}Port=0`),
    ].flatMap((one) => ['--set', one]);
    const argv = [main, 'start', '--config', this.path('trustline.yaml'), ...settings];
    const manager = spawn(process.execPath, argv, { stdio: 'pipe' });
    this.#manager = manager;
    const { promise: ready, resolve, reject } = Promise.withResolvers<void>();
    let text = '';
    const hear = (chunk: Buffer) => {
      appendFileSync(join(artefactFolder('cli-move-cluster'), `${this.name}.log`), chunk);
      text += String(chunk);
      if (text.includes('Ctrl-C stops it.')) resolve();
    };
    manager.stdout.on('data', hear);
    manager.stderr.on('data', hear);
    manager.once('exit', (code) => reject(new Error(`${this.name} ended with ${code}: ${text}`)));
    await ready;
    for (const label of ['blue', 'green']) await this.done('token', 'init', '--software', this.path(`${label}.token`));
    await this.ctl('create');
    await this.done('device', 'add', device, '--line', '1001');
  }

  /** What the other cluster needs of this one: the certificates of its manufacturing authority and of a token. */
  async handOver(): Promise<{ readonly manufacturer: string; readonly token: string }> {
    const { manufacturers } = await this.client.manufacturers();
    const authority = manufacturers.find(({ origin }) => origin !== 'imported');
    const manufacturer = this.path('manufacturer.pem');
    writeFileSync(manufacturer, await this.done('pki', 'manufacturer', 'export', authority?.fingerprint ?? ''));
    const token = this.path('blue.pem');
    writeFileSync(token, await this.done('token', 'show', '--software', this.path('blue.token'), '--pem'));
    return { manufacturer, token };
  }

  /** The phone starts, is pointed here and proves itself by a string. */
  async boot(state: string): Promise<readonly string[]> {
    const opened = await this.done('enrolment', 'open', device, '--by', 'string', '--json');
    const digits = this.path('digits');
    writeFileSync(digits, (JSON.parse(opened) as { string: string }).string, { mode: 0o600 });
    const ports = (await this.client.status()).provisioning;
    const port = (service: string) => String(ports.find((one) => one.service === service)?.port);
    const outcome = await trustline([
      ...['phone', 'boot', '--tftp', `127.0.0.1:${port('TFTP')}`, '--http-port', port('HTTP'), '--mac', '001122334411'],
      ...['--state', state, '--authentication-string-file', digits, '--once'],
    ]);
    expect(outcome).toMatchObject({ code: 0, error: '' });
    return outcome.out.split('\n');
  }

  async stop(): Promise<void> {
    if (this.#manager === undefined || this.#manager.exitCode !== null) return;
    this.#manager.kill('SIGKILL');
    await once(this.#manager, 'exit');
  }
}

/** Each test goes on from where the one before left the clusters, as the how-to does. */
describe('a phone moves to another cluster and back, by commands', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'trustline-move-'));
  const state = join(scratch, 'phone');
  const home = new Cluster(scratch, 'home');
  const away = new Cluster(scratch, 'away');

  beforeAll(async () => {
    await home.start();
    await away.start();
    await home.boot(state);
  }, 120_000);
  afterAll(async () => {
    await Promise.all([home.stop(), away.stop()]);
    rmSync(scratch, { recursive: true, force: true });
  });

  test('a token of another cluster is taken into the list once its manufacturing authority is believed', async () => {
    const { manufacturer, token } = await away.handOver();
    const early = await home.run(
      ...['ctl', 'add-token', '--token-certificate', token, '--software', home.path('blue.token'), '--yes'],
    );
    expect(early.code).toBe(1);
    expect(early.error).toMatch(/\n {2}next: .*pki manufacturer import/);
    await home.done('pki', 'manufacturer', 'import', manufacturer);
    expect(await home.ctl('add-token', '--token-certificate', token)).toMatch(/1 take it, knowing who signed/);
    await home.boot(state);
    expect(await home.done('trust', 'status')).toMatch(/up to date +1 +SEP001122334411/);
    const left = ['blue', 'green'].flatMap((label) => ['--software', home.path(`${label}.token`)]);
    const lone = await home.run('ctl', 'remove-token', 'green', ...left, '--token', 'blue', '--yes');
    expect(lone).toMatchObject({
      code: 1,
      out: expect.stringMatching(/1 security token of this cluster .*O=away is another's/),
    });
  });

  test('the other cluster signs a newer list, and the phone follows it there with nothing taken blindly', async () => {
    const { manufacturer, token } = await home.handOver();
    await away.done('pki', 'manufacturer', 'import', manufacturer);
    await away.ctl('add-token', '--token-certificate', token);
    const steps = await away.boot(state);
    expect(steps.join('\n')).toMatch(/ Trust List Updated .*O=away, whom the CTL that is held knows/);
    expect(steps.filter((step) => /^[X!]/.test(step))).toEqual([]);
    expect(await away.done('trust', 'status')).toMatch(/up to date +1 +SEP001122334411/);
  });

  test('and back, once home has signed both lists anew', async () => {
    await home.ctl('update', '--token-certificate', away.path('blue.pem'));
    expect(await home.done('trust', 'sign-itl', '--reason', 'the phones come back')).toBe(
      'The ITL was signed anew; phones take it when they next start.\n',
    );
    const steps = await home.boot(state);
    const refused = steps.filter((step) => /^[X!]/.test(step));
    // Its file is still encrypted to the key that it had here before.
    expect(refused.every((step) => step.includes('.enc.sgn is refused (decryption'))).toBe(true);
    expect(steps.filter((step) => step.includes('Trust List Updated'))).toHaveLength(2);
    expect(await home.done('trust', 'status')).toMatch(/up to date +1 +SEP001122334411/);
    const events = (await home.done('events', '--json')).split('\n').filter((line) => line.includes('signed its ITL'));
    expect(events[0]).toMatch(/the phones come back/);
  });
});
