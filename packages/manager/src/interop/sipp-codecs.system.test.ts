import { artefactFolder, missingPrograms } from '@trustline/testing/node';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SippLab } from './sipp-lab.fixture.ts';
import {
  expectAcceptanceAndKeepTo,
  expectRequest,
  expectResponse,
  inDialog,
  invite,
  isHungUp,
  ofKept,
  ofLast,
  pause,
  refusing,
  request,
  respond,
  scenario,
} from './sipp-scenario.fixture.ts';

const opus = { formats: { 96: 'opus/48000/2' } };
const pcma = { formats: { 8: 'PCMA/8000' } };
const g729 = { formats: { 18: 'G729/8000' } };

/** Codecs between two that SIPp plays. */
describe.skipIf(missingPrograms('sipp'))('codecs with SIPp', () => {
  let phones: SippLab;

  beforeAll(async () => {
    phones = await SippLab.start(artefactFolder('sipp-codecs'), ['media: { host: 127.0.0.1 }']);
  });
  afterAll(() => phones?.stop());

  const hangUp = [request('BYE', { cseq: 3, ...ofKept, repeat: 500 }), expectResponse(200)];

  test('who answers in a codec that it was not offered is heard by way of the relay, and offered that', async () => {
    const caller = scenario(
      invite({ described: opus }),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      pause(500),
      ...hangUp,
    );
    const called = scenario(
      expectRequest('INVITE'),
      respond('200 OK', { described: pcma, repeat: 500 }),
      expectRequest('ACK'),
      expectRequest('INVITE'),
      respond('200 OK', { described: pcma, repeat: 500, tagged: false }),
      expectRequest('ACK'),
      ...isHungUp,
    );
    const { caller: heard, called: offered } = await phones.both(caller, called);
    expect(heard.messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^m=audio 1\d{4} RTP\/AVP 96\s*$/m);
    const [, first = '', second = ''] = offered.messages.split(/^INVITE /m);
    expect(first).toMatch(/^m=audio \d+ RTP\/AVP 96\s*$/m);
    expect(second).toMatch(/^m=audio 1\d{4} RTP\/AVP 96 9 8 0\s*$/m);
    await phones.lab.idle();
    const { ended } = await phones.lab.client.calls();
    expect(ended.at(-1)?.transcoded).toEqual({ caller: 'opus', called: 'PCMA' });
  });

  test('two who both have G.729 use it, straight', async () => {
    const caller = scenario(
      invite({ described: g729 }),
      expectResponse(180, { optional: true }),
      expectAcceptanceAndKeepTo,
      request('ACK', { cseq: 2, ...inDialog }),
      pause(100),
      ...hangUp,
    );
    const called = scenario(
      expectRequest('INVITE'),
      respond('200 OK', { described: { ...g729, port: 40_018 }, repeat: 500 }),
      expectRequest('ACK'),
      ...isHungUp,
    );
    const { caller: heard } = await phones.both(caller, called);
    expect(heard.messages).toMatch(/^SIP\/2\.0 200 [\s\S]*?^m=audio 40018 RTP\/AVP 18\s*$/m);
  });

  test('a caller that has G.729 alone, which the called does not take, hears 488 and why', async () => {
    const caller = scenario(
      invite({ described: g729 }),
      expectResponse(180, { optional: true }),
      expectResponse(488),
      request('ACK', { cseq: 2, ...ofLast }),
    );
    const { caller: heard } = await phones.both(caller, refusing('488 Not Acceptable Here'));
    expect(heard.messages).toMatch(/^Warning: 399 .*passed through and never transcoded/m);
    await phones.lab.idle();
  });
});
