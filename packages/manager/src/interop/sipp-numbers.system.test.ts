import { artefactFolder, freeUdpPort, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  answers,
  charged,
  isRefused,
  levelsShown,
  rung,
  Telephones,
  talks,
  talksOn,
} from './sipp-telephones.fixture.ts';

const hour = 3_600_000;
/** Of a schedule in UTC: `13:45`, so many hours from now. */
const clock = (hours: number) => new Date(Date.now() + hours * hour).toISOString().slice(11, 16);
const date = (days: number) => `"${new Date(Date.now() + days * 24 * hour).toISOString().slice(0, 10)}"`;
const everyDay = 'days: [monday, tuesday, wednesday, thursday, friday, saturday, sunday]';

/** One call at a time, and every one encrypted unless its row says otherwise. */
const configuration = (trunkPort: number) => [
  'calls: { policy: require }',
  'limits: { calls: 1 }',
  'media: { host: 127.0.0.1 }',
  `trunks: [{ device: carrier, address: "sip:127.0.0.1:${trunkPort};transport=udp" }]`,
  'dialPlan:',
  '  - { to: lines, pattern: "1002", policy: prefer }',
  '  - { to: lines, pattern: "2008", policy: prefer }',
  '  - { to: emergency, pattern: "112", devices: [carrier] }',
  '  - { to: emergency, pattern: "0.112", devices: [carrier], discardAccessCode: true }',
  '  - { to: trunk, pattern: "0.!", devices: [carrier], discardAccessCode: true, partition: national }',
  ...['open', 'later', 'holiday'].map(
    (name, at) =>
      `  - { to: translation, pattern: "300${at}.", prefix: "1002", discardAccessCode: true, schedule: ${name} }`,
  ),
  '  - { to: block, pattern: "300X", reason: the office is closed }',
  'schedules:',
  `  - { name: open, timeZone: UTC, periods: [{ ${everyDay}, from: "${clock(-1)}", to: "${clock(1)}" }] }`,
  `  - { name: later, timeZone: UTC, periods: [{ ${everyDay}, from: "${clock(2)}", to: "${clock(4)}" }] }`,
  `  - { name: holiday, timeZone: UTC, periods: [{ ${everyDay}, from: "00:00", to: "24:00" }],`,
  `      closedOn: [${date(-1)}, ${date(0)}, ${date(1)}] }`,
];

/** What becomes of a number: by the clock, by what is required, and when somebody needs help. */
describe.skipIf(missingPrograms('sipp'))('SIPp dials', () => {
  let phones: Telephones;

  beforeAll(async () => {
    const trunkPort = await freeUdpPort();
    const folder = artefactFolder('sipp-numbers');
    phones = await Telephones.start(folder, configuration(trunkPort), ['1001', '1002', '1003', '2001']);
    await phones.addTrunk('carrier', trunkPort);
    for (const [line, always] of [
      ['2008', '1002'],
      ['2009', '1002'],
    ] as const) {
      await phones.lab.passwordDevice(line);
      await phones.lab.client.forwardLine(line, { always });
    }
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const lastOf = async () => (await phones.records(1))[0] ?? expect.fail('there is no record');
  const calledForHelp = async (line: string) =>
    (await phones.lab.events()).filter((event) => event.kind === 'emergency-call' && event.line === line);

  test('within its hours a number leads where it leads; after them, and on a day off, its caller hears why not', async () => {
    await phones.call('1001', '3000', talks('clear'), ['1002', answers('clear')]);
    expect(rung(await lastOf())).toEqual(['1002']);
    for (const closed of ['3001', '3002']) {
      const { messages } = await phones.dial('1001', closed, isRefused('clear', 603));
      expect(messages).toMatch(/^Warning: 399 \S+ "the office is closed"/m);
    }
  });

  test('encryption that a number requires is required of the one that it is forwarded to: nobody rings', async () => {
    const { messages } = await phones.dial('2001', '2009', isRefused('encrypted', 488));
    expect(messages).toMatch(/^Warning: 399 \S+ "Encryption is required and the other end cannot use SRTP"/m);
    expect(rung(await lastOf())).toEqual([]);
  });

  test('where none is required a clear phone rings, and the icon is open at both', async () => {
    const ends = await phones.call('2001', '2008', talks('encrypted'), ['1002', answers('clear')]);
    for (const end of ends) expect(levelsShown(end).at(-1)).toBe('NotAuthenticated');
    expect(ends[0].messages).toMatch(/^m=audio \d+ RTP\/SAVP/m);
    expect(ends[1].messages).not.toMatch(/a=crypto|SAVP/);
    expect(await lastOf()).toMatchObject({ level: 'non-secure' });
  });

  test('a number that leads to help needs no right', async () => {
    const { messages } = await phones.dial('1001', '0555', isRefused('clear', 403));
    expect(messages).toMatch(/no right to dial this number \(partition national\)/);
    const [, helping] = await phones.call('1001', '0112', talks('clear'), ['carrier', answers('clear')]);
    expect(helping.messages).toMatch(/^INVITE sip:112@/m);
    expect(await calledForHelp('1001')).toHaveLength(1);
  });

  test.each([
    ['1001', 'clear'],
    ['2001', 'encrypted'],
  ] as const)(
    'a call for help of %s goes though encryption is required: clear if it must be, and shown so',
    async (line, way) => {
      const before = (await calledForHelp(line)).length;
      const ends = await phones.call(line, '112', talks(way), ['carrier', answers('clear')]);
      for (const end of ends) expect(levelsShown(end).at(-1)).toBe('NotAuthenticated');
      const record = await lastOf();
      expect(record).toMatchObject({ level: 'non-secure', outcome: 'answered' });
      expect(charged(record)[0]).toBe(`calling ${line} ${line}`);
      expect(await calledForHelp(line)).toHaveLength(before + 1);
    },
  );

  test('a call for help goes though there is room for no call more', async () => {
    const waited = await phones.wait(['1002', answers('clear')]);
    const only = phones.dial('1003', '1002', talksOn('clear'));
    await phones.lab.call('takes the room', ({ state }) => state === 'answered');
    const { messages } = await phones.dial('1001', '1002', isRefused('clear', 503));
    expect(messages).toMatch(/^Retry-After: \d+/m);
    expect(messages).toMatch(/^Warning: 399 \S+ "the call manager has as many calls as it may hold"/m);
    await phones.call('1001', '112', talks('clear'), ['carrier', answers('clear')]);
    await phones.remove('1003');
    await Promise.all([only, waited()]);
  });
});
