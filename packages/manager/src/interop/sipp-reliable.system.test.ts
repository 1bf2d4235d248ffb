import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { answersReliably, expectReliably, hearsReliably, prack as prackBy } from './sipp-in-call.fixture.ts';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  keeping,
  ofLast,
  pause,
  request,
  respond,
  scenario,
  takesNewOffer,
} from './sipp-scenario.fixture.ts';

/** RFC 3262 with callers and called that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('reliable provisional responses with SIPp', () => {
  const folder = artefactFolder('sipp-reliable');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const hangUp = (cseq: number) => [
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq, ...inDialog, repeat: 500 }),
    expectResponse(200),
  ];
  const prack = (cseq: number, options?: Parameters<typeof prackBy>[2]) => prackBy('clear', cseq, options);

  test('§3: a caller that requires it hears the ringing reliably, and acknowledges it', async () => {
    const caller = scenario(
      invite({ headers: ['Require: 100rel'] }),
      expectReliably(180),
      prack(3),
      expectResponse(200),
      expectResponse(200),
      ...hangUp(4),
    );
    const { caller: ran, called } = await phones.both(caller, answering);
    expect(ran.messages).toMatch(/^RSeq: \d+$/m);
    // Towards the called it is asked for, and not demanded.
    expect(called.messages).toMatch(/^Supported: .*100rel/m);
    expect(called.messages).not.toMatch(/^Require: 100rel/m);
  });

  test('§3: a response without its PRACK is repeated, and a PRACK for another is refused 481', async () => {
    const caller = scenario(
      invite({ headers: ['Require: 100rel'] }),
      expectReliably(180),
      pause(1_000),
      prack(3, { headers: ['RAck: 1 2 INVITE'] }),
      expectResponse(481),
      prack(4),
      expectResponse(200),
      expectResponse(200),
      ...hangUp(5),
    );
    const called = scenario(
      expectRequest('INVITE'),
      respond('180 Ringing'),
      pause(2_500),
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    const { caller: ran } = await phones.both(caller, called);
    expect(ran.messages.match(/^SIP\/2\.0 180 /gm)?.length).toBeGreaterThan(1);
  });

  test('§4: early media of the called are acknowledged and go on reliably; its 200 needs no description', async () => {
    const { caller: ran, called } = await phones.both(hearsReliably('clear'), answersReliably('clear'));
    expect(called.messages).toMatch(/^RAck: 4711 1 INVITE$/m);
    expect(ran.messages).toMatch(/^SIP\/2\.0 183 [\s\S]*?^Require: 100rel/m);
  });

  test('§4: a caller without it has the early media all the same, and the answer in its 200', async () => {
    const caller = scenario(invite(), expectResponse(183), expectResponse(200), ...hangUp(3));
    const { caller: ran } = await phones.both(caller, answersReliably('clear'));
    expect(ran.messages).not.toMatch(/^RSeq/m);
    expect(ran.messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^CSeq: 2 INVITE[\s\S]*?^m=audio/m);
  });

  const keepInvite = keeping(expectRequest('INVITE'), { via: 'Via', cseq: 'CSeq' });
  const toInvite = { via: 'Via:[$via]', cseq: 'CSeq:[$cseq]' };
  /** Early media as {@link answersReliably} has them, taking another offer before its answer (RFC 3311 §4). */
  const earlyReliablyWithUpdate = scenario(
    keepInvite,
    respond('183 Session Progress', {
      described: true,
      headers: ['Require: 100rel', 'RSeq: 4711', 'Allow: INVITE, ACK, CANCEL, BYE, PRACK, UPDATE'],
      repeat: 500,
    }),
    expectRequest('PRACK'),
    respond('200 OK', { tagged: false }),
    expectRequest('UPDATE'),
    respond('200 OK', { tagged: false, described: { port: 40_008 } }),
    respond('200 OK', { ...toInvite, tagged: false, repeat: 500 }),
    expectRequest('ACK'),
    expectRequest('BYE'),
    respond('200 OK', { tagged: false }),
  );

  test.each([
    ['RFC 3262 §5: in its PRACK', [prack(3, { described: { port: 40_006 } })]],
    [
      'RFC 3311 §5.1: by UPDATE',
      [
        prack(3),
        expectResponse(200),
        request('UPDATE', { cseq: 4, to: 'To:[$to]', described: { port: 40_006 }, repeat: 500 }),
      ],
    ],
  ])('a caller that offers anew before the answer, %s, is heard by a called that takes UPDATE', async (_, offers) => {
    const caller = scenario(
      invite({ headers: ['Supported: 100rel'] }),
      expectReliably(183),
      ...offers,
      expectResponse(200),
      expectResponse(200),
      ...hangUp(5),
    );
    const { caller: ran, called } = await phones.both(caller, earlyReliablyWithUpdate);
    expect(called.messages).toMatch(/^UPDATE [\s\S]*?^m=audio 40006 /m);
    expect(ran.messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^CSeq: [34] (PRACK|UPDATE)[\s\S]*?^m=audio 40008 /m);
  });

  test('§5: a caller without an offer that requires it hears the ringing with an offer, answers it, and has the true one after its ACK', async () => {
    const caller = scenario(
      invite({ headers: ['Require: 100rel'], described: false }),
      expectReliably(180),
      prack(3, { described: { direction: 'inactive' } }),
      expectResponse(200),
      expectResponse(200),
      request('ACK', { cseq: 2, ...inDialog }),
      ...takesNewOffer,
      request('BYE', { cseq: 4, to: 'To:[$to]', repeat: 500 }),
      expectResponse(200),
    );
    const called = scenario(
      expectRequest('INVITE'),
      respond('180 Ringing'),
      respond('200 OK', { described: { port: 40_002 }, repeat: 500 }),
      expectRequest('ACK'),
      expectRequest('BYE'),
      respond('200 OK', { tagged: false }),
    );
    const { caller: ran, called: waited } = await phones.both(caller, called);
    expect(ran.messages).toMatch(/^SIP\/2\.0 180 [\s\S]*?^m=audio 9 [\s\S]*?^a=inactive/m);
    expect(ran.messages).toMatch(/^INVITE sip:1001@[\s\S]*?^m=audio 40002 /m);
    expect(waited.messages).toMatch(/^ACK [\s\S]*?^m=audio /m);
  });

  test('§5: an offer in a PRACK is no way to a new session before the answer where the called takes no UPDATE: 488 says so, the call goes on', async () => {
    const caller = scenario(
      invite({ headers: ['Supported: 100rel'] }),
      expectReliably(183),
      prack(3, { described: true }),
      expectResponse(488),
      expectResponse(200),
      request('ACK', { cseq: 2, ...inDialog }),
      request('BYE', { cseq: 4, ...inDialog, repeat: 500 }),
      expectResponse(200),
    );
    const { caller: ran } = await phones.both(caller, answersReliably('clear'));
    expect(ran.messages).toMatch(/^Warning: 399 .*before the answer/m);
  });

  test('RFC 3261 §8.2.2.3: an extension that is not ours is refused 420, which names it', async () => {
    const text = scenario(
      invite({ headers: ['Require: 100rel, precondition'] }).replace('<recv response="100" optional="true"/>', ''),
      expectResponse(420),
      request('ACK', { cseq: 2, ...ofLast }),
    );
    const { exitCode, messages } = await phones.call(text);
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Unsupported: precondition$/m);
  });

  test('RFC 3261 §21.4.15: of a called that asks for more than is here the caller hears 421 in words', async () => {
    const called = scenario(
      expectRequest('INVITE'),
      respond('421 Extension Required', { headers: ['Require: precondition'], repeat: 500 }),
      expectRequest('ACK'),
    );
    const refused = scenario(invite(), expectResponse(500), request('ACK', { cseq: 2, ...ofLast }));
    const { caller } = await phones.both(refused, called);
    expect(caller.messages).toMatch(/^Warning: 399 .*extension/m);
    expect(caller.messages).toMatch(/^Reason: Q\.850;cause=127/m);
  });
});
