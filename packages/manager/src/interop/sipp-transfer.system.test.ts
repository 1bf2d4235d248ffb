import { join } from 'node:path';
import {
  artefactFolder,
  freeUdpPort,
  Lab,
  missingPrograms,
  type PasswordDevice,
  runSipp,
  type SippOptions,
} from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  expectAcceptanceAndKeepTo,
  expectInviteAndKeepEnds,
  expectRequest,
  expectResponse,
  invite,
  ofCalled,
  ofKept,
  refusing,
  register,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

const configuration = [
  'dialPlan:',
  '  - { to: lines, pattern: "1003", policy: require }',
  '  - { to: pick-up, pattern: "*8" }',
  '  - { to: park, pattern: "70X" }',
  'pickUpGroups: [{ name: sales, lines: ["1002", "1004"] }]',
];

/** 1001 transfers 1002, all of them SIPp: the messages of RFC 3515 and RFC 3725 as another stack writes and reads them. */
describe.skipIf(missingPrograms('sipp'))('SIPp transfers', () => {
  const folder = artefactFolder('sipp-transfer');
  let lab: Lab;
  let caller: PasswordDevice;
  const ports = new Map<string, number>();
  const devices = new Map<string, PasswordDevice>();
  let runs = 0;

  beforeAll(async () => {
    lab = await Lab.start(join(folder, 'manager'), configuration);
    caller = await lab.passwordDevice('1001');
    for (const line of ['1002', '1003', '1004']) {
      const device = await lab.passwordDevice(line);
      const port = await freeUdpPort();
      ports.set(line, port);
      devices.set(line, device);
      expect(await run(device, register, { localPort: port })).toMatchObject({ exitCode: 0 });
    }
  });
  afterEach(() => lab.idle());
  afterAll(() => lab?.stop());

  function run(device: PasswordDevice, text: string, options: Partial<SippOptions> = {}, number = device.line) {
    runs += 1;
    const target = `127.0.0.1:${lab.ports.md5.udp}`;
    const uri = text.includes('REGISTER') ? {} : { uri: `${number}@${target}` };
    return runSipp({
      directory: join(folder, `${runs}-${device.line}`),
      scenario: text,
      target,
      ...options,
      credentials: { user: device.name, password: device.password, ...uri },
      variables: { line: device.line, number },
    });
  }

  function wait(line: string, text: string) {
    runs += 1;
    return runSipp({
      directory: join(folder, `${runs}-called-${line}`),
      scenario: text,
      target: `127.0.0.1:${lab.ports.md5.udp}`,
      localPort: ports.get(line) ?? 0,
      timeout: 20,
      variables: { line, number: '1001' },
    });
  }

  const notified = [expectRequest('NOTIFY'), respond('200 OK', { tagged: false })].join('\n');
  /** Calls 1002, refers it to a number, hears what becomes of that in so many NOTIFYs, and is hung up. */
  const transferring = (number: string, notifications: number, after: readonly string[]) =>
    scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...ofKept }),
      request('REFER', { cseq: 3, ...ofKept, repeat: 500, headers: [`Refer-To: <sip:${number}@[remote_ip]>`] }),
      expectResponse(202),
      ...Array.from({ length: notifications }, () => notified),
      ...after,
    );
  const hungUp = [expectRequest('BYE'), respond('200 OK', { tagged: false })];
  const hangsUp = [request('BYE', { cseq: 4, ...ofKept, repeat: 500 }), expectResponse(200)];
  const answered = [
    expectInviteAndKeepEnds,
    respond('180 Ringing'),
    respond('200 OK', { described: true, repeat: 500 }),
    expectRequest('ACK'),
  ];

  test('blind to a number: 202, NOTIFY of 100, 180 and 200, BYE; the two others are offered anew', async () => {
    const transferee = wait(
      '1002',
      scenario(
        ...answered,
        expectRequest('INVITE'), // the new partner's offer
        respond('200 OK', { described: true, tagged: false, repeat: 500 }),
        expectRequest('ACK'),
        request('BYE', { cseq: 1, ...ofCalled, repeat: 500 }),
        expectResponse(200),
      ),
    );
    const target = wait('1004', scenario(...answered, ...hungUp));
    const { exitCode, messages } = await run(caller, transferring('1004', 3, hungUp), {}, '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Subscription-State: terminated;reason=noresource/m);
    expect((await transferee).exitCode).toBe(0);
    const { exitCode: exitOfTarget, messages: atTarget } = await target;
    expect(exitOfTarget).toBe(0);
    expect(atTarget).toMatch(/^Referred-By: .*<sip:1001@/m);
    expect(atTarget).toMatch(/^From: .*<sip:1002@/m);
  });

  test('blind to a busy number: the NOTIFY says 486, and the call goes on', async () => {
    const transferee = wait('1002', scenario(...answered, ...hungUp));
    const target = wait('1004', refusing('486 Busy Here'));
    const { exitCode, messages } = await run(caller, transferring('1004', 2, hangsUp), {}, '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 486 every line is busy/m);
    expect((await transferee).exitCode).toBe(0);
    expect((await target).exitCode).toBe(0);
  });

  test('blind to a number that requires encryption: the NOTIFY says 488, nobody rings, and the call goes on', async () => {
    const transferee = wait('1002', scenario(...answered, ...hungUp));
    const { exitCode, messages } = await run(caller, transferring('1003', 2, hangsUp), {}, '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 488 Encryption is required/m);
    expect((await transferee).exitCode).toBe(0);
    const kinds = (await lab.events()).map(({ kind }) => kind);
    expect(kinds).toContain('transfer-refused');
  });

  test('picks a call up that rings at a colleague, by the number for it', async () => {
    const colleague = wait(
      '1002',
      scenario(
        expectRequest('INVITE'),
        respond('180 Ringing'),
        expectRequest('CANCEL'),
        respond('200 OK'),
        respond('487 Request Terminated', { cseq: 'CSeq: [cseq] INVITE', repeat: 500 }),
        expectRequest('ACK'),
      ),
    );
    const talks = [expectAcceptanceAndKeepTo, request('ACK', { cseq: 2, ...ofKept })];
    const calling = run(caller, scenario(invite(), expectResponse(180), ...talks, ...hungUp), {}, '1002');
    await lab.call('rings at the colleague', ({ state }) => state === 'ringing');
    const taking = scenario(
      invite(),
      ...talks,
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    const taker = devices.get('1004');
    if (taker === undefined) throw new Error('no device has 1004');
    expect((await run(taker, taking, {}, '*8')).exitCode).toBe(0);
    expect((await calling).exitCode).toBe(0);
    expect((await colleague).exitCode).toBe(0);
    await lab.event('a call that was picked up', ({ kind }) => kind === 'call-picked-up');
  });

  test('parks a call at a number; a third dials it and talks', async () => {
    const again = [
      expectRequest('INVITE'),
      respond('200 OK', { described: true, tagged: false, repeat: 500 }),
      expectRequest('ACK'),
    ];
    const bye = [request('BYE', { cseq: 1, ...ofCalled, repeat: 500 }), expectResponse(200)];
    const waiting = wait('1002', scenario(...answered, ...again, ...again, ...bye));
    expect((await run(caller, transferring('701', 2, hungUp), {}, '1002')).exitCode).toBe(0);
    await lab.event('a parked call', ({ kind }) => kind === 'call-parked');
    const taker = devices.get('1004');
    if (taker === undefined) throw new Error('no device has 1004');
    const taking = scenario(
      invite(),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...ofKept }),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    expect((await run(taker, taking, {}, '701')).exitCode).toBe(0);
    const { exitCode, messages } = await waiting;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^a=inactive/m);
  });
});
