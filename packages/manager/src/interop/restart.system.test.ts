/** kill -9 of the manager during calls of programs that we did not write: whoever hangs up later is heard at the other end. */
import { mkdtempSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  artefactFolder,
  Baresip,
  eventually,
  freeTcpPort,
  freeUdpPort,
  missingPrograms,
  runSipp,
  type SippOptions,
  writeTone,
} from '@trustline/testing/node';
import { afterEach, describe, expect, test } from 'vitest';
import { KillableManager } from '../faults/killable-manager.fixture.ts';
import {
  answering,
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  register,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

/** A manager, and the record of its one call once that is over. */
async function killable(set: readonly string[]) {
  const data = mkdtempSync(join(tmpdir(), 'trustline-restart-'));
  undo.push(() => rm(data, { recursive: true, force: true }));
  const manager = new KillableManager(join(data, 'data'), set);
  undo.push(() => manager.kill());
  await manager.start();
  const { client } = manager;
  const talks = () =>
    eventually('an answered call', async () => (await client.calls()).calls.find(({ state }) => state === 'answered'));
  const restart = async () => {
    await manager.kill();
    await manager.start();
  };
  const record = (call: string) =>
    eventually('the record of the call', async () => (await client.call(call)).record ?? undefined);
  return { client, talks, restart, record };
}

describe.skipIf(missingPrograms('sipp'))('SIPp by UDP', () => {
  const folder = artefactFolder('restart-sipp');

  /** 1001 that calls and 1002 that has registered. */
  async function phones(name: string, set: readonly string[] = []) {
    const port = await freeUdpPort();
    const listener = `{transport: udp, host: 127.0.0.1, port: ${port}, digestAlgorithms: [MD5]}`;
    const lab = await killable([`listeners=[${listener}]`, ...set]);
    const target = `127.0.0.1:${port}`;
    const device = async (line: string) => {
      const user = `SEP00112233${line}`;
      const { password } = await lab.client.addDevice({
        name: user,
        securityMode: 'non-secure',
        lines: [{ number: line }],
      });
      return { user, password: password ?? '' };
    };
    const [caller, called] = [await device('1001'), await device('1002')];
    const calledPort = await freeUdpPort();
    const run = (who: string, text: string, options: Partial<SippOptions>) =>
      runSipp({ directory: join(folder, name, who), scenario: text, timeout: 40, ...options });
    const variables = { line: '1002', number: '1002' };
    const credentials = { ...called, uri: target };
    const registered = await run('register', register, { target, localPort: calledPort, credentials, variables });
    expect(registered).toMatchObject({ exitCode: 0 });
    const both = (callerText: string, calledText: string) => {
      const waiting = run('called', calledText, { localPort: calledPort, variables: { line: '1002', number: '1001' } });
      const calling = run('caller', callerText, {
        target,
        credentials: { ...caller, uri: `1002@${target}` },
        variables: { line: '1001', number: '1002' },
      });
      return Promise.all([calling, waiting]);
    };
    return { ...lab, both };
  }

  const answered = (acceptance: string) => [
    invite(),
    expectResponse(180, { optional: true }),
    acceptance,
    request('ACK', { cseq: 2, ...inDialog }),
  ];
  const talking = answered(expectAcceptanceAndKeepTo);
  /** The manager is back, and asks whether the call is still there: SIPp has not said that it takes UPDATE. */
  const asked = [expectRequest('OPTIONS'), respond('200 OK', { tagged: false })];

  test('a re-INVITE of the caller reaches the called after it, and then its BYE; the record is that of a call hung up', async () => {
    const { talks, restart, record, both } = await phones('offer');
    const hold = request('INVITE', { cseq: 3, to: 'To:[$1]', described: { direction: 'sendonly' }, repeat: 500 });
    const caller = scenario(
      ...talking,
      ...asked,
      hold,
      expectResponse(100, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 3, to: 'To:[$1]' }),
      request('BYE', { cseq: 4, to: 'To:[$1]', repeat: 500 }),
      expectResponse(200),
    );
    const called = scenario(
      expectRequest('INVITE'),
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      ...asked,
      expectRequest('INVITE'),
      respond('200 OK', { described: { direction: 'recvonly' }, tagged: false, repeat: 500 }),
      expectRequest('ACK'),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    const ended = both(caller, called);
    const { call } = await talks();
    await restart();
    const [calling, waiting] = await ended;
    expect([calling.exitCode, waiting.exitCode]).toEqual([0, 0]);
    expect(waiting.messages).toContain('a=sendonly');
    expect(await record(call)).toMatchObject({
      outcome: 'answered',
      reason: 'normal-clearing',
      recoveredAt: expect.stringMatching(/Z$/),
    });
  });

  test('a call over the relay is hung up at both ends by the new process, which says why', async () => {
    const { talks, restart, record, both } = await phones('relayed', ['media.relay=always', 'media.host=127.0.0.1']);
    const hungUp = [expectRequest('BYE'), respond('200 OK', { tagged: false })];
    const ended = both(scenario(...answered(expectResponse(200)), ...hungUp), answering);
    const { call } = await talks();
    await restart();
    const [caller, called] = await ended;
    expect([caller.exitCode, called.exitCode]).toEqual([0, 0]);
    for (const { messages } of [caller, called]) {
      expect(messages).toMatch(/^Reason: Q\.850;cause=41;text="interrupted"$/m);
      expect(messages).toMatch(
        /^Warning: 399 .*"the call manager has started anew, and the media that went through it are gone"/m,
      );
    }
    expect(await record(call)).toMatchObject({ outcome: 'answered', reason: 'interrupted' });
  });
});

describe.skipIf(missingPrograms('baresip'))('two baresips over TLS with client certificates', () => {
  const folder = artefactFolder('restart-baresip');

  test('talk on with SRTP while the manager is killed and started; one hangs up, and the other hears of it when it is back', async () => {
    const port = await freeTcpPort();
    const lab = await killable([
      `listeners=[{transport: tls, host: 127.0.0.1, port: ${port}}]`,
      'registrations.minimumSeconds=5',
    ]);
    const start = async (role: string, line: string, extra: string) => {
      const directory = join(folder, role);
      await mkdir(directory, { recursive: true });
      const name = `SEP00112233${line}`;
      await lab.client.addDevice({ name, securityMode: 'encrypted', lines: [{ number: line }] });
      const { proof, trustBundlePem } = await lab.client.deviceCredentials(name);
      if (proof.kind !== 'certificate') throw new Error('no certificate was given');
      const [certificateFile, trustFile] = [join(directory, 'certificate.pem'), join(directory, 'trust.pem')];
      await writeFile(certificateFile, proof.certificatePem + proof.privateKeyPem, { mode: 0o600 });
      await writeFile(trustFile, trustBundlePem);
      const wavFile = join(directory, 'tone.wav');
      writeTone(wavFile, 440);
      const account = `<sip:${line}@127.0.0.1:${port};transport=tls>;regint=60;mediaenc=srtp-mand${extra}`;
      const phone = await Baresip.start({ directory, account, certificateFile, trustFile, wavFile });
      undo.push(() => phone.stop());
      await eventually('the registration', async () => {
        const { devices } = await lab.client.devices();
        return devices.some((device) => device.name === name && device.registrations.length > 0);
      });
      return phone;
    };
    const phones = {
      caller: await start('caller', '1001', ''),
      called: await start('called', '1002', ';answermode=auto'),
    };
    phones.caller.command('dial', '1002');
    const { call } = await lab.talks();
    await lab.restart();
    const started: (string | undefined)[] = [];
    for await (const { kind, reason } of lab.client.events({ limit: 1_000 }))
      if (kind === 'started') started.push(reason);
    expect(started).toEqual([undefined, 'after-crash']);
    await delay(1_000);
    const { running } = await lab.client.call(call);
    expect(running).toMatchObject({ level: 'encrypted', recovered: { isMediaKnown: false } });
    phones.called.command('hangup');
    await phones.called.event('CALL_CLOSED');
    await lab.record(call);
    phones.caller.command('hold'); // it connects to say so; with its next REGISTER otherwise
    await phones.caller.event('CALL_CLOSED');
    expect(await lab.record(call)).toMatchObject({
      outcome: 'answered',
      reason: 'normal-clearing',
      level: 'encrypted',
      legs: [{ keying: 'sdes' }, { keying: 'sdes' }],
    });
  }, 60_000);
});
