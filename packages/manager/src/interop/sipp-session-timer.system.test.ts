import { join } from 'node:path';
import {
  artefactFolder,
  freeUdpPort,
  Lab,
  missingPrograms,
  type PasswordDevice,
  runSipp,
} from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  answering,
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  ofKept,
  ofLast,
  pause,
  register,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

/** RFC 4028 with callers and called that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('session timers with SIPp', () => {
  const folder = artefactFolder('sipp-session-timer');
  let lab: Lab;
  let caller: PasswordDevice;
  let calledPort: number;
  let runs = 0;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), ['calls: { sessionSeconds: 90 }']);
    caller = await lab.passwordDevice('1001');
    const called = await lab.passwordDevice('1002');
    calledPort = await freeUdpPort();
    expect(await run(called, register, { localPort: calledPort })).toMatchObject({ exitCode: 0 });
  });
  afterAll(() => lab?.stop());

  function run(
    device: PasswordDevice,
    text: string,
    options: { readonly localPort?: number; readonly timeout?: number },
  ) {
    runs += 1;
    const target = `127.0.0.1:${lab.ports.md5.udp}`;
    const isRegister = text.includes('REGISTER');
    return runSipp({
      directory: join(folder, `${runs}-${device.line}`),
      scenario: text,
      target,
      ...options,
      credentials: { user: device.name, password: device.password, ...(isRegister ? {} : { uri: `1002@${target}` }) },
      variables: { line: device.line, number: isRegister ? device.line : '1002' },
    });
  }

  function wait(text: string, timeout = 20) {
    runs += 1;
    return runSipp({ directory: join(folder, `${runs}-called`), scenario: text, localPort: calledPort, timeout });
  }
  const hangUp = [
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  ];

  test('§9: too short an interval is refused 422 with Min-SE', async () => {
    const headers = ['Supported: timer', 'Session-Expires: 30'];
    const brief = scenario(invite({ headers }), expectResponse(422), request('ACK', { cseq: 2, ...ofLast }));
    const { exitCode, messages } = await run(caller, brief, {});
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Min-SE: 90$/m);
  });

  test('§9: one that knows the timer is asked to refresh; the called is offered one of ours', async () => {
    const headers = ['Supported: timer', 'Session-Expires: 1800'];
    const waiting = wait(answering);
    const text = scenario(invite({ headers }), expectResponse(180, { optional: true }), expectResponse(200), ...hangUp);
    const { exitCode, messages } = await run(caller, text, {});
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Session-Expires: 90;refresher=uac$/m);
    expect(messages).toMatch(/^Require: timer$/m);
    const called = await waiting;
    expect(called.exitCode).toBe(0);
    expect(called.messages).toMatch(/^Session-Expires: 90$/m);
  });

  test.runIf(process.env.TRUSTLINE_FULL === '1')(
    '§7.4: ends without UPDATE are refreshed by re-INVITE, and the call goes on',
    async () => {
      const refreshedOnce = [
        expectRequest('INVITE'),
        respond('200 OK', { described: true, tagged: false, repeat: 500 }),
        expectRequest('ACK'),
      ];
      const called = scenario(
        expectRequest('INVITE'),
        respond('200 OK', { described: true, repeat: 500 }),
        expectRequest('ACK'),
        ...refreshedOnce,
        expectRequest('BYE'),
        respond('200 OK', { tagged: false }),
      );
      const waiting = wait(called, 90);
      const text = scenario(
        invite(),
        expectResponse(180, { optional: true }),
        expectAcceptanceAndKeepTo,
        request('ACK', { cseq: 2, ...inDialog }),
        expectRequest('INVITE'),
        respond('200 OK', { described: true, tagged: false, repeat: 500 }),
        expectRequest('ACK'),
        // Each end is refreshed in turn: two offers at once would meet (RFC 3264 §4).
        pause(10_000),
        request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
        expectResponse(200),
      );
      const ran = await run(caller, text, { timeout: 90 });
      const waited = await waiting;
      expect({ caller: ran.exitCode, called: waited.exitCode }).toEqual({ caller: 0, called: 0 });
    },
    120_000,
  );
});
