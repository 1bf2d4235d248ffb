import { artefactFolder, eventually, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  answersAsSecondBranch,
  answersLate,
  answersReliably,
  hearsReliably,
  hearsTwoBranches,
  holds,
  isHandedOver,
  isHeld,
  isHungUpOn,
  isJoined,
  isParked,
  isReferred,
  isTakenOver,
  isToldDigit,
  offersAcross,
  offersFirst,
  offersLate,
  picksUp,
  presses,
  refers,
  refersInVain,
  refreshes,
} from './sipp-in-call.fixture.ts';
import { carriedKeys, directionsOf, replacesOf } from './sipp-said.fixture.ts';
import { expectResponse, ofLast, refusing, request, scenario } from './sipp-scenario.fixture.ts';
import {
  answers,
  answersAmongOthers,
  dials,
  invitationOf,
  levelsShown,
  rings,
  rung,
  Telephones,
  talksToOneOfSeveral,
} from './sipp-telephones.fixture.ts';

const configuration = [
  'calls: { sessionSeconds: 90 }',
  'dialPlan:',
  '  - { to: lines, pattern: "2004", policy: require }',
  '  - { to: pick-up, pattern: "*8" }',
  '  - { to: park, pattern: "70X" }',
  'pickUpGroups: [{ name: sales, lines: ["2002", "2004"] }]',
];
const way = 'encrypted';

/**
 * What phones do in a call that is encrypted, by TLS with SDES: who makes a key and who is told it, each time, and that nobody
 * else is, and rings. A key whose line here ends with one number was carried once.
 */
describe.skipIf(missingPrograms('sipp'))('SIPp within encrypted calls', () => {
  let phones: Telephones;

  beforeAll(async () => {
    const names = ['1003', '2001', '2001 b', '2002', '2004'];
    phones = await Telephones.start(artefactFolder('sipp-secure'), configuration, names);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  /** Where it rang in the calls that ended last, which were encrypted as long as two talked. */
  async function rangAt(calls: number): Promise<readonly string[]> {
    const records = await phones.records(calls);
    for (const { level } of records) expect(level).toBe('encrypted');
    return records.flatMap(rung);
  }
  const lastLevels = (...ends: readonly Parameters<typeof levelsShown>[0][]) =>
    ends.map((end) => levelsShown(end).at(-1));

  test.each(['INVITE', 'UPDATE'] as const)(
    'RFC 3264 §8.4, RFC 4568 §7.1.4: hold and resume by %s, sendonly and inactive, each with new keys',
    async (method) => {
      const [caller, called] = await phones.call(
        '2001',
        '2002',
        holds(way, method, { direction: 'sendonly' }, { direction: 'inactive' }),
        ['2002', isHeld(way, { direction: 'recvonly' }, { direction: 'inactive' })],
      );
      expect(directionsOf(called, 'INVITE')).toEqual(['sendrecv', 'sendonly', 'sendrecv', 'inactive', 'sendrecv']);
      expect(directionsOf(caller, 'SIP/2.0 200')).toEqual(['sendrecv', 'recvonly', 'sendrecv', 'inactive', 'sendrecv']);
      const keys = ['2001 > 2002', '2002 > 2001'].flatMap((one) => Array.from({ length: 5 }, () => one));
      expect(carriedKeys(['2001', caller], ['2002', called])).toEqual(keys);
      expect(lastLevels(caller, called)).toEqual(['Encrypted', 'Encrypted']);
      expect(await rangAt(1)).toEqual(['2002']);
    },
  );

  test('RFC 3261 §14.2: of two offers at once one is refused 491, and its key is told to nobody', async () => {
    const [caller, called] = await phones.call('2001', '2002', offersAcross(way), ['2002', offersFirst(way)]);
    expect(carriedKeys(['2001', caller], ['2002', called])).toEqual([
      '2001 > 2002',
      '2001 > nobody',
      '2001 > 2002',
      '2001 > 2002',
      '2002 > 2001',
      '2002 > 2001',
      '2002 > 2001',
    ]);
    expect(await rangAt(1)).toEqual(['2002']);
  });

  test('RFC 3515: a blind transfer: the two others make new keys, which the transferor is never told', async () => {
    const [transferor, transferee, target] = await phones.call(
      '2001',
      '2002',
      refers(way, { number: '2004' }, 3, 'over'),
      ['2002', isReferred(way)],
      ['2004', answers(way)],
    );
    expect(carriedKeys(['2001', transferor], ['2002', transferee], ['2004', target])).toEqual([
      '2001 > 2002',
      '2002 > 2001',
      '2002 > 2004',
      '2004 > 2002',
    ]);
    expect(lastLevels(transferee, target)).toEqual(['Encrypted', 'Encrypted']);
    expect(await rangAt(2)).toEqual(['2002', '2004']);
  });

  test('a transfer to a phone in the clear lowers the level, and both see it; no key goes there', async () => {
    const [transferor, transferee, target] = await phones.call(
      '2001',
      '2002',
      refers(way, { number: '1003' }, 3, 'over'),
      ['2002', isReferred(way, { to: 'clear' })],
      ['1003', answers('clear')],
    );
    expect(carriedKeys(['2001', transferor], ['2002', transferee], ['1003', target])).toEqual([
      '2001 > 2002',
      '2002 > 2001',
    ]);
    expect(levelsShown(transferee).slice(-2)).toEqual(['Encrypted', 'NotAuthenticated']);
    expect(lastLevels(target)).toEqual(['NotAuthenticated']);
    const [before, after] = await phones.records(2);
    expect([before?.level, after?.level]).toEqual(['encrypted', 'non-secure']);
  });

  test('under require that transfer is refused 488, the phone does not ring, and the call goes on', async () => {
    const [transferor, transferee] = await phones.call('2001', '2004', refers(way, { number: '1003' }, 2, 'goes on'), [
      '2004',
      answers(way),
    ]);
    expect(transferor.messages).toMatch(/^SIP\/2\.0 488 Encryption is required/m);
    expect(carriedKeys(['2001', transferor], ['2004', transferee])).toEqual(['2001 > 2004', '2004 > 2001']);
    expect((await phones.records(2)).flatMap(rung)).toEqual(['2004']);
  });

  test('RFC 3891: an attended transfer joins one on hold and another by new keys; who has no right to that call is refused 403', async () => {
    const atTarget = await phones.wait(['2004', isJoined(way)]);
    const consulted = phones.dial('2001 b', '2004', isHungUpOn(way));
    const replaces = await eventually('the call that is to be replaced', async () =>
      replacesOf(await phones.messagesSoFar('2001 b'), 'SIP/2.0 200'),
    );
    const to = { number: '2004', replaces };
    const [refused, there] = await phones.call('1003', '2002', refersInVain('clear', to, 403), [
      '2002',
      answers('clear'),
    ]);
    expect(refused.messages).toMatch(/^Warning: 399 \S+ "The other call belongs to another device"/m);
    expect(carriedKeys(['1003', refused], ['2002', there])).toEqual([]);

    const [transferor, transferee] = await phones.call('2001', '2002', refers(way, { ...to, held: true }, 2, 'over'), [
      '2002',
      isReferred(way, { held: true }),
    ]);
    const [consulting, [target]] = await Promise.all([consulted, atTarget()]);
    expect(directionsOf(transferee, 'INVITE')).toEqual(['sendrecv', 'sendonly']); // the next asks for an offer
    expect(carriedKeys(['2001', transferor], ['2001 b', consulting], ['2002', transferee], ['2004', target])).toEqual([
      '2001 > 2002',
      '2001 > 2002',
      '2001 b > 2004',
      '2002 > 2001',
      '2002 > 2001',
      '2002 > 2004',
      '2004 > 2001 b',
      '2004 > 2002',
    ]);
    expect(lastLevels(transferee, target)).toEqual(['Encrypted', 'Encrypted']);
    expect((await rangAt(3)).toSorted()).toEqual(['2002', '2004']);
  });

  test('an early attended transfer: who answers has heard the key of one that went, and is told the one that was made since', async () => {
    const atTarget = await phones.wait(['2004', isHandedOver(way, 1_500)]);
    const consulted = phones.dial('2001 b', '2004', isTakenOver(way));
    const replaces = await eventually('the call that rings', async () =>
      replacesOf(await phones.messagesSoFar('2001 b'), 'SIP/2.0 180'),
    );
    const [transferor, transferee] = await phones.call(
      '2001',
      '2002',
      refers(way, { number: '2004', replaces }, 2, 'over'),
      ['2002', isJoined(way)],
    );
    const [consulting, [target]] = await Promise.all([consulted, atTarget()]);
    expect(carriedKeys(['2001', transferor], ['2001 b', consulting], ['2002', transferee], ['2004', target])).toEqual([
      '2001 > 2002',
      '2001 b > 2004',
      '2002 > 2001',
      '2002 > 2004',
      '2004 > 2002',
    ]);
    expect((await rangAt(2)).toSorted()).toEqual(['2002', '2004']);
  });

  test('a parked phone holds a key of nobody, and makes a new one for whoever fetches it', async () => {
    const parked = await phones.wait(['2002', isParked(way)]);
    const parker = await phones.dial('2001', '2002', refers(way, { number: '701' }, 2, 'over'));
    const fetcher = await phones.dial('2004', '701', isHungUpOn(way));
    const [waiting] = await parked();
    expect(directionsOf(waiting, 'INVITE')).toEqual(['sendrecv', 'inactive', 'sendrecv']);
    expect(carriedKeys(['2001', parker], ['2002', waiting], ['2004', fetcher])).toEqual([
      '2001 > 2002',
      '2002 > 2001',
      '2002 > nobody',
      '2002 > 2004',
      '2004 > 2002',
      'manager > 2002',
    ]);
    expect(lastLevels(waiting, fetcher)).toEqual(['Encrypted', 'Encrypted']);
  });

  test('a call that is picked up: its caller makes a new key, for another phone has heard the first', async () => {
    const colleagues = await phones.wait(['2002', rings]);
    const calling = phones.dial('2001', '2002', talksToOneOfSeveral(way));
    await phones.lab.call('rings at the colleague', ({ state }) => state === 'ringing');
    const taker = await phones.dial('2004', '*8', picksUp(way));
    const [caller, [colleague]] = await Promise.all([calling, colleagues()]);
    expect(carriedKeys(['2001', caller], ['2002', colleague], ['2004', taker])).toEqual([
      '2001 > 2002 2004',
      '2001 > 2004',
      '2004 > 2001 2001',
    ]);
    expect(lastLevels(caller, taker)).toEqual(['Encrypted', 'Encrypted']);
    expect(await rangAt(1)).toEqual(['2002']);
  });

  test('RFC 3891 §3: a call that rings at a colleague is taken by its dialog, with new keys as by the pick-up number', async () => {
    const colleagues = await phones.wait(['2002', rings]);
    const calling = phones.dial('2001', '2002', talksToOneOfSeveral(way));
    const replaces = await eventually('the call at the colleague', async () =>
      replacesOf(await phones.messagesSoFar('2002'), 'SIP/2.0 180'),
    );
    const taking = picksUp(way, [`Replaces: ${replaces};early-only`, 'Require: replaces']);
    const taker = await phones.dial('2004', '2002', taking);
    const [caller, [colleague]] = await Promise.all([calling, colleagues()]);
    expect(carriedKeys(['2001', caller], ['2002', colleague], ['2004', taker])).toEqual([
      '2001 > 2002 2004',
      '2001 > 2004',
      '2004 > 2001 2001',
    ]);
    expect(lastLevels(caller, taker)).toEqual(['Encrypted', 'Encrypted']);
  });

  test('RFC 3261 §8.1.3.4: a call that is sent on by 302: its caller makes a new key once the other has answered', async () => {
    const contact = 'Contact: <sip:2004@[local_ip]>';
    const [caller, sender, answerer] = await phones.call(
      '2001',
      '2002',
      talksToOneOfSeveral(way),
      ['2002', refusing('302 Moved Temporarily', { contact })],
      ['2004', answersAmongOthers(way)],
    );
    expect(carriedKeys(['2001', caller], ['2002', sender], ['2004', answerer])).toEqual([
      '2001 > 2002 2004',
      '2001 > 2004',
      '2004 > 2001 2001',
    ]);
    expect(await rangAt(1)).toEqual(['2002', '2004']);
  });

  test('RFC 3261 §13.2.2.4: of two branches with early media the second answers: its key replaces that of the first', async () => {
    const [caller, called] = await phones.call('2001', '2002', hearsTwoBranches(way), [
      '2002',
      answersAsSecondBranch(way),
    ]);
    expect(carriedKeys(['2001', caller], ['2002', called])).toEqual([
      '2001 > 2002',
      '2001 > 2002',
      '2002 > 2001 2001', // early, and in the 200 (RFC 3261 §13.2.1)
      '2002 > 2001',
    ]);
    expect(await rangAt(1)).toEqual(['2002']);
  });

  test('RFC 3262 §4: early media come reliably, with a key that is carried once', async () => {
    const [caller, called] = await phones.call('2001', '2002', hearsReliably(way), ['2002', answersReliably(way)]);
    expect(caller.messages).toMatch(/^SIP\/2\.0 183 [\s\S]*?^Require: 100rel[\s\S]*?^a=crypto/m);
    expect(carriedKeys(['2001', caller], ['2002', called])).toEqual(['2001 > 2002', '2002 > 2001']);
    expect(lastLevels(caller, called)).toEqual(['Encrypted', 'Encrypted']);
  });

  test('RFC 4028 §7.4: a session is refreshed without a word of its keys', async () => {
    const [caller, called] = await phones.call('2001', '2002', refreshes(way), ['2002', answers(way)]);
    expect(caller.messages).toMatch(/^Session-Expires: 90;refresher=uac$/m);
    expect(carriedKeys(['2001', caller], ['2002', called])).toEqual(['2001 > 2002', '2002 > 2001']);
  });

  test('RFC 4028 §9: a call whose interval is too short is refused 422 with Min-SE; its key is told to nobody', async () => {
    const brief = scenario(
      dials(way, {}, ['Supported: timer', 'Session-Expires: 30']),
      expectResponse(422),
      request('ACK', { cseq: invitationOf(way), ...ofLast }),
    );
    const caller = await phones.dial('2001', '2002', brief);
    expect(caller.messages).toMatch(/^Min-SE: 90$/m);
    expect(carriedKeys(['2001', caller])).toEqual(['2001 > nobody']);
  });

  test('RFC 3264 §4: a late offer: the caller sees the lock once it has answered', async () => {
    const [caller, called] = await phones.call('2001', '2002', answersLate(way), ['2002', offersLate(way)]);
    expect(carriedKeys(['2001', caller], ['2002', called])).toEqual(['2001 > 2002', '2002 > 2001']);
    expect(lastLevels(caller, called)).toEqual(['Encrypted', 'Encrypted']);
    expect(await rangAt(1)).toEqual(['2002']);
  });

  test.each([
    ['application/dtmf-relay', 'Signal=5\nDuration=250', /^Signal=5\nDuration=250\n/m],
    ['application/dtmf', '5', /^Signal=5\nDuration=\d+\n/m],
  ])('a digit by INFO (%s) reaches the other end, in the form that says how long', async (type, text, told) => {
    const [caller, called] = await phones.call('2001', '2002', presses(way, type, text), ['2002', isToldDigit(way)]);
    expect(called.messages.replaceAll('\r', '')).toMatch(told);
    expect(carriedKeys(['2001', caller], ['2002', called])).toEqual(['2001 > 2002', '2002 > 2001']);
  });
});
