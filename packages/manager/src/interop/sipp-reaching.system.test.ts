import { artefactFolder, eventually, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { refusing } from './sipp-scenario.fixture.ts';
import {
  answers,
  answersAmongOthers,
  charged,
  isRefused,
  levelsShown,
  rings,
  rung,
  Telephones,
  talks,
  talksOn,
  talksToOneOfSeveral,
  type Way,
} from './sipp-telephones.fixture.ts';

const orders = ['top-down', 'circular', 'longest-idle', 'broadcast'] as const;
/** A number for each way and order; members are the lines 2 and 3 of the way. */
const groups = ([1, 2] as const).flatMap((first) =>
  orders.map((order, at) => ({ order, number: `3${first}0${at}`, members: [`${first}002`, `${first}003`] })),
);
const configuration = [
  'dialPlan:',
  ...groups.map(({ number }) => `  - { to: hunt-group, pattern: "${number}", name: of-${number} }`),
  'huntGroups:',
  ...groups.map(
    ({ order, number, members }) =>
      `  - { name: of-${number}, order: ${order}, members: ["${members.join('", "')}"], memberSeconds: ${order === 'top-down' ? 1 : 20} }`,
  ),
];
const completedElsewhere = /^CANCEL [\s\S]*?^Reason: SIP;cause=200;text="Call completed elsewhere"/m;

/** Who rings when somebody is called, who does not, and what is told to whom. */
describe.skipIf(missingPrograms('sipp'))('SIPp reaches people', () => {
  let phones: Telephones;

  beforeAll(async () => {
    const clear = ['1001', '1002', '1003', '1004', '1004 b', '1004 c'];
    const encrypted = ['2001', '2002', '2003', '2004', '2004 b'];
    phones = await Telephones.start(artefactFolder('sipp-reaching'), configuration, [...clear, ...encrypted]);
    for (const line of ['1009', '2009']) await phones.lab.passwordDevice(line);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  describe.each<{
    way: Way;
    first: 1 | 2;
    level: string;
    icon: string;
    sharing: readonly [string, string, ...string[]];
  }>([
    { way: 'clear', first: 1, level: 'non-secure', icon: 'NotAuthenticated', sharing: ['1004', '1004 b', '1004 c'] },
    { way: 'encrypted', first: 2, level: 'encrypted', icon: 'Encrypted', sharing: ['2004', '2004 b'] },
  ])('$way', ({ way, first, level, icon, sharing }) => {
    const line = (last: number) => `${first}00${last}`;
    const [caller, one, other, shared, away] = [line(1), line(2), line(3), line(4), line(9)];
    const group = (order: (typeof orders)[number]) => `3${first}0${orders.indexOf(order)}`;
    const forward = (to: Parameters<typeof phones.lab.client.forwardLine>[1]) => phones.lab.client.forwardLine(one, to);
    const lastOf = async () => (await phones.records(1))[0] ?? expect.fail('there is no record');

    test('a line that forwards always does not ring, and the record says by which number the other was reached', async () => {
      await forward({ always: other });
      const ends = await phones.call(caller, one, talks(way), [other, answers(way)]);
      for (const end of ends) expect(levelsShown(end).at(-1)).toBe(icon);
      expect(ends[0].messages).toMatch(/^SIP\/2\.0 181 [\s\S]*?^History-Info: .*;index=1, <sip:\d003@/m);
      expect(ends[1].messages).toMatch(new RegExp(`^Diversion: <sip:${one}@.*>;reason=unconditional`, 'm'));
      const record = await lastOf();
      expect(record).toMatchObject({ level, outcome: 'answered' });
      expect(rung(record)).toEqual([other]);
      expect(charged(record)).toEqual([`calling ${caller} ${caller}`, `called ${other} ${one}`]);
      await forward({ always: null });
    });

    test('a line that is declined or not to be disturbed sends its calls where it goes when it is busy', async () => {
      await forward({ busy: other });
      const declined = await phones.call(
        caller,
        one,
        talksToOneOfSeveral(way),
        [one, refusing('603 Decline')],
        [other, answersAmongOthers(way)],
      );
      expect(declined[2].messages).toMatch(/^Diversion: .*;reason=user-busy/m);
      expect(rung(await lastOf())).toEqual([one, other]);
      await forward({ doNotDisturb: true });
      await phones.call(caller, one, talks(way), [other, answers(way)]);
      expect(rung(await lastOf())).toEqual([other]);
      await forward({ busy: null, doNotDisturb: false });
    });

    test('a line that nobody answers stops ringing after its time, and the other rings', async () => {
      await forward({ noAnswer: other, noAnswerSeconds: 1 });
      const [heard, unanswered, answered] = await phones.call(
        caller,
        one,
        talksToOneOfSeveral(way),
        [one, rings],
        [other, answersAmongOthers(way)],
      );
      expect(unanswered.messages).toMatch(/^CANCEL [\s\S]*?^Reason: Q\.850;cause=19;text="no-answer"/m);
      for (const end of [heard, answered]) expect(levelsShown(end).at(-1)).toBe(icon);
      expect(answered.messages).toMatch(/^Diversion: .*;reason=no-answer/m);
      expect(await lastOf()).toMatchObject({ level, outcome: 'answered' });
      await forward({ noAnswer: null });
    });

    test('a line without a phone: its caller hears why, or the other rings', async () => {
      const refused = await phones.dial(caller, away, isRefused(way, 480));
      expect(refused.messages).toMatch(/^Reason: Q\.850;cause=20;text="subscriber-absent"/m);
      expect(refused.messages).toMatch(/^Warning: 399 \S+ "no phone of this line is registered"/m);
      await phones.lab.client.forwardLine(away, { unregistered: other });
      const [, answered] = await phones.call(caller, away, talks(way), [other, answers(way)]);
      expect(answered.messages).toMatch(/^Diversion: .*;reason=unavailable/m);
      expect(charged(await lastOf())).toEqual([`calling ${caller} ${caller}`, `called ${other} ${away}`]);
    });

    test('RFC 3326 §3.1: all phones of a shared line ring, one answers, and the others are told that it was elsewhere', async () => {
      const [answering, ...ringing] = sharing;
      const [heard, answered, ...others] = await phones.call(
        caller,
        shared,
        talksToOneOfSeveral(way),
        [answering, answersAmongOthers(way)],
        ...ringing.map((name) => [name, rings] as const),
      );
      for (const { messages } of others) expect(messages).toMatch(completedElsewhere);
      for (const end of [heard, answered]) expect(levelsShown(end).at(-1)).toBe(icon);
      const record = await lastOf();
      expect(rung(record)).toEqual([sharing.map(() => shared).join(', ')]);
      expect(record.level).toBe(level);
    });

    test('call waiting: a line that talks rings once more, and is busy to a third; its limit takes that from it', async () => {
      const waited = await phones.wait([one, answers(way), 2]);
      const first = phones.dial(sharing[0], one, talksOn(way));
      await phones.lab.call('talks', ({ state }) => state === 'answered');
      const second = phones.dial(sharing[1], one, talksOn(way));
      const bothTalk = async () => {
        const { calls } = await phones.lab.client.calls();
        return calls.length === 2 && calls.every(({ state }) => state === 'answered');
      };
      await eventually('the second call', bothTalk);
      const { messages } = await phones.dial(caller, one, isRefused(way, 486));
      expect(messages).toMatch(/^Warning: 399 \S+ "every line is busy"/m);
      await phones.remove(sharing[1]);
      const isWaiting = /^SIP\/2\.0 180 [\s\S]*?^Alert-Info: <urn:alert:service:call-waiting>/m;
      expect((await second).messages).toMatch(isWaiting);
      await phones.lab.client.limitLine(one, { busyFrom: 1 });
      await phones.dial(caller, one, isRefused(way, 486));
      await phones.lab.client.limitLine(one, { busyFrom: null });
      await phones.remove(sharing[0]);
      expect((await first).messages).not.toContain('Alert-Info');
      expect((await waited())[0].messages.match(/^SIP\/2\.0 180 /gm)).toHaveLength(2);
    });

    test('a group from the top: the first member rings for its time, then the second', async () => {
      const [, unanswered] = await phones.call(
        caller,
        group('top-down'),
        talksToOneOfSeveral(way),
        [one, rings],
        [other, answersAmongOthers(way)],
      );
      expect(unanswered.messages).toMatch(/^CANCEL [\s\S]*?^Reason: Q\.850;cause=19/m);
      const record = await lastOf();
      expect(rung(record)).toEqual([one, other]);
      expect(charged(record)).toEqual([`calling ${caller} ${caller}`, `called ${other} ${group('top-down')}`]);
    });

    test('a circular group: each call begins with the member after the last', async () => {
      const to = group('circular');
      const waited = await phones.wait([one, answers(way), 2], [other, answers(way)]);
      for (let call = 0; call < 3; call += 1) await phones.dial(caller, to, talks(way));
      await waited();
      expect((await phones.records(3)).map(rung)).toEqual([[one], [other], [one]]);
    });

    test('a group by idleness: who has been without a call for longest rings', async () => {
      const to = group('longest-idle');
      const waited = await phones.wait([one, answers(way)], [other, answers(way), 2]);
      // The last call of the test before was the first member's.
      for (const number of [to, one, to]) await phones.dial(caller, number, talks(way));
      await waited();
      expect((await phones.records(3)).map(rung)).toEqual([[other], [one], [other]]);
    });

    test('a group all at once: one answers, and the other is told that it was elsewhere', async () => {
      const [heard, late, answered] = await phones.call(
        caller,
        group('broadcast'),
        talksToOneOfSeveral(way),
        [one, rings],
        [other, answersAmongOthers(way)],
      );
      expect(late.messages).toMatch(completedElsewhere);
      for (const end of [heard, answered]) expect(levelsShown(end).at(-1)).toBe(icon);
      expect(rung(await lastOf())).toEqual([`${one}, ${other}`]);
    });
  });

  test('a line that is not to be disturbed does not ring: its caller hears why, and a group passes it over', async () => {
    await phones.lab.client.forwardLine('1002', { doNotDisturb: true });
    const { messages } = await phones.dial('1001', '1002', isRefused('clear', 486));
    expect(messages).toMatch(/^Warning: 399 \S+ "the called does not want to be disturbed"/m);
    await phones.call('1001', '3100', talks('clear'), ['1003', answers('clear')]);
    expect((await phones.records(1)).map(rung)).toEqual([['1003']]);
    await phones.lab.client.forwardLine('1002', { doNotDisturb: false });
  });

  test('a group of which nobody takes the call: its caller hears that', async () => {
    const [{ messages }] = await phones.call(
      '1001',
      '3100',
      isRefused('clear', 480),
      ['1002', refusing('486 Busy Here')],
      ['1003', refusing('486 Busy Here')],
    );
    expect(messages).toMatch(/^Warning: 399 \S+ "Nobody of the group took the call"/m);
    expect((await phones.records(1))[0]).toMatchObject({ outcome: 'no-answer', endedBy: 'manager' });
  });
});
