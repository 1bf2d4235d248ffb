import { artefactFolder, eventually, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { isHungUpOn, isJoined, isParked, isReferred, picksUp, refers } from './sipp-in-call.fixture.ts';
import { SippLab } from './sipp-lab.fixture.ts';
import { replacesOf } from './sipp-said.fixture.ts';
import { answering, refusing } from './sipp-scenario.fixture.ts';
import { answers, rings, talksToOneOfSeveral } from './sipp-telephones.fixture.ts';

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

  test('blind to a number: 202, NOTIFY of 100, 180 and 200, BYE; the two others are offered anew', async () => {
    const transferee = wait('1002', isReferred('clear'));
    const target = wait('1004', answers('clear'));
    const { exitCode, messages } = await run(refers('clear', { number: '1004' }, 3, 'over'), '1002');
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

  test('attended (REFER with Replaces, RFC 3891): the two that it talks to are joined, and both its calls are over', async () => {
    const transferee = wait('1002', isReferred('clear'));
    const target = wait('1004', isJoined('clear'));
    // Its line is on two devices, for what a phone does on one connection two processes do on two.
    const consulting = phones.run(await phones.lab.passwordDevice('1001'), isHungUpOn('clear'), { number: '1004' });
    const replaces = await eventually('the call that is to be replaced', async () =>
      replacesOf(await phones.messagesSoFar(), 'SIP/2.0 200'),
    );
    const { exitCode, messages } = await run(refers('clear', { number: '1004', replaces }, 2, 'over'), '1002');
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
    const transferee = wait('1002', answers('clear'));
    const target = wait('1004', refusing('486 Busy Here'));
    const { exitCode, messages } = await run(refers('clear', { number: '1004' }, 2, 'goes on'), '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 486 every line is busy/m);
    expect((await transferee).exitCode).toBe(0);
    expect((await target).exitCode).toBe(0);
  });

  test('blind to a number that requires encryption: the NOTIFY says 488, nobody rings, and the call goes on', async () => {
    const bystander = phones.wait(answering, { line: '1003', timeout: 3 });
    const transferee = wait('1002', answers('clear'));
    const { exitCode, messages } = await run(refers('clear', { number: '1003' }, 2, 'goes on'), '1002');
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^SIP\/2\.0 488 Encryption is required/m);
    expect((await transferee).exitCode).toBe(0);
    expect((await bystander).messages).toBe(''); // it was there, and heard of nothing
    const kinds = (await phones.lab.events()).map(({ kind }) => kind);
    expect(kinds).toContain('transfer-refused');
  });

  test('picks a call up that rings at a colleague, by the number for it', async () => {
    const colleague = wait('1002', rings);
    const calling = run(talksToOneOfSeveral('clear'), '1002');
    await phones.lab.call('rings at the colleague', ({ state }) => state === 'ringing');
    expect((await take(picksUp('clear'), '*8')).exitCode).toBe(0);
    expect((await calling).exitCode).toBe(0);
    expect((await colleague).exitCode).toBe(0);
    await phones.lab.event('a call that was picked up', ({ kind }) => kind === 'call-picked-up');
  });

  test('parks a call at a number; a third dials it and talks', async () => {
    const waiting = wait('1002', isParked('clear'));
    expect((await run(refers('clear', { number: '701' }, 2, 'over'), '1002')).exitCode).toBe(0);
    await phones.lab.event('a parked call', ({ kind }) => kind === 'call-parked');
    expect((await take(isHungUpOn('clear'), '701')).exitCode).toBe(0);
    const { exitCode, messages } = await waiting;
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^a=inactive/m);
  });

  test('takes a call that rings at a colleague by INVITE with Replaces (RFC 3891 §3)', async () => {
    const colleague = wait('1002', rings);
    const atColleague = phones.lastRun;
    const calling = run(talksToOneOfSeveral('clear'), '1002');
    const replaces = await eventually('the call at the colleague', async () =>
      replacesOf(await phones.messagesSoFar(atColleague), 'SIP/2.0 180'),
    );
    const taking = picksUp('clear', [`Replaces: ${replaces};early-only`, 'Require: replaces']);
    expect((await take(taking, '1002')).exitCode).toBe(0);
    expect((await calling).exitCode).toBe(0);
    expect((await colleague).exitCode).toBe(0);
  });
});
