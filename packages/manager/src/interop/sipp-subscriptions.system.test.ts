import { setTimeout as delay } from 'node:timers/promises';
import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  notifyUntil,
  ofKept,
  pause,
  request,
  respond,
  scenario,
  subscribe,
} from './sipp-scenario.fixture.ts';

const configuration = [
  'pickUpGroups:',
  '  - { name: reception, lines: ["1002", "1003"] }',
  'dialPlan:',
  '  - { to: lines, pattern: "1002", partition: staff }',
  'callingSearchSpaces:',
  '  - { name: staff, partitions: [staff], lines: ["1001", "1003"] }',
];

/** SIPp watches a line of the manager while SIPp calls it. */
describe.skipIf(missingPrograms('sipp'))('SIPp subscribes', () => {
  const folder = artefactFolder('sipp-subscriptions');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder, configuration, ['1002', '1003', '1004']);
  });
  afterEach(() => phones.lab.idle());
  afterAll(() => phones?.stop());

  const watch = (text: string, options: { readonly line?: string; readonly number?: string } = {}) => {
    const { line = '1003', number = '1002' } = options;
    const { device, port } = phones.phone(line);
    return phones.run(device, text, { number, localPort: port, timeout: 20 });
  };

  const answering = scenario(
    expectRequest('INVITE'),
    respond('180 Ringing'),
    pause(200),
    respond('200 OK', { described: true, repeat: 500 }),
    expectRequest('ACK'),
    expectRequest('BYE'),
    respond('200 OK', { tagged: false }),
  );
  const calling = scenario(
    pause(300),
    invite(),
    expectResponse(180, { optional: true }),
    expectResponse(200),
    request('ACK', { cseq: 2, ...inDialog }),
    pause(200),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  );

  test('to the calls of a line: it sees one come, be answered and go, with what a pick-up needs; then it unsubscribes', async () => {
    const watching = watch(
      scenario(
        subscribe('dialog', { expected: expectAcceptanceAndKeepTo }),
        notifyUntil('first', 'version=.0.'),
        notifyUntil('answered', '.state.confirmed'),
        notifyUntil('over', 'sip:1002@[^ ]*..dialog-info'),
        subscribe('dialog', { cseq: 3, expires: 0, within: ofKept }),
        notifyUntil('end', 'Subscription-State: terminated;reason=timeout'),
      ),
    );
    const called = phones.wait(answering);
    expect(await phones.call(calling)).toMatchObject({ exitCode: 0 });
    expect(await called).toMatchObject({ exitCode: 0 });
    const { exitCode, errors, messages } = await watching;
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors });
    expect(messages).toMatch(
      /<dialog id="[0-9a-f]{16}" call-id="\S+" local-tag="\S+" remote-tag="\S+" direction="recipient">/,
    );
    expect(messages).toContain('<identity>sip:1001@127.0.0.1</identity>');
  });

  test('to the presence of a line that it may call, and is told why not of one that it may not', async () => {
    const once = scenario(subscribe('presence'), notifyUntil('open', '.basic.open'));
    expect(await watch(once)).toMatchObject({ exitCode: 0 });
    const barred = scenario(subscribe('presence', { expected: expectResponse(403) }));
    const { exitCode, messages } = await watch(barred, { line: '1004' });
    expect(exitCode).toBe(0);
    expect(messages).toContain('no right to dial this number (partition staff)');
  });

  test('to its own registration (RFC 3680)', async () => {
    const once = scenario(subscribe('reg'), notifyUntil('active', 'registration [^>]*state=.active.'));
    expect(await watch(once, { number: '1003' })).toMatchObject({ exitCode: 0 });
  });

  test('to the messages of its line: it is told when they come (RFC 3842)', async () => {
    const watching = watch(
      scenario(
        subscribe('message-summary'),
        notifyUntil('none', 'Messages-Waiting: no'),
        notifyUntil('some', 'Voice-Message: 2/1'),
      ),
      { number: '1003' },
    );
    // They come and go until it has heard both: it may not have subscribed yet.
    let isOver = false;
    const done = watching.finally(() => {
      isOver = true;
    });
    for (let round = 0; !isOver; round += 1) {
      await phones.lab.client.setWaitingMessages('1003', round % 2 === 0 ? {} : { new: 2, old: 1 });
      await delay(100);
    }
    const { exitCode, errors } = await done;
    await phones.lab.client.setWaitingMessages('1003', {});
    expect({ exitCode, errors }).toEqual({ exitCode: 0, errors });
  });

  test('too briefly, or to what is not served: 423 and 489 say what is', async () => {
    for (const [event, expires, status, said] of [
      ['dialog', 5, 423, /^Min-Expires: 60/m],
      ['conference', 300, 489, /^Allow-Events: dialog, presence, message-summary, reg/m],
    ] as const) {
      const refused = scenario(subscribe(event, { expires, expected: expectResponse(status) }));
      const { exitCode, messages } = await watch(refused);
      expect(exitCode).toBe(0);
      expect(messages).toMatch(said);
    }
  });
});
