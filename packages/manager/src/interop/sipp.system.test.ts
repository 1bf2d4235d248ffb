import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { artefactFolder, eventually, type Lab, missingPrograms, type PasswordDevice } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  ofLast,
  pause,
  refusing,
  register,
  request,
  respond,
  scenario,
  withLoss,
} from './sipp-scenario.fixture.ts';

describe.skipIf(missingPrograms('sipp'))('SIPp', () => {
  const folder = artefactFolder('sipp');
  let phones: SippLab;
  let lab: Lab;
  let caller: PasswordDevice;
  let third: PasswordDevice;

  beforeAll(async () => {
    phones = await SippLab.start(folder, ['calls: { noAnswerSeconds: 5 }']);
    ({ lab, caller } = phones);
    third = await lab.passwordDevice('1003');
  });
  afterEach(() => lab.idle());
  afterAll(() => phones?.stop());

  const run: SippLab['run'] = (...what) => phones.run(...what);
  const both: SippLab['both'] = (...what) => phones.both(...what);

  const ringsAndAnswers = [expectResponse(180, { optional: true }), expectResponse(200)];
  const hangUp = [request('BYE', { cseq: 3, ...inDialog, repeat: 500 }), expectResponse(200)];
  const ackAndHangUp = [request('ACK', { cseq: 2, ...inDialog }), ...hangUp];

  describe.each(['udp', 'tcp'] as const)('over %s', (transport) => {
    test('registers with its password', async () => {
      const { exitCode, messages } = await run(third, register, { transport });
      expect(exitCode).toBe(0);
      expect(messages).toMatch(/^Authorization: Digest .*algorithm=MD5/m);
      await lab.registered(third.name);
    });

    test('is refused with a wrong password, which is an event', async () => {
      const wrong = scenario(
        request('REGISTER', { cseq: 1, repeat: 500 }),
        expectResponse(401, { challenge: true }),
        request('REGISTER', { cseq: 2, authenticated: true, repeat: 500 }),
        expectResponse(403),
      );
      const credentials = { user: third.name, password: 'not-its-password' };
      expect(await run(third, wrong, { transport, credentials })).toMatchObject({
        exitCode: 0,
      });
      const { cause } = await lab.event('a wrong password', ({ reason }) => reason === 'wrong-password');
      expect(cause).toBe('REGISTER was refused: the password is wrong');
    });

    test('is refused the line of another device, and the event says whose it is', async () => {
      const other = scenario(
        request('REGISTER', { cseq: 1, repeat: 500 }),
        expectResponse(401, { challenge: true }),
        request('REGISTER', { cseq: 2, authenticated: true, repeat: 500 }),
        expectResponse(403),
      );
      expect(await run(third, other, { transport, variables: { line: '1001', number: '1001' } })).toMatchObject({
        exitCode: 0,
      });
      const { cause } = await lab.event('the line of another', ({ kind }) => kind === 'registration-refused');
      expect(cause).toBe(`the sender proved to be ${third.name} but line 1001 belongs to ${caller.name}`);
    });

    test('calls, is answered, and hangs up', async () => {
      await both(scenario(invite(), ...ringsAndAnswers, ...ackAndHangUp), answering, { transport });
    });

    test.each([
      ['486 Busy Here', 486],
      ['603 Decline', 603],
      ['480 Temporarily Unavailable', 480],
    ])('is told that the called said %s', async (said, status) => {
      const ends = [expectResponse(status), request('ACK', { cseq: 2, ...ofLast })];
      await both(scenario(invite(), expectResponse(180, { optional: true }), ...ends), refusing(said), { transport });
    });

    test('is told of a number that nobody has: 404', async () => {
      const text = scenario(invite(), expectResponse(404), request('ACK', { cseq: 2, ...ofLast }));
      expect(await run(caller, text, { transport, number: '4040' })).toMatchObject({ exitCode: 0 });
    });

    test('is told when nobody answers, and the called stops ringing', async () => {
      const caller = scenario(
        invite(),
        expectResponse(180),
        expectResponse(480),
        request('ACK', { cseq: 2, ...ofLast }),
      );
      await both(caller, cancelled, { transport });
    });

    test('gives up while it rings (CANCEL)', async () => {
      const caller = scenario(
        invite(),
        expectResponse(180),
        request('CANCEL', { cseq: 2, via: '[last_Via:]', repeat: 500 }),
        expectResponse(200),
        expectResponse(487),
        request('ACK', { cseq: 2, ...ofLast }),
      );
      await both(caller, cancelled, { transport });
    });

    test('gives up when the called has just answered: who crossed is hung up (RFC 3261 §9.1)', async () => {
      const caller = scenario(
        invite(),
        expectResponse(180),
        request('CANCEL', { cseq: 2, via: '[last_Via:]', repeat: 500 }),
        expectResponse(200),
        expectResponse(487),
        request('ACK', { cseq: 2, ...ofLast }),
      );
      const called = scenario(
        expectRequest('INVITE'),
        respond('180 Ringing'),
        expectRequest('CANCEL'),
        respond('200 OK'),
        respond('200 OK', { cseq: 'CSeq: 1 INVITE', described: true, repeat: 500 }),
        expectRequest('ACK'),
        expectRequest('BYE'),
        respond('200 OK', { tagged: false }),
      );
      await both(caller, called, { transport });
    });

    test('a CANCEL after the answer changes nothing (RFC 3261 §9.2)', async () => {
      const caller = scenario(
        invite(),
        ...ringsAndAnswers,
        request('CANCEL', { cseq: 2, via: '[last_Via:]', repeat: 500 }),
        expectResponse(200),
        pause(200),
        ...ackAndHangUp,
      );
      await both(caller, answering, { transport });
    });

    test('hangs up before its ACK', async () => {
      const called = scenario(
        expectRequest('INVITE'),
        respond('200 OK', { described: true, repeat: 500 }),
        expectRequest('ACK'),
        expectRequest('BYE'),
        respond('200 OK', { tagged: false }),
      );
      await both(scenario(invite(), ...ringsAndAnswers, ...hangUp), called, { transport });
    });

    test('a re-INVITE with an old CSeq is answered 500, and the call goes on (RFC 3261 §12.2.2)', async () => {
      const caller = scenario(
        invite(),
        ...ringsAndAnswers,
        request('ACK', { cseq: 2, ...inDialog }),
        request('INVITE', { cseq: 1, ...inDialog, described: true, repeat: 500 }),
        expectResponse(500),
        request('ACK', { cseq: 1, ...ofLast }),
        ...hangUp,
      );
      await both(caller, answering, { transport });
    });

    test('an ACK for nothing is passed over, a BYE for nothing is answered 481', async () => {
      const to = `${'To: <sip:[number]@[remote_ip]>'};tag=never`;
      const text = scenario(
        request('ACK', { cseq: 1, to }),
        request('BYE', { cseq: 2, to, repeat: 500 }),
        expectResponse(401, { challenge: true }),
        request('BYE', { cseq: 3, to, authenticated: true, repeat: 500 }),
        expectResponse(481),
      );
      expect(await run(caller, text, { transport })).toMatchObject({ exitCode: 0 });
    });

    test('a BYE with a wrong tag is answered 481, and the call goes on', async () => {
      const wrong = { to: '[last_To:]x', repeat: 500 };
      const caller = scenario(
        invite(),
        ...ringsAndAnswers,
        request('ACK', { cseq: 2, ...inDialog }),
        request('BYE', { cseq: 3, ...wrong }),
        expectResponse(401, { challenge: true }),
        request('BYE', { cseq: 4, to: '[last_To:]', authenticated: true, repeat: 500 }),
        expectResponse(481),
        request('BYE', { cseq: 5, to: 'To:[$to]', repeat: 500 }),
        expectResponse(200),
      ).replace(
        '<recv response="200"/>',
        '<recv response="200"><action><ereg regexp=".*" search_in="hdr" header="To:" assign_to="to"/></action></recv>',
      );
      await both(caller, answering, { transport });
    });
  });

  // SIPp gives up when an answer comes between its two sends, which a busy machine can bring about: that run says nothing.
  // A BYE is answered too fast for it to be sent twice; `sip` tests that on a virtual clock.
  test('sends INVITE and ACK twice: one call (RFC 3261 §17.2)', {
    retry: 3,
  }, async () => {
    const via = (name: string) => `Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=z9hG4bK[pid]${name};rport`;
    const twice = (text: string) => `${text}\n${text.replace(/ retrans="\d+"/, '')}`;
    const text = scenario(
      request('INVITE', { cseq: 1, described: true, via: via('one') }),
      expectResponse(100, { optional: true }),
      expectResponse(401, { challenge: true }),
      request('ACK', { cseq: 1, ...ofLast }),
      twice(request('INVITE', { cseq: 2, described: true, authenticated: true, via: via('two') })),
      expectResponse(100, { optional: true }),
      ...ringsAndAnswers,
      twice(request('ACK', { cseq: 2, ...inDialog })),
      ...hangUp,
    );
    const { called } = await both(text, answering);
    expect(called.messages.match(/^INVITE /gm)).toHaveLength(1);
  });

  // SIPp knows a message again only while no other came between, and gives up at one that was overtaken: that run says
  // nothing. That no order or loss breaks a call is tested in `sip`, on a virtual clock.
  test('five calls come through when a fifth of the messages is lost', {
    retry: 3,
  }, async () => {
    const caller = scenario(invite(), ...ringsAndAnswers, ...ackAndHangUp);
    // A 200 that was sent twice is acknowledged twice (RFC 3261 §13.2.2.4).
    const called = answering.replace(expectRequest('BYE'), `${expectRequest('ACK', { optional: true })}\n$&`);
    await both(withLoss(caller, 20), withLoss(called, 20), { calls: 5, timeout: 60 });
    const { ended } = await lab.client.calls();
    expect(ended.slice(-5).map(({ level }) => level)).toEqual(Array.from({ length: 5 }, () => 'non-secure'));
  });

  test('another device may not hang up the call, with the right tags and Call-ID (403)', async () => {
    const callId = 'ours@stranger';
    const long = scenario(
      invite(),
      ...ringsAndAnswers,
      request('ACK', { cseq: 2, ...inDialog }),
      pause(7_000),
      ...hangUp,
    );
    const waiting = phones.wait(answering);
    const directory = join(folder, 'hijacked');
    const calling = run(caller, long, { callId, directory });
    await lab.call('is answered', ({ state }) => state === 'answered');
    const dialog = await eventually('its tags', () => {
      const ack = /^ACK [\s\S]*?^From: (.*)\r?\n^To: (.*;tag=\S+)\r?\n[\s\S]*?^CSeq: 2 ACK/m.exec(
        readIfThere(join(directory, 'messages.log'))
          .split(/^-{20,}.*$/m)
          .findLast((one) => /^CSeq: 2 ACK/m.test(one)) ?? '',
      );
      return ack === null ? undefined : { from: `From: ${ack[1]}`.trim(), to: `To: ${ack[2]}`.trim() };
    });
    const hijack = scenario(request('BYE', { cseq: 9, ...dialog, repeat: 500 }), expectResponse(403));
    expect(await run(third, hijack, { callId })).toMatchObject({ exitCode: 0 });
    const { cause } = await lab.event('the hijacker', ({ reason }) => reason === 'leg-of-another-device');
    expect(cause).toBe(`BYE in a call leg of ${caller.name} came from another address`);
    expect(await calling).toMatchObject({ exitCode: 0 });
    expect(await waiting).toMatchObject({ exitCode: 0 });
  });
});

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'latin1') : '';
}

/** Rings until it is cancelled. */
const cancelled = scenario(
  expectRequest('INVITE'),
  respond('180 Ringing'),
  expectRequest('CANCEL'),
  respond('200 OK'),
  respond('487 Request Terminated', { cseq: 'CSeq: 1 INVITE', repeat: 500 }),
  expectRequest('ACK'),
);
