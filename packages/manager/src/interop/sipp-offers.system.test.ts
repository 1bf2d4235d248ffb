import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  keeping,
  ofKept,
  ofLast,
  pause,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

/** Offers and answers between two that SIPp plays: late, on hold, crossing, and of several branches. */
describe.skipIf(missingPrograms('sipp'))('offers and answers with SIPp', () => {
  const folder = artefactFolder('sipp-offers');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const connects = (described: boolean | object = true) => [
    expectRequest('INVITE'),
    respond('200 OK', { described, repeat: 500 }),
    expectRequest('ACK'),
  ];
  const isHungUp = [expectRequest('BYE'), respond('200 OK', { tagged: false })];
  const hangUp = (cseq: number) => [request('BYE', { cseq, ...ofKept, repeat: 500 }), expectResponse(200)];

  test('RFC 3264 §4: an INVITE without an offer has the offer in its 200 and the answer in its ACK', async () => {
    const caller = scenario(
      invite({ described: false }),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog, described: { port: 40_004 } }),
      pause(100),
      ...hangUp(3),
    );
    const { called, caller: ran } = await phones.both(caller, scenario(...connects({ port: 40_002 }), ...isHungUp));
    expect(ran.messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^m=audio 40002 /m);
    expect(called.messages).toMatch(/^ACK [\s\S]*?^m=audio 40004 /m);
    // Nothing can be acknowledged reliably that would have to make the offer.
    expect(called.messages).not.toMatch(/^Supported:.*100rel/m);
  });

  describe.each(['INVITE', 'UPDATE'] as const)('hold by %s', (method) => {
    /** The offer, and what of the 200 has to be done. */
    const offer = (cseq: number, described: boolean | object) => [
      request(method, { cseq, ...ofKept, described, repeat: 500 }),
      expectResponse(100, { optional: true }),
      expectResponse(200),
      ...(method === 'INVITE' ? [request('ACK', { cseq, ...ofKept })] : []),
    ];
    const answers = (described: boolean | object) => [
      expectRequest('INVITE'),
      respond('200 OK', { described, tagged: false, repeat: 500 }),
      expectRequest('ACK'),
    ];

    test.each([
      ['RFC 3264 §8.4: sendonly', { direction: 'sendonly' }, { direction: 'recvonly' }, 'sendonly', 'recvonly'],
      ['RFC 3264 §8.4: inactive', { direction: 'inactive' }, { direction: 'inactive' }, 'inactive', 'inactive'],
      ['RFC 2543: an address of zeros', { address: '0.0.0.0' }, { direction: 'inactive' }, 'inactive', 'inactive'],
    ] as const)('%s, and resumed', async (_, held, answer, told, answered) => {
      const caller = scenario(
        invite(),
        expectResponse(180, { optional: true }),
        expectAcceptanceAndKeepTo,
        request('ACK', { cseq: 2, ...inDialog }),
        ...offer(3, held),
        ...offer(4, true),
        ...hangUp(5),
      );
      const called = scenario(...connects(), ...answers(answer), ...answers(true), ...isHungUp);
      const { caller: ran, called: waited } = await phones.both(caller, called);
      expect(directionsOf(waited.messages, 'INVITE')).toEqual(['sendrecv', told, 'sendrecv']);
      expect(directionsOf(ran.messages, 'SIP/2.0 200').slice(-2)).toEqual([answered, 'sendrecv']);
    });
  });

  test('RFC 3261 §14.1, §14.2: who offers while an offer is under way is answered 491, and both come about', async () => {
    const keepOffer = keeping(expectRequest('INVITE'), { via: 'Via', from: 'From', to: 'To', cseq: 'CSeq' });
    const caller = scenario(
      invite(),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      keepOffer,
      request('INVITE', { cseq: 3, ...ofKept, described: true, repeat: 500 }),
      expectResponse(100, { optional: true }),
      expectResponse(491),
      request('ACK', { cseq: 3, ...ofLast }),
      respond('200 OK', {
        via: 'Via:[$via]',
        from: 'From:[$from]',
        to: 'To:[$to]',
        cseq: 'CSeq:[$cseq]',
        described: { direction: 'recvonly' },
        repeat: 500,
      }),
      expectRequest('ACK'),
      request('INVITE', { cseq: 4, ...ofKept, described: true, repeat: 500 }),
      expectResponse(100, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 4, ...ofKept }),
      ...hangUp(5),
    );
    const called = scenario(
      keeping(expectRequest('INVITE'), { from: 'From', to: 'To' }),
      respond('200 OK', { described: true, repeat: 500 }),
      expectRequest('ACK'),
      request('INVITE', {
        cseq: 1,
        uri: 'sip:127.0.0.1',
        from: 'From:[$to];tag=[pid]to[call_number]',
        to: 'To:[$from]',
        described: { direction: 'sendonly' },
        repeat: 500,
      }),
      expectResponse(100, { optional: true }),
      expectResponse(200),
      request('ACK', { cseq: 1, uri: 'sip:127.0.0.1', from: 'From:[$to];tag=[pid]to[call_number]', to: 'To:[$from]' }),
      expectRequest('INVITE'),
      respond('200 OK', { described: true, tagged: false, repeat: 500 }),
      expectRequest('ACK'),
      ...isHungUp,
    );
    await phones.both(caller, called);
  });

  test('RFC 3261 §13.2.2.4: of two branches with early media the second answers: the caller is offered it after the first', async () => {
    const branch = (name: string) => ({ to: `To:[$to];tag=[pid]${name}` });
    const toInvite = { via: 'Via:[$via]', from: 'From:[$from]', cseq: 'CSeq:[$cseq]' };
    const called = scenario(
      keeping(expectRequest('INVITE'), { to: 'To', via: 'Via', from: 'From', cseq: 'CSeq' }),
      respond('183 Session Progress', { ...toInvite, ...branch('one'), described: { port: 40_002 } }),
      respond('183 Session Progress', { ...toInvite, ...branch('two'), described: { port: 40_004 } }),
      respond('200 OK', { ...toInvite, ...branch('two'), described: { port: 40_004 }, repeat: 500 }),
      expectRequest('ACK'),
      ...isHungUp,
    );
    const caller = scenario(
      invite(),
      expectResponse(183),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      expectRequest('INVITE'),
      respond('200 OK', { described: true, tagged: false, repeat: 500 }),
      expectRequest('ACK'),
      ...hangUp(3),
    );
    const { caller: ran } = await phones.both(caller, called);
    const ports = received(ran.messages).flatMap((one) => {
      const [, start, port] = /^\s*(SIP\/2\.0 \d+|INVITE) [\s\S]*?^m=audio (\d+) /m.exec(one) ?? [];
      return start === undefined ? [] : [`${start} ${port}`];
    });
    expect(ports).toEqual(['SIP/2.0 183 40002', 'SIP/2.0 200 40002', 'INVITE 40004']);
  });
});

/** The messages that SIPp received. */
function received(messages: string): readonly string[] {
  return messages
    .split(/^-{20,}.*$/m)
    .filter((one) => /message received/.test(one))
    .map((one) => one.replace(/^.*message received.*$/m, ''));
}

/** The directions in the descriptions of those messages that begin so. */
function directionsOf(messages: string, start: string): readonly string[] {
  return received(messages)
    .filter((one) => one.trimStart().startsWith(`${start} `) && one.includes('m=audio'))
    .map((one) => /^a=(sendrecv|sendonly|recvonly|inactive)/m.exec(one)?.[1] ?? 'sendrecv');
}
