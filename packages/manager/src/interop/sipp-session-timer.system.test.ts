import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  answering,
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  ofKept,
  ofLast,
  pause,
  request,
  respond,
  scenario,
  takesNewOffer,
} from './sipp-scenario.fixture.ts';

/** RFC 4028 with callers and called that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('session timers with SIPp', () => {
  const folder = artefactFolder('sipp-session-timer');
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(folder, ['calls: { sessionSeconds: 90 }']);
  });
  afterAll(() => phones?.stop());

  const hangUp = [
    request('ACK', { cseq: 2, ...inDialog }),
    request('BYE', { cseq: 3, ...inDialog, repeat: 500 }),
    expectResponse(200),
  ];

  test('§9: too short an interval is refused 422 with Min-SE', async () => {
    const headers = ['Supported: timer', 'Session-Expires: 30'];
    const brief = scenario(invite({ headers }), expectResponse(422), request('ACK', { cseq: 2, ...ofLast }));
    const { exitCode, messages } = await phones.call(brief);
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Min-SE: 90$/m);
  });

  test('§9: one that knows the timer is asked to refresh; the called is offered one of ours', async () => {
    const headers = ['Supported: timer', 'Session-Expires: 1800'];
    const waiting = phones.wait(answering);
    const text = scenario(invite({ headers }), expectResponse(180, { optional: true }), expectResponse(200), ...hangUp);
    const { exitCode, messages } = await phones.call(text);
    expect(exitCode).toBe(0);
    expect(messages).toMatch(/^Session-Expires: 90;refresher=uac$/m);
    expect(messages).toMatch(/^Require: timer$/m);
    const called = await waiting;
    expect(called.exitCode).toBe(0);
    expect(called.messages).toMatch(/^Session-Expires: 90$/m);
  });

  test.runIf(process.env.TRUSTLINE_FULL === '1')(
    '§7.4: ends without UPDATE are refreshed by re-INVITE, and the call goes on',
    async () => {
      const called = scenario(
        expectRequest('INVITE'),
        respond('200 OK', { described: true, repeat: 500 }),
        expectRequest('ACK'),
        ...takesNewOffer,
        expectRequest('BYE'),
        respond('200 OK', { tagged: false }),
      );
      const waiting = phones.wait(called, { timeout: 90 });
      const text = scenario(
        invite(),
        expectResponse(180, { optional: true }),
        expectAcceptanceAndKeepTo,
        request('ACK', { cseq: 2, ...inDialog }),
        ...takesNewOffer,
        // Each end is refreshed in turn: two offers at once would meet (RFC 3264 §4).
        pause(10_000),
        request('BYE', { cseq: 3, ...ofKept, repeat: 500 }),
        expectResponse(200),
      );
      const ran = await phones.call(text, { timeout: 90 });
      const waited = await waiting;
      expect({ caller: ran.exitCode, called: waited.exitCode }).toEqual({ caller: 0, called: 0 });
    },
    120_000,
  );
});
