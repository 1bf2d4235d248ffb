import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect } from 'node:tls';
import { Redacted } from '@trustline/base';
import { type RenewableRole, renewableRoles } from '@trustline/manager';
import { blankState, speechLike } from '@trustline/phone';
import {
  NetworkBoot,
  PassingMemory,
  play,
  type RunningCall,
  readIdentityPem,
  type Softphone,
} from '@trustline/phone/node';
import { artefactFolder, eventually, Lab, missingSoftHsm, SoftHsm, softHsmModule } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { trustline } from './command-line.fixture.ts';
import { exitCodes } from './exit-codes.ts';

const pin = 'canary-77341';
/** Packets of 20 ms that a phone must have heard more, to have gone on hearing. */
const aSecond = 50;

describe.skipIf(missingSoftHsm())('two phones talk while every certificate of their servers is renewed', () => {
  let scratch: string;
  let lab: Lab;
  const boots: NetworkBoot[] = [];
  /** Phones whose connection to the manager ended. */
  const lostConnections: string[] = [];

  beforeAll(async () => {
    scratch = mkdtempSync(join(tmpdir(), 'trustline-renewal-'));
    const ports = ['tftp', 'http', 'https', 'capf', 'tvs'].map((service) => `${service}Port: 0`);
    lab = await Lab.start(join(artefactFolder('cli-renewal'), 'manager'), [
      `provisioning: { host: 127.0.0.1, ${ports.join(', ')} }`,
    ]);
    const hsm = new SoftHsm(scratch);
    for (const label of ['blue', 'green']) {
      hsm.formatToken(label, pin);
      expect(await run('token', 'init', '--module', softHsmModule, '--token', label)).toMatchObject({ code: 0 });
    }
    expect(await run('ctl', 'create', '--module', softHsmModule, '--token', 'blue', '--yes')).toMatchObject({
      code: 0,
    });
  });
  afterAll(async () => {
    await Promise.all(boots.map((boot) => boot.stop()));
    await lab?.stop();
    rmSync(scratch, { recursive: true, force: true });
  });

  const run = (...argv: readonly string[]) =>
    trustline([...argv, '--data', lab.dataFolder], { TRUSTLINE_TOKEN_PIN: pin });

  async function updateCtl(): Promise<void> {
    const updated = await run('ctl', 'update', '--module', softHsmModule, '--yes');
    expect(updated).toMatchObject({ code: 0, error: '' });
  }

  /** A phone from the box, which enrols by its MIC. */
  async function powerOn(device: string, line: string, onIncoming?: (phone: Softphone, call: RunningCall) => void) {
    await lab.client.addDevice({ name: device, securityMode: 'encrypted', lines: [{ number: line }] });
    await lab.client.openEnrolment(device, { by: 'mic', key: 'EC-P-256' });
    const { certificatePem, privateKeyPem } = await lab.client.manufacture(device);
    const { provisioning } = await lab.client.status();
    const port = (service: string) => provisioning.find((one) => one.service === service)?.port ?? 0;
    const boot = NetworkBoot.powerOn({
      device,
      files: { host: '127.0.0.1', httpPort: port('HTTP'), tftpPort: port('TFTP'), tvsPort: port('TVS') },
      memory: new PassingMemory({ ...blankState, mic: readIdentityPem(certificatePem, new Redacted(privateKeyPem)) }),
      phone: {
        onEvent: (event) => {
          if (event.kind === 'disconnected') lostConnections.push(device);
          if (event.kind === 'incoming' && boot.phone !== undefined) onIncoming?.(boot.phone, event.call);
        },
      },
    });
    boots.push(boot);
    await boot.registered();
    return boot;
  }

  /** The serial number that a listener shows to who connects now and takes this kind of key alone. */
  function shownSerial(port: number, key: 'RSA' | 'EC', legacy: boolean): Promise<string> {
    const options: ConnectionOptions = {
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      sigalgs: key === 'RSA' ? 'RSA-PSS+SHA256:RSA+SHA256:RSA+SHA1' : 'ECDSA+SHA256',
      ...(legacy ? ({ minVersion: 'TLSv1', ciphers: 'ALL:@SECLEVEL=0' } as const) : {}),
    };
    return new Promise((resolve, reject) => {
      const socket = connect(options, () => {
        resolve(socket.getPeerCertificate().serialNumber.toLowerCase());
        socket.destroy();
      });
      socket.once('error', reject);
    });
  }

  /** Of every listener that shows the certificate of a role. */
  async function shownSerials(role: RenewableRole): Promise<readonly string[]> {
    const key = role === 'callmanager-ecdsa' ? 'EC' : 'RSA';
    if (role.startsWith('callmanager')) {
      return Promise.all([shownSerial(lab.ports.tls, key, false), shownSerial(lab.ports.legacy, key, true)]);
    }
    const service = role === 'tftp' ? 'HTTPS' : role.toUpperCase();
    const { provisioning } = await lab.client.status();
    const places = provisioning.filter((one) => one.service === service);
    return Promise.all(places.map(({ port }) => shownSerial(port, key, false)));
  }

  test('the call goes on in both directions, every listener shows the new serial, and the record tells of one call', async () => {
    const answered = Promise.withResolvers<RunningCall>();
    const called = await powerOn('SEP001122334402', '1002', async (phone, incoming) => {
      await phone.answer(incoming, { source: play(speechLike(120, 2)) });
      answered.resolve(incoming);
    });
    const caller = await powerOn('SEP001122334401', '1001');

    // For TVS nobody vouches: its next certificate goes into the lists, and phones take those before it is shown.
    const staged = await run('pki', 'renew', 'tvs');
    expect(staged).toMatchObject({ code: exitCodes.failed, error: '' });
    expect(staged.out).toMatch(/NOT shown yet/);
    await updateCtl();
    for (const boot of [called, caller]) {
      const before = boot.phone;
      boot.reset();
      await eventually('the phone to be back', async () => boot.phone !== before && boot.phone?.isRegistered === true);
    }

    lostConnections.length = 0;
    const outgoing = await caller.phone?.call('1002', { source: play(speechLike(120, 1)) });
    if (outgoing === undefined) throw new Error('the caller has no phone');
    const ends = [outgoing, await answered.promise] as const;
    await Promise.all(ends.map(({ established }) => established));
    const [running] = (await lab.client.calls()).calls;
    expect(running).toMatchObject({ level: 'encrypted' });
    const heard = () => ends.map((end) => end.statistics()?.packetsReceived ?? 0) as [number, number];
    async function hearOn(): Promise<void> {
      const [one, other] = heard();
      await eventually('both to hear on', async () =>
        heard().every((now, end) => now > ([one, other][end] ?? 0) + aSecond),
      );
    }
    await hearOn();

    for (const role of renewableRoles) {
      const before = await shownSerials(role);
      const renewed = await run('pki', 'renew', role);
      expect(renewed, renewed.out).toMatchObject({ code: 0, error: '' });
      const serial = /, serial ([0-9a-f]+)\n/.exec(renewed.out)?.[1];
      const after = await shownSerials(role);
      expect(before.length).toBeGreaterThan(0);
      for (const [place, shown] of after.entries()) {
        expect(shown.replace(/^0+/, '')).toBe(serial?.replace(/^0+/, ''));
        expect(shown).not.toBe(before[place]);
      }
      await updateCtl();
      await hearOn();
      expect(ends.map(({ state }) => state)).toEqual(['established', 'established']);
      expect(ends.map((end) => end.statistics()?.rejections)).toEqual([{}, {}]);
    }

    // Requests inside the dialog go through as before.
    expect((await lab.client.calls()).calls).toMatchObject([{ call: running?.call, level: 'encrypted' }]);
    expect(outgoing.hold()).toBe(true);
    await eventually('the silence of hold', async () => {
      const [before] = heard();
      await new Promise((resolve) => setTimeout(resolve, 200));
      return heard()[0] === before;
    });
    expect(outgoing.resume()).toBe(true);
    await hearOn();
    outgoing.hangUp();
    await Promise.all(ends.map(({ ended }) => ended));
    expect(ends.map((end) => end.statistics()?.rejections)).toEqual([{}, {}]);

    const records = await eventually('the record', async () => {
      const { ended } = await lab.client.calls();
      return ended.length > 0 && ended;
    });
    expect(records).toHaveLength(1);
    expect(records[0]).toMatchObject({
      call: running?.call,
      outcome: 'answered',
      level: 'encrypted',
      legs: [
        { signalling: 'tls-mutual', proof: 'certificate' },
        { signalling: 'tls-mutual', proof: 'certificate' },
      ],
    });
    // It became encrypted when it was answered, and stayed so.
    expect(records[0]?.levels.map(({ level }) => level)).toEqual(['authenticated', 'encrypted']);
    expect(lostConnections).toEqual([]);
  }, 240_000);
});
