import { artefactFolder, eventually, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectAcceptanceAndKeepTo,
  expectInviteAndKeepEnds,
  expectRequest,
  expectResponse,
  invite,
  ofCalled,
  ofKept,
  refusing,
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
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(artefactFolder('sipp-transfer'), configuration, ['1002', '1003', '1004']);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  /** As 1001. */
  const run = (text: string, number: string) => phones.call(text, { number, timeout: 30 });
  /** As 1004, which is called otherwise. */
  const take = (text: string, number: string) => phones.run(phones.phone('1004').device, text, { number });
  const wait = (line: string, text: string) =>
    phones.wait(text, { line, target: `127.0.0.1:${phones.lab.ports.md5.udp}` });

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
    const { exitCode, messages } = await run(transferring('1004', 3, hungUp), '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Subscription-State: terminated;reason=noresource/m);
    const fragments = [...messages.matchAll(/^Content-Type: message\/sipfrag[\s\S]*?^(SIP\/2\.0 \d+)/gm)];
    expect(fragments.map(([, line]) => line)).toEqual(['SIP/2.0 100', 'SIP/2.0 180', 'SIP/2.0 200']);
    expect((await transferee).exitCode).toBe(0);
    const { exitCode: exitOfTarget, messages: atTarget } = await target;
    expect(exitOfTarget).toBe(0);
    expect(atTarget).toMatch(/^Referred-By: .*<sip:1001@/m);
    expect(atTarget).toMatch(/^From: .*<sip:1002@/m);
  });

  /** Who is asked again within the call, and answers. */
  const offeredAgain = [
    expectRequest('INVITE'),
    respond('200 OK', { described: true, tagged: false, repeat: 500 }),
    expectRequest('ACK'),
  ];

  test('attended (REFER with Replaces, RFC 3891): the two that it talks to are joined, and both its calls are over', async () => {
    const transferee = wait(
      '1002',
      scenario(
        ...answered,
        ...offeredAgain,
        request('BYE', { cseq: 1, ...ofCalled, repeat: 500 }),
        expectResponse(200),
      ),
    );
    const target = wait('1004', scenario(...answered, ...offeredAgain, ...hungUp));
    const consults = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...ofKept }),
      ...hungUp,
    );
    // Its line is on two devices, for what a phone does on one connection two processes do on two.
    const consulting = phones.run(await phones.lab.passwordDevice('1001'), consults, {
      number: '1004',
      callId: 'consultation',
    });
    const [, toTag, fromTag] = await eventually('the call that is to be replaced', async () => {
      const said = await phones.messagesSoFar();
      const accepted = said.split(/^-{20,}.*$/m).find((one) => /^SIP\/2\.0 200 /m.test(one));
      const [to, from] = ['To', 'From'].map(
        (name) => new RegExp(`^${name}:.*;tag=(\\S+)`, 'm').exec(accepted ?? '')?.[1],
      );
      return to !== undefined && from !== undefined && [accepted, to, from];
    });
    const replaces = `consultation%3Bto-tag%3D${toTag}%3Bfrom-tag%3D${fromTag}`;
    const refers = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...ofKept }),
      request('REFER', {
        cseq: 3,
        ...ofKept,
        repeat: 500,
        headers: [`Refer-To: <sip:1004@[remote_ip]?Replaces=${replaces}>`],
      }),
      expectResponse(202),
      notified,
      notified,
      ...hungUp,
    );
    const { exitCode, messages } = await run(refers, '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Subscription-State: terminated;reason=noresource[\s\S]*?^SIP\/2\.0 200/m);
    for (const one of [consulting, transferee, target]) expect((await one).exitCode).toBe(0);
    const { reason } = await phones.lab.event(
      'an attended transfer',
      ({ kind, reason: how }) => kind === 'call-transferred' && how === 'attended',
    );
    expect(reason).toBe('attended');
  });

  test('blind to a busy number: the NOTIFY says 486, and the call goes on', async () => {
    const transferee = wait('1002', scenario(...answered, ...hungUp));
    const target = wait('1004', refusing('486 Busy Here'));
    const { exitCode, messages } = await run(transferring('1004', 2, hangsUp), '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 486 every line is busy/m);
    expect((await transferee).exitCode).toBe(0);
    expect((await target).exitCode).toBe(0);
  });

  test('blind to a number that requires encryption: the NOTIFY says 488, nobody rings, and the call goes on', async () => {
    const bystander = phones.wait(answering, { line: '1003', timeout: 3 });
    const transferee = wait('1002', scenario(...answered, ...hungUp));
    const { exitCode, messages } = await run(transferring('1003', 2, hangsUp), '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 488 Encryption is required/m);
    expect((await transferee).exitCode).toBe(0);
    expect((await bystander).messages).toBe(''); // it was there, and heard of nothing
    const kinds = (await phones.lab.events()).map(({ kind }) => kind);
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
    const calling = run(scenario(invite(), expectResponse(180), ...talks, ...hungUp), '1002');
    await phones.lab.call('rings at the colleague', ({ state }) => state === 'ringing');
    const taking = scenario(
      invite(),
      ...talks,
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    expect((await take(taking, '*8')).exitCode).toBe(0);
    expect((await calling).exitCode).toBe(0);
    expect((await colleague).exitCode).toBe(0);
    await phones.lab.event('a call that was picked up', ({ kind }) => kind === 'call-picked-up');
  });

  test('parks a call at a number; a third dials it and talks', async () => {
    const again = [
      expectRequest('INVITE'),
      respond('200 OK', { described: true, tagged: false, repeat: 500 }),
      expectRequest('ACK'),
    ];
    const bye = [request('BYE', { cseq: 1, ...ofCalled, repeat: 500 }), expectResponse(200)];
    const waiting = wait('1002', scenario(...answered, ...again, ...again, ...bye));
    expect((await run(transferring('701', 2, hungUp), '1002')).exitCode).toBe(0);
    await phones.lab.event('a parked call', ({ kind }) => kind === 'call-parked');
    const taking = scenario(
      invite(),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...ofKept }),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    expect((await take(taking, '701')).exitCode).toBe(0);
    const { exitCode, messages } = await waiting;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^a=inactive/m);
  });

  test('takes a call that rings at a colleague by INVITE with Replaces (RFC 3891 §3)', async () => {
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
    const atColleague = phones.lastRun;
    const talks = [expectAcceptanceAndKeepTo, request('ACK', { cseq: 2, ...ofKept })];
    const calling = run(scenario(invite(), expectResponse(180), ...talks, ...hungUp), '1002');
    const replaces = await eventually('the call at the colleague', async () => {
      const said = await phones.messagesSoFar(atColleague);
      const rung = said.split(/^-{20,}.*$/m).find((one) => /^SIP\/2\.0 180 /m.test(one)) ?? '';
      const value = (expression: RegExp) => expression.exec(rung)?.[1];
      const [callId, to, from] = [value(/^Call-ID: (\S+)/m), value(/^To:.*;tag=(\S+)/m), value(/^From:.*;tag=(\S+)/m)];
      return (
        callId !== undefined && to !== undefined && from !== undefined && `${callId};to-tag=${to};from-tag=${from}`
      );
    });
    const taking = scenario(
      invite({ headers: [`Replaces: ${replaces};early-only`, 'Require: replaces'] }),
      ...talks,
      request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
      expectResponse(200),
    );
    expect((await take(taking, '1002')).exitCode).toBe(0);
    expect((await calling).exitCode).toBe(0);
    expect((await colleague).exitCode).toBe(0);
  });
});
